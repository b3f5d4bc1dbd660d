"""The text of a presentation, slide by slide."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.search.read import prose
from kiosk.search.read.archive import Archive
from kiosk.search.sections import MOST_PAGES, Section, sections_of

PRESENTATION = "ppt/presentation.xml"


def sections(archive: Archive) -> Iterator[Section]:
    """Its slides in the order in which they are shown, from 1."""
    for number, name in enumerate(_slides(archive)[:MOST_PAGES], 1):
        if archive.has(name):
            yield from sections_of(prose.words(archive, name), number)


def _slides(archive: Archive) -> list[str]:
    parts = archive.related(PRESENTATION)
    found: list[str] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "sldId":
            found.append(parts.get(attributes.get("r:id", ""), ""))

    archive.walk(PRESENTATION, start, lambda _: None, lambda _: None)
    return found
