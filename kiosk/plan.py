"""Which bytes of a package are here, and which are asked for next. Pure.

Bytes are counted as RFC 9110 §14.1.2 does, but a span is half open: ``[start, stop)``.
"""

from __future__ import annotations

from bisect import bisect_left
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
        for start, stop in spans:
            self.add(start, stop)

    def add(self, start: int, stop: int) -> None:
        """Bytes that are here now. ValueError where the span is not one."""
        if not 0 <= start <= stop:
            raise ValueError(f"not a span: {start}-{stop}")
        if start == stop:
            return
        left = bisect_left(self._stops, start)
        right = left
        while right < len(self._starts) and self._starts[right] <= stop:
            start = min(start, self._starts[right])
            stop = max(stop, self._stops[right])
            right += 1
        self._starts[left:right] = [start]
        self._stops[left:right] = [stop]

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
        return sum(stop - start for start, stop in self)

    def prefix(self) -> int:
        """How many bytes are here without a gap from the very first."""
        return self._stops[0] if self._starts and self._starts[0] == 0 else 0

    def missing(self, stop: int, start: int = 0) -> list[Span]:
        """What lacks between ``start`` and ``stop``, in order."""
        gaps: list[Span] = []
        for here, there in self:
            if here >= stop:
                break
            if here > start:
                gaps.append(Span(start, here))
            start = max(start, there)
        if start < stop:
            gaps.append(Span(start, stop))
        return gaps

    def clipped(self, stop: int) -> Spans:
        """The part of the set before ``stop``."""
        return Spans((here, min(there, stop)) for here, there in self if here < stop)


def next_span(here: Spans, total: int | None) -> Span | None:
    """What one request asks for: from the first gap to the end of it; None when all is here.

    While the size is unknown it is everything after the unbroken beginning.
    """
    if total is None:
        return Span(here.prefix())
    gaps = here.missing(total)
    if not gaps:
        return None
    first = gaps[0]
    return Span(first.start) if first.stop == total else first
