"""What is measured: who stands there, what happens, and which clients are asked to cope with it.

Faults strike the first server, so that everybody meets them; the others are healthy. "Healthy" is
the same five servers without a fault: what a client needs beyond that is what the fault costs it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from .servers import REFUSES, SWALLOWS, Place

MB = 10**6


class Course(enum.Enum):
    """What is done; only what follows the last semicolon is measured, in a kill all of it."""

    ONCE = "one download"
    KILLED = "kill -9 at 50 %, the same command again"
    REPLACED = "kill -9 at 50 %, another package takes its place, the same command again"
    NEXT = "one download; another meeting from the same servers"
    UPDATE = "one download; its next revision"


LARGE, MIDDLE = "large", "middle"
SIZES = {LARGE: (1000 * MB, 40), MIDDLE: (200 * MB, 50)}
"""Bytes and files of each package."""

SINGLE = ("kiosk", "curl", "loop", "aria2", "aria2-tuned", "aria2-single", "wget2", "original")
RESUMING = ("kiosk", "curl", "loop", "aria2-tuned", "aria2-single", "wget2", "original")
SPLITTING = ("kiosk", "aria2", "aria2-tuned")


@dataclass(frozen=True)
class Scenario:
    """``limit_s``: how long a client may take; ``rounds``: not more than that (0: as all others).

    ``modern``: the servers are ours and give a manifest; else existing nodes that know ranges.
    """

    name: str
    title: str
    places: tuple[Place, ...]
    clients: tuple[str, ...] = SINGLE
    package: str = MIDDLE
    course: Course = Course.ONCE
    parallel: int = 1
    modern: bool = True
    limit_s: float = 40.0
    rounds: int = 0


GOOD = Place()


def fault(name: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A fault of kiosk.demo.origin by its name."""
    return name, given


def first(*faults: tuple[str, dict[str, Any]], others: int = 4) -> tuple[Place, ...]:
    """A first server with these faults, and healthy others."""
    return (Place(faults), *[GOOD] * others)


def slow(rate: float, dies_after: int = 0) -> Place:
    """A server at so many bytes a second."""
    return Place((fault("Slow", bytes_per_second=rate),), dies_after=dies_after)


def wrong(name: str, title: str, *places: Place) -> Scenario:
    """Only the outcome counts."""
    return Scenario(name, title, places, rounds=1)


def _wrong_second(name: str, title: str, *faults: tuple[str, dict[str, Any]]) -> Scenario:
    cut = Place((fault("CutAt", at=0.5),))
    return wrong(name, f"the first cuts at 50 %, the second {title}", cut, Place(faults), GOOD)


PORTAL = tuple(
    fault("HtmlPage", path=path) for path in ("", "/data", "/manifest", "/download-nodes-info")
)
RATE, SLOWER, LIFE = 20 * MB, 2 * MB, 40 * MB

SCENARIOS = (
    Scenario(
        "one", "one healthy server, 1 GB", (GOOD,), (*SINGLE, "chain"), LARGE
    ),
    Scenario("healthy", "five healthy servers", first()),
    Scenario(
        "refused", "four of five refuse", (*[Place(instead=REFUSES)] * 4, GOOD)
    ),
    Scenario(
        "swallowed", "four of five swallow SYNs", (*[Place(instead=SWALLOWS)] * 4, GOOD),
        limit_s=30,
    ),
    Scenario(
        "swallowed-next", "four of five swallow SYNs, the next package",
        (*[Place(instead=SWALLOWS)] * 4, GOOD), ("kiosk",), course=Course.NEXT,
    ),
    Scenario(
        "stalled", "the first stalls at 50 %", first(fault("StopAt", at=0.5)),
        tuple(name for name in SINGLE if name != "curl"), limit_s=100,
    ),
    Scenario(
        "dripping", "the first drips 100 KB/s", first(fault("Slow", bytes_per_second=100_000)),
        limit_s=20,
    ),
    Scenario("cut", "the first cuts at 50 %", first(fault("CutAt", at=0.5))),
    Scenario("reset", "the first resets at 90 %", first(fault("ResetAt", at=0.9))),
    Scenario(
        "corrupt", "the first has one wrong byte, 1 GB", first(fault("WrongBytes", at=0.37)),
        package=LARGE,
    ),
    Scenario(
        "corrupt-middle", "the first has one wrong byte, 200 MB",
        first(fault("WrongBytes", at=0.37)), ("kiosk", "loop"),
    ),
    Scenario("portal", "the first is a portal page", first(*PORTAL)),
    Scenario(
        "three", "three servers at 20 MB/s, parallel 3", (slow(RATE),) * 3, SPLITTING, parallel=3
    ),
    Scenario(
        "uneven", "20 MB/s, 2 MB/s, and 20 MB/s until it dies after 40 MB, parallel 3",
        (slow(RATE), slow(SLOWER), slow(RATE, LIFE)), SPLITTING, parallel=3, limit_s=60,
    ),
    Scenario(
        "killed", "kill -9 at 50 %, again (50 MB/s)", (slow(50 * MB), slow(50 * MB)), RESUMING,
        course=Course.KILLED,
    ),
    Scenario(
        "first-material", "20 MB/s: the first material", (slow(RATE),), ("kiosk", "curl")
    ),
    Scenario(
        "update", "one of 50 files changed", (GOOD,) * 3, ("kiosk", "curl"), course=Course.UPDATE
    ),
    Scenario(
        "update-existing", "one of 50 files changed, existing nodes", (GOOD,) * 3,
        ("kiosk", "curl"), course=Course.UPDATE, modern=False,
    ),
    Scenario(
        "replaced", "kill -9 at 50 %, another package there, again", (slow(50 * MB),) * 2,
        RESUMING, course=Course.REPLACED, rounds=1,
    ),
    wrong("stale", "the first still has the older package", Place(stale=True), GOOD, GOOD),
    wrong(
        "stale-second", "the first cuts at 50 %, the second still has the older package",
        Place((fault("CutAt", at=0.5),)), Place(stale=True), GOOD,
    ),
    wrong("gzip", "the first sends gzip", *first(fault("Gzip"), others=2)),
    wrong(
        "changing-etag", "the first has another ETag each time, and cuts at 50 %",
        *first(fault("ChangingETag"), fault("CutAt", at=0.5), others=2),
    ),
    *(
        _wrong_second(f"range-{kind}", f"answers with a wrong range ({kind})",
                      fault("WrongRange", wrong=kind))
        for kind in ("start", "total", "none", "multipart")
    ),
    *(
        wrong(f"length-{kind}", f"the first sends a wrong length ({kind})",
              *first(fault("WrongLength", wrong=kind), others=2))
        for kind in ("long", "short", "negative", "twice", "garbage")
    ),
)  # fmt: skip
