"""The text of a PDF, page by page, as PDFium finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

from kiosk.search.folding import WIDE
from kiosk.search.read.archive import Refused
from kiosk.search.sections import MOST_ON_PAGE, MOST_PAGES, Section, sections_of

# Where a line of the paper ends inside a sentence without spaces, the sentence does not.
_LINE_END = re.compile(rf"(?<=[{WIDE}])[^\S\n]*\n\s*(?=[{WIDE}])")


def sections(path: Path) -> Iterator[Section]:
    """Its pages, from 1; one that cannot be read has no text. `Refused` where it stays closed."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as fault:
        raise Refused("encrypted" if "assword" in str(fault) else "broken") from None
    with document:
        for number in range(min(len(document), MOST_PAGES)):
            yield from sections_of(_text(document, number), number + 1)


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
        words = page.get_textpage()
        text: str = words.get_text_range(count=min(words.count_chars(), MOST_ON_PAGE))
        words.close()
        page.close()
    except pypdfium2.PdfiumError:
        return ""
    return _LINE_END.sub("", text.replace("\r\n", "\n"))
