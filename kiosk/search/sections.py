"""Text as it is kept: cleaned, in sections of a page or less, and bounded."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_IN_SECTION = 4_000
MOST_ON_PAGE = 40_000
MOST_PAGES = 5_000
MOST_CHARACTERS = 4_000_000
OVERLAP = 64  # where a line is cut in the middle, so that no phrase is lost there
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
# A word that was divided at the end of a line: as PDFium, and as Unicode says it.
_DIVIDED = re.compile("[\x02\xad\ufffe]\\s*")
_DROPPED = {"Cf": "", "Cc": " ", "Cs": "\ufffd"}


class _Clean(dict[int, str]):
    """What is kept of each character: nothing that steers, nothing that cannot be written down."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = _DROPPED.get(unicodedata.category(character), character)
        self[code] = kept
        return kept


_TABLE = _Clean({ord("\n"): "\n", ord("\t"): "\t"})


@dataclass(frozen=True)
class Section:
    """Some text, and the page that it is on, from 1; None in what has no pages."""

    page: int | None
    text: str


class Bounded:
    """Sections as long as there is room and time for them; ``cut`` says that there were more."""

    def __init__(self, sections: Iterable[Section], until: float) -> None:
        self._sections = sections
        self._until = until  # by time.monotonic()
        self.cut = False

    def __iter__(self) -> Iterator[Section]:
        left = MOST_CHARACTERS
        for count, section in enumerate(self._sections):
            if left <= 0 or count >= 2 * MOST_PAGES or time.monotonic() > self._until:
                self.cut = True
                return
            left -= len(section.text)
            yield section


def cleaned(text: str) -> str:
    """Text in composed form without control characters, lone surrogates and idle space."""
    text = _DIVIDED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = unicodedata.normalize("NFC", text.translate(_TABLE))
    return _LINES.sub("\n", _SPACE.sub(" ", text)).strip()


def sections_of(text: str, page: int | None = None) -> Iterator[Section]:
    """A text in sections, cut between lines where it can be; nothing for one without text."""
    text = cleaned(text)
    start = 0
    while start < len(text):
        end, following = _next(text, start)
        part = text[start:end].strip()
        if part:
            yield Section(page, part)
        start = following


def _next(text: str, start: int) -> tuple[int, int]:
    """Where the section that begins at ``start`` ends, and where the one behind it begins."""
    end = start + MOST_IN_SECTION
    if end >= len(text):
        return len(text), len(text)
    line = text.rfind("\n", start + MOST_IN_SECTION // 2, end)
    return (line, line + 1) if line >= 0 else (end, end - OVERLAP)
