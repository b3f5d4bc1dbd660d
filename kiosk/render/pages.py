"""The pages of a PDF: how large each is, and a picture of one as it is read. Only in a child.

The pictures are JPEG, because they are for the moment until the page itself is drawn: half the time
of WebP to make, and twice the bytes, which go no further than this machine.
"""

from __future__ import annotations

import io
import math
from typing import Any

import pypdfium2
from PIL import Image

# An upright A4 page becomes 1120 pixels wide: just what it is shown at where there is room.
MAX_WIDTH, MAX_HEIGHT = 1280, 1584
QUALITY = 80
MOST_MEASURED = 5000
LARGEST_POINTS = 20_000.0
USUAL_SIZE = (595.0, 842.0)

Runs = list[list[float]]


def sizes_of(document: Any) -> Runs:
    """The sizes of all pages, in points, as runs of equal ones: ``[how many, width, height]``.

    A page that cannot be measured has the size of the one before it; so have all after a number
    that nobody reads through.
    """
    runs: Runs = []
    count = len(document)
    size = USUAL_SIZE
    for index in range(min(count, MOST_MEASURED)):
        size = _size(document, index) or size
        if runs and runs[-1][1:] == list(size):
            runs[-1][0] += 1
        else:
            runs.append([1, *size])
    if runs:
        runs[-1][0] += max(0, count - MOST_MEASURED)
    return runs


def _size(document: Any, index: int) -> tuple[float, float] | None:
    try:
        width, height = document.get_page_size(index)
    except pypdfium2.PdfiumError:
        return None
    if not (0 < width <= LARGEST_POINTS and 0 < height <= LARGEST_POINTS):
        return None
    return round(width, 2), round(height, 2)


def picture_of(page: Any) -> Image.Image:
    """A page as large as it is read.

    PdfiumError where it cannot be drawn, ValueError where it has no area.
    """
    width, height = page.get_size()
    if not (width > 0 and height > 0 and math.isfinite(width * height)):
        raise ValueError("a page without area")
    scale = min((MAX_WIDTH - 0.5) / width, (MAX_HEIGHT - 0.5) / height)
    drawn: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return drawn


def as_jpeg(picture: Image.Image) -> bytes:
    """The bytes that are given out."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
