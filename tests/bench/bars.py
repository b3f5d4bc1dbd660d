"""What must show: each bar as a figure of every round, its bound, and who else comes how near."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .measure import Run
from .package import GROWTH
from .peers import CURL, KIOSK
from .scenarios import LARGE, LIFE, MB, MIDDLE, RATE, SCENARIOS, SIZES, SLOWER

Results = Mapping[tuple[str, str], Sequence[Run]]
"""(scenario, client) -> its runs, in the order of the rounds; some have fewer than others."""
Figure = Callable[[Results, str], list[float]]

HEALTHY = "healthy"
SIZE, FILES = SIZES[MIDDLE]
MATERIAL = SIZE / FILES
OUTCOMES = tuple(one.name for one in SCENARIOS if one.rounds == 1)


@dataclass(frozen=True)
class Bar:
    """``figure`` gives a value for each round of a client. The median must be within ``bound``, or,
    with ``every``, all of them."""

    scenario: str
    what: str
    bound: float
    figure: Figure
    unit: str = "s"
    at_least: bool = False
    every: bool = False
    rivals: tuple[str, ...] | None = None

    def met(self, values: Sequence[float]) -> bool:
        """Whether these values are good enough."""
        counted = values if self.every else [statistics.median(values)]
        return all(self.bound <= one if self.at_least else one <= self.bound for one in counted)

    def best_rival(self, results: Results) -> tuple[str, float] | None:
        """The best median of those others that always ended rightly."""
        found = []
        for scenario, client in results:
            listed = self.rivals is None or client in self.rivals
            if scenario == self.scenario and client != KIOSK and listed:
                runs = results[scenario, client]
                values = self.figure(results, client) if all(run.good for run in runs) else []
                if values:
                    found.append((client, statistics.median(values)))
        key = (max if self.at_least else min) if found else None
        return key(found, key=lambda pair: pair[1]) if key else None


def per_run(scenario: str, value: Callable[[Run], float | None]) -> Figure:
    """A figure that each run has in itself; a run that did not end rightly has none."""

    def figure(results: Results, client: str) -> list[float]:
        values = [value(run) for run in results.get((scenario, client), ()) if run.good]
        return [one for one in values if one is not None]

    return figure


def over_healthy(scenario: str) -> Figure:
    """Seconds more than the same client needs in the same round where all are healthy."""

    def figure(results: Results, client: str) -> list[float]:
        pairs = zip(
            results.get((scenario, client), ()), results.get((HEALTHY, client), ()), strict=False
        )
        return [run.seconds - well.seconds for run, well in pairs if run.good and well.good]

    return figure


def times(value: Callable[[Run], float], other: str) -> Figure:
    """In 1 GB from one server: a run's value as a multiple of another client's."""

    def figure(results: Results, client: str) -> list[float]:
        pairs = zip(results.get(("one", client), ()), results.get(("one", other), ()), strict=False)
        return [value(run) / value(its) for run, its in pairs if run.good and its.good]

    return figure


def of_what_they_can(scenario: str, best_s: float) -> Figure:
    """The time that their bandwidth would allow, as a share of the time that it took."""
    return per_run(scenario, lambda run: best_s / run.transfer_s if run.transfer_s else None)


def _bytes(run: Run) -> float:
    return run.share


def _open(run: Run) -> float:
    return run.most_open


def _first_material(run: Run) -> float:
    ready = run.seconds if run.ready_s is None else run.ready_s
    return ready - (run.ready_bytes or MATERIAL) / RATE


def _failover(scenario: str, bound_s: float, share: float = 0.0) -> list[Bar]:
    bars = [Bar(scenario, "over healthy", bound_s, over_healthy(scenario))]
    if share:
        bars.append(Bar(scenario, "bytes", share, per_run(scenario, _bytes), "× the package"))
    bars.append(Bar(scenario, "downloads at once", 1, per_run(scenario, _open), "", every=True))
    return bars


def _corrupt(scenario: str, package: str) -> Bar:
    """The package, a hundredth, and the entry; or what a socket holds, where that is more.

    A server that is left in the middle has up to 4 MiB (Linux) in its socket, and 1 MiB is in ours.
    """
    size, entries = SIZES[package]
    bound = 1 + max(0.01, (5 << 20) / size) + 1 / entries
    return Bar(scenario, "bytes", bound, per_run(scenario, _bytes), "× the package")


def _update(scenario: str) -> Bar:
    bound = (1.05 * (MATERIAL + GROWTH) + (64 << 10)) / MB
    moved = per_run(scenario, lambda run: (run.sent + run.documents) / MB)
    return Bar(scenario, "bytes, with all documents", bound, moved, "MB")


BARS = (
    Bar(
        "one", "first byte to last", 1.0, times(lambda run: run.rate, CURL), "× curl's rate",
        at_least=True, rivals=("aria2", "aria2-tuned", "wget2", "original"),
    ),
    Bar("one", "resident", 200, per_run("one", lambda run: run.memory / MB), "MB", rivals=()),
    Bar(
        "one", "from command to first request", 0.3, per_run("one", lambda run: run.first_s),
        rivals=("original",),
    ),
    Bar(
        "one", "whole process, verified and published", 0.7,
        times(lambda run: run.seconds, "chain"), "× (curl && openssl && unzip)", rivals=(),
    ),
    *_failover("refused", 0.3),
    *_failover("swallowed", 1.5),
    *_failover("swallowed-next", 0.3),
    *_failover("stalled", 2.0, 1.01),
    *_failover("dripping", 4.0),
    *_failover("cut", 0.3, 1.01),
    *_failover("reset", 0.3, 1.01),
    Bar("killed", "bytes of both runs", 1.02, per_run("killed", _bytes), "× the package"),
    Bar(
        "three", "of the sum, first request to last byte", 0.99,
        of_what_they_can("three", SIZE / (3 * RATE)), "", at_least=True,
    ),
    Bar("three", "downloads at once", 3, per_run("three", _open), "", every=True),
    Bar(
        "uneven", "of what they can give", 0.96,
        of_what_they_can("uneven", (SIZE - LIFE) / (RATE + SLOWER)), "", at_least=True,
    ),
    _corrupt("corrupt", LARGE),
    _corrupt("corrupt-middle", MIDDLE),
    *_failover("portal", 0.3),
    _update("update"),
    _update("update-existing"),
    Bar(
        "first-material", "from command to opening it, less its own bytes", 0.5,
        per_run("first-material", _first_material),
    ),
)  # fmt: skip
