"""Pictures of pages as they are looked at: the newest wish first, kept within a bound."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pdfs import A4, book, slow_pdf

from kiosk.library import Library
from kiosk.terminal import pictures
from kiosk.terminal.pictures import Pictures
from kiosk.terminal.shelf import Shelf

JPEG = b"\xff\xd8" + bytes(1000) + b"\xff\xd9"


def stored(data_dir: Path, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    path = data_dir / "objects" / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (data_dir / "renditions" / sha256).mkdir(parents=True, exist_ok=True)
    return sha256


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Pictures]]:
    """Starts pictures of this data directory, and ends them."""
    started: list[tuple[Pictures, threading.Thread]] = []

    def start(**more: float) -> Pictures:
        one = Pictures(tmp_path, **more)
        thread = threading.Thread(target=one.run)
        thread.start()
        started.append((one, thread))
        return one

    yield start
    for one, thread in started:
        one.stop()
        thread.join(15)
        assert not thread.is_alive()


def test_a_page_is_drawn_once_and_kept(tmp_path: Path, running: Callable[..., Pictures]) -> None:
    sha256 = stored(tmp_path, book([A4] * 3))
    some = running()
    picture = some.get(sha256, 2)
    assert picture is not None
    kept = tmp_path / "renditions" / sha256 / "page-2.jpg"
    assert kept.read_bytes() == picture
    (tmp_path / "objects" / sha256[:2] / sha256).unlink()
    assert some.get(sha256, 2) == picture


def test_what_cannot_be_drawn_is_not_tried_again(
    tmp_path: Path, running: Callable[..., Pictures]
) -> None:
    sha256 = stored(tmp_path, b"%PDF-1.7\nrubbish")
    some = running()
    assert some.get(sha256, 1) is None
    (tmp_path / "objects" / sha256[:2] / sha256).write_bytes(book([A4]))
    assert some.get(sha256, 1) is None


def test_the_newest_wish_comes_first_and_the_oldest_of_too_many_goes_without(
    tmp_path: Path,
) -> None:
    sha256 = stored(tmp_path, book([A4] * 20))
    waits = Pictures(tmp_path)  # nobody draws yet
    got: dict[int, bytes | None] = {}
    order: list[int] = []
    threads = []
    for page in range(1, pictures.MOST_WAITING + 3):
        threads.append(_asking(waits, sha256, page, got, order))
        _until(lambda page=page: page in {key[1] for key in waits._waiting})
    _until(lambda: len(order) == 2)  # the two oldest
    drawing = threading.Thread(target=waits.run)
    drawing.start()
    for thread in threads:
        thread.join(20)
    waits.stop()
    drawing.join(20)
    assert order[:2] == [1, 2] and got[1] is None and got[2] is None
    drawn = [page for page in range(3, pictures.MOST_WAITING + 3) if got[page]]
    assert drawn == list(range(3, pictures.MOST_WAITING + 3))
    written = sorted((tmp_path / "renditions" / sha256).glob("page-*.jpg"), key=_age)
    assert [path.name for path in written] == [f"page-{page}.jpg" for page in reversed(drawn)]


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns


def _asking(
    some: Pictures, sha256: str, page: int, got: dict[int, bytes | None], order: list[int]
) -> threading.Thread:
    def ask() -> None:
        got[page] = some.get(sha256, page)
        order.append(page)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def _until(fact: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.01)


def test_a_page_without_end_costs_its_picture_and_nothing_else(
    tmp_path: Path, running: Callable[..., Pictures]
) -> None:
    slow, good = stored(tmp_path, slow_pdf()), stored(tmp_path, book([A4]))
    some = running(each_s=1.5)
    assert some.get(good, 1) is not None
    assert some.get(slow, 1) is None
    assert some.get(stored(tmp_path, book([A4] * 2)), 2) is not None


def test_the_process_goes_when_nobody_looks(
    tmp_path: Path, running: Callable[..., Pictures]
) -> None:
    some = running(idle_s=0.2)
    some.warm()
    _until(lambda: some._painter.pid is not None)
    _until(lambda: some._painter.pid is None)
    assert some.get(stored(tmp_path, book([A4])), 1) is not None


def test_whoever_waits_at_the_end_goes_without(tmp_path: Path) -> None:
    some = Pictures(tmp_path)
    got: dict[int, bytes | None] = {}
    thread = _asking(some, "0" * 64, 1, got, [])
    _until(lambda: bool(some._waiting))
    some.stop()
    thread.join(10)
    assert got == {1: None}
    assert some.get("0" * 64, 2) is None


def test_the_shelf_has_a_bound_and_what_was_not_looked_at_goes_first(tmp_path: Path) -> None:
    sha256 = stored(tmp_path, b"any")
    shelf = Shelf(tmp_path / "renditions", most_bytes=3 * len(JPEG))
    (tmp_path / "renditions" / sha256 / "page-1.jpg").write_bytes(JPEG)
    for page in (2, 3, 4):
        shelf.put(sha256, page, JPEG)
    assert shelf.get(sha256, 2) == JPEG
    shelf.put(sha256, 5, JPEG)
    here = {path.name for path in (tmp_path / "renditions" / sha256).iterdir()}
    assert here == {"page-1.jpg", "page-2.jpg", "page-4.jpg", "page-5.jpg"}


def test_pictures_of_an_earlier_run_count(tmp_path: Path) -> None:
    sha256 = stored(tmp_path, b"any")
    renditions = tmp_path / "renditions"
    for page in (2, 3, 4):
        Shelf(renditions, most_bytes=2 * len(JPEG)).put(sha256, page, JPEG)
    assert len(list((renditions / sha256).iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xd8 cut", bytes(1000)])
def test_a_picture_that_a_power_cut_left_is_none(tmp_path: Path, content: bytes) -> None:
    sha256 = stored(tmp_path, b"any")
    (tmp_path / "renditions" / sha256 / "page-7.jpg").write_bytes(content)
    assert Shelf(tmp_path / "renditions").get(sha256, 7) is None


def test_nothing_is_put_where_the_renditions_are_gone(tmp_path: Path) -> None:
    sha256 = stored(tmp_path, b"any")
    shelf = Shelf(tmp_path / "renditions")
    library = Library(tmp_path)
    with library.lock():
        library.purge_all()
    shelf.put(sha256, 2, JPEG)
    assert list((tmp_path / "renditions").iterdir()) == []
