"""docs/benchmarks.md from what was measured: the bars first, then everybody in every scenario."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .bars import BARS, HEALTHY, OUTCOMES, Bar, Results
from .measure import Run
from .peers import CLIENTS, KIOSK
from .scenarios import MB, SCENARIOS, SIZES, Course, Scenario

TITLES = {scenario.name: scenario.title for scenario in SCENARIOS}
COLUMNS = (
    "outcome", "seconds", "over healthy", "× the package", "at once", "MB/s", "to first request, s",
    "peak memory, MB",
)  # fmt: skip

OPENING = """# Benchmarks

Written by `make bench`; the method is in `tests/bench/`, and at the end of this page.

{date}, {machine}, {memory:.0f} GB of memory, Python {python}, load {load:.1f} before it began.
Medians of up to {rounds[0]} rounds ({rounds[1]} of those who are in no bar), in brackets the least
and the greatest; *once* where one run said enough. The load is that of whatever else ran.
"""

METHOD = """## How it is measured

Every run is a whole process with an empty folder on the same disk, against servers in a process of
their own, all on this one machine; in a round each client has its turn in each scenario, so that
whatever else the machine does hits all of them. Before each run what others wrote is written back,
and as much memory is used once as the run will need: that of a virtual machine has to be had from
its host first, which would cost whoever comes first half of his rate. Seconds are from the start of
the process to its end. Bytes are those of the package that the servers gave to their sockets; *at
once* is the most package requests that were open at one moment, and MB/s are from the first of them
to its last byte.
*Right* is judged by SHA-256 of what lies there afterwards, not by what the client says. Packages
hold stored files of incompressible bytes: {sizes}.

The first server is always the one with the fault, also for kiosk and the original, which would
otherwise choose by lot. What a peer does in more than {seldom:.0f} s it is asked to do once, not in
every round; nobody is waited for longer than the time given in the table.

- **kiosk**: `kiosk fetch --json --in-order`, which also checks every file, publishes it and syncs
  it to the disk (the others sync nothing).
- **curl**: to a file, from the first server, with `-C -`.
- **curl && openssl && unzip**: the same three things that kiosk does, with tools that people have.
- **curl and openssl in a loop**: all servers in turn, three rounds, resuming across them,
  connects of 3 s, left below 10 KB/s for 5 s, and the SHA-256 of the whole in the end.
- **aria2c**: all addresses, nothing else said. **tuned**: several connections, 3 s for a connect,
  5 s of silence, one try for each address, a control file every second, no preallocation, and the
  SHA-256.
- **one connection**: the same with one connection, as the others have it.
- **wget2 in a loop**: as curl's, but it has only wget2's word for an end.
- **the original's way**: whole GETs with 30 s of patience, three tries for each server.
"""


@dataclass(frozen=True)
class Facts:
    """What the page says about the run itself."""

    date: str
    machine: str
    memory: float
    load: float
    rounds: tuple[int, int]
    seldom: float


def page(facts: Facts, results: Results, latency: str) -> str:
    """All of it."""
    sizes = " and ".join(f"{size // MB} MB in {files}" for size, files in SIZES.values())
    opening = OPENING.format(python=platform.python_version(), **vars(facts))
    parts = [opening, bars(results), *_tables(results), outcomes(results), latency]
    return "\n".join([*parts, METHOD.format(sizes=sizes, seldom=facts.seldom)])


def bars(results: Results) -> str:
    """Each bar, what is here, and whether it is met; then what is missed."""
    lines = ["## What must show", "", "| | | bar | here | | best other |", f"|{'---|' * 6}"]
    missed = []
    for bar in BARS:
        if (bar.scenario, KIOSK) not in results:
            continue
        values = bar.figure(results, KIOSK)
        if not values and any(run.good for run in results[bar.scenario, KIOSK]):
            continue  # whom it is compared with was not measured
        met = bool(values) and bar.met(values)
        here = told(values, bar.unit) if values else "never ended rightly"
        title = TITLES[bar.scenario]
        if not met:
            missed.append(f"- {title}, {bar.what}: {here}; the bar is {_bound(bar)}.")
        cells = (title, bar.what, _bound(bar), here, _verdict(met), _rival(bar, results))
        lines.append(f"| {' | '.join(cells)} |")
    runs = [run for (_, client), runs in results.items() if client == KIOSK for run in runs]
    good = sum(run.good for run in runs)
    here = f"in {good} of {len(runs)} runs"
    if good < len(runs):
        missed.append(f"- Right files {here}; the bar is always.")
    lines.append(
        f"| all scenarios | right files | always | {here} | {_verdict(good == len(runs))} | |"
    )
    lines += ["", "Missed:", "", *missed] if missed else ["", "None is missed."]
    return "\n".join([*lines, ""])


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def _bound(bar: Bar) -> str:
    return f"{'≥' if bar.at_least else '≤'} {_number(bar.bound)} {bar.unit}".strip()


def _rival(bar: Bar, results: Results) -> str:
    best = bar.best_rival(results)
    if best is None:
        return ""
    return f"{CLIENTS[best[0]].title}: {_number(best[1])}"


def told(values: Sequence[float], unit: str = "") -> str:
    """Median, least and greatest."""
    median = f"{_number(statistics.median(values))} {unit}".strip()
    if len(values) < 2:
        return f"{median} (once)"
    if _number(min(values)) == _number(max(values)):
        return median
    return f"{median} [{_number(min(values))}–{_number(max(values))}]"


def _number(value: float) -> str:
    if value == int(value):
        return f"{value:.0f}"
    digits = 0 if abs(value) >= 100 else 3 if 0.9 < value < 1.1 else 2
    return f"{value:.{digits}f}"


def _tables(results: Results) -> Iterator[str]:
    for scenario in SCENARIOS:
        if (scenario.name, KIOSK) in results and scenario.name not in OUTCOMES:
            yield table(scenario, results)


def table(scenario: Scenario, results: Results) -> str:
    """Everybody in one scenario."""
    title = f"{scenario.title[0].upper()}{scenario.title[1:]}"
    lines = [f"## {title}", "", f"| | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    for name in scenario.clients:
        runs = results.get((scenario.name, name), ())
        if runs:
            lines.append(
                f"| {' | '.join([CLIENTS[name].title, *_cells(scenario, name, results)])} |"
            )
    return "\n".join([*lines, ""])


def _cells(scenario: Scenario, name: str, results: Results) -> list[str]:
    runs = results[scenario.name, name]
    well = results.get((HEALTHY, name), ())
    over = [a.seconds - b.seconds for a, b in zip(runs, well, strict=False) if a.good and b.good]
    once = scenario.course is Course.ONCE  # else it is more than one download, or less
    rates = [run.rate / MB for run in runs if run.good and once]
    firsts = [run.first_s for run in runs if run.first_s is not None]
    memory = [run.memory / MB for run in runs]
    same_package = scenario.package == "middle" and scenario.name != HEALTHY
    return [
        outcome(runs, scenario),
        told([run.seconds for run in runs]),
        told(over) if over and same_package else "",
        told([run.share for run in runs]),
        f"{max(run.most_open for run in runs)}",
        told(rates) if rates else "",
        told(firsts) if firsts else "",
        told(memory) if name in (KIOSK, "original") else "",  # below that it is the harness's own
    ]


def outcome(runs: Sequence[Run], scenario: Scenario) -> str:
    """What became of them, in a word; the worst where they differ."""
    if all(run.good for run in runs):
        return "right"
    if any(run.code == 0 for run in runs if not run.right):
        return "**wrong, called a success**"
    if any(run.code is None for run in runs):
        return f"not within {scenario.limit_s:.0f} s"
    return "fails" if not any(run.good for run in runs) else "fails at times"


def outcomes(results: Results) -> str:
    """Where only the outcome counts: one line a scenario, one column a client."""
    shown = [one for one in SCENARIOS if one.name in OUTCOMES and (one.name, KIOSK) in results]
    names = [name for name in CLIENTS if any((one.name, name) in results for one in shown)]
    if not shown:
        return ""
    lines = ["## Wrong deliveries: who ends with the right files", ""]
    lines += [f"| | {' | '.join(CLIENTS[name].title for name in names)} |"]
    lines += [f"|---|{'---|' * len(names)}"]
    for scenario in shown:
        cells = []
        for name in names:
            runs = results.get((scenario.name, name), ())
            share = statistics.median(run.share for run in runs) if runs else 0.0
            cells.append(f"{outcome(runs, scenario)}, {share:.2f} ×" if runs else "–")
        lines.append(f"| {scenario.title} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
