"""Measures what fifty browsers feel of a large download in the same terminal.

One round: a fresh terminal on an empty data directory, its clients connected, the package fetched
by curl, then by the terminal. All figures of the report are medians over the rounds.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .crowd import ENDINGS
from .measure import standing
from .package import MEETING, Package
from .scenarios import GOOD, LARGE, Scenario
from .servers import Servers

HERE = Path(__file__).parent
PROMISE_MS, PATIENCE_S = 50, 10.0
TEXT = """## What {clients} browsers feel of a download of {gigabytes:.0f} GB in the same terminal

| | |
|---|---|
| from the engine's word to the browser, p50 | {p50_ms} ms |
| p99 | {p99_ms} ms (promised: under {promise} ms) |
| longest | {max_ms} ms |
| events a second, each client | {per_second} |
| longest gap between two events of one client | {gap_ms} ms |
| download, check and publish | {seconds} s, {rate} MB/s |
| the same by curl to a file, nothing checked | {curl_rate} MB/s |
| ratio to curl | {to_curl} |
| peak memory of the engine process | {worker_mb} MB |

A round is a fresh terminal with an empty data directory; its server, the terminal, its engine and
the {clients} clients (one process) all run on this one machine. Latency is taken with the clock
that all processes share, from the moment when the engine tells its progress to the moment when the
bytes of the event reach the client, so that a terminal that stood still in between would show.
"""
Heard = list[list[tuple[float, str, dict[str, Any]]]]


@dataclass(frozen=True)
class Round:
    """One download. Times in milliseconds, rates in MB (10^6 bytes) a second, memory in MB."""

    events: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    per_second: float
    gap_ms: float
    seconds: float
    rate: float
    curl_rate: float
    worker_mb: float

    @property
    def to_curl(self) -> float:
        """The terminal's rate as a share of curl's."""
        return self.rate / self.curl_rate


def measure(package: Package, clients: int, rounds: int, folder: Path) -> list[Round]:
    """The rounds, one after another; each data directory is below ``folder``, and goes with it."""
    healthy = Scenario("browsers", "one healthy server", (GOOD,), package=LARGE)
    with Servers(standing(healthy, {LARGE: package})) as servers:
        found = []
        for number in range(rounds):
            data_dir = folder / f"data-{number}"
            found.append(_round(data_dir, servers.urls[0], clients))
            _remove(data_dir)
        return found


def _round(data_dir: Path, origin: str, clients: int) -> Round:
    url = f"{origin}/meetings/{MEETING}/download-package"
    curl_rate = _curl(url, data_dir.with_suffix(".curl"))
    settings = ["--data-dir", str(data_dir), "--port", "0", "--server", origin]
    with _running(HERE / "stamped_terminal.py", *settings) as terminal:
        page = _line(terminal)
        with _running(HERE / "crowd.py", page, str(clients)) as crowd, _memory(terminal) as peak:
            assert _line(crowd) == "ready"
            _start(page)
            heard: Heard = json.loads(_line(crowd))
    return _judged(heard, curl_rate, max(peak))


def _remove(folder: Path) -> None:
    """Also where a viewer that the terminal had started is still at its last file."""
    give_up = time.monotonic() + PATIENCE_S
    while folder.exists() and time.monotonic() < give_up:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def _judged(heard: Heard, curl_rate: float, worker_mb: float) -> Round:
    waits, gaps, rates = [], [], []
    for events in heard:
        progress = [(at, p) for at, name, p in events if name == "downloadProgress"]
        stamped = [(at, p["secondsLeft"]) for at, p in progress if p["secondsLeft"] is not None]
        waits += [(at - told) * 1000 for at, told in stamped]
        arrivals = [at for at, _ in progress]
        gaps += [(b - a) * 1000 for a, b in itertools.pairwise(arrivals)]
        rates.append((len(arrivals) - 1) / (arrivals[-1] - arrivals[0]) if len(arrivals) > 1 else 0)
    name, ending = next((n, payload) for _, n, payload in heard[0] if n in ENDINGS)
    if name != "downloadComplete":
        raise RuntimeError(f"the download failed: {ending}")
    return Round(
        events=sum(len(events) for events in heard),
        p50_ms=statistics.median(waits),
        p99_ms=sorted(waits)[int(len(waits) * 0.99)],
        max_ms=max(waits),
        per_second=statistics.median(rates),
        gap_ms=max(gaps, default=0.0),
        seconds=ending["seconds"],
        rate=ending["receivedBytes"] / ending["seconds"] / 1e6,
        curl_rate=curl_rate,
        worker_mb=worker_mb,
    )


@contextlib.contextmanager
def _running(script: Path | str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours; its standard input is closed and it is ended afterwards."""
    command = [sys.executable, str(script), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.terminate()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError(f"{process.args!r} ended early")
    return line


def _start(page: str) -> None:
    request = urllib.request.Request(
        f"{page}api/downloads",
        json.dumps({"meetingId": MEETING, "now": True}).encode(),
        {"Content-Type": "application/json", "Origin": page.rstrip("/")},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status in (200, 202)


def _curl(url: str, target: Path) -> float:
    """MB a second of curl writing to the same disk."""
    command = ["curl", "-sS", "-o", str(target), "-w", "%{speed_download}", url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    target.unlink()
    return float(told) / 1e6


@contextlib.contextmanager
def _memory(terminal: subprocess.Popen[str]) -> Iterator[list[float]]:
    """Watches the terminal's children; collects the highest resident memory of each look, in MB."""
    seen, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.extend(_peaks(terminal.pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _peaks(parent: int) -> Iterator[float]:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    with contextlib.suppress(OSError):
        for child in children.read_text().split():
            for line in Path(f"/proc/{child}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    yield int(line.split()[1]) / 1000


def told(rounds: Sequence[Round], clients: int, gigabytes: float) -> str:
    """The part of the page about it: medians, and the least and the greatest of all rounds."""
    figures = {}
    for name in (*Round.__dataclass_fields__, "to_curl"):
        values = [getattr(one, name) for one in rounds]
        digits = 2 if name == "to_curl" else 1
        median, least, most = statistics.median(values), min(values), max(values)
        figures[name] = f"{median:.{digits}f} [{least:.{digits}f}–{most:.{digits}f}]"
    return TEXT.format(clients=clients, gigabytes=gigabytes, promise=PROMISE_MS, **figures)
