"""The words of notes as pages: pictures, because a Chinese font would weigh more than the document.

(The words themselves are in the annotations of the pages, where they can be searched and copied.)
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DPI = 150.0
MARGIN, TEXT, HEADING, LEADING = 0.09, 25, 36, 1.5  # of the width; pixels; of the size
MOST_SHEETS = 50
FONTS = (
    "opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJKsc-Regular.otf",
    "noto-cjk/NotoSansCJK-Regular.ttc", "google-noto-cjk/NotoSansCJK-Regular.ttc",
    "google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", "noto/NotoSansCJK-Regular.ttc",
    "opentype/source-han-sans/SourceHanSansSC-Regular.otf",
    "adobe-source-han-sans/SourceHanSansCN-Regular.otf",
    "truetype/wqy/wqy-microhei.ttc", "truetype/wqy/wqy-zenhei.ttc", "wqy-microhei/wqy-microhei.ttc",
    "truetype/droid/DroidSansFallbackFull.ttf", "truetype/arphic/uming.ttc",
    "truetype/dejavu/DejaVuSans.ttf",
)  # fmt: skip
SIMPLIFIED = 2  # of the faces in that collection, which all hold every character
PLACES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


@dataclass(frozen=True)
class Line:
    """A note: what stands over it, its words, its page, and the number at its spot."""

    caption: str
    text: str
    page: int = 0
    number: int = 0

    def named(self, page: str) -> Line:
        """With its page in words as the caption, where it has none."""
        if self.caption:
            return self
        return Line(f"{self.number} · {page.format(page=self.page)}", self.text)


def sheets(lines: list[Line], heading: str, size: tuple[float, float]) -> list[Image.Image]:
    """Pages of ``size`` (points) with these notes."""
    width, height = (max(300, min(4000, round(side * DPI / 72))) for side in size)
    margin = round(width * MARGIN)
    font = _font(TEXT)
    made: list[Image.Image] = []
    y = height
    rows = [(row, font) for line in lines for row in _rows(line, font, width - 2 * margin)]
    for row, its in [(heading, _font(HEADING)), ("", font), *rows] if heading else rows:
        step = round(its.size * LEADING)
        if y + step > height - margin:
            if len(made) == MOST_SHEETS:
                break
            made.append(Image.new("L", (width, height), 255))
            y = margin
        ImageDraw.Draw(made[-1]).text((margin, y), row, fill=20, font=its)
        y += step
    return made


def _rows(line: Line, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    yield line.caption
    for paragraph in line.text.splitlines():
        yield from _broken(paragraph.replace("\t", "    "), font, width)
    yield ""


def _broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """Lines of at most ``width`` pixels, broken at a space near the end, else anywhere."""
    while text:
        fits = len(text)
        while fits > 1 and font.getlength(text[:fits]) > width:
            fits = max(1, min(fits - 1, int(fits * width / font.getlength(text[:fits]))))
        space = text.rfind(" ", 0, fits + 1)
        cut = space if fits < len(text) and space > fits * 0.6 else fits
        yield text[:cut]
        text = text[cut:].lstrip(" ")


def _font(size: int) -> ImageFont.FreeTypeFont:
    for place in PLACES:
        for name in FONTS:
            if (place / name).is_file():
                index = SIMPLIFIED if name.endswith("NotoSansCJK-Regular.ttc") else 0
                return ImageFont.truetype(str(place / name), size, index)
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise OSError("no font on this machine")
    return found


def as_pdf(pictures: list[Image.Image], dpi: float) -> bytes:
    """Pictures as the pages of a PDF."""
    out = io.BytesIO()
    first, *rest = pictures
    first.save(out, "PDF", resolution=dpi, save_all=True, append_images=rest, quality=90)
    return out.getvalue()
