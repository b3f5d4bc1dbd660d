"""The words around a place that was found, and which of them to mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.search.folding import fold, origins
from kiosk.search.query import Query

BEFORE = 28
LENGTH = 110
MOST_MARKS = 12
ELLIPSIS = "…"

Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Passage:
    """One line of text and its marks: [start, end) in UTF-16 units, as scripts of a page count."""

    text: str
    marks: Marks


def whole(text: str, query: Query) -> Passage | None:
    """All of a title or name, where every term is in it; else None."""
    folded = fold(text)
    if not all(term.search(folded) for term in query.terms):
        return None
    return _marked(text, query)


def around(text: str, query: Query) -> Passage:
    """Some words around the first place in a text; its beginning where there is none to see."""
    first, last = _first(text, query)
    start = _beginning(text, first)
    end = max(start + LENGTH, last)
    line = " ".join(text[start:end].split())
    before = ELLIPSIS if start > 0 else ""
    after = ELLIPSIS if end < len(text) else ""
    return _marked(f"{before}{line}{after}", query)


def _first(text: str, query: Query) -> tuple[int, int]:
    """A place to show. Most words stand in a text as they are typed: folding it takes longer."""
    at = text.find(query.plain) if query.plain else -1
    if at >= 0:
        return at, at + len(query.plain)
    return next(iter(_places(text, query, 1)), (0, 0))


def _beginning(text: str, place: int) -> int:
    """Some way before a place, and not inside a word that has spaces around it."""
    start = max(0, place - BEFORE)
    if start > 0 and text[start - 1].isascii() and text[start - 1].isalnum():
        start = text.find(" ", start, place) + 1 or start
    return start


def _marked(text: str, query: Query) -> Passage:
    places = _places(text, query, MOST_MARKS)
    if max(text, default="") > "\uffff":
        places = [(_units(text[:start]), _units(text[:end])) for start, end in places]
    return Passage(text, tuple(places))


def _places(text: str, query: Query, most: int) -> list[tuple[int, int]]:
    """Where something is to mark, in characters of the text."""
    folded = fold(text)
    origin: Sequence[int] = range(len(text)) if len(folded) == len(text) else origins(text)
    places = []
    for found in query.marks.finditer(folded):
        places.append((origin[found.start()], origin[found.end() - 1] + 1))
        if len(places) == most:
            break
    return places


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
