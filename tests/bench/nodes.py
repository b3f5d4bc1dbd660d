"""A node as a process of its own, for benchmarks; and what a process and its children take."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

Spread = tuple[float, float, float]


Running = contextlib.AbstractContextManager[tuple[str, int]]


def node(folder: Path, *arguments: str) -> Running:
    """A node with a data directory in ``folder``; its address and its process."""
    return _running(folder, "node", "--host", "127.0.0.1", *arguments)


def terminal(folder: Path, *arguments: str) -> Running:
    """A terminal in the same way."""
    return _running(folder, "serve", *arguments)


@contextlib.contextmanager
def _running(folder: Path, program: str, *arguments: str) -> Iterator[tuple[str, int]]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "kiosk", program, "--port", "0"]
    command += ["--data-dir", str(folder / "data"), *arguments]
    with (
        open(folder / "log", "wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip().rstrip("/")
        if not url.startswith("http://"):
            raise RuntimeError((folder / "log").read_text("utf-8")[-2000:])
        try:
            yield url, process.pid
        finally:
            process.terminate()


def spread(values: list[float]) -> Spread:
    """Median, 95 of 100, and the longest."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]


def processor_s(pid: int) -> float:
    """Seconds that a process and its children have computed."""
    ticks = os.sysconf("SC_CLK_TCK")
    stats = [Path(f"/proc/{one}/stat").read_text() for one in _family(pid)]
    fields = [stat.rpartition(")")[2].split() for stat in stats]
    return sum(int(one[11]) + int(one[12]) for one in fields) / ticks


def memory_mb(pid: int) -> float:
    """Resident, of the process that serves: the largest of the family."""
    return max(_resident(pid)) / 1e6


def family_mb(pid: int) -> float:
    """Resident, of the whole family; what they share is counted with each."""
    return sum(_resident(pid)) / 1e6


def _resident(pid: int) -> list[int]:
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in _family(pid)]
    return [count * os.sysconf("SC_PAGESIZE") for count in pages]


def _family(pid: int) -> list[int]:
    """A process and what it has started."""
    children = " ".join(
        path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")
    ).split()
    return [pid, *(one for child in children for one in _family(int(child)))]
