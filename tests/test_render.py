"""What a material is for the page: viewers, texts, and what a process of its own draws."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import time
import wave
import zlib
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kiosk import render
from kiosk.render.words import TEXT_LIMIT_BYTES


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


def sound(seconds: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(1)
        made.setframerate(8000)
        made.writeframes(bytes(8000 * seconds))
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


# Viewers


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
        ("a.heic", b"\0\0\0\x1cftypheic", "none"),
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
        ("a.csv", b"a,b\n", "text"),
        ("a.md", b"# Title", "markdown"),
        ("a.md", b"<p align=center>", "markdown"),
        ("a.txt", b"<html><script>", "text"),
        ("a.html", b"<p>hello", "frame"),
        ("a.svg", b"<svg xmlns=", "frame"),
        ("portal.pdf", b"<!DOCTYPE html><html>", "frame"),
        ("a.dat", b"<?xml version='1.0'?><!-- x --> <svg", "frame"),
        ("a.dat", b"<!---->" * 500 + b"<svg", "text"),
        ("a.docx", b"PK\x03\x04\x14\0", "none"),
        ("a.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "none"),
        ("a.exe", b"MZ\x90\0", "none"),
        ("a.bin", b"\0\1\2\3", "none"),
        ("a.txt", b"\0\1\2\3", "none"),
    ],
)
def test_the_content_decides_on_the_viewer_then_the_extension(
    name: str, head: bytes, viewer: str
) -> None:
    assert render.viewer_of(name, head) == viewer


@given(st.text(max_size=20), st.binary(max_size=200))
def test_anything_has_a_viewer_and_a_harmless_type(name: str, head: bytes) -> None:
    viewer = render.viewer_of(name, head)
    type_ = render.media_type(name, viewer)
    active = ("html", "svg", "xml", "script")
    assert viewer == "frame" or not any(word in type_ for word in active)


@pytest.mark.parametrize(
    ("name", "viewer", "type_"),
    [
        ("a.PDF", "pdf", "application/pdf"),
        ("a.html", "pdf", "application/pdf"),
        ("a.jpg", "image", "image/jpeg"),
        ("a.svg", "image", "image/png"),
        ("a.webm", "video", "video/webm"),
        ("a.md", "markdown", "text/plain"),
        ("a.html", "text", "text/plain"),
        ("a.html", "frame", "text/html"),
        ("a.svg", "frame", "image/svg+xml"),
        ("a.docx", "none", "application/octet-stream"),
    ],
)
def test_a_type_is_of_the_viewers_kind(name: str, viewer: str, type_: str) -> None:
    assert render.media_type(name, viewer) == type_


# Texts


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
def test_text_in_every_usual_encoding_is_read(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("会议议程：\r\n第一项 ①".encode(codec))
    assert render.text_of(path) == ("会议议程：\r\n第一项 ①", False)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_long_text_is_cut_between_two_characters(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(("会" * 100).encode(codec))
    for limit in range(10, 20):
        text, more = render.text_of(path, limit)
        assert more
        assert set(text) == {"会"}


def test_bytes_that_are_no_text_still_come_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"good \xff\xff\xff bad")
    text, _ = render.text_of(path)
    assert text.startswith("good ")
    assert TEXT_LIMIT_BYTES > 4 << 20


# Drawing


def test_documents_are_counted_measured_and_drawn(tmp_path: Path) -> None:
    paper, photo, song, words = drawn(
        tmp_path, pdf(7), picture((1000, 500)), sound(3), b"only words"
    )
    assert (paper["pages"], paper["width"], paper["height"]) == (7, 595, 842)
    assert (photo["width"], photo["height"], photo["thumbnail"]) == (1000, 500, True)
    assert (song["seconds"], song["thumbnail"]) == (3.0, False)
    assert words["trouble"] is None
    with Image.open(tmp_path / "renditions" / _sha(pdf(7)) / "page1.webp") as page:
        assert page.width <= 640
        assert page.height > page.width


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


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\nbroken", b"\xff\xd8\xffbroken", picture()[:200]],
)
def test_a_broken_file_is_told_and_the_next_one_is_drawn(tmp_path: Path, content: bytes) -> None:
    broken, fine = drawn(tmp_path, content, picture())
    assert (broken["trouble"], broken["thumbnail"]) == ("broken", False)
    assert fine["thumbnail"] is True


def test_odd_pages_are_drawn_within_bounds(tmp_path: Path) -> None:
    for size in ((14_400, 3), (3, 14_400), (1, 1)):
        (found,) = drawn(tmp_path, pdf(1, size))
        assert found["thumbnail"] is True
        sha256 = _sha(pdf(1, size))
        with Image.open(tmp_path / "renditions" / sha256 / "page1.webp") as page:
            assert page.width <= 640 and page.height <= 1280


def test_what_takes_too_long_is_ended_and_told(tmp_path: Path) -> None:
    slow = store(tmp_path, pdf(1))
    began = time.monotonic()
    render.render_all(tmp_path, [slow], each_s=0)
    assert time.monotonic() - began < 20
    found = render.info(tmp_path, slow)
    assert found is not None
    assert (found["trouble"], found["thumbnail"]) == ("took-too-long", False)
    assert [path.name for path in (tmp_path / "renditions").iterdir()] == [slow]


def test_an_object_that_was_purged_meanwhile_leaves_no_picture(tmp_path: Path) -> None:
    gone = "0" * 64
    render.render_all(tmp_path, [gone])
    assert render.info(tmp_path, gone) is None
    assert list((tmp_path / "renditions").iterdir()) == []


def test_what_was_drawn_before_is_replaced(tmp_path: Path) -> None:
    (before,) = drawn(tmp_path, picture())
    (after,) = drawn(tmp_path, picture())
    assert before == after


def test_the_process_tells_a_line_an_object(tmp_path: Path) -> None:
    one, other = store(tmp_path, pdf(2)), store(tmp_path, b"words")
    command = [sys.executable, "-m", "kiosk.render", str(tmp_path), one, other]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["sha256"], line["pages"]) for line in lines] == [(one, 2), (other, None)]


def test_the_process_ends_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    objects = [store(tmp_path, pdf(1, (500 + number, 500))) for number in range(200)]
    code = (
        "import subprocess, sys, os\n"
        f"command = [sys.executable, '-m', 'kiosk.render', '--parent', str(os.getpid())]\n"
        f"child = subprocess.Popen([*command, {str(tmp_path)!r}, *{objects!r}])\n"
        "print(child.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    started = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    )
    pid = int(started.stdout.split()[0])
    give_up = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not _runs(pid)
    assert len(list((tmp_path / "renditions").iterdir())) < 200


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_damaged_note_counts_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "renditions" / ("a" * 64) / "info.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert render.info(tmp_path, "a" * 64) is None
    assert render.info(tmp_path, "../" + "a" * 61) is None


def test_whoever_asks_for_drawings_never_loads_what_draws() -> None:
    code = (
        "import sys, kiosk.render, kiosk.terminal\n"
        "sys.exit(any(name in sys.modules for name in ('pypdfium2', 'PIL', 'mutagen')))"
    )
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
