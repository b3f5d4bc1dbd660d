"""Reads a document for what its pages are known by. Only in a child.

Of a PDF these are words, size and a small picture; of a scan the bytes of the pictures that are
shown of its pages: those of an equal page are equal.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2

from kiosk.marks.equal import Print
from kiosk.marks.files import MOST_PAGES

WIDTH = 96  # pixels: a changed line of a chart shows, and a page takes milliseconds
MOST_HEIGHT = 192
EDGE = 0.08  # of the height: where page numbers are
LETTERS = 200_000
PICTURE_SUFFIX = ".jpg"
_DIGITS = re.compile(r"[\d\s]+")


def prints(path: Path) -> Iterator[Print]:
    """One for each page, in order; PdfiumError where it is no PDF that can be read.

    ``path``: a PDF, or the first of the pictures that were made of a scan's pages.
    """
    if path.suffix == PICTURE_SUFFIX:
        yield from (Print(_hash(one.read_bytes())) for one in pictures(path))
        return
    with pypdfium2.PdfDocument(path) as document:
        for index in range(min(len(document), MOST_PAGES)):
            yield _print(document, index)


def pictures(first: Path) -> Iterator[Path]:
    """The pictures of a scan's pages, in order, as they lie beside the first one."""
    for page in range(1, MOST_PAGES + 1):
        picture = first.with_name(f"picture{page}{PICTURE_SUFFIX}")
        if not picture.is_file():
            return
        yield picture


def _print(document: Any, index: int) -> Print:
    """A page that cannot be drawn is like no other one."""
    try:
        page = document[index]
        width, height = page.get_size()
        picture = page.render(scale=_scale(width, height), grayscale=True).to_pil().convert("L")
        words = page.get_textpage()
    except (pypdfium2.PdfiumError, ValueError):
        return Print(_hash("unreadable", str(index)))
    left, bottom, right, top = page.get_bbox()
    edge = (top - bottom) * EDGE
    body = _text(words, (left, bottom + edge, right, top - edge))
    head = _text(words, (left, top - edge, right, top))
    foot = _text(words, (left, bottom, right, bottom + edge))
    size = f"{width:.1f} {height:.1f}"
    exact = _hash(size, _text(words, None), picture.tobytes())
    page.close()
    rows = round(picture.height * EDGE)
    middle = picture.crop((0, rows, picture.width, picture.height - rows))
    if not body.strip() and len(middle.getcolors(2) or (1, 2)) == 1:
        return Print(exact)
    edges = _DIGITS.sub("", head), _DIGITS.sub("", foot)
    return Print(exact, _hash(size, body, *edges, middle.tobytes()))


def _scale(width: float, height: float) -> float:
    if not (width > 0 and height > 0 and math.isfinite(width * height)):
        raise ValueError("a page without area")
    return min(WIDTH / width, MOST_HEIGHT / height)


def _text(words: Any, box: tuple[float, float, float, float] | None) -> str:
    if box is None:
        return str(words.get_text_range(0, min(words.count_chars(), LETTERS)))
    left, bottom, right, top = box
    return str(words.get_text_bounded(left, bottom, right, top))[:LETTERS]


def _hash(*parts: str | bytes) -> str:
    """Parts cannot run into one another: each is hashed with its length."""
    digest = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:32]
