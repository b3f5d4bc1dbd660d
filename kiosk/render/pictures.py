"""Pictures: size, thumbnail, and what a browser is shown in their place. Only ever in a child.

A browser unpacks JPEG, PNG, GIF, WebP, BMP and AVIF by itself. What it cannot read (TIFF, HEIF) and
what would cost it too much memory is shown by pictures made here: ``picture1.jpg`` and so on, one a
page, upright, in eight bits a channel, of at most `MADE_PIXELS`.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

BY_BROWSER = ("PNG", "JPEG", "MPO", "GIF", "WEBP", "BMP", "AVIF")  # MPO: a JPEG and more
# Only these besides: other readers of the library start programs, or are rarely looked after.
OURS = ("TIFF", "HEIF")
THUMBNAIL = (640, 1280)
MAX_PIXELS = 200_000_000  # of what is unpacked at once: 800 MB
SHOWN_PIXELS = 32_000_000  # what a browser is asked to unpack: 128 MB
MADE_PIXELS = 12_000_000
MADE_SIDE = 16_000
MOST_FRAMES = 10_000
MOST_MADE = 200
MAX_PROFILE_BYTES = 1 << 20
SMALLER_COPY = 1  # TIFF 6.0, NewSubfileType, bit 0
HIGH_DEPTH = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
FAULTS = (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError)


def look(path: Path, folder: Path, until: float) -> dict[str, Any]:
    """What is in the picture at ``path``; what is made of it goes into ``folder``.

    No further page is begun at ``until`` (monotonic seconds).
    """
    Image.MAX_IMAGE_PIXELS = None  # asked below, where the size can still be told
    Image.init()
    _know_heif()
    formats = [one for one in (*BY_BROWSER, *OURS) if one in Image.OPEN]
    try:
        with Image.open(path, formats=formats) as picture:
            return _found(picture, folder, until)
    except FAULTS:
        return {"trouble": "broken"}


def can_read_heif() -> bool:
    """Whether the library for HEIF is installed: it is wanted by choice (README)."""
    return importlib.util.find_spec("pillow_heif") is not None


def _know_heif() -> None:
    if can_read_heif():
        importlib.import_module("pillow_heif").register_heif_opener(thumbnails=False)


def _found(picture: Image.Image, folder: Path, until: float) -> dict[str, Any]:
    width, height = picture.size
    if picture.format not in BY_BROWSER or width * height > SHOWN_PIXELS:
        return _make_all(picture, folder, until)
    picture.draft("RGB", THUMBNAIL)
    ImageOps.exif_transpose(picture, in_place=True)
    _thumbnail(picture, folder)
    return {"width": width, "height": height, "thumbnail": True}


def _make_all(picture: Image.Image, folder: Path, until: float) -> dict[str, Any]:
    """A picture of each page, as many as there is time for, but the first in any case."""
    size = {"width": picture.width, "height": picture.height}
    pages = _pages(picture)
    made = 0
    for page in pages[:MOST_MADE]:
        if made and time.monotonic() > until:
            break
        try:
            picture.seek(page)
            upright = _upright(picture)
        except FAULTS:
            break  # the pages before it can be read
        if upright is None:
            break
        made += 1
        _save(upright, folder / f"picture{made}.jpg")
        if made == 1:
            _thumbnail(upright, folder)
    if not made:
        huge = picture.width * picture.height > MAX_PIXELS
        return {**size, "trouble": "too-large" if huge else "broken"}
    count = len(pages) if len(pages) > 1 else None
    return {**size, "pages": count, "pictures": made, "thumbnail": True}


def _pages(picture: Image.Image) -> list[int]:
    """The frames that are pages: those of a TIFF, but for smaller copies of others."""
    if picture.format != "TIFF":
        return [0]
    pages = []
    for frame in range(min(getattr(picture, "n_frames", 1), MOST_FRAMES)):
        picture.seek(frame)
        kind = picture.tag_v2.get(254, 0)  # type: ignore[attr-defined]
        if not (frame and isinstance(kind, int) and kind & SMALLER_COPY):
            pages.append(frame)
    return pages


def _upright(picture: Image.Image) -> Image.Image | None:
    """The page as a browser can have it; None where even unpacking it would be too much."""
    # A JPEG is unpacked at an eighth of its size as easily as in full.
    picture.draft("RGB", _fitting(picture.width, picture.height))
    if picture.width * picture.height > MAX_PIXELS:
        return None
    ImageOps.exif_transpose(picture, in_place=True)
    plain = _plain(picture)
    plain.thumbnail(_fitting(plain.width, plain.height))
    return plain


def _fitting(width: int, height: int) -> tuple[int, int]:
    """The size within the bounds of what is made, in the same shape."""
    scale = min(1.0, math.sqrt(MADE_PIXELS / (width * height)), MADE_SIDE / max(width, height))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _plain(picture: Image.Image) -> Image.Image:
    """Grey or RGB in eight bits a channel, on white where it lets through."""
    if picture.mode in HIGH_DEPTH:
        picture = _in_eight_bits(picture)
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        sheet = Image.new("RGB", over.size, "white")
        sheet.paste(over, mask=over.getchannel("A"))
        return sheet
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Of 16 bits the upper eight, as browsers do it; else from the least to the greatest number."""
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    low, high = picture.getextrema()
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        raise ValueError("more than one channel")
    step = 255 / (high - low) if math.isfinite(high - low) and high > low else 0.0
    return picture.point(lambda level: level * step - low * step).convert("L")


def _thumbnail(upright: Image.Image, folder: Path) -> None:
    small = _in_eight_bits(upright) if upright.mode in HIGH_DEPTH else upright
    small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    small.thumbnail(THUMBNAIL)
    small.save(folder / "page1.webp", quality=82, method=4)


def _save(upright: Image.Image, path: Path) -> None:
    profile = upright.info.get("icc_profile")
    usable = isinstance(profile, bytes) and len(profile) <= MAX_PROFILE_BYTES
    upright.save(path, "JPEG", quality=90, icc_profile=profile if usable else None)
