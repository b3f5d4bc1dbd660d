"""Single pages of a PDF: how large they are, and pictures of them by a process that stays warm."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from pdfs import A4, book, locked_pdf, slow_pdf
from PIL import Image

from kiosk import render
from kiosk.render import paint
from kiosk.render.painter import Painter

SLIDE = (960, 540)


def stored(data_dir: Path, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    path = data_dir / "objects" / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha256


@pytest.fixture
def painter(tmp_path: Path) -> Iterator[Painter]:
    painter = Painter(tmp_path, each_s=3)
    yield painter
    painter.end()


def size_of(picture: bytes | None) -> tuple[int, int]:
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as opened:
        assert opened.format == "JPEG"
        return opened.size


def is_there(pid: int | None) -> bool:
    return pid is not None and Path(f"/proc/{pid}").exists()


def wait_for(fact: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.02)


def test_the_sizes_of_all_pages_are_known_in_runs(tmp_path: Path) -> None:
    sha256 = stored(tmp_path, book([A4] * 3 + [SLIDE] * 2 + [A4]))
    render.render_all(tmp_path, [sha256])
    assert render.info(tmp_path, sha256) is not None
    assert render.sheets(tmp_path, sha256) == [[3, *A4], [2, *SLIDE], [1, *A4]]


def test_page_1_is_there_as_large_as_it_is_read(tmp_path: Path) -> None:
    sha256 = stored(tmp_path, book([A4] * 2))
    render.render_all(tmp_path, [sha256])
    picture = (tmp_path / "renditions" / sha256 / "page-1.jpg").read_bytes()
    width, height = size_of(picture)
    assert 1118 <= width <= 1120 and height == 1584


def test_what_is_no_pdf_has_no_pages(tmp_path: Path) -> None:
    objects = [stored(tmp_path, locked_pdf()), stored(tmp_path, b"words")]
    render.render_all(tmp_path, objects)
    assert [render.sheets(tmp_path, sha256) for sha256 in objects] == [None, None]
    assert render.sheets(tmp_path, "../../outside") is None


@pytest.mark.parametrize(
    "runs",
    [
        [], {}, [[1, 595]], [[0, 595, 842]], [[1.5, 595, 842]], [[1, -1, 842]], [[1, 0, 842]],
        [[1, "595", 842]], [[True, 595, 842]], [[10**7, 595, 842]], [[1, 10**9, 842]],
        [[600_000, 5, 5], [600_000, 6, 6]], [[1, 5, 5]] * 5001, [None], "runs",
    ],
)  # fmt: skip
def test_sizes_that_make_no_sense_count_as_none(tmp_path: Path, runs: object) -> None:
    folder = tmp_path / "renditions" / ("0" * 64)
    folder.mkdir(parents=True)
    (folder / "sheets.json").write_text(json.dumps(runs))
    assert render.sheets(tmp_path, "0" * 64) is None


def test_any_page_is_drawn_by_one_process(tmp_path: Path, painter: Painter) -> None:
    sha256 = stored(tmp_path, book([A4] * 40 + [SLIDE]))
    assert size_of(painter.draw(sha256, 40)) == (1119, 1584)
    first = painter.pid
    assert size_of(painter.draw(sha256, 41)) == (1280, 720)
    assert painter.pid == first


def test_what_cannot_be_drawn_has_no_picture_and_the_next_page_has(
    tmp_path: Path, painter: Painter
) -> None:
    good = stored(tmp_path, book([A4]))
    locked, broken = stored(tmp_path, locked_pdf()), stored(tmp_path, b"%PDF-1.7\nrubbish")
    for sha256, page in ((locked, 1), (broken, 1), ("0" * 64, 1), (good, 2), (good, 0)):
        assert painter.draw(sha256, page) is None
    assert painter.draw(good, 1) is not None


def test_a_page_that_takes_too_long_is_ended_and_the_next_one_drawn(
    tmp_path: Path, painter: Painter
) -> None:
    slow, good = stored(tmp_path, slow_pdf()), stored(tmp_path, book([A4]))
    assert painter.draw(good, 1) is not None
    before = painter.pid
    assert painter.draw(slow, 1) is None
    assert not is_there(before)
    assert painter.draw(good, 1) is not None


def test_a_process_that_left_is_replaced_within_the_same_wish(
    tmp_path: Path, painter: Painter
) -> None:
    sha256 = stored(tmp_path, book([A4]))
    assert painter.draw(sha256, 1) is not None
    before = painter.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert painter.draw(sha256, 1) is not None
    assert painter.pid != before


def test_nothing_is_left_of_a_process_that_is_ended(tmp_path: Path, painter: Painter) -> None:
    painter.start()
    pid = painter.pid
    assert is_there(pid)
    painter.end()
    assert not is_there(pid)
    painter.end()


def test_it_leaves_when_whoever_asks_was_killed(tmp_path: Path) -> None:
    sha256 = stored(tmp_path, book([A4]))
    code = "import sys, time, pathlib; from kiosk.render.painter import Painter\n"
    code += "painter = Painter(pathlib.Path(sys.argv[1])); painter.draw(sys.argv[2], 1)\n"
    code += "print(painter.pid, flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, str(tmp_path), sha256]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as terminal:
        assert terminal.stdout is not None
        pid = int(terminal.stdout.readline())
        assert is_there(pid)
        terminal.kill()
    wait_for(lambda: not is_there(pid))


def test_one_that_has_grown_leaves_after_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paint, "GROWN_BYTES", 0)
    sha256 = stored(tmp_path, book([A4]))
    asked = io.BytesIO(f"{sha256} 1\n{sha256} 1\n".encode())
    answers = io.BytesIO()
    begun: list[int] = []
    paint.serve(paint.Desk(tmp_path), asked, answers, lambda: begun.append(1))
    assert begun == [1]
    length = int.from_bytes(answers.getvalue()[:4], "big")
    assert len(answers.getvalue()) == 4 + length > 4


def test_a_pdf_that_was_made_of_a_document_is_drawn_in_its_place(
    tmp_path: Path, painter: Painter
) -> None:
    sha256 = stored(tmp_path, b"PK a document")
    folder = tmp_path / "renditions" / sha256
    folder.mkdir(parents=True)
    (folder / "document.pdf").write_bytes(book([SLIDE]))
    assert size_of(painter.draw(sha256, 1)) == (1280, 720)


def test_odd_pages_are_drawn_within_bounds(tmp_path: Path, painter: Painter) -> None:
    document = pypdfium2.PdfDocument.new()
    for size in ((14_400, 3), (3, 14_400), (1, 1)):
        document.new_page(*size).close()
    out = io.BytesIO()
    document.save(out)
    document.close()
    sha256 = stored(tmp_path, out.getvalue())
    for page in (1, 2, 3):
        width, height = size_of(painter.draw(sha256, page))
        assert 0 < width <= 1280 and 0 < height <= 1584
