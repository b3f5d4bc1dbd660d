"""The marks of a material as they are seen now: its own, those carried over, those kept aside.

A material may have been replaced since somebody wrote on it. Then the marks lie with the old
document; where the new one has an equal page they are shown there, until that page gets marks of
its own. Marks without an equal page are *kept*: told of, readable, and on no page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from kiosk.marks.equal import Print, places
from kiosk.marks.files import Document, Entry


@dataclass(frozen=True)
class Kept:
    """Marks of page ``page`` (from 1) of an older version that have no place in this one."""

    page: int
    entry: Entry


@dataclass(frozen=True)
class View:
    """Pages (from 1) with their marks; ``version`` 0 says that they were carried over.

    ``settling``: what the pages are known by is still being found out, and more may come.
    """

    pages: dict[int, Entry] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    settling: bool = False


@dataclass(frozen=True)
class Others:
    """The other materials of the meeting: what was written on one of them belongs there."""

    objects: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


def candidates(documents: Sequence[Document], shown: Document, others: Others) -> list[Document]:
    """Those that may be older or newer versions of ``shown``: their pages have to tell.

    A material that is there no more, not even by its name, may have been renamed into this one.
    Nobody where there are no marks on any of them.
    """
    found = [
        one
        for one in documents
        if one.sha256 != shown.sha256
        and one.sha256 not in others.objects
        and (one.name == shown.name or one.name not in others.names)
    ]
    return found if any(entry.marks for one in found for entry in one.pages.values()) else []


def view(
    documents: Sequence[Document], shown: Document, others: Others, pending: Collection[str]
) -> View:
    """How the marks of a meeting look on the document ``shown`` (its name and prints as known).

    ``documents`` are those with marks, in their order. The prints of ``pending`` may still come.
    """
    own = next((one for one in documents if one.sha256 == shown.sha256), None)
    pages = dict(own.pages) if own else {}
    found = candidates(documents, shown, others)
    if any(sha256 in pending for sha256 in (shown.sha256, *(one.sha256 for one in found))):
        return View(_marked(pages), settling=bool(found))
    related = [one for one in found if one.name == shown.name or _is_renamed(one, shown)]
    carried = _carried(related, shown, pages)
    older = [one for one in related if own is None or one.serial < own.serial]
    versions = [*related, own] if own else related
    kept = [
        Kept(page, entry)
        for one in older
        for page, entry in sorted(one.pages.items())
        if entry.marks and not _has_place(one, page, [shown, *_newer(one, versions)], shown)
    ]
    return View(_marked(pages | carried), tuple(kept))


def _is_renamed(one: Document, shown: Document) -> bool:
    """Whether they are one material under two names: half of the shorter one is in the other."""
    if not one.prints or not shown.prints:
        return False
    shorter = min(len(one.prints), len(shown.prints))
    return 2 * len(_places(one.prints, shown.prints)) >= shorter


def _marked(pages: dict[int, Entry]) -> dict[int, Entry]:
    """In their order. Without marks they count as well: whoever wiped a page has its version."""
    return dict(sorted(pages.items()))


def _carried(
    related: Iterable[Document], shown: Document, own: Collection[int]
) -> dict[int, Entry]:
    """The newest marks on equal pages, for pages that have none of their own."""
    found: dict[int, Entry] = {}
    for one in related:  # older ones first
        for page, entry in one.pages.items():
            place = _place(one, page, shown)
            if place is not None and place not in own:
                found[place] = replace(entry, version=0)
    return {page: entry for page, entry in found.items() if entry.marks}


def _newer(one: Document, versions: Iterable[Document]) -> list[Document]:
    """Later versions of the same material: there the marks may have been carried on."""
    return [other for other in versions if other.serial > one.serial]


def _has_place(one: Document, page: int, others: Iterable[Document], shown: Document) -> bool:
    """Whether the page is shown, or another document has taken its marks over."""
    for other in others:
        place = _place(one, page, other)
        if place is not None and (other is shown or place in other.pages):
            return True
    return False


def _place(one: Document, page: int, other: Document) -> int | None:
    """The page of ``other`` that is equal to page ``page`` of ``one``, both from 1."""
    if one.prints is None or other.prints is None:
        return None
    place = _places(one.prints, other.prints).get(page - 1)
    return None if place is None else place + 1


def _places(before: tuple[Print, ...], after: tuple[Print, ...]) -> dict[int, int]:
    key = (before, after)
    if key not in _known:
        if len(_known) >= KEPT_PAIRS:
            _known.clear()
        _known[key] = places(before, after)
    return _known[key]


KEPT_PAIRS = 16
_known: dict[tuple[tuple[Print, ...], tuple[Print, ...]], dict[int, int]] = {}
