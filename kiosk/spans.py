"""Spans of bytes and sets of them. Pure.

Bytes are counted as RFC 9110 §14.1.2 does, but a span is half open: ``[start, stop)``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """The bytes from ``start`` up to, not including, ``stop``; ``stop`` None is the end."""

    start: int
    stop: int | None = None

    def header(self) -> str:
        """The value of a Range header (RFC 9110 §14.2)."""
        return f"bytes={self.start}-" + ("" if self.stop is None else str(self.stop - 1))


class Spans:
    """A set of bytes, kept as sorted spans that neither touch nor overlap."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._total = 0
        for start, stop in spans:
            self.add(start, stop)

    def add(self, start: int, stop: int) -> None:
        """Bytes that are here now. ValueError where the span is not one."""
        if not 0 <= start <= stop:
            raise ValueError(f"not a span: {start}-{stop}")
        if start == stop:
            return
        left, right = bisect_left(self._stops, start), bisect_right(self._starts, stop)
        if left < right:
            start, stop = min(start, self._starts[left]), max(stop, self._stops[right - 1])
        self._replace(left, right, [(start, stop)])

    def remove(self, start: int, stop: int) -> None:
        """Bytes that are not here any more, or never were. ValueError as in `add`."""
        if not 0 <= start <= stop:
            raise ValueError(f"not a span: {start}-{stop}")
        left, right = bisect_right(self._stops, start), bisect_left(self._starts, stop)
        if start == stop or left >= right:
            return
        rests = [(self._starts[left], start), (stop, self._stops[right - 1])]
        self._replace(left, right, [(here, there) for here, there in rests if here < there])

    def _replace(self, left: int, right: int, spans: list[tuple[int, int]]) -> None:
        self._total -= sum(self._stops[left:right]) - sum(self._starts[left:right])
        self._total += sum(stop - start for start, stop in spans)
        self._starts[left:right] = [start for start, _ in spans]
        self._stops[left:right] = [stop for _, stop in spans]

    def copy(self) -> Spans:
        """The same set, which changes apart from this one."""
        twin = Spans()
        twin._starts, twin._stops, twin._total = self._starts[:], self._stops[:], self._total
        return twin

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self._starts, self._stops, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Spans({list(self)})"

    @property
    def total(self) -> int:
        """How many bytes are in the set."""
        return self._total

    def prefix(self) -> int:
        """How many bytes are here without a gap from the very first."""
        return self._stops[0] if self._starts and self._starts[0] == 0 else 0

    def missing(self, stop: int, start: int = 0) -> list[Span]:
        """What lacks between ``start`` and ``stop``, in order."""
        gaps: list[Span] = []
        index = bisect_right(self._stops, start)
        while start < stop and index < len(self._starts) and self._starts[index] < stop:
            if self._starts[index] > start:
                gaps.append(Span(start, self._starts[index]))
            start = self._stops[index]
            index += 1
        if start < stop:
            gaps.append(Span(start, stop))
        return gaps

    def within(self, start: int, stop: int) -> list[Span]:
        """What is here between ``start`` and ``stop``, in order."""
        left, right = bisect_right(self._stops, start), bisect_left(self._starts, stop)
        found = zip(self._starts[left:right], self._stops[left:right], strict=True)
        return [Span(max(here, start), min(there, stop)) for here, there in found]

    def clipped(self, stop: int) -> Spans:
        """The part of the set before ``stop``."""
        return Spans((here, min(there, stop)) for here, there in self if here < stop)
