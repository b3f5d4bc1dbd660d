"""Pictures of pages on the disk: in the renditions of their object, and bounded in all.

What was looked at longest ago goes first. A picture lies in the folder of its object's renditions,
so it goes with them; into a folder that is gone nothing can be put.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections import OrderedDict
from pathlib import Path

from kiosk.library.layout import NEW
from kiosk.render.sheets import MOST_PICTURE_BYTES

log = logging.getLogger("kiosk.pictures")

MOST_BYTES = 96 << 20
BEGINS, ENDS = b"\xff\xd8", b"\xff\xd9"


class Shelf:
    """The pictures below ``renditions``; the first pages of documents are no part of the bound."""

    def __init__(self, renditions: Path, most_bytes: int = MOST_BYTES) -> None:
        self._renditions = renditions
        self._most = most_bytes
        self._sizes: OrderedDict[Path, int] | None = None

    def get(self, sha256: str, page: int) -> bytes | None:
        """The picture of a page (from 1); None where it is not here, or not whole."""
        path = self._path(sha256, page)
        try:
            with open(path, "rb") as file:
                picture = file.read(MOST_PICTURE_BYTES + 1)
        except OSError:
            return None
        if self._sizes and path in self._sizes:
            self._sizes.move_to_end(path)
        # After a power cut a file may be there without its content.
        return picture if picture.startswith(BEGINS) and picture.endswith(ENDS) else None

    def put(self, sha256: str, page: int, picture: bytes) -> None:
        """Keep a picture, where its object still has renditions."""
        sizes = self._known()
        path = self._path(sha256, page)
        aside = self._renditions / f"{NEW}{os.getpid()}-{path.name}"
        try:
            aside.write_bytes(picture)
            aside.replace(path)
        except OSError as fault:
            log.info("picture-not-kept sha256=%s page=%d why=%r", sha256, page, str(fault))
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            return
        sizes[path] = len(picture)
        sizes.move_to_end(path)
        self._make_room(sizes)

    def _path(self, sha256: str, page: int) -> Path:
        return self._renditions / sha256 / f"page-{page}.jpg"

    def _known(self) -> OrderedDict[Path, int]:
        """The pictures of earlier runs are found when the first one is kept."""
        if self._sizes is None:
            found = []
            for path in self._renditions.glob("*/page-*.jpg"):
                with contextlib.suppress(OSError):
                    about = path.stat()
                    found.append((about.st_mtime, path, about.st_size))
            kept = [(path, size) for _, path, size in sorted(found) if path.name != "page-1.jpg"]
            self._sizes = OrderedDict(kept)
        return self._sizes

    def _make_room(self, sizes: OrderedDict[Path, int]) -> None:
        total = sum(sizes.values())
        while total > self._most and sizes:
            path, size = sizes.popitem(last=False)
            total -= size
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
