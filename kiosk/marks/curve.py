"""A stroke as smooth pieces: the same rule as on the page (static/js/marks/curve.js). Pure.

Each point of a stroke pulls a piece of its own, from the middle between it and the one before to
the middle between it and the next: a quadratic Bézier curve with the point as its control. The
first and the last piece reach the ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Piece = tuple[Point, Point, Point]  # from, control, to

LIGHTEST, RANGE = 0.4, 1.2
"""A line is that share of its width without pressure, and so much more under all of it."""


def pairs(flat: Sequence[float]) -> list[Point]:
    """x, y, x, y … as points."""
    return list(zip(flat[::2], flat[1::2], strict=True))


def pieces(points: Sequence[Point]) -> list[Piece]:
    """One for each point, in order, each beginning where the one before ended."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(points)]
    starts = [points[0], *middles]
    ends = [*middles, points[-1]]
    return list(zip(starts, points, ends, strict=True))


def width_at(width: float, pressure: float) -> float:
    """How wide a line of that width is under a pressure of 0 to 1."""
    return width * (LIGHTEST + RANGE * pressure)
