"""The text of an OpenDocument file; that of a presentation slide by slide."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.search.read import prose
from kiosk.search.read.archive import Archive
from kiosk.search.sections import Section, sections_of

CONTENT = "content.xml"
_PAGE = "\f"  # which no XML has in it
_RULES = prose.Rules(
    ("p", "h"),
    {"p": "\n", "h": "\n", "line-break": "\n", "tab": "\t", "s": " ", "page": _PAGE},
    ("annotation",),
)


def sections(archive: Archive) -> Iterator[Section]:
    """Its text; with pages only where the format itself has some."""
    pages = prose.words(archive, CONTENT, _RULES).split(_PAGE)
    for number, text in enumerate(pages, 1):
        yield from sections_of(text, number if len(pages) > 1 else None)
