"""What is compared of a text, what is looked for, and what an index of its own finds of it."""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from kiosk import search
from kiosk.search import index
from kiosk.search.folding import fold, indexed, origins
from kiosk.search.index import About, Damaged
from kiosk.search.passage import Passage, around
from kiosk.search.sections import MOST_IN_SECTION, OVERLAP, Section, cleaned, sections_of

ANY = strategies.text(max_size=300)


def made(path: Path, sections: Sequence[Section]) -> Path:
    """An index of these."""
    path.touch()
    count = index.write(path, sections)
    index.finish(path, About("pdf", count))
    return path


def pages(path: Path, typed: str, most: int = 20) -> list[int | None]:
    """The pages that an index has something on."""
    query = search.parse(typed)
    assert query is not None
    found = index.find(path, query, most, time.monotonic() + 10)
    assert found is not None
    return [page for page, _ in found.passages]


def marked(passage: Passage | None) -> list[str]:
    """What is marked of a passage, as a script of a page cuts it out."""
    assert passage is not None
    units = passage.text.encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in passage.marks]


TEXT = "关于2026年第３季度无纸化会\n议的报告。ＡＢＣ　Café naïve COVID-19，Straße ﬁnal ㎡ 𠮷野家"


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ("无纸化会议", "无纸化会议"), ("会议", "会议"), ("议", "议"), ("第3季", "第３季"),
        ("2026", "2026"), ("202", "202"), ("abc", "ＡＢＣ"), ("ａｂｃ", "ＡＢＣ"), ("CAFE", "Café"),
        ("naïve", "naïve"), ("covid19", "COVID-19"), ("strasse", "Straße"), ("final", "ﬁnal"),
        ("m2", "㎡"), ("𠮷", "𠮷"), ("𠮷野", "𠮷野"), ("abc caf", "ＡＢＣ Caf"),
        ("报告 abc", "报告。ＡＢＣ"),
    ],
)  # fmt: skip
def test_words_are_found_in_whatever_form_they_are_typed(
    tmp_path: Path, typed: str, mark: str
) -> None:
    path = made(tmp_path / "a.db", [Section(1, "别的"), Section(7, cleaned(TEXT))])
    assert pages(path, typed) == [7]
    query = search.parse(typed)
    assert query is not None
    assert marked(around(cleaned(TEXT).replace("\n", ""), query))[0] == mark


@pytest.mark.parametrize("typed", ["报告会", "季度2026", "bc", "会议材料", "议的报告 没有"])
def test_what_is_not_there_is_not_found(tmp_path: Path, typed: str) -> None:
    assert pages(made(tmp_path / "a.db", [Section(1, cleaned(TEXT))]), typed) == []


@pytest.mark.parametrize("typed", ["", " \n", "，。！", '"', "'", "()*^-", "\0", "%_"])
def test_nothing_to_look_for_is_known_as_that(typed: str) -> None:
    assert search.parse(typed) is None


HOSTILE = [
    '"会议', "会议'", "会议 OR 1=1", "NEAR(会议 材料)", "会议 AND", "NOT 会议", "^会议", "会议*",
    "text:会议", "{会议}", "-会议", "会\0议", "会议" * 5000, "a " * 5000, "<b>会议</b>", "%会议%",
    "(" * 150 + "会", "\\会议", "$(会议)", "会议; DROP TABLE sections", "\u202e会议", "会议\ufffe",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_typed_is_syntax(tmp_path: Path, typed: str) -> None:
    path = made(tmp_path / "a.db", [Section(1, "会议材料")])
    query = search.parse(typed)
    assert query is not None
    found = index.find(path, query, 20, time.monotonic() + 10)
    assert found is not None and found.count in (0, 1)
    assert pages(path, "会议") == [1]


@hypothesis.given(ANY, ANY)
def test_any_text_is_cut_marked_and_found_by_any_words(text: str, typed: str) -> None:
    text = cleaned(text)
    assert len(origins(text)) == len(fold(text))
    query = search.parse(typed)
    if query is not None:
        passage = around(text, query)
        units = len(passage.text.encode("utf-16-le")) // 2
        ends = [end for mark in passage.marks for end in mark]
        assert ends == sorted(ends) and all(0 <= end <= units for end in ends)


@hypothesis.given(ANY)
def test_cleaned_text_can_be_kept_and_is_what_it_was(text: str) -> None:
    once = cleaned(text)
    assert once == cleaned(once)
    assert once.encode() is not None
    assert not any(ord(character) < 32 and character != "\n" for character in once)


def test_every_phrase_without_spaces_is_found_exactly_where_it_is(tmp_path: Path) -> None:
    chance = random.Random(4)
    letters = "会议材料，\n "
    texts = ["".join(chance.choices(letters, k=12)) for _ in range(300)]
    path = made(tmp_path / "a.db", [Section(n, text) for n, text in enumerate(texts)])
    for length in (1, 2, 3, 4):
        for typed in map("".join, itertools.product("会议材", repeat=length)):
            joined = ["".join(text.split()) for text in texts]
            there = [n for n, text in enumerate(joined) if typed in text]
            assert pages(path, typed, 1000) == there, typed


def test_the_words_of_an_index_overlap() -> None:
    assert indexed("会议材料 2026Q4") == "会议 议材 材料 料 2026 q 4"


def test_a_long_line_is_cut_without_losing_a_phrase() -> None:
    text = "".join(f"{n:06d}" for n in range(5000))
    sections = list(sections_of(text, 3))
    assert all(len(one.text) <= MOST_IN_SECTION and one.page == 3 for one in sections)
    for start in range(0, len(text) - OVERLAP, 17):
        phrase = text[start : start + OVERLAP]
        assert any(phrase in one.text for one in sections)


def test_without_fts5_every_section_is_looked_through(tmp_path: Path) -> None:
    sections = [Section(n, f"第{n}页的会议材料") for n in range(1, 40)]
    path = made(tmp_path / "a.db", sections)
    fast = pages(path, "会议材料", 1000)
    with sqlite3.connect(path) as base:
        base.execute("DROP TABLE words")
        base.execute("UPDATE about SET fast = 0")
    base.close()
    assert pages(path, "会议材料", 1000) == fast == list(range(1, 40))
    assert pages(path, "第7页") == [7]


def test_all_places_are_counted_and_the_first_ones_shown(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", [Section(n, "会议") for n in range(1, 101)])
    query = search.parse("会")
    found = index.find(path, query, 20, time.monotonic() + 10)
    assert found is not None
    assert (found.count, len(found.passages)) == (100, 20)


def test_a_search_without_end_is_ended(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", [Section(n, "会议" * 500) for n in range(400)])
    with pytest.raises(TimeoutError):
        index.find(path, search.parse("会"), 20, time.monotonic() - 1)
    assert path.exists()


def other_database(path: Path) -> None:
    path.unlink()
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE about (format, source)")
    base.execute("INSERT INTO about VALUES (1, 'pdf')")
    base.commit()
    base.close()


def without_text(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("UPDATE sections SET text = NULL, page = 'x'")
    base.commit()
    base.close()


def of_another_format(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("UPDATE about SET format = 999")
    base.commit()
    base.close()


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 100),
    "head-only": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "rotten": lambda path: path.write_bytes(path.read_bytes()[:1024] + b"\xa5" * 40_000),
    "other": other_database,
    "no-text": without_text,
    "format": of_another_format,
}


@pytest.mark.fault("C5")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_thrown_away(tmp_path: Path, damage: str) -> None:
    sha256 = "a" * 64
    path = search.path_of(tmp_path, sha256)
    path.parent.mkdir()
    made(path, [Section(n, f"会议材料{n}") for n in range(50)])
    query = search.parse("会议")
    assert search.find(tmp_path, sha256, query, 20, time.monotonic() + 10) is not None
    DAMAGES[damage](path)
    assert search.find(tmp_path, sha256, query, 20, time.monotonic() + 10) is None
    assert not path.exists()
    assert not search.is_current(tmp_path, sha256)


def test_an_index_that_was_not_finished_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    index.write(path, [Section(1, "会议")])
    with pytest.raises(Damaged):
        index.about(path)


def test_an_index_that_was_removed_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        index.write(tmp_path / "a.db", [Section(1, "会议")])
    assert list(tmp_path.iterdir()) == []


def test_only_names_of_objects_lead_to_an_index(tmp_path: Path) -> None:
    for name in ("../../etc/passwd", "", "A" * 64, "a" * 63):
        with pytest.raises(ValueError):
            search.path_of(tmp_path, name)
