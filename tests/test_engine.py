"""The engine and the queue around it, with workers that do not behave."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from kiosk import events
from kiosk.job import Job
from kiosk.terminal import engine
from kiosk.terminal.downloads import Downloads
from kiosk.terminal.engine import Engine
from kiosk.terminal.feed import Feed
from kiosk.terminal.wanted import Wanted

SAYS_ITS_ENDING = 'print(\'{"event": "downloadCancelled", "meetingId": "M1"}\', flush=True)'
HANGS = f"import time; {SAYS_ITS_ENDING}; time.sleep(600)"


def worker_is(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(engine, "COMMAND", (sys.executable, "-c", code))
    monkeypatch.setattr(engine, "FAREWELL_S", 0.2)
    monkeypatch.setattr(engine, "EXIT_S", 0.2)


def test_a_worker_that_hangs_after_its_ending_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker_is(monkeypatch, HANGS)
    told: list[events.Event] = []
    running = threading.Thread(
        target=Engine("M1", lambda: Job("M1", ""), told.append).run, daemon=True
    )
    running.start()
    running.join(20)
    assert not running.is_alive()
    assert told == [events.DownloadCancelled("M1")]


def test_an_ending_is_told_whatever_happens_over_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker_is(monkeypatch, SAYS_ITS_ENDING)
    feed, ended = Feed(), threading.Event()
    feed.subscribe(lambda _, name, payload: name == "downloadCancelled" and ended.set())

    def refuse(ending: events.Event) -> None:
        raise OSError("no more open files")

    downloads = Downloads(feed, lambda _: Job("M1", ""), refuse, Wanted(tmp_path / "wanted.json"))
    running = threading.Thread(target=downloads.run)
    running.start()
    try:
        for _ in range(2):
            ended.clear()
            assert downloads.start("M1")[1]
            assert ended.wait(20)
    finally:
        downloads.stop(5)
        running.join(30)
    assert not running.is_alive()
