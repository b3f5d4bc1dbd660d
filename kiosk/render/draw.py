"""Looks into one object: counts, measures, a picture of its first page. Only ever in a child."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, BinaryIO

import mutagen
import pypdfium2
from PIL import Image

from kiosk.render import listing, matroska, pictures
from kiosk.render.kinds import is_heif, viewer_of
from kiosk.render.office import sort_of
from kiosk.render.pages import as_jpeg, picture_of, sizes_of
from kiosk.render.work import SHEETS

HEAD_BYTES = 4096
MAX_WIDTH, MAX_HEIGHT = 640, 1280
MAX_SECONDS = 10_000_000
SHARE = 0.7  # of the time that there is: then no further page of a picture is begun
NOTHING: dict[str, Any] = {
    "pages": None, "seconds": None, "width": None, "height": None,
    "thumbnail": False, "sheets": False, "pictures": None, "trouble": None, "kind": None,
}  # fmt: skip


def look(path: Path, folder: Path, hint: str = "", seconds: float = 20.0) -> dict[str, Any]:
    """What is in the object at ``path``; what is made of it goes into ``folder``.

    ``hint`` is the ending of its name where Office files have it. Of one of those it is found only
    what it is (``kind``, ``locked``): more is seen of the PDF that is made from it. ``seconds`` is
    how long there is for all.
    """
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    viewer = viewer_of(f"x.{hint}" if hint else "", head)
    if viewer == "office":
        sort = sort_of(path, hint)
        inside = {"kind": sort.kind or None, "trouble": sort.trouble, "locked": sort.locked}
        return {**NOTHING, **inside}
    if is_heif(head) and not pictures.can_read_heif():
        return {**NOTHING, "trouble": "no-reader"}
    if viewer in ("image", "pictures"):
        return {**NOTHING, **pictures.look(path, folder, time.monotonic() + SHARE * seconds)}
    looks = {"pdf": _pdf, "video": _media, "audio": _media, "archive": _archive}
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


def _save(picture: Image.Image, folder: Path) -> None:
    picture.save(folder / "page1.webp", quality=82, method=4)


def _media(path: Path, folder: Path) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            length = matroska.seconds(file) or _tagged_length(file)
    except mutagen.MutagenError:
        return {"trouble": "broken"}
    if not isinstance(length, int | float) or not 0 < length < MAX_SECONDS:
        return {}
    return {"seconds": round(length, 2)}


def _tagged_length(file: BinaryIO) -> object:
    file.seek(0)
    tagged = mutagen.File(file)
    return getattr(getattr(tagged, "info", None), "length", None)


def _archive(path: Path, folder: Path) -> dict[str, Any]:
    return {"trouble": listing.write(path, folder)}
