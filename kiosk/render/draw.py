"""Looks into one object: counts, measures, a picture of its first page. Only ever in a child."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mutagen
import pypdfium2
from PIL import Image, ImageOps

from kiosk.render import listing
from kiosk.render.kinds import viewer_of
from kiosk.render.office import sort_of
from kiosk.render.pages import as_jpeg, picture_of, sizes_of
from kiosk.render.work import SHEETS

HEAD_BYTES = 4096
MAX_WIDTH, MAX_HEIGHT = 640, 1280
MAX_SECONDS = 10_000_000
MAX_PIXELS = 120_000_000
# Only what browsers show: other readers of the library start programs, or are rarely looked after.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")
NOTHING: dict[str, Any] = {
    "pages": None, "seconds": None, "width": None, "height": None,
    "thumbnail": False, "sheets": False, "trouble": None, "kind": None,
}  # fmt: skip


def look(path: Path, folder: Path, hint: str = "") -> dict[str, Any]:
    """What is in the object at ``path``; its picture goes into ``folder``.

    ``hint`` is the ending of its name where Office files have it. Of one of those it is found only
    what it is (``kind``, ``locked``): more is seen of the PDF that is made from it.
    """
    with open(path, "rb") as file:
        viewer = viewer_of(f"x.{hint}" if hint else "", file.read(HEAD_BYTES))
    if viewer == "office":
        sort = sort_of(path, hint)
        inside = {"kind": sort.kind or None, "trouble": sort.trouble, "locked": sort.locked}
        return {**NOTHING, **inside}
    looks = {"pdf": _pdf, "image": _image, "video": _media, "audio": _media, "archive": _archive}
    found = looks[viewer](path, folder) if viewer in looks else {}
    return {**NOTHING, **found}


def _pdf(path: Path, folder: Path) -> dict[str, Any]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as fault:
        return {"trouble": "encrypted" if "assword" in str(fault) else "broken"}
    with document:
        pages = len(document)
        if not pages:
            return {"pages": 0, "trouble": "broken"}
        (folder / SHEETS).write_text(json.dumps(sizes_of(document)), "ascii")
        return {"pages": pages, "sheets": True, **_first_page(document, folder)}


def _first_page(document: Any, folder: Path) -> dict[str, Any]:
    """Its size and its pictures: for the card, and as large as it is read."""
    try:
        page = document[0]
        width, height = page.get_size()
        picture = picture_of(page)
    except (pypdfium2.PdfiumError, ValueError):
        return {"trouble": "broken"}
    (folder / "page-1.jpg").write_bytes(as_jpeg(picture))
    picture.thumbnail((MAX_WIDTH, MAX_HEIGHT))
    _save(picture, folder)
    return {"width": round(width), "height": round(height), "thumbnail": True}


def _image(path: Path, folder: Path) -> dict[str, Any]:
    Image.MAX_IMAGE_PIXELS = None  # asked below, where the size can still be told
    Image.init()
    formats = [one for one in FORMATS if one in Image.OPEN]
    try:
        with Image.open(path, formats=formats) as picture:
            size = {"width": picture.width, "height": picture.height}
            if picture.width * picture.height > MAX_PIXELS:
                return {**size, "trouble": "too-large"}
            picture.draft("RGB", (MAX_WIDTH, MAX_HEIGHT))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((MAX_WIDTH, MAX_HEIGHT))
            _save(upright.convert("RGBA" if "A" in upright.getbands() else "RGB"), folder)
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError):
        return {"trouble": "broken"}
    return {**size, "thumbnail": True}


def _save(picture: Image.Image, folder: Path) -> None:
    picture.save(folder / "page1.webp", quality=82, method=4)


def _media(path: Path, folder: Path) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            tagged = mutagen.File(file)
    except mutagen.MutagenError:
        return {"trouble": "broken"}
    length = getattr(getattr(tagged, "info", None), "length", None)
    if not isinstance(length, int | float) or not 0 < length < MAX_SECONDS:
        return {}
    return {"seconds": round(length, 2)}


def _archive(path: Path, folder: Path) -> dict[str, Any]:
    return {"trouble": listing.write(path, folder)}
