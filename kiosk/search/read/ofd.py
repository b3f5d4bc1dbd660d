"""The text of an OFD file (GB/T 33190, the national layout format), page by page."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from kiosk.search.read import prose
from kiosk.search.read.archive import Archive
from kiosk.search.sections import MOST_PAGES, Section, sections_of

ROOT = "OFD.xml"
_RULES = prose.Rules(("TextCode",), {"TextCode": "\n"})
_ROOTS = prose.Rules(("DocRoot",), {"DocRoot": "\n"})


def sections(archive: Archive) -> Iterator[Section]:
    """Its pages, those of one document behind those of the other, from 1."""
    roots = prose.words(archive, ROOT, _ROOTS).split()
    pages = [name for root in roots if archive.has(_at("", root)) for name in _pages(archive, root)]
    for number, name in enumerate(pages[:MOST_PAGES], 1):
        if archive.has(name):
            yield from sections_of(prose.words(archive, name, _RULES), number)


def _pages(archive: Archive, root: str) -> list[str]:
    found: list[str] = []
    folder = posixpath.dirname(_at("", root))

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Page":
            found.append(_at(folder, attributes.get("BaseLoc", "")))

    archive.walk(_at("", root), start, lambda _: None, lambda _: None)
    return found


def _at(folder: str, place: str) -> str:
    """A part by its place, which is told from the folder of who tells it, or from the top."""
    return posixpath.normpath(posixpath.join("/", folder, place)).lstrip("/")
