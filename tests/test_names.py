"""Names in archives: any encoding a meeting room meets, and no name that leaves its folder."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from zips import STORED, UTF8_FLAG, File, archive, unicode_name

from kiosk import names
from kiosk.errors import PackageError
from kiosk.package import inspect, read_entry


def paths(*files: File) -> list[str]:
    return [entry.path for entry in inspect(io.BytesIO(archive(*files))).entries]


def plain(name: bytes) -> File:
    return File(name, b"words", STORED, flags=0)


def refusal(*files: File) -> str:
    with pytest.raises(PackageError) as caught:
        paths(*files)
    return caught.value.code


@pytest.mark.parametrize(
    "name",
    [
        "../up.txt", "a/../../up", "..", ".", "a/./b", "/etc/passwd", "//host/share", "a//b", "\\a",
        "a\\b", "..\\up", "C:/a", "C:a", "a:stream", "a\0b", "a\nb", "\x1b[2J", "a\x7f", "a\x85",
        "a.", "a ", "a /b", "dir./b", "con", "NUL.txt", "a/Com1", "LPT9.x", "aux.tar.gz",
        "x" * 256, "料" * 86, "/".join(["d" * 200] * 6), "/".join("d" * 40), "", "/",
    ],
)  # fmt: skip
def test_a_name_that_means_something_to_a_system_is_refused(name: str) -> None:
    assert refusal(File("fine.txt"), File(name)) == "unsafe-name"


@pytest.mark.parametrize(
    "name",
    [
        "会议材料/01 工作报告.pdf", " 前面有空格.txt", "a..b", "...a", ".hidden", "附件①.pdf",
        "CONTENT", "console.log", "é.txt", "x" * 255, "json.py", "sitecustomize.py", "100%.txt",
        "a'b\"c*?<>|", "\ue000 private.txt",
    ],
)  # fmt: skip
def test_an_ordinary_name_is_kept(name: str) -> None:
    assert paths(File(name)) == [name]


@pytest.mark.parametrize(
    "pair",
    [
        ("a.txt", "a.txt"),
        ("é.txt", unicodedata.normalize("NFD", "é.txt")),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b/", "a/b"),
    ],
)
def test_two_files_of_one_name_are_refused(pair: tuple[str, str]) -> None:
    first, second = (File(name, b"" if name.endswith("/") else b"x") for name in pair)
    assert refusal(first, second) == "duplicate-name"


def test_names_that_differ_in_case_or_width_are_both_kept() -> None:
    twins = ["A.pdf", "a.pdf", "附件①", "附件1", "Ａ"]
    assert paths(*map(File, twins)) == twins


@pytest.mark.parametrize(
    ("codec", "wanted"),
    [
        ("utf-8", ["会议/议程.pdf", "привет", "naïve.txt"]),
        ("gb18030", ["会议材料/01_工作报告.pdf", "预算草案.docx"]),
        ("gb18030", ["朱镕基讲话.pdf", "㐂.txt"]),
        ("gb18030", ["會議資料/議程.pdf"]),
        ("gb18030", ["镕.pdf"]),
        ("cp932", ["表だよ/一覧表.txt", "会議資料ソフト.pdf"]),
        ("cp866", ["Документы/Отчёт №1.txt", "Повестка.pdf"]),
        ("ascii", ["agenda.pdf"]),
    ],
)
def test_names_without_a_mark_are_read_by_what_all_of_them_have_in_common(
    codec: str, wanted: list[str]
) -> None:
    assert paths(*(plain(name.encode(codec)) for name in wanted)) == wanted


def test_a_byte_that_looks_like_a_separator_inside_a_character_is_none() -> None:
    name = "表\u8868格.txt".encode("cp932", "ignore") + "だよ".encode("cp932")
    assert b"\\" in name
    assert paths(plain(name)) == [name.decode("cp932")]


def test_a_marked_name_counts_for_itself_among_unmarked_ones() -> None:
    raw = "议程".encode("gb18030")
    mixed = [File("привет.txt", flags=UTF8_FLAG), plain("报告.pdf".encode("gb18030"))]
    told = File(raw, flags=0, extra=unicode_name(raw, "Agenda — 议程"))
    assert paths(*mixed, told) == ["привет.txt", "报告.pdf", "Agenda — 议程"]


def test_a_unicode_name_made_for_another_name_does_not_count() -> None:
    raw = "议程".encode("gb18030")
    assert paths(File(raw, flags=0, extra=unicode_name(b"other", "wrong"))) == ["议程"]


def test_a_name_in_no_encoding_gets_a_visible_one_and_still_opens() -> None:
    file = io.BytesIO(archive(plain(b"a\xff\xff.pdf"), File(b"\xff.txt", flags=UTF8_FLAG)))
    entries = inspect(file).entries
    assert [entry.path for entry in entries] == ["a%FF%FF.pdf", "%FF.txt"]
    assert b"".join(read_entry(file, entries[0])) == b"words"


@given(st.lists(st.tuples(st.binary(min_size=0, max_size=60), st.booleans()), max_size=4))
def test_any_bytes_are_refused_or_stay_inside(raw: list[tuple[bytes, bool]]) -> None:
    try:
        found = paths(*(File(name, b"", flags=UTF8_FLAG * flag) for name, flag in raw))
    except PackageError:
        return
    root = Path("/data/root")
    assert len(set(found)) == len(found)
    for path in found:
        assert not set(path) & set("\\:\0\r\n")
        assert not PurePosixPath(path).is_absolute()
        assert root in (root / path).resolve().parents
        assert path.isprintable() or unicodedata.category(path[0])


HANZI = st.builds(
    lambda lead, trail: bytes([lead, trail]).decode("gb2312"),
    st.integers(0xB0, 0xD6),
    st.integers(0xA1, 0xFE),
)
KANA = "あいうえおかがきくけこさしすせそたちつてとなにのはひふへほまみもらりるれろをんアイウエオソ"
RUSSIAN = ["Повестка", "Отчёт", "Протокол", "Документы", "Собрание", "Решение", "Бюджет"]
TEXTS = {
    "utf-8": st.text(st.characters(codec="utf-8", categories=("L", "N")), max_size=12),
    "gb18030": st.lists(HANZI, min_size=1, max_size=12).map("".join),
    "cp932": st.text(KANA, min_size=5, max_size=12),
    "cp866": st.lists(st.sampled_from(RUSSIAN), min_size=2, max_size=4).map(" ".join),
}


@given(st.data(), st.sampled_from(sorted(TEXTS)))
def test_names_come_back_from_every_usual_encoding(data: st.DataObject, codec: str) -> None:
    name = f"{data.draw(TEXTS[codec])}.txt"
    raw = name.encode(codec)
    assume(codec == "utf-8" or not _is_utf8(raw))
    wanted = unicodedata.normalize("NFC", name)
    assume(names.fault(wanted) is None)
    assert paths(plain(raw)) == [wanted]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary(max_size=300))
def test_any_bytes_have_a_name_for_people(raw: bytes) -> None:
    shown = names.visible(raw)
    assert shown.isprintable()
    assert len(shown) <= 120
