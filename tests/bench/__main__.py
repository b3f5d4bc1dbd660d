"""``make bench``: measures, and writes docs/benchmarks.md."""

from __future__ import annotations

import datetime
import os
import platform
import time
from pathlib import Path

from . import run

TARGET = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
MEGABYTES, CLIENTS, ROUNDS = 1024, 50, 5
PROMISE_MS = 50

TEXT = """# Benchmarks

Written by `make bench`; the method is in `tests/bench/`.

{date}, {machine}, Python {python}, load {load:.1f} before it began.
Medians of {rounds} rounds, in brackets the worst one.

## What {clients} browsers feel of a download of {gigabytes:.0f} GB in the same terminal

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

A round is a fresh terminal with an empty data directory; the package has {files} files of
incompressible bytes, and its server, the terminal, its engine and the {clients} clients (one
process) all run on this one machine. Latency is taken with the clock that all processes share, from
the moment when the engine tells its progress to the moment when the bytes of the event reach the
client, so that a terminal that stood still in between would show.
"""

HIGHER_IS_BETTER = {"per_second", "rate", "curl_rate", "to_curl"}


def main() -> None:
    """Measure and write."""
    began, load = time.monotonic(), os.getloadavg()[0]
    rounds = run.measure(MEGABYTES, CLIENTS, ROUNDS)
    names = [*run.Round.__dataclass_fields__, "to_curl"]
    TARGET.write_text(
        TEXT.format(
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            machine=machine(),
            python=platform.python_version(),
            rounds=ROUNDS,
            load=load,
            clients=CLIENTS,
            gigabytes=MEGABYTES / 1024,
            promise=PROMISE_MS,
            files=run.package.FILES,
            **{name: told(rounds, name) for name in names},
        )
    )
    print(TARGET.read_text())
    print(f"{run.seconds_since(began):.0f} s in all")


def told(rounds: list[run.Round], name: str) -> str:
    """A figure's median, and its worst."""
    values = [getattr(one, name) for one in rounds]
    worst = min(values) if name in HIGHER_IS_BETTER else max(values)
    digits = 2 if name == "to_curl" else 1
    return f"{run.median(rounds, name):.{digits}f} [{worst:.{digits}f}]"


def machine() -> str:
    """Processor, cores and kernel."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    else:
        name = platform.machine()
    return f"{name}, {os.cpu_count()} cores, Linux {platform.release()}"


if __name__ == "__main__":
    main()
