"""Measures a chain: a folder, an origin, two nodes in a row, and a terminal that updates by itself.

A file is dropped into the folder, and it is taken how long it is until the terminal gives its bytes
to a page. Lines between them (`tests/slow_line.py`, as fast as they can) count what each hop
carries in that time.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from .nodes import node, spread, terminal

LINE = runpy.run_path(str(Path(__file__).parent.parent / "slow_line.py"))["SlowLine"]
MEETING, DROPS, SIZE, BEFORE = "M1", 10, 1_000_000, 50_000_000
RATE = 1e12
PROMISE_S, PATIENCE_S, PAUSE_S, LOOK_S = 5.0, 60.0, 1.3, 0.02
HOPS = ("origin to the first node", "the first node to the second", "the second to the terminal")
TEXT = """# A chain of nodes

Written by `make bench ARGS='--only chain'`; the method is in `tests/bench/chain.py`.

{date}, {machine}, {memory:.0f} GB of memory, load {load:.1f} before it began.

A folder, an origin, two nodes in a row and a terminal that updates by itself, all on this machine. The meeting
has {before:.0f} MB already; {drops} times a file of {size:.0f} MB is dropped into the folder.

| | median | least | most |
|---|---|---|---|
| from the drop until the terminal gives the file to a page, s | {median:.1f} | {least:.1f} | {longest:.1f} |
{hops}

Promised: within {promise:.0f} s ({verdict}).
"""  # noqa: E501 - a table


@dataclass(frozen=True)
class Drop:
    """Seconds until it was readable, and the bytes that each hop carried until then."""

    seconds: float
    carried: tuple[int, ...]


def measure(folder: Path, drops: int = DROPS, size: int = SIZE, before: int = BEFORE) -> list[Drop]:
    """All drops, in an empty folder."""
    meeting = folder / "meetings" / MEETING
    meeting.mkdir(parents=True)
    (meeting / "00.mp4").write_bytes(os.urandom(before))
    with _chain(folder) as (url, lines):
        _until_readable(url, "00.mp4", (meeting / "00.mp4").read_bytes())
        found = []
        for number in range(1, drops + 1):
            # At any moment of everybody's rhythm.
            time.sleep(PAUSE_S + number / drops)
            found.append(_drop(meeting / f"{number:02}.mp4", os.urandom(size), url, lines))
            print(f"{number} {found[-1]}", file=sys.stderr, flush=True)
        return found


def _drop(path: Path, content: bytes, url: str, lines: list[Any]) -> Drop:
    before, began = [line.carried for line in lines], time.monotonic()
    path.write_bytes(content)
    _until_readable(url, path.name, content)
    seconds = time.monotonic() - began
    carried = (line.carried - had for line, had in zip(lines, before, strict=True))
    return Drop(seconds, tuple(carried))


@contextlib.contextmanager
def _chain(folder: Path) -> Iterator[tuple[str, list[Any]]]:
    """The terminal's address, and the lines in the order of ``HOPS``."""
    with contextlib.ExitStack() as running:
        lines: list[Any] = []

        def behind(url: str) -> str:
            line = running.enter_context(LINE(int(url.rpartition(":")[2]), RATE))
            lines.append(line)
            return str(line.url)

        enter = running.enter_context
        origin, _ = enter(node(folder / "origin", "--folder", str(folder / "meetings")))
        near, _ = enter(node(folder / "near", "--upstream", behind(origin)))
        far, _ = enter(node(folder / "far", "--upstream", behind(near)))
        last = behind(far)
        asks = ["--master", last, "--server", last, "--auto-download", "--start-delay-s", "0"]
        url, _ = enter(terminal(folder / "seat", *asks))
        yield url, lines


def _until_readable(url: str, name: str, content: bytes) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not _is_readable(url, name, content):
        if time.monotonic() > give_up:
            raise RuntimeError(f"{name} does not come")
        time.sleep(LOOK_S)


def _is_readable(url: str, name: str, content: bytes) -> bool:
    answer = requests.get(f"{url}/api/meetings/{MEETING}", timeout=10)
    agenda = answer.json().get("agenda", ()) if answer.ok else ()
    for item in agenda:
        for one in item["materials"]:
            if one["name"] == name and one["state"] == "ready":
                return bool(requests.get(url + one["url"], timeout=30).content == content)
    return False


def told(facts: Mapping[str, Any], found: list[Drop]) -> str:
    """docs/benchmarks-chain.md; ``facts`` are the machine's: date, machine, memory, load."""
    median, _, longest = spread([one.seconds for one in found])
    rows = []
    for hop, name in enumerate(HOPS):
        carried = [one.carried[hop] / 1e6 for one in found]
        figures = (statistics.median(carried), min(carried), max(carried))
        rows.append(f"| {name}, MB | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
    return TEXT.format(
        **facts, drops=len(found), size=SIZE / 1e6, before=BEFORE / 1e6, median=median,
        least=min(one.seconds for one in found), longest=longest, promise=PROMISE_S,
        verdict="met" if longest <= PROMISE_S else "**missed**", hops="\n".join(rows),
    )  # fmt: skip
