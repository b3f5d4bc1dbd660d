"""Which viewer each kind of content gets, and pictures of odd shapes and modes."""

from __future__ import annotations

import functools
import hashlib
import io
import struct
import zlib
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from kiosk import render


def picture(size: tuple[int, int] = (1000, 500), kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 200 if mode == "L" else None).save(out, kind)
    return out.getvalue()


@functools.cache
def pdf(pages: int = 3, size: tuple[int, int] = (595, 842)) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(*size).close()
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def huge_picture() -> bytes:
    """50,000 × 50,000 in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    head = struct.pack(">2L5B", 50_000, 50_000, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def store(data_dir: Path, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    path = data_dir / "objects" / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha256


def drawn(data_dir: Path, *contents: bytes) -> list[dict[str, object]]:
    """What is known about these contents after they were drawn."""
    objects = [store(data_dir, content) for content in contents]
    render.render_all(data_dir, objects)
    found = [render.info(data_dir, sha256) for sha256 in objects]
    return [one for one in found if one is not None]


@pytest.mark.parametrize(
    ("name", "head", "viewer"),
    [
        ("a.pdf", b"%PDF-1.7\n", "pdf"),
        ("a.txt", b"\r\n\r\n%PDF-1.4", "pdf"),
        ("broken.pdf", b"\0\0\0", "pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0", "image"),
        ("a", b"\xff\xd8\xff\xe0", "image"),
        ("a.gif", b"GIF89a", "image"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image"),
        ("a.bmp", b"BM\x36\x10\0\0\0\0\0\0", "image"),
        ("BMW.txt", b"BMW builds cars", "text"),
        ("a.avif", b"\0\0\0\x1cftypavif", "image"),
        ("a.avif", b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "image"),
        ("a.heic", b"\0\0\0\x1cftypheic", "pictures"),
        ("a.heic", b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "pictures"),
        ("a.tif", b"II*\0", "pictures"),
        ("a.tiff", b"MM\0*", "pictures"),
        ("a.mp4", b"\0\0\0\x18ftypmp42", "video"),
        ("a.m4a", b"\0\0\0\x18ftypM4A ", "audio"),
        ("a.webm", b"\x1aE\xdf\xa3\x01\0", "video"),
        ("a.ogg", b"OggS\0\x02vorbis", "audio"),
        ("a.ogv", b"OggS\0\x02" + bytes(20) + b"\x80theora", "video"),
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt ", "audio"),
        ("a.mp3", b"ID3\x04", "audio"),
        ("a.mp3", b"\xff\xfb\x90\x44\0\0", "audio"),
        ("a.flac", b"fLaC\0", "audio"),
        ("a.txt", "会议议程".encode(), "text"),
        ("a.txt", "会议议程".encode("gb18030"), "text"),
        ("a.txt", "会议".encode("utf-16"), "text"),
        ("a.txt", b"", "text"),
        ("notes", b"no extension", "text"),
        ("a.csv", b"a,b\n", "table"),
        ("a.md", b"# Title", "markdown"),
        ("a.md", b"<p align=center>", "markdown"),
        ("a.txt", b"<html><script>", "text"),
        ("a.html", b"<p>hello", "frame"),
        ("a.svg", b"<svg xmlns=", "frame"),
        ("portal.pdf", b"<!DOCTYPE html><html>", "frame"),
        ("a.dat", b"<?xml version='1.0'?><!-- x --> <svg", "frame"),
        ("a.dat", b"<!---->" * 500 + b"<svg", "text"),
        ("a.docx", b"PK\x03\x04\x14\0", "office"),
        ("a.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
        ("a.exe", b"MZ\x90\0", "none"),
        ("a.bin", b"\0\1\2\3", "none"),
        ("a.txt", b"\0\1\2\3", "none"),
    ],
)
def test_the_content_decides_on_the_viewer_then_the_extension(
    name: str, head: bytes, viewer: str
) -> None:
    assert render.viewer_of(name, head) == viewer


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("GIF", "P"), ("BMP", "L")]
)
def test_pictures_of_every_kind_are_drawn(tmp_path: Path, kind: str, mode: str) -> None:
    (found,) = drawn(tmp_path, picture((50, 3000), kind, mode))
    assert found["thumbnail"] is True


def test_a_picture_too_large_to_draw_is_told_with_its_size(tmp_path: Path) -> None:
    (found,) = drawn(tmp_path, huge_picture())
    assert (found["width"], found["height"]) == (50_000, 50_000)
    assert (found["trouble"], found["thumbnail"]) == ("too-large", False)


def test_odd_pages_are_drawn_within_bounds(tmp_path: Path) -> None:
    for size in ((14_400, 3), (3, 14_400), (1, 1)):
        (found,) = drawn(tmp_path, pdf(1, size))
        assert found["thumbnail"] is True
        sha256 = _sha(pdf(1, size))
        with Image.open(tmp_path / "renditions" / sha256 / "page1.webp") as page:
            assert page.width <= 640 and page.height <= 1280


def test_what_was_drawn_before_is_replaced(tmp_path: Path) -> None:
    (before,) = drawn(tmp_path, picture())
    (after,) = drawn(tmp_path, picture())
    assert before == after
