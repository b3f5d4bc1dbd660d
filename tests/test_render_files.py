"""What a process with limits finds in real and in hostile files, and what it leaves of itself."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
import wave
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pdfs import locked_pdf, slow_pdf
from PIL import Image

from kiosk import render
from kiosk.render.work import VERSION

Put = Callable[[bytes], str]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Puts bytes among the objects of a data directory, and tells their SHA-256."""

    def put(content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = tmp_path / "objects" / sha256[:2] / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return sha256

    return put


@pytest.fixture
def aside(tmp_path: Path) -> Path:
    """A file to make a document in."""
    return tmp_path / "made"


def small_pdf(aside: Path, pages: int = 3) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842).close()
    document.save(str(aside))
    document.close()
    return aside.read_bytes()


def huge_png() -> bytes:
    """The head of a picture of 50,000 × 50,000 pixels, with next to nothing behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def picture(aside: Path, form: str, size: tuple[int, int]) -> bytes:
    Image.new("RGB", size, "#9f1d20").save(aside, form)
    return aside.read_bytes()


def found(data_dir: Path, sha256: str) -> dict[str, object]:
    """What was written down about an object."""
    known = render.info(data_dir, sha256)
    assert known is not None
    return known


def processes_about(folder: Path, module: str = "kiosk.render") -> list[str]:
    """The command lines of the processes that draw (or what else) for this data directory."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it ended while we looked
            continue
        if str(folder) in line and f"-m {module} " in line:
            lines.append(line)
    return lines


def test_a_pdf_is_counted_measured_and_drawn(tmp_path: Path, put: Put, aside: Path) -> None:
    pdf = put(small_pdf(aside, pages=3))
    render.render_all(tmp_path, [pdf])
    about = found(tmp_path, pdf)
    assert (about["pages"], about["width"], about["height"]) == (3, 595, 842)
    thumbnail = render.thumbnail_path(tmp_path, pdf)
    assert thumbnail is not None
    with Image.open(thumbnail) as drawn:
        assert drawn.format == "WEBP" and 600 < drawn.width <= 640
    assert [path.name for path in (tmp_path / "renditions").iterdir()] == [pdf]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_picture_of_every_usual_kind_gets_a_thumbnail(
    tmp_path: Path, put: Put, aside: Path, form: str
) -> None:
    shot = put(picture(aside, form, (1600, 900)))
    render.render_all(tmp_path, [shot])
    about = found(tmp_path, shot)
    assert (about["width"], about["height"]) == (1600, 900)
    thumbnail = render.thumbnail_path(tmp_path, shot)
    assert thumbnail is not None
    with Image.open(thumbnail) as drawn:
        assert drawn.size == (640, 360)


def test_a_recording_tells_its_length(tmp_path: Path, put: Put, aside: Path) -> None:
    with wave.open(str(aside), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 8000 * 3))
    recording = put(aside.read_bytes())
    render.render_all(tmp_path, [recording])
    assert found(tmp_path, recording)["seconds"] == 3.0
    assert render.thumbnail_path(tmp_path, recording) is None


@pytest.mark.fault("S11")
def test_hostile_files_are_named_and_the_next_file_is_drawn(
    tmp_path: Path, put: Put, aside: Path
) -> None:
    good = small_pdf(aside)
    hostile = {
        put(locked_pdf()): "encrypted",
        put(b"%PDF-1.7\nnothing that a reader could use"): "broken",
        put(huge_png()): "too-large",
        put(b"\x89PNG\r\n\x1a\nrubbish"): "broken",
        put(b"ID3\x04\0\0\0\0\0\x7f" + b"\xff" * 300): "broken",
    }
    last = put(good)
    render.render_all(tmp_path, [*hostile, last])
    assert {sha: found(tmp_path, sha)["trouble"] for sha in hostile} == hostile
    assert all(render.thumbnail_path(tmp_path, sha) is None for sha in hostile)
    assert [found(tmp_path, sha)["width"] for sha in hostile] == [None, None, 50_000, None, None]
    assert found(tmp_path, last)["pages"] == 3 and found(tmp_path, last)["thumbnail"]


@pytest.mark.fault("S10")
def test_a_file_that_takes_too_long_is_ended_and_the_next_one_drawn(
    tmp_path: Path, put: Put, aside: Path
) -> None:
    slow, good = put(slow_pdf()), put(small_pdf(aside))
    render.render_all(tmp_path, [slow, good], each_s=1.5)
    assert found(tmp_path, slow)["trouble"] == "took-too-long"
    assert found(tmp_path, good)["pages"] == 3
    wait_for(lambda: not processes_about(tmp_path))


@pytest.mark.fault("S10")
def test_a_renderer_past_its_whole_time_is_ended_as_a_group(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "START_S", -29.5)  # leaves it 1.5 s in all
    render.render_all(tmp_path, [put(slow_pdf())], each_s=30)
    wait_for(lambda: not processes_about(tmp_path))


@pytest.mark.fault("S10")
def test_nothing_goes_on_drawing_when_the_terminal_was_killed(tmp_path: Path, put: Put) -> None:
    code = "import sys, pathlib; from kiosk import render\n"
    code += "render.render_all(pathlib.Path(sys.argv[1]), sys.argv[2:], 60)"
    terminal = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), put(slow_pdf())])
    wait_for(lambda: len(processes_about(tmp_path)) == 2)  # the renderer and its child
    terminal.send_signal(signal.SIGKILL)
    terminal.wait()
    wait_for(lambda: not processes_about(tmp_path))


def wait_for(condition: Callable[[], bool], limit_s: float = 20) -> None:
    give_up = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.02)


def test_one_line_of_json_is_printed_for_each_object(tmp_path: Path, put: Put, aside: Path) -> None:
    objects = [put(small_pdf(aside)), "0" * 64, put(b"just words")]
    command = [sys.executable, "-m", "kiosk.render", str(tmp_path), *objects]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["sha256"] for line in lines] == objects
    assert [line["trouble"] for line in lines] == [None, "gone", None]


def test_an_object_that_is_not_here_leaves_nothing(tmp_path: Path) -> None:
    render.render_all(tmp_path, ["0" * 64])
    assert render.info(tmp_path, "0" * 64) is None


def test_only_names_of_objects_are_looked_at(tmp_path: Path) -> None:
    render.render_all(tmp_path, ["../../outside", "--each", ""])
    assert list(tmp_path.iterdir()) == []
    assert render.info(tmp_path, "../../outside") is None
    assert render.thumbnail_path(tmp_path, "../../outside") is None


GOOD = {
    "pages": 1, "seconds": None, "width": 1, "height": 1, "thumbnail": True, "pictures": None,
    "trouble": None, "kind": None, "version": VERSION,
}  # fmt: skip
ROTTEN = {
    "empty": b"",
    "cut": b'{"pages": 3',
    "binary": bytes(range(256)),
    "deep": b"[" * 60_000,
    "list": b"[]",
    "no-thumbnail": b"{}",
    "no-pictures": json.dumps({**GOOD, "pictures": 1.5}).encode(),
    "markup": json.dumps({**GOOD, "pages": "<script>"}).encode(),
    "negative": json.dumps({**GOOD, "width": -1}).encode(),
    "endless": json.dumps({**GOOD, "seconds": float("inf")}).encode(),
    "no-number": json.dumps({**GOOD, "seconds": float("nan")}).encode(),
    "yes": json.dumps({**GOOD, "pages": True}).encode(),
    "kind": json.dumps({**GOOD, "kind": 7}).encode(),
    "older": json.dumps({**GOOD, "version": 1}).encode(),
}


@pytest.mark.parametrize("content", ROTTEN.values(), ids=ROTTEN.keys())
def test_notes_that_make_no_sense_count_as_none(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "renditions" / ("a" * 64)
    folder.mkdir(parents=True)
    (folder / "page1.webp").write_bytes(b"a picture")
    (folder / "info.json").write_text(json.dumps(GOOD))
    assert render.thumbnail_path(tmp_path, "a" * 64) == folder / "page1.webp"
    (folder / "info.json").write_bytes(content)
    assert render.info(tmp_path, "a" * 64) is None
    assert render.thumbnail_path(tmp_path, "a" * 64) is None


@pytest.mark.parametrize("first", ["", "import eventlet; eventlet.monkey_patch()"])
def test_the_terminal_itself_never_loads_a_library_that_reads_documents(
    tmp_path: Path, put: Put, aside: Path, first: str
) -> None:
    pdf = put(small_pdf(aside))
    code = f"{first}\nimport sys, pathlib\nfrom kiosk import render\n"
    code += "render.render_all(pathlib.Path(sys.argv[1]), sys.argv[2:])\n"
    code += "sys.exit(bool({'PIL', 'mutagen', 'pypdfium2'} & set(sys.modules)))"
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path), pdf], env=quiet, check=True)
    assert found(tmp_path, pdf)["pages"] == 3
