"""The room: what each seat said last, how it stands, and what has changed since. Pure.

Times are seconds of a clock that does not jump, given by the caller; ``at`` is what a person reads
(RFC 3339) and is only kept. A seat that has not been heard for `SILENT_S` is silent, and after
`FORGOTTEN_S` it is forgotten; who is to become silent next is always known, so a look at the room
costs what has changed in it and not how large it is. At most `MOST` seats are kept: beyond that a
new one takes the place of the longest unheard one of that address which has the most, so that
whoever invents seats displaces its own inventions.

Colours: red is what somebody has to look at, amber what is on its way or lacks something, green
what is ready. Each has one reason, in a word of `REASONS`; a page makes its sentence of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kiosk.node.room.report import Held, Report
from kiosk.order import natural

MOST = 2000
SILENT_S = 45.0
FORGOTTEN_S = 12 * 3600.0
LOW_SPACE_BYTES = 500_000_000
COLOURS = ("red", "amber", "green")
REASONS = {
    "silent": "red", "failed": "red",
    "cancelled": "amber", "absent": "amber", "outdated": "amber", "waiting": "amber",
    "downloading": "amber", "low-space": "amber",
    "ready": "green", "idle": "green",
}  # fmt: skip
"""Each reason and its colour; of several meetings the reason that comes first here counts."""

_RANK = {reason: rank for rank, reason in enumerate(REASONS)}
_UNDER_WAY = ("connecting", "downloading", "verifying", "publishing")

Row = dict[str, Any]


@dataclass
class Seat:
    """What is known of one seat. ``retry`` are the meetings that it is to be told to try again."""

    report: Report
    address: str
    heard: float
    at: str
    silent: bool = False
    retry: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """How it stands, in a word."""
        if self.silent:
            return "silent"
        reasons = [_reason(held) for held in self.report.meetings]
        free = self.report.free_bytes
        if free is not None and free < LOW_SPACE_BYTES:
            reasons.append("low-space")
        return min(reasons, key=_RANK.__getitem__, default="idle")

    def failed(self) -> list[str]:
        """The meetings whose download has failed."""
        return [held.meeting for held in self.report.meetings if held.phase == "failed"]

    def row(self) -> Row:
        """The seat as a page shows it. It holds no time but that of a silence: it changes only
        where something has changed.
        """
        reason, name = self.reason, self.report.seat or self.address
        going = [held.percent for held in self.report.meetings if held.phase in _UNDER_WAY]
        return {
            "id": self.report.id,
            "seat": name,
            "order": order_of(name),
            "address": self.address,
            "version": self.report.version,
            "freeBytes": _rounded(self.report.free_bytes),
            "colour": REASONS[reason],
            "reason": reason,
            "percent": min(going) if reason == "downloading" and going else None,
            "since": self.at if self.silent else None,
            "asked": bool(self.retry),
            "meetings": [held.to_json() for held in self.report.meetings],
        }


@dataclass(frozen=True)
class Change:
    """What a page has to be told: rows that are new or different, and the ids of those gone."""

    rows: list[Row]
    gone: list[str]

    def __bool__(self) -> bool:
        return bool(self.rows or self.gone)


class Seats:
    """Every seat, by its id, the longest unheard one first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seats: dict[str, Seat] = {}
        self._told: dict[str, Row] = {}
        self._touched: set[str] = set()
        self._crowd: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._seats)

    def report(self, report: Report, address: str, now: float, at: str) -> list[str]:
        """Take in what a seat said; the meetings that it is to try again, told once."""
        known = self._forget(report.id)
        if known is None:
            self._make_room(report)
        seat = Seat(report, address, now, at)
        self._seats[report.id] = seat
        self._crowd[address] += 1
        self._touched.add(report.id)
        wanted = known.retry if known else []
        return [meeting for meeting in wanted if meeting in seat.failed()]

    def look(self, now: float) -> None:
        """See who has become silent by now, and forget who has been for long."""
        for key, seat in list(_until_heard(self._seats, now - SILENT_S)):
            if now - seat.heard >= FORGOTTEN_S:
                self._forget(key)
            elif not seat.silent:
                seat.silent, seat.retry = True, []
                self._touched.add(key)

    def retry(self, only: Iterable[str] | None = None) -> int:
        """Have the red ones (``only`` these) try again with their next report; how many."""
        wanted = None if only is None else set(only)
        count = 0
        for key, seat in self._seats.items():
            failed = [] if seat.silent else seat.failed()
            if failed and (wanted is None or key in wanted):
                seat.retry = failed
                self._touched.add(key)
                count += 1
        return count

    def change(self) -> Change:
        """What is different from what the last call gave."""
        rows, gone = [], []
        for key in self._touched:
            seat = self._seats.get(key)
            if seat is None:
                if self._told.pop(key, None) is not None:
                    gone.append(key)
            elif (row := seat.row()) != self._told.get(key):
                self._told[key] = row
                rows.append(row)
        self._touched.clear()
        return Change(rows, gone)

    def rows(self) -> list[Row]:
        """Every seat, in the order of `ordered`."""
        return ordered(seat.row() for seat in self._seats.values())

    def counts(self) -> dict[str, int]:
        """How many seats have each colour."""
        found = Counter(REASONS[seat.reason] for seat in self._seats.values())
        return {colour: found[colour] for colour in COLOURS}

    def _make_room(self, report: Report) -> None:
        """For a seat that is not known: a machine that was replaced goes, or one too many."""
        for key, seat in list(self._seats.items()):
            if not seat.silent:
                break
            if report.seat and seat.report.seat == report.seat:
                self._forget(key)
        if len(self._seats) >= self._most:
            crowded, _ = self._crowd.most_common(1)[0]
            self._forget(next(key for key, one in self._seats.items() if one.address == crowded))

    def _forget(self, key: str) -> Seat | None:
        seat = self._seats.pop(key, None)
        if seat is not None:
            self._touched.add(key)
            self._crowd[seat.address] -= 1
            if not self._crowd[seat.address]:
                del self._crowd[seat.address]
        return seat


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Red ones first, then amber, then green; within a colour by name, as one counts."""
    return sorted(rows, key=lambda row: (COLOURS.index(row["colour"]), row["order"], row["id"]))


def order_of(name: str) -> str:
    """A text by which names sort as one counts, also where only texts can be compared.

    It is `kiosk.order.natural` written out: a number is led by how many digits it has, a word is
    ended by what comes before every letter.
    """
    return "".join(
        f"1{word}\0" if kind else f"0{len(str(number)):03d}{number}"
        for kind, number, word in natural(name)
    )


def _reason(held: Held) -> str:
    if held.phase in _UNDER_WAY:
        return "downloading"
    if held.phase == "ready":
        return "outdated" if held.update else "ready"
    return held.phase


def _until_heard(seats: dict[str, Seat], since: float) -> Iterable[tuple[str, Seat]]:
    """Those that have not been heard since then; they come first, as who reports goes last."""
    for key, seat in seats.items():
        if seat.heard > since:
            return
        yield key, seat


def _rounded(free: int | None) -> int | None:
    """Free space to the tenth of a gigabyte: a page need not follow each file."""
    return None if free is None else free - free % 100_000_000
