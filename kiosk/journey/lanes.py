"""The lanes of one download: opened, given their ranges, steered, and closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from kiosk.flight import Flight
from kiosk.journey.edition import Edition
from kiosk.lane import Errand, Fetch, Lane, Learn, Report
from kiosk.plan import Span
from kiosk.pool import Server

LOOK_BACK_S = 1.0
QUIET_S = 0.3
# From so much on a pace says something; while none is known a lane asks for little at a time.
MEASURED_S = 0.08


class _Pace:
    """How fast a lane has been lately."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []
        self._moved = 0.0

    def given(self, now: float) -> None:
        """It was given something to do: its silence begins anew."""
        self._moved = now

    def read(self, received: int, now: float) -> float | None:
        """Bytes a second; 0.0 where nothing comes, None while nothing can be said."""
        if not self._marks or received != self._marks[-1][1]:
            self._moved = now
        self._marks.append((now, received))
        while len(self._marks) > 2 and now - self._marks[1][0] > LOOK_BACK_S:
            self._marks.pop(0)
        if now - self._moved > QUIET_S:
            return 0.0
        (then, before), (_, after) = self._marks[0], self._marks[-1]
        measured = now - then >= MEASURED_S and after > before
        return (after - before) / (now - then) if measured else None


class Lanes:
    """Connections by number; those in ``asked`` may have a package request open."""

    def __init__(
        self,
        errand: Errand,
        edition: Edition,
        report: Callable[[Report], None],
        flight: Flight,
    ) -> None:
        self.asked: set[int] = set()
        # Bytes each lane brought over the network, those that were dropped included.
        self.arrived: dict[int, int] = {}
        # The server that was asked last.
        self.last: str | None = None
        self._lanes: dict[int, Lane] = {}
        self._paces: dict[int, _Pace] = {}
        self._errand = errand
        self._edition = edition
        self._report = report
        self._flight = flight

    def __iter__(self) -> Iterator[Lane]:
        return iter(list(self._lanes.values()))

    def get(self, number: int) -> Lane | None:
        """The lane of that number, if it is not closed."""
        return self._lanes.get(number)

    def others(self, lane: Lane) -> list[Lane]:
        """The other lanes that are at work."""
        return [one for one in self if one.number in self.asked and one is not lane]

    def connect(self, number: int, server: Server) -> None:
        """Open a connection; nothing is sent."""
        self._flight.note("connect", lane=number, server=server.name)
        self._lanes[number] = Lane(number, server, self._errand, self._report)
        self._paces[number] = _Pace()
        self._lanes[number].start()

    def ask(self, number: int) -> None:
        """It may ask for the package from now on; first it learns what the server has."""
        lane = self._lanes[number]
        self.asked.add(number)
        self.last = lane.server.name
        self._errand.part.admit(number)
        self._flight.note("ask", lane=number, server=lane.server.name)
        lane.order(Learn())

    def close(self, number: int) -> None:
        """End it at once; what it still brings does not count."""
        lane = self._lanes.pop(number, None)
        if lane is None:
            return
        self.asked.discard(number)
        lane.close()
        self._errand.part.dismiss(number)
        self.arrived[number] = lane.received
        if self._edition.plan is not None:
            self._edition.plan.release(number)

    def close_all(self) -> None:
        """End them all."""
        for number in list(self._lanes):
            self.close(number)

    def give(self, lane: Lane) -> bool:
        """Give the lane its next range; False where there is none for it now."""
        plan = self._edition.plan
        if plan is None:
            return False
        plan.release(lane.number)
        now = time.monotonic()
        for other in self.others(lane):
            plan.progress(other.number, other.at, self._pace(other, now))
        here = self._errand.part.spans_now()
        # Who is still connecting will want a share, too.
        count = min(self._errand.parallel, len(self._lanes))
        span = plan.take(lane.number, here, self._pace(lane, now), count)
        if span is None:
            return False
        self._flight.note("range", lane=lane.number, start=span.start, stop=span.stop)
        self._paces[lane.number].given(now)
        lane.order(Fetch(span))
        return True

    def steer(self) -> None:
        """Where an end-game moved the end of a range, its lane stops there."""
        plan = self._edition.plan
        now = time.monotonic()
        for lane in self:
            self.arrived[lane.number] = lane.received
            if plan is None or lane.number not in self.asked:
                continue
            plan.progress(lane.number, lane.at, self._pace(lane, now))
            stop = plan.stop_of(lane.number)
            if stop is not None:
                lane.stop_at = min(lane.stop_at, stop)

    def bring_forward(self, piece: Span) -> None:
        """Have this come next: a lane that is far from it leaves its range."""
        plan = self._edition.plan
        if plan is None:
            return
        plan.front(piece)
        busy = [lane for lane in self if lane.number in self.asked]
        if any(piece.start <= lane.at < (piece.stop or 0) for lane in busy):
            return
        for lane in busy[:1]:
            plan.release(lane.number)
            lane.stop_at = 0

    def _pace(self, lane: Lane, now: float) -> float | None:
        return self._paces[lane.number].read(lane.received, now)
