"""What an Office file is: seen by its first bytes, then by what is inside it, whatever its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import paperfiles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paperfiles import compound, flat, sample, word, zipped

from kiosk import render
from kiosk.render.office import Sort, sort_of

OPEN = "application/vnd.oasis.opendocument."
TYPES = paperfiles.TYPES
EXCEL, SHOW = "ms-excel.sheet.binary.macroEnabled.main", "ms-powerpoint.slideshow.macroEnabled.main"
TEMPLATE = paperfiles.WORD_MAIN.replace(".document.", ".template.")
ENCRYPTED = compound({"EncryptionInfo": b"", "EncryptedPackage": b""})
WORKBOOK = b"\x09\x08\x10\0" + bytes(16) + b"\x2f\0\x36\0" + bytes(54)
WORDXML = b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>'


def types(main: str) -> bytes:
    return zipped({"[Content_Types].xml": TYPES.format(main=main)})


def opened(kind: str, manifest: str = "<m/>") -> bytes:
    return zipped({"mimetype": OPEN + kind, "META-INF/manifest.xml": manifest})


SORTS = {
    "word": (word(), Sort("docx")),
    "word-template": (word(main=TEMPLATE), Sort("docx")),
    "excel": (sample("ql-2026-q4/budget.xlsx"), Sort("xlsx")),
    "excel-binary": (types(f"application/vnd.{EXCEL}"), Sort("xlsb")),
    "slides": (sample("board-2026-12/brief.pptx"), Sort("pptx")),
    "slide-show": (types(f"application/vnd.{SHOW}+xml"), Sort("pptx")),
    "no-office": (types("application/vnd.ms-package.xps-fixeddocument+xml"), Sort("", "unknown")),
    "text": (opened("text"), Sort("odt")),
    "sheet": (opened("spreadsheet"), Sort("ods")),
    "presentation": (opened("presentation-template"), Sort("odp")),
    "formula": (opened("formula"), Sort("", "unknown")),
    "locked-text": (opened("text", "<encryption-data/>"), Sort("odt", locked=True)),
    "flat-text": (flat("text", ""), Sort("fodt")),
    "flat-sheet": (flat("spreadsheet", ""), Sort("fods")),
    "rich": (rb"{\rtf1\ansi x}", Sort("rtf")),
    "word-xml": (WORDXML, Sort("xml")),
    "old-word": (compound({"1Table": b"", "WordDocument": b"\xec\xa5"}), Sort("doc")),
    "locked-word": (compound({"WordDocument": bytes(11) + b"\1"}), Sort("doc", locked=True)),
    "old-excel": (compound({"Workbook": b"\x09\x08"}), Sort("xls")),
    "older-excel": (compound({"Book": b""}), Sort("xls")),
    "locked-excel": (compound({"Workbook": WORKBOOK}), Sort("xls", locked=True)),
    "old-slides": (compound({"Current User": b"", "PowerPoint Document": b""}), Sort("ppt")),
    "locked-slides": (
        compound({"EncryptedSummary": b"", "PowerPoint Document": b""}),
        Sort("ppt", locked=True),
    ),
    "encrypted": (ENCRYPTED, Sort("", "encrypted")),
    "mail": (compound({"__properties_version1.0": b""}), Sort("", "unknown")),
    "cut": (compound({"WordDocument": b""})[:1000], Sort("", "broken")),
    "cut-zip": (word()[:900], Sort("", "broken")),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sort"), SORTS.values(), ids=SORTS.keys())
def test_what_is_inside_decides_what_it_is(tmp_path: Path, content: bytes, sort: Sort) -> None:
    path = tmp_path / "object"
    path.write_bytes(content)
    assert sort_of(path, "") == sort
    assert render.viewer_of("no name at all", content[:4096]) == "office"


@pytest.mark.parametrize(
    ("hint", "content", "sort"),
    [
        ("wps", SORTS["old-word"][0], Sort("doc")),
        ("et", SORTS["old-excel"][0], Sort("xls")),
        ("dps", SORTS["old-slides"][0], Sort("ppt")),
        ("wps", compound({"MatOST": b""}), Sort("wps")),
        ("docx", ENCRYPTED, Sort("docx", "encrypted")),
        ("xls", b"\x09\x04\x06\0\0\0\x10\0", Sort("xls")),
        ("docx", SORTS["rich"][0], Sort("rtf")),
    ],
)
def test_the_name_helps_only_where_the_content_does_not_tell(
    tmp_path: Path, hint: str, content: bytes, sort: Sort
) -> None:
    path = tmp_path / "object"
    path.write_bytes(content)
    assert sort_of(path, hint) == sort


@pytest.mark.parametrize(
    ("name", "head", "viewer"),
    [
        ("a.docx", b"PK\x03\x04\x14\0", "office"),
        ("a.zip", b"PK\x03\x04\x14\0", "archive"),
        ("a.zip", zipped({"报告.docx": b""}), "archive"),
        ("book.epub", zipped({"mimetype": b"application/epub+zip"}), "none"),
        ("a.doc", b"\xdb\xa5\x2d\0", "office"),
        ("a.docx", b"\xdb\xa5\x2d\0", "none"),
        ("a.doc", "会议纪要".encode("gb18030"), "text"),
        ("a.xls", b"<html><table>", "frame"),
        ("a.xml", WORDXML, "office"),
        ("a.txt", b"{\\rtf1", "office"),
        ("a.docx", b"%PDF-1.4", "pdf"),
    ],
)
def test_an_office_file_is_known_by_its_first_bytes(name: str, head: bytes, viewer: str) -> None:
    assert render.viewer_of(name, head) == viewer


@pytest.mark.parametrize("name", ["notes.PPTX", "议程.会议.wps"])
def test_an_object_is_handed_on_with_the_ending_of_its_name(name: str) -> None:
    assert render.named("a" * 64, name) == f"{'a' * 64}.{name[-4:].lower().lstrip('.')}"


@pytest.mark.parametrize("name", ["a.pdf", "a", "docx", "a.docx/../x", "a.docx "])
def test_no_other_ending_is_handed_on(name: str) -> None:
    assert render.named("a" * 64, name) == "a" * 64


WHOLE = compound({"WordDocument": b"w", "Data": b"d" * 9000, "ObjectPool": b"o"})


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12))
def test_a_damaged_compound_file_is_read_to_some_end(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(WHOLE)
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.getbasetemp() / "compound"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + content[8:])
    assert sort_of(path, "").trouble in (None, "broken", "unknown", "encrypted")


def test_chains_that_bite_their_own_tail_end(tmp_path: Path) -> None:
    path = tmp_path / "object"
    table = bytes(4 * 128)  # every sector is followed by the first
    path.write_bytes(WHOLE[:512] + table + WHOLE[1024:])
    assert sort_of(path, "").trouble in (None, "broken", "unknown")


def test_a_document_in_a_document_is_not_what_the_file_is(tmp_path: Path) -> None:
    deep = compound({"Workbook": b""})
    root = deep[:512] + deep[512:1024]
    entries = (
        paperfiles.entry("Root Entry", 5, child=1)
        + paperfiles.entry("MBD0001", 1, child=2)
        + paperfiles.entry("Workbook", 2, place=(2, 4096))
        + bytes(128)
    )
    path = tmp_path / "object"
    path.write_bytes(root + entries + deep[1536:])
    assert sort_of(path, "") == Sort("", "unknown")


def test_a_list_of_parts_without_end_is_read_in_part(tmp_path: Path) -> None:
    path = tmp_path / "object"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (64 << 20) + paperfiles.WORD_MAIN.encode())
    assert sort_of(path, "") == Sort("", "unknown")
