"""What a material is for the page: its viewer, its text, and what was found out about it.

Documents are hostile, and the libraries that draw them are large. So they are never read by the
terminal itself: `render_all` starts ``python -m kiosk.render``, which draws each object in a child
of its own with limits on time, memory and output, has Office files made into PDF, and leaves the
results in ``renditions/``. All of it can be thrown away and made again.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.render import listing, process
from kiosk.render.convert import CONVERT_S, converter
from kiosk.render.kinds import media_type, viewer_of
from kiosk.render.markup import framed
from kiosk.render.office import extension_of
from kiosk.render.sheets import Runs, read
from kiosk.render.spots import marked
from kiosk.render.work import DOCUMENT, INFO, PICTURE, SHEETS, VERSION, Work, brought_path
from kiosk.words import text_of

__all__ = [
    "CONVERT_S",
    "Follower",
    "brought_path",
    "document_path",
    "framed",
    "give_up",
    "info",
    "is_outdated",
    "listing_of",
    "marked",
    "media_type",
    "named",
    "picture_path",
    "render_all",
    "sheets",
    "text_of",
    "thumbnail_path",
    "viewer_of",
]

log = logging.getLogger("kiosk.render")

COMMAND = (sys.executable, "-P", "-m", "kiosk.render")
EACH_S = 20.0
START_S = 20.0
BATCH = 200
MAX_INFO_BYTES = 64 << 10
MOST = 1 << 40  # no count of pages, seconds or points comes near
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TOKEN = re.compile(r"[0-9a-f]{64}(\.[a-z]{2,4})?")


def info(data_dir: Path, sha256: str) -> dict[str, Any] | None:
    """What is known about an object: ``pages``, ``seconds``, ``width``, ``height`` (or None each),
    ``thumbnail`` (bool), ``sheets`` (bool: `sheets` knows its pages), ``pictures`` (how many were
    made to be shown in its place, or None), ``trouble`` (a word, or None), ``kind`` (of an Office
    file: the ending under which it is known, such as ``docx``). None where it was not looked at
    yet, or where what is written makes no sense: it comes from a process that read hostile bytes.

    ``trouble`` is encrypted, broken, took-too-long or too-large; of an Office file also unknown (it
    is something else), no-converter (LibreOffice is not installed), switched-off (it is not to be
    used) or no-space; of a picture also no-reader (the library for HEIF is not installed).
    """
    if not _SHA256.fullmatch(sha256):
        return None
    try:
        with open(data_dir / "renditions" / sha256 / INFO, "rb") as file:
            known = json.loads(file.read(MAX_INFO_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return known if _makes_sense(known) else None


def _makes_sense(known: object) -> bool:
    if not isinstance(known, dict) or known.get("version") != VERSION:
        return False
    counts = (known.get(name) for name in ("pages", "seconds", "width", "height", "pictures"))
    words = (known.get("trouble"), known.get("kind"))
    return (
        isinstance(known.get("thumbnail"), bool)
        and isinstance(known.get("sheets", False), bool)
        and isinstance(known.get("pictures", ""), int | None)
        and all(word is None or isinstance(word, str) for word in words)
        and all(one is None or _is_count(one) for one in counts)
    )


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < MOST  # false for NaN, too


def thumbnail_path(data_dir: Path, sha256: str) -> Path | None:
    """The picture of an object's first page, WebP of at most 640 px in width; None without one."""
    known = info(data_dir, sha256)
    path = data_dir / "renditions" / sha256 / PICTURE
    return path if known and known["thumbnail"] and path.is_file() else None


def picture_path(data_dir: Path, sha256: str, page: int) -> Path | None:
    """The picture that shows page ``page`` (from 1) of an object, a JPEG; None without one."""
    known = info(data_dir, sha256)
    if known is None or not 1 <= page <= (known["pictures"] or 0):
        return None
    path = data_dir / "renditions" / sha256 / f"picture{page}.jpg"
    return path if path.is_file() else None


def document_path(data_dir: Path, sha256: str) -> Path | None:
    """The PDF that was made from an object; None where there is none (yet)."""
    known = info(data_dir, sha256)
    path = data_dir / "renditions" / sha256 / DOCUMENT
    return path if known and known.get("trouble") is None and path.is_file() else None


def sheets(data_dir: Path, sha256: str) -> Runs | None:
    """The sizes of a PDF's pages in points, in runs of equal ones: ``[how many, width, height]``.

    None where they are not known.
    """
    if not _SHA256.fullmatch(sha256):
        return None
    return read(data_dir / "renditions" / sha256 / SHEETS)


def listing_of(data_dir: Path, sha256: str) -> listing.Listing | None:
    """What is in an object that is an archive (`listing.read`); None while nobody has looked."""
    if not _SHA256.fullmatch(sha256):
        return None
    return listing.read(data_dir / "renditions" / sha256)


def is_outdated(known: dict[str, Any]) -> bool:
    """Whether there is more to find out than is ``known``: LibreOffice was installed since."""
    return known.get("trouble") == "no-converter" and converter() is not None


def named(sha256: str, name: str) -> str:
    """An object as `render_all` takes it, with the ending of its name if Office files have it."""
    extension = extension_of(name)
    return f"{sha256}.{extension}" if extension else sha256


def give_up(data_dir: Path, sha256: str) -> None:
    """Write down that nothing can be found out about an object, if it is still here.

    OSError as it comes.
    """
    with Work(data_dir, sha256) as work:
        if not work.source.exists():
            return
        log.error("given-up sha256=%s", sha256)
        nothing = dict.fromkeys(("pages", "seconds", "width", "height", "pictures", "kind"))
        work.settle({**nothing, "thumbnail": False, "trouble": "broken"})


@dataclass
class Follower:
    """Whoever waits for `render_all`: ``seen()`` is called when there are results, and once
    ``hurry()`` is true no further object is begun."""

    seen: Callable[[], None]
    hurry: Callable[[], bool]


NOBODY = Follower(seen=lambda: None, hurry=lambda: False)


def render_all(
    data_dir: Path,
    objects: Sequence[str],
    each_s: float = EACH_S,
    convert_s: float = CONVERT_S,
    follower: Follower = NOBODY,
) -> None:
    """Look at these objects (SHA-256, or as `named`); OSError at a bad start.

    A look may take ``each_s`` seconds, to make a PDF of an Office file ``convert_s`` (0: none is
    made). What lies at `brought_path` is taken instead where it can be read. Returns when it is
    done. Whatever it started has ended by then or been killed, as a group. What is not the
    name of an object is left out.
    """
    objects = [token for token in objects if _TOKEN.fullmatch(token)]
    for start in range(0, len(objects), BATCH):
        batch = objects[start : start + BATCH]
        command = [
            *COMMAND, f"--each={each_s}", f"--convert={convert_s}", f"--parent={os.getpid()}",
            str(data_dir), *batch,
        ]  # fmt: skip
        papers = sum("." in token for token in batch)
        limit_s = START_S + (each_s + 1) * len(batch) + (each_s + 2 * convert_s) * papers
        status = process.run(command, limit_s, _Attention(data_dir, batch, follower))
        if status:
            log.warning("render-ended status=%d objects=%d", status, len(batch))
        if follower.hurry():
            return


class _Attention:
    """Tells a follower of new results of a batch; false once he is in a hurry."""

    def __init__(self, data_dir: Path, batch: Sequence[str], follower: Follower) -> None:
        self._paths = [data_dir / "renditions" / token[:64] / INFO for token in batch]
        self._follower = follower
        self._before = self._changes()

    def __call__(self) -> bool:
        if (now := self._changes()) != self._before:
            self._before = now
            self._follower.seen()
        return not self._follower.hurry()

    def _changes(self) -> list[int]:
        """When each of these was last looked at; 0 where it was not."""
        return [_changed(path) for path in self._paths]


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
