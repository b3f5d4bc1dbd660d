"""The encoding of a text is found by evidence, and a damaged byte does not spoil the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk import render
from kiosk.words import decoded, is_text

SIMPLIFIED = "第一章 总则\r\n第一条 本办法适用于公司各部门，自二〇二六年一月一日起施行。\r\n"
TRADITIONAL = "第一章 總則\r\n第一條 本辦法適用於公司各部門，自二零二六年一月一日起施行。\r\n"
JAPANESE = "第一章 総則\r\nこの規程は、会社の会議に関する事項を定める。よろしくお願いします。\r\n"
RUSSIAN = "Повестка дня\r\n1. Доклад директора\r\n"
MIXED = "Agenda 议程 2026\r\n1. 报告 Report (20 min)\r\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        *((SIMPLIFIED, codec) for codec in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")),
        *((TRADITIONAL, codec) for codec in ("utf-8", "big5", "gb18030", "utf-16-le")),
        *((JAPANESE, codec) for codec in ("utf-8", "cp932", "utf-16-be")),
        *((RUSSIAN, codec) for codec in ("utf-8", "utf-16-le")),
        *((MIXED, codec) for codec in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")),
        ("plain ASCII\n", "utf-16-le"),
        ("😀 笑脸 emoji\n", "utf-16-be"),
    ],
)
def test_a_text_without_a_mark_is_read(text: str, codec: str) -> None:
    for content in (text, text * 40):
        assert decoded(content.encode(codec)) == content
        assert is_text(content.encode(codec))


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le"])
def test_a_long_text_is_judged_where_it_is_not_ascii(codec: str) -> None:
    text = "header line\n" * 20_000 + SIMPLIFIED
    assert decoded(text.encode(codec)).endswith(SIMPLIFIED)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_one_damaged_byte_costs_one_character(codec: str) -> None:
    raw = (SIMPLIFIED * 20).encode(codec) + b"\xff\n" + (SIMPLIFIED * 20).encode(codec)
    assert is_text(raw)
    text = decoded(raw)
    assert text.startswith(SIMPLIFIED) and text.endswith(SIMPLIFIED)
    assert 1 <= text.count("\N{REPLACEMENT CHARACTER}") <= 2


@pytest.mark.parametrize("codec", ["gb18030", "big5", "utf-16-le"])
def test_a_text_that_is_cut_shows_no_half_character(tmp_path: Path, codec: str) -> None:
    text = {"big5": TRADITIONAL}.get(codec, SIMPLIFIED)
    path = tmp_path / "words"
    path.write_bytes((text * 3).encode(codec))
    for limit in range(60, 70):
        found, more = render.text_of(path, limit)
        assert more and (text * 3).startswith(found) and len(found) > 20


@pytest.mark.parametrize(
    "content",
    [b"\0\1\2\3", b"\0\1\2" * 1000, bytes(400), b"\x01\0\x02\0" * 50, b"A\0\x01\0B\0",
     b"\xff\xfb\x90\x44\0\0"],
)  # fmt: skip
def test_bytes_with_nothing_to_read_are_no_text(content: bytes) -> None:
    assert not is_text(content)


def test_noise_is_no_text() -> None:
    assert not any(is_text(os.urandom(512)) for _ in range(200))
