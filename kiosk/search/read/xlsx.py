"""The text of a workbook: the names of its sheets, and their cells row by row."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.search.read.archive import Archive, Enough
from kiosk.search.sections import MOST_CHARACTERS, MOST_PAGES, Section, sections_of

WORKBOOK = "xl/workbook.xml"
STRINGS = "xl/sharedStrings.xml"


def sections(archive: Archive) -> Iterator[Section]:
    """Its sheets, one behind the other, without pages."""
    strings = _Strings()
    if archive.has(STRINGS):
        archive.walk(STRINGS, strings.start, strings.end, strings.text)
    for title, name in _sheets(archive)[:MOST_PAGES]:
        sheet = _Sheet(title, strings.known)
        if archive.has(name):
            archive.walk(name, sheet.start, sheet.end, sheet.text)
        yield from sections_of("".join(sheet.seen))


def _sheets(archive: Archive) -> list[tuple[str, str]]:
    """Title and part of each sheet, in order."""
    parts = archive.related(WORKBOOK)
    found: list[tuple[str, str]] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "sheet":
            name = parts.get(attributes.get("r:id", ""), "")
            found.append((attributes.get("name", ""), name))

    archive.walk(WORKBOOK, start, lambda _: None, lambda _: None)
    return found


class _Strings:
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        self.known: list[str] = []
        self._parts: list[str] = []
        self._left = MOST_CHARACTERS
        self._within = False
        self._spoken = 0  # how it is pronounced is no text of the cell

    def start(self, name: str, _: dict[str, str]) -> None:
        if name == "t":
            self._within = True
        elif name == "rPh":
            self._spoken += 1

    def end(self, name: str) -> None:
        if name == "t":
            self._within = False
        elif name == "rPh":
            self._spoken -= 1
        elif name == "si":
            self.known.append("".join(self._parts))
            self._parts.clear()

    def text(self, text: str) -> None:
        if self._within and not self._spoken:
            self._parts.append(text)
            self._left -= len(text)
            if self._left < 0:
                raise Enough


class _Sheet:
    """The cells of one sheet, as lines."""

    def __init__(self, title: str, strings: list[str]) -> None:
        self.seen = [title, "\n"]
        self._strings = strings
        self._left = MOST_CHARACTERS
        self._kind = ""
        self._value: list[str] = []
        self._within = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._value.clear()
        elif name in ("v", "t"):
            self._within = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._within = False
        elif name == "c":
            self._put(self._cell() + "\t")
        elif name == "row":
            self._put("\n")

    def text(self, text: str) -> None:
        if self._within:
            self._value.append(text)

    def _cell(self) -> str:
        value = "".join(self._value)
        if self._kind != "s":
            return value
        at = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1
        return self._strings[at] if 0 <= at < len(self._strings) else ""

    def _put(self, text: str) -> None:
        self.seen.append(text)
        self._left -= len(text)
        if self._left < 0:
            raise Enough
