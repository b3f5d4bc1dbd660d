"""Small documents for tests: pages with words on them, as PDF."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from typing import Any

import pypdfium2
from PIL import Image
from pypdfium2 import raw

A4 = (595.0, 842.0)


def papers(
    pages: Sequence[str], *, size: tuple[float, float] = A4, turn: int = 0, numbered: bool = False
) -> bytes:
    """One page for each text; ``turn`` lays all on their side, ``numbered`` puts numbers below."""
    document = pypdfium2.PdfDocument.new()
    for number, words in enumerate(pages, 1):
        page = document.new_page(*size)
        if words:
            _write(document, page, words, (60, size[1] / 2))
        if numbered:
            _write(document, page, f"{number} / {len(pages)}", (size[0] / 2, 20))
        page.gen_content()
        page.set_rotation(turn)
        page.close()
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def picture(content: bytes, page: int = 0, width: int = 595) -> Image.Image:
    """A page of a PDF as it looks, ``width`` pixels wide."""
    with pypdfium2.PdfDocument(content) as document:
        its = document[page]
        shown: Image.Image = its.render(scale=width / its.get_width()).to_pil().convert("RGB")
        return shown


def _write(document: Any, page: Any, words: str, place: tuple[float, float]) -> None:
    text = raw.FPDFPageObj_NewTextObj(document, b"Helvetica", 24.0)
    content = (words + "\0").encode("utf-16-le")
    units = (ctypes.c_ushort * (len(content) // 2)).from_buffer_copy(content)
    raw.FPDFText_SetText(text, ctypes.cast(units, ctypes.POINTER(ctypes.c_ushort)))
    raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, *place)
    raw.FPDFPage_InsertObject(page, text)
