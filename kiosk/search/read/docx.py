"""The text of a Word file, without pages: those are made by whoever lays it out."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.search.read import prose
from kiosk.search.read.archive import Archive
from kiosk.search.sections import Section, sections_of

PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")


def sections(archive: Archive) -> Iterator[Section]:
    """Its text, then its notes."""
    for name in PARTS:
        if archive.has(name):
            yield from sections_of(prose.words(archive, name))
