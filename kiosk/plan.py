"""Which bytes of a package are here, and which are asked for next, by whom. Pure.

Theory of operation. A `Plan` holds the pieces that are wanted in the order people read them. A lane
that is free takes a span; it is its own until it takes another or is released. What is here is told
with each question and never kept, so a plan cannot be wrong about the disk.

One lane alone gets all that lies in a row: one request over hundreds of files. Several lanes get
about a second's worth each, and towards the end no more than makes all of them end together. Where
nothing is left to give, the longest remainder is divided: its owner's span ends earlier then
(`Plan.stop_of`). Bytes are asked for twice in two cases only: present or unwanted ones of at most
``join_gap`` between two wanted ones, and the remainder of a lane that brings nothing, by one other
lane at a time. So what is asked for is at most what is missing, plus ``join_gap`` for each joint,
plus one span for each lane that came to a halt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kiosk.spans import Span, Spans

__all__ = ["Plan", "Span", "Spans"]

MIB = 1 << 20
SHARE_S = 1.0
SHARE = (1 * MIB, 32 * MIB)
UNMEASURED = 2 * MIB
# Smaller pieces cost more as requests than they bring.
TINY = 64 << 10
WORTH_S = 0.02
LATE_S = 1.0
MOST_RUNS, READ_FIRST = 500, 20


@dataclass
class _Held:
    """A lane's span: it has ``[start, at)`` behind it; ``first`` is its first piece's place.

    ``stop`` is where it ends by now, ``until`` where it ended when it was taken.
    """

    start: int
    stop: int
    first: int
    rate: float | None

    def __post_init__(self) -> None:
        self.at, self.until = self.start, self.stop


# The place of a piece in the order, and a part of it that is neither here nor with a lane.
_Gap = tuple[int, int, int]


class Plan:
    """What is fetched of one build of a package, and how it is shared out among lanes.

    ``pieces`` are the wanted regions in reading order; they may touch. Rates are bytes per second,
    None where nothing was measured, 0 where a lane brings nothing. For one thread.
    """

    def __init__(self, pieces: Sequence[Span], join_gap: int = 16 << 10) -> None:
        self._join_gap = join_gap
        self._order = self._ordered([(piece.start, piece.stop or 0) for piece in pieces])
        self._wanted = Spans(sorted(self._order))
        # Before this place in the order nothing is left to give.
        self._cursor = 0
        self._fronts: list[tuple[int, int]] = []
        self._lanes: dict[int, _Held] = {}
        self._loose: list[_Held] = []

    def _ordered(self, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Reading order, unless that were a request for nearly every piece."""
        jumps = sum(not self._joins(one[1], other[0]) for one, other in pairwise(pieces))
        if jumps < MOST_RUNS:
            return pieces
        return pieces[:READ_FIRST] + sorted(pieces[READ_FIRST:])

    def _joins(self, stop: int, start: int) -> bool:
        return stop <= start <= stop + self._join_gap

    # What is known

    def wanted(self) -> Spans:
        """All bytes of all pieces."""
        return self._wanted.copy()

    def missing(self, here: Spans) -> int:
        """How many bytes of the pieces are not here."""
        lacking, spans = self._wanted.total, iter(here)
        span = next(spans, None)
        for start, stop in self._wanted:
            while span is not None and span[0] < stop:
                lacking -= max(0, min(stop, span[1]) - max(start, span[0]))
                if span[1] > stop:
                    break
                span = next(spans, None)
        return lacking

    def stop_of(self, lane: int) -> int | None:
        """Where the lane's span ends by now, which may be earlier than when it took it.

        None where it has none. A lane that has come this far has done its part.
        """
        held = self._lanes.get(lane)
        return None if held is None else held.stop

    # What happened

    def progress(self, lane: int, at: int, rate: float | None = None) -> None:
        """The lane has brought everything of its span before ``at``, at ``rate`` of late.

        An ``at`` outside of its span is that of an earlier one, and says nothing.
        """
        held = self._lanes.get(lane)
        if held is None:
            return
        if held.start <= at <= held.until:
            held.at = max(held.at, at)
        if rate is not None:
            held.rate = rate

    def release(self, lane: int) -> None:
        """The lane's request ended, whatever it brought: the rest is anybody's."""
        held = self._lanes.pop(lane, None)
        if held is not None:
            self._loose.append(held)

    def spoil(self, start: int, stop: int) -> None:
        """These bytes are wrong, and not among what is here from now on.

        Lanes that have them before them are to stop in front of them.
        """
        self._cursor = 0
        for held in self._lanes.values():
            if held.at < stop and start < held.stop:
                held.stop = max(held.at, start)

    def front(self, piece: Span) -> None:
        """Somebody wants this one now: it is what is taken next."""
        wanted = (piece.start, piece.stop or piece.start)
        self._fronts = [wanted, *(front for front in self._fronts if front != wanted)]

    # What is next

    def take(self, lane: int, here: Spans, rate: float | None, lanes: int) -> Span | None:
        """The span that this lane asks for now; None where there is nothing for it to do.

        ``lanes`` counts all that are fetching, this one included; with 1, whatever another lane
        may have held is void. What shrinks from ``here`` is to be told to `spoil` first.
        """
        self.release(lane)
        if lanes == 1:
            for other in list(self._lanes):
                self.release(other)
        self._settle(here)
        taken = self._new(here, rate, lanes)
        if taken is None and self._forgotten(here):
            self._cursor = 0
            taken = self._new(here, rate, lanes)
        if taken is None and lanes > 1:
            taken = self._shared(here, rate, lanes)
        if taken is None:
            return None
        first, start, stop = taken
        self._lanes[lane] = _Held(start, stop, first, rate or None)
        return Span(start, stop)

    def _settle(self, here: Spans) -> None:
        """What released lanes did not bring is to be given again."""
        for held in self._loose:
            if here.missing(held.stop, held.start):
                self._cursor = min(self._cursor, held.first)
        self._loose.clear()

    def _forgotten(self, here: Spans) -> bool:
        """Whether more is missing than lanes are to bring: `here` shrank, and nobody said so."""
        held = sum(held.stop - self._at(held, here) for held in self._lanes.values())
        return self.missing(here) > held

    def _new(self, here: Spans, rate: float | None, lanes: int) -> _Gap | None:
        """The next bytes that nobody has: a whole run, or a share of one."""
        run = self._run(self._next_gaps(here), None if lanes == 1 else _share(rate) + TINY + 1)
        if run is None or lanes == 1:
            return run
        first, start, stop = run
        share = self._fair(stop - start, here, rate, lanes)
        if stop - start > share + TINY:
            stop = start + share
        return first, start, stop

    def _next_gaps(self, here: Spans) -> Iterator[_Gap]:
        """The gaps to begin with: of the piece that somebody wants now, or in order."""
        self._fronts = [(a, b) for a, b in self._fronts if here.missing(b, a)]
        for start, stop in self._fronts:
            for part in self._wanted.within(start, stop):
                if gaps := list(self._free(0, part.start, part.stop or 0, here)):
                    return iter(gaps)
        while self._cursor < len(self._order):
            if any(True for _ in self._free(self._cursor, *self._order[self._cursor], here)):
                break
            self._cursor += 1
        return self._gaps(here)

    def _gaps(self, here: Spans) -> Iterator[_Gap]:
        for place in range(self._cursor, len(self._order)):
            yield from self._free(place, *self._order[place], here)

    def _free(self, place: int, start: int, stop: int, here: Spans) -> Iterator[_Gap]:
        """The parts of ``[start, stop)`` that are neither here nor with a lane."""
        for gap in here.missing(stop, start):
            low, high = gap.start, gap.stop or 0
            for held in sorted(self._lanes.values(), key=lambda held: held.at):
                if held.stop <= low or held.at >= high or held.at >= held.stop:
                    continue
                if held.at > low:
                    yield place, low, held.at
                low = max(low, held.stop)
            if low < high:
                yield place, low, high

    def _run(self, gaps: Iterator[_Gap], most: int | None) -> _Gap | None:
        """The first gap and those that follow it in the file nearly at once."""
        found = next(gaps, None)
        if found is None:
            return None
        first, start, stop = found
        for _, low, high in gaps:
            if not self._joins(stop, low) or self._held_between(stop, low):
                break
            if most is not None and low - start >= most:
                break
            stop = high
        return first, start, stop if most is None else min(stop, start + most)

    def _held_between(self, start: int, stop: int) -> bool:
        return any(held.at < stop and start < held.stop for held in self._lanes.values())

    # Sharing

    def _fair(self, most: int, here: Spans, rate: float | None, lanes: int) -> int:
        """At most ``most`` and a second's worth, and so much that all lanes end together."""
        most = min(most, _share(rate))
        usual = self._usual(rate)
        mine = rate or usual
        others = sum(_rate(held, usual) for held in self._lanes.values())
        others += usual * max(0, lanes - 1 - len(self._lanes))
        part = mine / (mine + others)
        left = sum(held.stop - self._at(held, here) for held in self._lanes.values())
        for _, start, stop in self._gaps(here):
            if left * part >= most:
                return most
            left += stop - start
        return max(TINY, min(most, int(left * part)))

    def _usual(self, rate: float | None) -> float:
        known = [one for one in (rate, *(held.rate for held in self._lanes.values())) if one]
        return sum(known) / len(known) if known else UNMEASURED / SHARE_S

    def _at(self, held: _Held, here: Spans) -> int:
        """Where a lane stands, as far as is known."""
        gaps = here.missing(held.stop, held.at)
        return gaps[0].start if gaps else held.stop

    def _shared(self, here: Spans, rate: float | None, lanes: int) -> _Gap | None:
        """A share of what another lane still has before it: of the one that needs longest."""
        usual = self._usual(rate)
        mine = rate or usual
        ranked = []
        for number, held in self._lanes.items():
            at, theirs = self._at(held, here), _rate(held, usual)
            if at < held.stop and not self._copied(held, at, here):
                needs = (held.stop - at) / theirs if theirs else float("inf")
                ranked.append((-needs, at - held.stop, number))
        for _, _, number in sorted(ranked):
            held = self._lanes[number]
            at, theirs = self._at(held, here), _rate(held, usual)
            left = held.stop - at
            if not theirs or (left < TINY and left / theirs - left / mine >= LATE_S):
                return held.first, at, held.stop
            if left > 2 * _share(theirs):
                held.stop = at + _share(theirs)
                self._cursor = min(self._cursor, held.first)
                return self._new(here, rate, lanes)
            kept = int(left * theirs / (theirs + mine))
            if left >= TINY and (left - kept) / theirs >= WORTH_S:
                stop, held.stop = held.stop, at + kept
                return held.first, held.stop, stop
        return None

    def _copied(self, held: _Held, at: int, here: Spans) -> bool:
        """Whether another lane that brings something has these bytes before it, too."""
        return any(
            other is not held
            and other.rate != 0
            and self._at(other, here) < held.stop
            and at < other.stop
            for other in self._lanes.values()
        )


def _share(rate: float | None) -> int:
    """About a second's worth."""
    if not rate:
        return UNMEASURED
    return min(max(int(rate * SHARE_S), SHARE[0]), SHARE[1])


def _rate(held: _Held, usual: float) -> float:
    return usual if held.rate is None else held.rate
