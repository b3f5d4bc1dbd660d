"""docs/benchmarks-reading.md from what was measured of reading."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .reading import (
    AGENDA_MS,
    JUMPS,
    READ_MS,
    SCREEN,
    STEP_MS,
    STEP_PIXELS,
    STEPS_A_DUMP,
    TURNS,
    Round,
    Rounds,
)  # fmt: skip

OPENING = """# Benchmarks: reading

Written by `make bench ARGS='--only reading'`; the method is at the end of this page.

{date}, {machine}, {memory:.0f} GB of memory, {browser}, headless, {width} × {height},
load {load:.1f} before it began. Medians of {rounds} rounds, in brackets the least and the greatest.

| a PDF of 200 pages | bar | kiosk | | PDF.js alone | ratio |
|---|---|---|---|---|---|
"""

METHOD = """
## How it is measured

A round is a new browser, with its HTTP cache empty, on a running terminal that has the meeting. The
document is `study.pdf` of the samples: 200 pages of Chinese text, tables and drawings. Terminal,
browser and what drives it share the machine. *PDF.js alone* is the same reader on the same terminal
that is not told of sizes and pictures.

- **First page**: from the finger's touching the card on the page of the meeting, after {agenda} s
  there, until the frame with the page in it has been handed on.
- **Next page**: {turns} turns by the arrow key, one page at a time in the window, {read} s on each.
- **Jump**: to pages {jumps}, by number.
- **Memory**: the private footprint of the tab's process while the document is scrolled from page 1
  to 200, {step} pixels every {pause} ms: the most in Chromium's own memory dumps (one every
  {dump} s), and the most at any moment, by the same rule from the kernel.
"""


@dataclass(frozen=True)
class Facts:
    """What the page says about the run itself."""

    date: str
    machine: str
    memory: float
    load: float
    browser: str


@dataclass(frozen=True)
class Row:
    """A figure of `Round`, and the most that it may be."""

    name: str
    title: str
    bound: float | None
    unit: str = "ms"


ROWS = (
    Row("picture", "something of page 1 after the tap", 300),
    Row("sharp", "page 1 sharp after the tap", 1000),
    Row("turns", "next page on the screen", 100),
    Row("jumps", "a page far away on the screen", None),
    Row("sharp_jumps", "a page far away sharp", None),
    Row("told", "memory of the tab, all pages scrolled through, by Chromium", 300, "MB"),
    Row("memory", "the same, the most at any moment", 300, "MB"),
)


def page(facts: Facts, found: Rounds) -> str:
    """All of it."""
    kiosk, plain = found["kiosk"], found["plain"]
    opening = OPENING.format(**vars(facts), **SCREEN, rounds=len(kiosk))
    method = METHOD.format(
        agenda=AGENDA_MS / 1000,
        turns=TURNS,
        read=READ_MS / 1000,
        jumps=", ".join(map(str, JUMPS)),
        step=STEP_PIXELS,
        pause=STEP_MS,
        dump=STEP_MS * STEPS_A_DUMP / 1000,
    )
    return opening + "\n".join(_line(row, kiosk, plain) for row in ROWS) + "\n" + method


def _line(row: Row, kiosk: Sequence[Round], plain: Sequence[Round]) -> str:
    here, there = ([one.figure(row.name) for one in runs] for runs in (kiosk, plain))
    median = statistics.median(here)
    bound = f"≤ {row.bound:.0f} {row.unit}" if row.bound else ""
    verdict = "" if row.bound is None else "met" if median <= row.bound else "**missed**"
    ratio = median / statistics.median(there)
    cells = (
        row.title,
        bound,
        _told(here, row.unit),
        verdict,
        _told(there, row.unit),
        f"{ratio:.2f}",
    )
    return f"| {' | '.join(cells)} |"


def _told(values: Sequence[float], unit: str) -> str:
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:.0f} {unit} [{least:.0f}–{most:.0f}]"
