"""Room for what is to come: the meeting that ended first goes first, one in progress never (N5)."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from kiosk.errors import LocalError, UsageError
from kiosk.library import Library
from kiosk.settings import Settings

log = logging.getLogger("kiosk.node.sync")

COUNTED = ("objects", "packages", "download", "renditions")


class Room:
    """The bytes of a node's data directory, against ``store_mb`` and what the disk has.

    ``note`` says what a person should know of it; empty while there is room.
    """

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._most = settings.store_mb << 20
        self._free = settings.min_free_mb << 20
        self.note = ""

    def make(self, needed: int, ended: Iterable[str]) -> list[str]:
        """Remove ended meetings, in this order, until ``needed`` bytes have room; which went.

        Nobody may be writing meanwhile. What is in progress is brought all the same where that does
        not suffice: a meeting is worth more than a limit, and a full disk says so itself.
        """
        gone: list[str] = []
        for meeting_id in ended:
            if self.lacking(needed) <= 0:
                break
            try:
                self._library.purge(meeting_id)
            except UsageError:
                log.debug("nothing-left-of meeting=%r", meeting_id)
            except LocalError as fault:
                log.error("not-removed meeting=%r why=%r", meeting_id, fault.message)
                continue
            gone.append(meeting_id)
        lacking = max(0, self.lacking(needed))
        self.note = f"the store is full: {lacking} bytes are lacking" if lacking else ""
        if gone or lacking:
            log.warning("store-full removed=%r lacking=%d", gone, lacking)
        return gone

    def lacking(self, needed: int) -> int:
        """Bytes that are too few for ``needed`` more; none or less: there is room."""
        free = shutil.disk_usage(self._library.data_dir).free
        lacking = needed + self._free - free
        if self._most:
            lacking = max(lacking, self.used() + needed - self._most)
        return lacking

    def used(self) -> int:
        """Bytes of objects, packages, and what is on its way."""
        return sum(size for name in COUNTED for size in _sizes(str(self._library.data_dir / name)))


def _sizes(folder: str) -> Iterator[int]:
    """Of each file in it, at any depth; a sparse one counts for what it really takes."""
    if not Path(folder).is_dir():
        return
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(entry.path)
                continue
            try:
                yield entry.stat(follow_symlinks=False).st_blocks * 512
            except FileNotFoundError:
                continue
