"""The servers: who answers, how fast, what each is and has, and whether the clocks agree."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from kiosk import pool
from kiosk.doctor.finding import Finding, State
from kiosk.errors import CODES
from kiosk.pool import Server
from kiosk.settings import Settings
from kiosk.terminal import probe

OFFSET_S = 60
# Whether it is one of ours, and whether it has a meeting.
ANSWERED = {
    (True, True): "server.ours.meeting",
    (True, False): "server.ours.idle",
    (False, True): "server.existing.meeting",
    (False, False): "server.existing.idle",
}


def findings(settings: Settings, *, node: bool) -> Iterator[Finding]:
    """One of each server, and one of the clock where somebody told the time."""
    asked = _asked(settings, node=node)
    if not asked:
        # A folder needs nobody.
        code = "servers.folder" if node else "servers.none"
        yield Finding("servers", "ok" if node else "fail", code)
        return
    rows = probe.test(asked)
    others = any(row["reachable"] for row in rows)
    for row in rows:
        yield _of(row, others=others)
    yield from _clock([row["clockOffsetS"] for row in rows if row["clockOffsetS"] is not None])


def _asked(settings: Settings, *, node: bool) -> list[Server]:
    if node:
        return pool.unique(map(pool.parse, settings.upstream))
    master = [pool.parse(settings.master)] if settings.master else []
    return pool.unique([*master, *pool.from_settings(settings)])


def _of(row: dict[str, Any], *, others: bool) -> Finding:
    """One that is away matters less where another one is there."""
    name = row["server"]
    if row["code"] in CODES:
        state: State = "warn" if others else "fail"
        return Finding("server", state, f"error.{row['code']}", name, row["details"])
    details = {"ms": max(1, row["ms"])}
    return Finding("server", "ok", ANSWERED[bool(row["ours"]), row["hasMeeting"]], name, details)


def _clock(offsets: Sequence[int]) -> Iterator[Finding]:
    if not offsets:
        return
    offset = round(statistics.median(offsets))
    details = {"seconds": abs(offset)}
    if abs(offset) <= OFFSET_S:
        yield Finding("clock", "ok", "clock.ok", details=details)
    else:
        code = "clock.behind" if offset > 0 else "clock.ahead"
        yield Finding("clock", "warn", code, details=details)
