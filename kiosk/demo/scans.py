"""Makes the samples' large files: "scanned" pages of a PDF, and "photos" of a picture.

They are large because of their grain, as real ones are, so they are made on first use instead of
being shipped. Nothing here draws text: the fonts of the machine do not matter.
"""

from __future__ import annotations

import io
import math
import random
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

DPI = 200
PHOTO = (4000, 2667)
PAPER = (247, 244, 236)
_PDFIUM = threading.Lock()  # PDFium works for one thread at a time


def photo(source: Path) -> bytes:
    """``source`` as a camera with 10 megapixels would have taken it: a JPEG of some megabytes."""
    picture = Image.open(source).convert("RGB").resize(PHOTO, Image.Resampling.BICUBIC)
    return _jpeg(_grained(picture, seed=1, strength=30), quality=95)


def scan(source: Path, pages: Sequence[int], mark: str) -> bytes:
    """Those ``pages`` (from 1) of a PDF as a scanner makes them, the first and last one marked.

    ``mark`` is "seal" or "signature".
    """
    with _PDFIUM, pypdfium2.PdfDocument(source) as document:
        drawn = [_drawn(document, page) for page in pages]
    with ThreadPoolExecutor() as pool:
        marks = [mark if index in (0, len(pages) - 1) else "" for index in range(len(pages))]
        scanned = list(pool.map(_scanned, drawn, marks, range(len(pages))))
    return _pdf_of(scanned, drawn[0].width * 72 / DPI, drawn[0].height * 72 / DPI)


def page_count(content: bytes) -> int:
    """How many pages a PDF has."""
    with _PDFIUM, pypdfium2.PdfDocument(content) as document:
        return len(document)


def _drawn(document: pypdfium2.PdfDocument, page: int) -> Image.Image:
    picture: Image.Image = document[page - 1].render(scale=DPI / 72).to_pil()
    return picture.convert("RGB")


def _scanned(page: Image.Image, mark: str, number: int) -> bytes:
    rnd = random.Random(number)
    if mark:
        _seal(page) if mark == "seal" else _signature(page)
    if number % 2:  # every other sheet went in askew
        page = page.rotate(rnd.uniform(-0.5, 0.5), Image.Resampling.BILINEAR, fillcolor=PAPER)
    page = page.point([level * tone // 255 for tone in PAPER for level in range(256)])
    return _jpeg(_grained(page, number, strength=36), quality=93)


def _grained(picture: Image.Image, seed: int, strength: int) -> Image.Image:
    size = picture.size
    grain = Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1]))
    grain = grain.point([level * strength // 255 for level in range(256)])
    return ImageChops.subtract(picture, Image.merge("RGB", (grain, grain, grain)))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=quality, dpi=(DPI, DPI))
    return target.getvalue()


def _seal(page: Image.Image) -> None:
    x, y, r = page.width * 0.72, page.height * 0.84, 150
    pen = ImageDraw.Draw(page)
    red = (196, 40, 44)
    pen.ellipse((x - r, y - r, x + r, y + r), outline=red, width=9)
    star = [
        (x + d * math.sin(i * math.pi / 5), y - d * math.cos(i * math.pi / 5))
        for i, d in ((i, 62 if i % 2 == 0 else 25) for i in range(10))
    ]
    pen.polygon(star, fill=red)


def _signature(page: Image.Image) -> None:
    pen = ImageDraw.Draw(page)
    left, base = page.width * 0.58, page.height * 0.86
    curve = [
        (left + t * 4.6, base - 46 * math.sin(t / 7) * math.exp(-t / 90) - 24 * math.sin(t / 2.6))
        for t in range(100)
    ]
    pen.line(curve, fill=(32, 46, 130), width=7, joint="curve")


def _pdf_of(pictures: Iterable[bytes], width: float, height: float) -> bytes:
    target = io.BytesIO()
    with _PDFIUM:
        document = pypdfium2.PdfDocument.new()
        for picture in pictures:
            image = pypdfium2.PdfImage.new(document)
            image.load_jpeg(io.BytesIO(picture), inline=True)
            image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
            page = document.new_page(width, height)
            page.insert_obj(image)
            page.gen_content()
        document.save(target)
        document.close()
    return target.getvalue()
