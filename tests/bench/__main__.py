"""``make bench``: measures everybody in every scenario, and writes docs/benchmarks.md.

Some parts are on their own: ``--only search`` (searching a meeting), ``--only reading`` (what
readers feel), ``--only room`` (a room of terminals), ``--only serving`` (a room that asks a node at
once) and ``--only chain`` (a file on its way through nodes); each writes a page of its own.
"""

from __future__ import annotations

import argparse
import compileall
import datetime
import math
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import browsers, chain, package, reading, reading_report, report, room, searching, serving
from .bars import Results
from .measure import Run, measure
from .package import Package
from .peers import CLIENTS, KIOSK
from .scenarios import LARGE, SCENARIOS, SIZES, Scenario

ROOT = Path(__file__).parent.parent.parent
TARGET = ROOT / "docs" / "benchmarks.md"
SEARCH_TARGET = TARGET.with_name("benchmarks-search.md")
READING_TARGET = TARGET.with_name("benchmarks-reading.md")
CHAIN_TARGET = TARGET.with_name("benchmarks-chain.md")
SERVING_TARGET = TARGET.with_name("benchmarks-serving.md")
ROOM_TARGET = TARGET.with_name("benchmarks-room.md")
BROWSERS, CROWD = "browsers", 50
SEARCH, READING, ROOM, SERVING, CHAIN = "search", "reading", "room", "serving", "chain"
ROUNDS, SELDOM_S = 5, 8.0
ALWAYS = ("kiosk", "curl", "chain")
"""Who is measured in every round, because a bar compares them; the others in `--peer-rounds`."""
CHANGED = 7
"""The file that the other revision has differently."""


@dataclass(frozen=True)
class Effort:
    """How often each is measured: ``rounds`` for those in `ALWAYS`, ``peer_rounds`` for others.

    A peer that took more than ``seldom_s`` is not asked to do the same again. After ``minutes``
    everybody has at least had the first round, and no further run begins.
    """

    rounds: int
    peer_rounds: int
    seldom_s: float = SELDOM_S
    minutes: float = math.inf

    def rounds_of(self, scenario: Scenario, client: str, before: Sequence[Run]) -> int:
        """How often this client goes through this scenario."""
        if client != KIOSK and before and before[0].seconds > self.seldom_s:
            return 1
        most = self.rounds if client in ALWAYS else min(self.rounds, self.peer_rounds)
        return min(most, scenario.rounds or most)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write; print only, where not all is asked for."""
    wanted = _parser().parse_args(arguments)
    names = set(wanted.only or [one.name for one in SCENARIOS] + [BROWSERS])
    alone = {SEARCH: _search, READING: _read, ROOM: _room, SERVING: _serve, CHAIN: _chain}
    for name in alone.keys() & names:
        alone[name](wanted)
    if not names - alone.keys():
        return 0
    lacking = sorted({one for one in ("aria2c", "curl", "unzip", "wget2") if not shutil.which(one)})
    if lacking:
        print(f"not here, and so not measured: {', '.join(lacking)}", file=sys.stderr)
    compileall.compile_dir(ROOT / "kiosk", quiet=1)  # as every installation does
    began, load = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-", dir=wanted.dir) as name:
        folder = Path(name)
        scenarios = list(asked(names, wanted.client))
        packages = made({one.package for one in scenarios} | ({LARGE} & _large(names)), folder)
        effort = Effort(wanted.rounds, wanted.peer_rounds, minutes=wanted.minutes)
        results = series(scenarios, packages, folder / "run", effort)
        latency = ""
        if BROWSERS in names:
            rounds = browsers.measure(packages[LARGE], CROWD, wanted.rounds, folder)
            latency = browsers.told(rounds, CROWD, SIZES[LARGE][0] / 1e9)
    counts = (wanted.rounds, min(wanted.rounds, wanted.peer_rounds))
    facts = report.Facts(_today(), machine(), _memory(), load, counts, SELDOM_S)
    page = report.page(facts, results, latency)
    if not (wanted.only or wanted.client):
        TARGET.write_text(page, "utf-8")
    print(page)
    print(f"{(time.monotonic() - began) / 60:.0f} min in all", file=sys.stderr)
    return 0


def _search(wanted: argparse.Namespace) -> None:
    """Measure the search through a meeting, and write its page."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-", dir=wanted.dir) as folder:
        found = searching.measure(wanted.rounds, Path(folder))
    facts = {"date": _today(), "machine": machine(), "memory": _memory(), "load": load}
    page = searching.page(facts, wanted.rounds, found)
    SEARCH_TARGET.write_text(page, "utf-8")
    print(page)


def _read(wanted: argparse.Namespace) -> None:
    """Measure reading, and write its page."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-", dir=wanted.dir) as folder:
        browser, found = reading.measure(wanted.rounds, Path(folder))
    facts = reading_report.Facts(_today(), machine(), _memory(), load, browser)
    page = reading_report.page(facts, found)
    READING_TARGET.write_text(page, "utf-8")
    print(page)


def _room(wanted: argparse.Namespace) -> None:
    """Measure a room, and write its page."""
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-bench-", dir=wanted.dir) as folder,
        room.screen() as screen,
    ):
        found = room.measure(Path(folder), screen)
    page = room.told(
        {"date": _today(), "machine": machine(), "memory": _memory(), "load": load}, found
    )
    ROOM_TARGET.write_text(page, "utf-8")
    print(page)


def _serve(wanted: argparse.Namespace) -> None:
    """Measure a node that many ask at once, and write its page."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-", dir=wanted.dir) as folder:
        found = serving.measure(Path(folder), wanted.rounds)
    facts = {"date": _today(), "machine": machine(), "memory": _memory(), "load": load}
    page = serving.told(facts, found)
    SERVING_TARGET.write_text(page, "utf-8")
    print(page)


def _chain(wanted: argparse.Namespace) -> None:
    """Measure a file on its way through nodes, and write its page."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-", dir=wanted.dir) as folder:
        found = chain.measure(Path(folder))
    facts = {"date": _today(), "machine": machine(), "memory": _memory(), "load": load}
    page = chain.told(facts, found)
    CHAIN_TARGET.write_text(page, "utf-8")
    print(page)


def asked(names: set[str], clients: Sequence[str] | None) -> Iterator[Scenario]:
    """The scenarios of those names, with all their clients or only those."""
    for scenario in SCENARIOS:
        kept = tuple(one for one in scenario.clients if not clients or one in clients)
        if scenario.name in names and kept:
            yield replace(scenario, clients=kept)


def made(names: set[str], folder: Path) -> dict[str, Package]:
    """The packages of those names, of each its older revision, and one of nothing but others."""
    packages = {}
    for name in sorted(names):
        size, files = SIZES[name]
        packages[name] = package.make(folder / f"{name}.zip", size, files)
        if name != LARGE:
            for other, changed in (("old", [CHANGED]), ("next", range(files))):
                path = folder / f"{name}-{other}.zip"
                packages[f"{name}-{other}"] = package.make(path, size, files, changed)
    return packages


def series(
    scenarios: Sequence[Scenario],
    packages: Mapping[str, Package],
    folder: Path,
    effort: Effort,
) -> Results:
    """All rounds, or those for which there is time."""
    began = time.monotonic()
    results: dict[tuple[str, str], list[Run]] = {}
    for number in range(effort.rounds):
        for scenario in scenarios:
            for name in scenario.clients:
                before = results.setdefault((scenario.name, name), [])
                if number >= effort.rounds_of(scenario, name, before):
                    continue
                if number and time.monotonic() - began > effort.minutes * 60:
                    return results
                run = measure(scenario, CLIENTS[name], packages, folder)
                before.append(run)
                _say(number, scenario, name, run)
    return results


def machine() -> str:
    """Processor, cores and kernel."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    else:
        name = platform.machine()
    return f"{name}, {os.cpu_count()} cores, Linux {platform.release()}"


def _parser() -> argparse.ArgumentParser:
    names = [scenario.name for scenario in SCENARIOS] + [
        BROWSERS,
        SEARCH,
        READING,
        ROOM,
        SERVING,
        CHAIN,
    ]
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME",
        help=f"this scenario only, and print instead of writing; may be repeated: {names}",
    )  # fmt: skip
    parser.add_argument(
        "--client", action="append", choices=list(CLIENTS), metavar="NAME",
        help=f"this client only, and print; may be repeated: {list(CLIENTS)}",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"instead of {ROUNDS}")
    parser.add_argument(
        "--peer-rounds", type=int, default=ROUNDS, help=f"for others than {', '.join(ALWAYS)}"
    )
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="begin nothing after that, but round one"
    )
    parser.add_argument("--dir", type=Path, help="where to work, instead of the temporary folder")
    return parser


def _large(names: set[str]) -> set[str]:
    return {LARGE} if BROWSERS in names else set()


def _say(number: int, scenario: Scenario, client: str, run: Run) -> None:
    said = "right" if run.good else f"code {run.code}, {'right' if run.right else 'wrong'}"
    line = f"{number + 1} {scenario.name:16} {client:12} {run.seconds:7.2f} s  {said:16}"
    line += f"{run.share:6.3f} ×, {run.requests} requests, {run.most_open} at once  {run.said[:90]}"
    print(line, file=sys.stderr, flush=True)


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
