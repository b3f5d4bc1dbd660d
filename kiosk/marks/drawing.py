"""Draws marks into a document and writes it as PDF. Only ever in a child.

Strokes become vector paths on top of what the page holds, which stays as it is. A note becomes a
numbered spot, with its words as an annotation of the page and, for paper, on a list at the end.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageOps
from pypdfium2 import raw

from kiosk.marks import listing
from kiosk.marks.curve import Piece, Point, pairs, pieces, width_at
from kiosk.marks.pages import pictures
from kiosk.marks.shape import Note, PageMarks, Stroke, parse

RGB = {
    "red": (208, 30, 30),
    "blue": (20, 80, 200),
    "black": (26, 26, 26),
    "yellow": (255, 225, 77),
}
FINE = 1_000_000  # steps of a page's width: PDFium takes whole numbers only
SPOT = 9.0  # points: the radius of a note's number
MAX_PIXELS = 120_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF", "TIFF")
A4 = (595.0, 842.0)
POINTS_PER_PIXEL = 72 / 96
CIRCLE = 0.5523  # how far the controls of a quarter of a circle stand out


def draw(job: dict[str, Any], out: Path) -> None:
    """``source``, ``kind`` (as `marked.source_of` says), ``pages`` and ``kept`` (marks with
    ``page``), ``words``.

    PdfiumError or OSError where the document cannot be read.
    """
    notes: list[listing.Line] = []
    with _opened(Path(job["source"]), job["kind"]) as document:
        size = document[0].get_size() if len(document) else A4
        for one in job["pages"]:
            if one["page"] <= len(document):
                _mark(document, document[one["page"] - 1], parse(one), (one["page"], notes))
        for one in job["kept"]:
            marks = parse(one)
            caption = job["words"]["kept"].format(page=one["page"])
            notes += [listing.Line(caption, note.text) for note in marks.notes]
            if marks.strokes:
                _add(document, listing.sheets([listing.Line(caption, "")], "", size))
                page = document[len(document) - 1]
                _strokes(page, marks)
                page.gen_content()
        if notes:
            named = [line.named(job["words"]["page"]) for line in notes]
            _add(document, listing.sheets(named, job["words"]["notes"], size))
        document.save(str(out))


def _opened(path: Path, kind: str) -> Any:
    if kind == "pictures":
        return _scan(path)
    return pypdfium2.PdfDocument(path if kind == "pdf" else _paged(path))


def _scan(first: Path) -> Any:
    """The pictures of a scan's pages as a PDF: as they are, each on a page no longer than A4's."""
    document = pypdfium2.PdfDocument.new()
    for path in pictures(first):
        picture = pypdfium2.PdfImage.new(document)
        picture.load_jpeg(path, inline=True)
        pixels = picture.get_px_size()
        scale = min(POINTS_PER_PIXEL, max(A4) / max(pixels))
        width, height = (side * scale for side in pixels)
        picture.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
        page = document.new_page(width, height)
        page.insert_obj(picture)
        page.gen_content()
        page.close()
    return document


def _paged(path: Path) -> bytes:
    """A picture as the one page of a PDF."""
    Image.MAX_IMAGE_PIXELS = None  # asked below
    Image.init()
    with Image.open(path, formats=[one for one in FORMATS if one in Image.OPEN]) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError("too large a picture")
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright)
    return listing.as_pdf([paper], 72 / POINTS_PER_PIXEL)


def _add(document: Any, sheets: list[Image.Image]) -> None:
    if sheets:
        with pypdfium2.PdfDocument(listing.as_pdf(sheets, listing.DPI)) as more:
            document.import_pages(more)


def _mark(
    document: Any, page: Any, marks: PageMarks, listed: tuple[int, list[listing.Line]]
) -> None:
    number, lines = listed
    _strokes(page, marks)
    for note in marks.notes:
        lines.append(listing.Line("", note.text, number, len(lines) + 1))
        _spot(document, page, note, len(lines))
    page.gen_content()
    page.close()


def _strokes(page: Any, marks: PageMarks) -> None:
    width = page.get_width() / 1000
    for stroke in sorted(marks.strokes, key=lambda one: one.tool == "pen"):
        points = [_user(page, spot) for spot in pairs(stroke.points)]
        for some, thick in _runs(stroke, pieces(points)):
            path = _path(some)
            raw.FPDFPageObj_SetStrokeColor(path, *RGB[stroke.ink], 255)
            raw.FPDFPageObj_SetStrokeWidth(path, thick * width)
            raw.FPDFPageObj_SetLineCap(path, raw.FPDF_LINECAP_ROUND)
            raw.FPDFPageObj_SetLineJoin(path, raw.FPDF_LINEJOIN_ROUND)
            raw.FPDFPath_SetDrawMode(path, raw.FPDF_FILLMODE_NONE, True)
            if stroke.tool == "highlighter":
                raw.FPDFPageObj_SetBlendMode(path, b"Multiply")
            raw.FPDFPage_InsertObject(page, path)


def _runs(stroke: Stroke, its: list[Piece]) -> Iterator[tuple[list[Piece], float]]:
    """What is drawn in one go, and how wide; each piece by itself where pressure was felt."""
    if not stroke.pressure or stroke.tool == "highlighter":
        yield its, stroke.width
        return
    for piece, pressure in zip(its, stroke.pressure, strict=True):
        yield [piece], width_at(stroke.width, pressure)


def _path(its: list[Piece]) -> Any:
    path = raw.FPDFPageObj_CreateNewPath(*its[0][0])
    for start, control, end in its:
        if start == control == end:
            # A line without length would not show: a dot of nearly none does.
            raw.FPDFPath_LineTo(path, end[0] + 0.01, end[1])
            continue
        first = [a + (b - a) * 2 / 3 for a, b in zip(start, control, strict=True)]
        second = [a + (b - a) * 2 / 3 for a, b in zip(end, control, strict=True)]
        raw.FPDFPath_BezierTo(path, *first, *second, *end)
    return path


def _user(page: Any, spot: Point) -> Point:
    """A spot of the page as it is shown, in the page's own coordinates: it may lie on its side."""
    x, y = ctypes.c_double(), ctypes.c_double()
    shown = round(spot[0] * FINE), round(spot[1] * FINE)
    if not raw.FPDF_DeviceToPage(page, 0, 0, FINE, FINE, 0, *shown, x, y):
        raise ValueError("a page without area")
    return x.value, y.value


def _spot(document: Any, page: Any, note: Note, number: int) -> None:
    """A red disc with a number, and the words as an annotation that any reader of PDF shows."""
    x, y = _user(page, (note.x, note.y))
    disc = _disc(x, y)
    raw.FPDFPageObj_SetFillColor(disc, *RGB["red"], 255)
    raw.FPDFPath_SetDrawMode(disc, raw.FPDF_FILLMODE_WINDING, False)
    raw.FPDFPage_InsertObject(page, disc)
    raw.FPDFPage_InsertObject(page, _digits(document, str(number), (x, y), page.get_rotation()))
    # A ring around the disc, which a reader of PDF opens; the usual sign would cover the number.
    annotation = raw.FPDFPage_CreateAnnot(page, raw.FPDF_ANNOT_CIRCLE)
    box = raw.FS_RECTF(x - SPOT, y + SPOT, x + SPOT, y - SPOT)
    raw.FPDFAnnot_SetRect(annotation, ctypes.byref(box))
    raw.FPDFAnnot_SetColor(annotation, raw.FPDFANNOT_COLORTYPE_Color, *RGB["red"], 255)
    raw.FPDFAnnot_SetStringValue(annotation, b"Contents", _wide(note.text))
    raw.FPDFPage_CloseAnnot(annotation)


def _digits(document: Any, digits: str, middle: Point, turned: int) -> Any:
    """White digits in the middle of a disc, upright on a page that is shown turned."""
    words = raw.FPDFPageObj_NewTextObj(document, b"Helvetica-Bold", 10.0)
    raw.FPDFText_SetText(words, _wide(digits))
    raw.FPDFPageObj_SetFillColor(words, 255, 255, 255, 255)
    cos, sin = round(math.cos(math.radians(turned))), round(math.sin(math.radians(turned)))
    across, down = -2.8 * len(digits), -3.6
    x = middle[0] + cos * across - sin * down
    y = middle[1] + sin * across + cos * down
    raw.FPDFPageObj_Transform(words, cos, sin, -sin, cos, x, y)
    return words


def _disc(x: float, y: float) -> Any:
    far, near = SPOT, SPOT * CIRCLE
    path = raw.FPDFPageObj_CreateNewPath(x + far, y)
    for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        c, d = -b, a  # a quarter on
        raw.FPDFPath_BezierTo(
            path,
            x + a * far + c * near,
            y + b * far + d * near,
            x + c * far + a * near,
            y + d * far + b * near,
            x + c * far,
            y + d * far,
        )
    raw.FPDFPath_Close(path)
    return path


def _wide(text: str) -> Any:
    content = (text + "\0").encode("utf-16-le", "replace")
    units = (ctypes.c_ushort * (len(content) // 2)).from_buffer_copy(content)
    return ctypes.cast(units, ctypes.POINTER(ctypes.c_ushort))
