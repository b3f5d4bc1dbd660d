"""Which page of a new version is which page of the old one. Pure.

A page is known by its print: what it says and what it looks like. A page whose print is there once
on either side is that page, wherever it stands now. Pages that look all the same (blank ones,
dividers) are known by their neighbours only: where the page before says one thing and the page
behind another, or two claim the same place, there is no equal page. Rather aside than on a wrong
page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Print:
    """What a page is known by: ``exact`` holds for all of it.

    ``loose`` leaves out digits and pictures at the upper and lower edge, where the page's number
    is; empty where there is nothing else on the page.
    """

    exact: str
    loose: str = ""


def places(before: Sequence[Print], after: Sequence[Print]) -> dict[int, int]:
    """Pages of ``before`` (from 0) that have an equal one in ``after``, and which it is."""
    exact = [one.exact for one in before], [one.exact for one in after]
    found = _unique(*exact)
    found |= _between(*exact, found)
    loose = _unique([one.loose for one in before], [one.loose for one in after])
    taken = set(found.values())
    for page, place in loose.items():
        if page not in found and place not in taken and before[page].loose:
            found[page] = place
    return found


def _unique(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """Those that are there once on either side."""
    here, there = Counter(before), Counter(after)
    place = {one: index for index, one in enumerate(after)}
    return {
        index: place[one] for index, one in enumerate(before) if here[one] == 1 and there[one] == 1
    }


def _between(before: Sequence[str], after: Sequence[str], known: dict[int, int]) -> dict[int, int]:
    """Those that are known by the page in front of them, or behind, and are claimed once."""
    onward = _beside(before, after, known, 1)
    backward = _beside(before, after, known, -1)
    claims = {
        page: onward.get(page, backward.get(page, -1))
        for page in onward.keys() | backward.keys()
        if onward.get(page, backward.get(page)) == backward.get(page, onward.get(page))
    }
    wanted = Counter([*onward.values(), *backward.values()])
    twice = {page for page in claims if page in onward and page in backward}
    return {page: place for page, place in claims.items() if wanted[place] == 1 + (page in twice)}


def _beside(
    before: Sequence[str], after: Sequence[str], known: dict[int, int], step: int
) -> dict[int, int]:
    """Those that stand next to a known one on either side; the ends of a document are known."""
    pages = range(len(before)) if step > 0 else range(len(before) - 1, -1, -1)
    neighbour = -1 if step > 0 else len(after)
    found: dict[int, int] = {}
    for page in pages:
        if page in known:
            neighbour = known[page]
            continue
        place = neighbour + step
        if 0 <= place < len(after) and neighbour != _NOWHERE and after[place] == before[page]:
            found[page] = neighbour = place
        else:
            neighbour = _NOWHERE
    return found


_NOWHERE = -(1 << 40)
