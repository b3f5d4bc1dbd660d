"""The text of a document, section by section. Only ever in a child: what is read is hostile."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from kiosk.render import text_of, viewer_of
from kiosk.search.read import docx, markup, odf, ofd, pdf, pptx, xlsx
from kiosk.search.read.archive import Archive, Refused
from kiosk.search.sections import Section, sections_of

HEAD_BYTES = 4096
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE: dict[str, Callable[[Archive], Iterator[Section]]] = {
    "word/document.xml": docx.sections,
    "ppt/presentation.xml": pptx.sections,
    "xl/workbook.xml": xlsx.sections,
    "content.xml": odf.sections,
    "OFD.xml": ofd.sections,
}
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, ValueError,
    NotImplementedError, OSError,
)  # fmt: skip


@dataclass
class Reading:
    """What is read of a document: ``cut`` says that only its beginning is.

    ``trouble`` is known when its sections have been gone through.
    """

    source: str
    found: Iterable[Section] = field(default=(), repr=False)
    cut: bool = False
    trouble: str | None = None

    @property
    def sections(self) -> Iterator[Section]:
        """The sections, as far as it can be read."""
        try:
            yield from self.found
        except FileNotFoundError:
            raise
        except Refused as fault:
            self.trouble = fault.word
        except _BROKEN:
            self.trouble = "broken"


def reading_of(path: Path) -> Reading:
    """How the file at ``path`` is read, by its content; FileNotFoundError where it is gone."""
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    viewer = viewer_of("", head)
    if viewer == "pdf":
        return Reading("pdf", pdf.sections(path))
    if head.startswith(b"PK\x03\x04"):
        reading = Reading("office")
        reading.found = _office(path, reading)
        return reading
    if head.startswith(_OLD_OFFICE):
        # Its text is that of the PDF that is made of it, or nobody's.
        return Reading("office", trouble="unsupported")
    if viewer in ("frame", "text"):
        return _words(path, is_markup=viewer == "frame")
    return Reading("none")


def _office(path: Path, reading: Reading) -> Iterator[Section]:
    with Archive(path) as archive:
        for name, sections in _OFFICE.items():
            if archive.has(name):
                yield from sections(archive)
                return
    reading.source = "none"  # some other archive


def _words(path: Path, *, is_markup: bool) -> Reading:
    text, more = text_of(path)
    if is_markup or text.lstrip()[:1] == "<":
        return Reading("markup", sections_of(markup.words(text)), more)
    return Reading("words", sections_of(text), more)
