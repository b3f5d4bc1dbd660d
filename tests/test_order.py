"""The order of names: as people count, in digits and in Chinese."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.order import natural, natural_path, numeral

ORDERS = [
    ["file2", "file10", "file100"],
    ["第2项", "第10项"],
    ["第一项 报告", "第二项 预算", "第十项 其他", "第十一项", "第二十项", "第一百零二项"],
    ["一、报告", "二、预算", "十、其他", "十二、附件"],
    ["（一）总则", "（二）分则", "（十）附则"],
    ["附件1-2.pdf", "附件1-10.pdf", "附件2-1.pdf"],
    ["第９项", "第１０项"],
    ["a1", "A2", "a10"],
    ["2", "2a", "10"],
]


@pytest.mark.parametrize("names", ORDERS)
def test_names_stand_in_the_order_in_which_people_count(names: list[str]) -> None:
    mixed = names[:]
    random.Random(4).shuffle(mixed)
    assert sorted(mixed, key=natural) == names


@pytest.mark.parametrize(
    ("text", "value"),
    [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("一百零五", 105),
     ("两百", 200), ("一千三百四十五", 1345), ("二〇二六", 2026)],
)  # fmt: skip
def test_a_chinese_numeral_is_a_number(text: str, value: int) -> None:
    assert numeral(text) == value


def test_numerals_in_words_are_words() -> None:
    assert natural("一般事项") == [(1, 0, "一般事项")]
    assert natural("三方协议") == [(1, 0, "三方协议")]


def test_what_lies_in_one_folder_stays_together() -> None:
    paths = ["2/b", "2 附件/a", "10/a", "2/a/c"]
    assert sorted(paths, key=natural_path) == ["2/a/c", "2/b", "2 附件/a", "10/a"]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_names_can_be_compared(names: list[str]) -> None:
    keys = sorted(natural(name) for name in names)
    assert all(one <= other for one, other in itertools.pairwise(keys))


@given(st.text(alphabet="零〇一二三四五六七八九十百千", min_size=1, max_size=9))
def test_any_numeral_is_some_number(text: str) -> None:
    assert numeral(text) >= 0
