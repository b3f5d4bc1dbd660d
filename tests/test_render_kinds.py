"""Which viewer, media type and text a material gets: by its bytes first, then by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import render

VIEWERS = {
    "pdf", "image", "pictures", "text", "markdown", "table", "video", "audio", "frame", "office",
    "archive", "none",
}  # fmt: skip
FTYP = b"\0\0\0\x20ftyp"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

BY_CONTENT = [
    ("report.docx", b"%PDF-1.4\n", "pdf"),
    ("letter", b"rubbish in front\n%PDF-1.4\n", "pdf"),
    ("photo.pdf", b"\x89PNG\r\n\x1a\n", "image"),
    ("photo", b"\xff\xd8\xff\xe0", "image"),
    ("moving", b"GIF89a", "image"),
    ("new", b"RIFF\0\0\0\0WEBP", "image"),
    ("newer", FTYP + b"avif", "image"),
    ("phone.jpg", FTYP + b"heic", "pictures"),
    ("scan.jpg", b"II*\0", "pictures"),
    ("talk.bin", b"RIFF\0\0\0\0WAVE", "audio"),
    ("old.avi", b"RIFF\0\0\0\0AVI ", "video"),
    ("cursor", b"RIFF\0\0\0\0ACON", "none"),
    ("film", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video"),
    ("talk.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "audio"),
    ("talk", b"FORM\0\0\0\0AIFF", "audio"),
    ("film", b"FLV\1", "video"),
    ("talk", b"ID3\x04", "audio"),
    ("talk", b"fLaC", "audio"),
    ("talk", b"OggS" + bytes(20) + b"\x01vorbis", "audio"),
    ("film", b"OggS" + bytes(20) + b"\x80theora", "video"),
    ("film", FTYP + b"isom", "video"),
    ("talk", FTYP + b"M4A ", "audio"),
    ("film", b"\x1aE\xdf\xa3", "video"),
    ("sheet.pdf", b"PK\x03\x04", "archive"),
    ("slides.txt", OLE, "office"),
    ("program.txt", b"MZ\x90\0", "none"),
]
BY_NAME = [
    ("notes.txt", "会议纪要".encode(), "text"),
    ("notes.txt", "会议纪要".encode("gb18030"), "text"),
    ("notes.txt", "会议纪要".encode("utf-16"), "text"),
    ("NOTES.MD", b"# Title", "markdown"),
    ("page.HTML", b"<p>hello", "frame"),
    ("drawing.svg", b"<svg/>", "frame"),
    ("unnamed", b"\xef\xbb\xbf<?xml version='1.0'?><!-- a --> <!-- b --><svg>", "frame"),
    ("code.txt", b"<html> is how a page begins", "text"),
    ("empty.txt", b"", "text"),
    ("numbers.CSV", "甲,乙".encode("gb18030"), "table"),
    ("numbers.tsv", b"a\tb", "table"),
    ("papers.zip", b"PK\x03\x04", "archive"),
    ("empty.zip", b"PK\x05\x06", "archive"),
    ("notice.ofd", b"PK\x03\x04", "none"),
    ("talk.mp3", b"\xff\xfb\x90\x00", "audio"),
    ("report.docx", b"\0\1\2\3", "none"),
    ("unknown", b"\0\1\2\3", "none"),
]


@pytest.mark.parametrize(("name", "head", "viewer"), BY_CONTENT)
def test_a_signature_decides_whatever_the_name_says(name: str, head: bytes, viewer: str) -> None:
    assert render.viewer_of(name, head) == viewer


@pytest.mark.parametrize(("name", "head", "viewer"), BY_NAME)
def test_the_name_decides_where_bytes_have_no_signature(
    name: str, head: bytes, viewer: str
) -> None:
    assert render.viewer_of(name, head) == viewer


@given(st.text(max_size=40), st.binary(max_size=300))
def test_any_name_and_bytes_have_a_viewer_and_a_type(name: str, head: bytes) -> None:
    viewer = render.viewer_of(name, head)
    assert viewer in VIEWERS
    assert "/" in render.media_type(name, viewer)


@pytest.mark.parametrize("viewer", sorted(VIEWERS - {"frame"}))
@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.xhtml", "a.svg", "a.js", "a.xml"])
def test_no_name_makes_a_browser_run_what_is_not_contained(name: str, viewer: str) -> None:
    told = render.media_type(name, viewer)
    assert not any(word in told for word in ("html", "svg", "xml", "script"))


@pytest.mark.parametrize(
    ("name", "viewer", "told"),
    [
        ("a.JPG", "image", "image/jpeg"),
        ("a.pdf", "image", "image/png"),
        ("a.svg", "frame", "image/svg+xml"),
        ("a.md", "markdown", "text/plain"),
        ("a.webm", "video", "video/webm"),
        ("a.docx", "none", "application/octet-stream"),
    ],
)
def test_a_type_fits_the_viewer_and_then_the_name(name: str, viewer: str, told: str) -> None:
    assert render.media_type(name, viewer) == told


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_text_of_every_usual_encoding_is_read(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "words"
    path.write_bytes("第一章 总则 €\r\n".encode(codec))
    assert render.text_of(path) == ("第一章 总则 €\r\n", False)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
@pytest.mark.parametrize("limit", range(1, 9))
def test_a_cut_never_shows_half_a_character(tmp_path: Path, codec: str, limit: int) -> None:
    path = tmp_path / "words"
    path.write_bytes(("会议" * 10).encode(codec))
    text, more = render.text_of(path, limit)
    assert more and ("会议" * 10).startswith(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_some_text(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(raw)
    text, more = render.text_of(path)
    assert not more and len(text) <= len(raw)


def test_a_file_that_is_not_here_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        render.text_of(tmp_path / "nothing")
