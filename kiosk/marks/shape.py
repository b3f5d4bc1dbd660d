"""What a reader's marks are: the strokes and notes of a page, read without believing a word.

Positions are fractions of the page as it stands when nobody has turned it: x to the right, y down.
Widths are thousandths of the page's width. So a mark fits its page at any size and on any screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kiosk.errors import UsageError

TOOLS = ("pen", "highlighter")
INKS = ("red", "blue", "black", "yellow")
MOST_STROKES = 500
MOST_POINTS = 2000  # of a stroke
MOST_PAGE_POINTS = 40_000
MOST_NOTES = 50
MOST_LETTERS = 2000  # of a note
LEAST_WIDTH, MOST_WIDTH = 0.2, 80.0
DIGITS = 5  # a fiftieth of a pixel on a screen of 2,000

Json = dict[str, Any]


@dataclass(frozen=True)
class Stroke:
    """A line drawn in one go: ``points`` are x, y, x, y …; ``pressure`` one for each, or empty."""

    tool: str
    ink: str
    width: float
    points: tuple[float, ...]
    pressure: tuple[float, ...] = ()

    def to_json(self) -> Json:
        shown: Json = {"tool": self.tool, "ink": self.ink, "width": self.width}
        shown["points"] = list(self.points)
        return {**shown, "pressure": list(self.pressure)} if self.pressure else shown


@dataclass(frozen=True)
class Note:
    """Words at a spot of the page."""

    x: float
    y: float
    text: str

    def to_json(self) -> Json:
        return {"x": self.x, "y": self.y, "text": self.text}


@dataclass(frozen=True)
class PageMarks:
    """Everything on one page; false where there is nothing."""

    strokes: tuple[Stroke, ...] = ()
    notes: tuple[Note, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.strokes or self.notes)

    def to_json(self) -> Json:
        return {
            "strokes": [stroke.to_json() for stroke in self.strokes],
            "notes": [note.to_json() for note in self.notes],
        }


def parse(document: object) -> PageMarks:
    """The marks of a page; UsageError ``bad-request``, ``too-many-marks``."""
    if not isinstance(document, dict):
        raise _nonsense("marks must be an object")
    strokes = tuple(_stroke(one) for one in _listed(document, "strokes", MOST_STROKES))
    notes = tuple(_note(one) for one in _listed(document, "notes", MOST_NOTES))
    _bounded("points", sum(len(stroke.points) for stroke in strokes) // 2, MOST_PAGE_POINTS)
    return PageMarks(strokes, notes)


def _stroke(given: object) -> Stroke:
    if not isinstance(given, dict):
        raise _nonsense("a stroke must be an object")
    tool, ink = given.get("tool"), given.get("ink")
    if tool not in TOOLS or ink not in INKS:
        raise _nonsense("a stroke has a tool and an ink")
    points = _numbers(_listed(given, "points", 2 * MOST_POINTS))
    pressure = _numbers(_listed(given, "pressure", MOST_POINTS)) if "pressure" in given else ()
    if len(points) < 2 or len(points) % 2 or len(pressure) not in (0, len(points) // 2):
        raise _nonsense("points come in pairs, each with a pressure or none")
    width = _number(given.get("width"), LEAST_WIDTH, MOST_WIDTH)
    return Stroke(str(tool), str(ink), width, points, pressure)


def _note(given: object) -> Note:
    if not isinstance(given, dict):
        raise _nonsense("a note must be an object")
    text = given.get("text")
    if not isinstance(text, str):
        raise _nonsense("a note has text")
    _bounded("letters", len(text), MOST_LETTERS)
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return Note(_number(given.get("x")), _number(given.get("y")), kept)


def _listed(given: Json, name: str, most: int) -> list[object]:
    found = given.get(name, [])
    if not isinstance(found, list):
        raise _nonsense(f"{name} must be a list")
    _bounded(name, len(found), most)
    return found


def _bounded(what: str, count: int, most: int) -> None:
    if count > most:
        raise UsageError("too-many-marks", what=what, most=most)


def _numbers(given: Iterable[object]) -> tuple[float, ...]:
    return tuple(_number(one) for one in given)


def _number(value: object, least: float = 0.0, most: float = 1.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _nonsense("positions and widths are numbers")
    if not least <= value <= most:  # true for NaN, too
        raise _nonsense("a position or width is out of bounds")
    return round(float(value), DIGITS)


def _nonsense(why: str) -> UsageError:
    return UsageError("bad-request", why=why)
