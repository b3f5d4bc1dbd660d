"""What each file of a meeting's folder holds: read once, known again by its stamp.

Reading a file and making an object of it are one pass. What was learned is kept beside the
library, so that a restart reads nothing again; a record that makes no sense is set aside, and all
is read once more.
"""

from __future__ import annotations

import json
import logging
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.library import Library
from kiosk.node.folder import tree
from kiosk.node.folder.settling import has_writer
from kiosk.node.folder.tree import Found, Stamp
from kiosk.store import write_whole

log = logging.getLogger("kiosk.folder")

FORMAT = 1
CHUNK = 1 << 20
MAX_RECORD_BYTES = 16 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Unsettled(Exception):
    """The file changed while it was read, or somebody has it open for writing."""


class Unreadable(Exception):
    """The machine does not let us read the file."""


@dataclass(frozen=True)
class Content:
    """What a file holds: the object of that name, ``bytes`` long."""

    sha256: str
    bytes: int
    crc32: int


class Contents:
    """The contents of one meeting's files, kept in the file ``record``.

    Reading ends early, as if the file had changed, once ``stopped`` says so.
    """

    def __init__(self, library: Library, record: Path, stopped: Callable[[], bool]) -> None:
        self._library = library
        self._stopped = stopped
        self._record = record
        self._known = _read(record)

    def of(self, found: Found) -> Content | None:
        """What the file holds as it is now, where that is known and here."""
        stamp, content = self._known.get(found.path, (None, None))
        return content if content and stamp == found.stamp and self._is_here(content) else None

    def last(self, path: str) -> Content | None:
        """What the file at ``path`` held when it was last read, where that is still here."""
        content = self._known.get(path, (None, None))[1]
        return content if content and self._is_here(content) else None

    def take(self, handle: int, found: Found) -> Content:
        """Read the open file into an object; it is visible after the next publish.

        `Unsettled` where it is not as it was found or has a writer, `Unreadable`; LocalError where
        the disk refuses.
        """
        if has_writer(handle):
            raise Unsettled(found.path)
        reading = _Reading(handle, self._stopped)
        stored = self._library.add_object(reading.chunks(found))
        content = Content(stored.sha256, stored.bytes, reading.crc32)
        self._known[found.path] = (found.stamp, content)
        return content

    def doubt(self) -> bool:
        """Read what is kept of them; what is damaged is forgotten. Whether anything is."""
        damaged = [
            path
            for path, (_, content) in self._known.items()
            if not self._library.is_sound(content.sha256, content.bytes)
        ]
        for path in damaged:
            log.warning("object-damaged path=%r sha256=%s", path, self._known.pop(path)[1].sha256)
        return bool(damaged)

    def keep(self, paths: set[str]) -> None:
        """Save what is known of these files, and forget the rest. LocalError of the disk."""
        self._known = {path: row for path, row in self._known.items() if path in paths}
        rows = {
            path: [*stamp, content.sha256, content.crc32]
            for path, (stamp, content) in sorted(self._known.items())
        }
        document = json.dumps({"format": FORMAT, "files": rows}, ensure_ascii=False)
        write_whole(self._record, document.encode())

    def _is_here(self, content: Content) -> bool:
        return self._library.has(content.sha256, content.bytes)


class _Reading:
    """One pass over a file, with its CRC-32."""

    def __init__(self, handle: int, stopped: Callable[[], bool]) -> None:
        self._handle = handle
        self._stopped = stopped
        self.crc32 = 0

    def chunks(self, found: Found) -> Iterator[bytes]:
        left = found.size
        while chunk := self._read(found.path, min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0 or self._stopped():
                raise Unsettled(found.path)
            self.crc32 = zlib.crc32(chunk, self.crc32)
            yield chunk
        if left or tree.stamp_of(os.fstat(self._handle)) != found.stamp:
            raise Unsettled(found.path)

    def _read(self, path: str, most: int) -> bytes:
        try:
            return os.read(self._handle, most)
        except OSError as fault:
            # As an OSError it would pass for one of our own disk.
            raise Unreadable(f"{path}: {fault.strerror}") from fault


def _read(record: Path) -> dict[str, tuple[Stamp, Content]]:
    try:
        with open(record, "rb") as file:
            document = json.loads(file.read(MAX_RECORD_BYTES))
        if document["format"] != FORMAT:
            raise ValueError("not of this version")
        return {str(path): _row(row) for path, row in document["files"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        log.warning("contents-unreadable path=%s why=%r", record, str(fault))
        return {}


def _row(row: Any) -> tuple[Stamp, Content]:
    size, mtime, ctime, inode, sha256, crc32 = row
    counts = (size, mtime, ctime, inode, crc32)
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in counts) or size < 0:
        raise ValueError("not a stamp")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or not 0 <= crc32 < 1 << 32:
        raise ValueError("not a content")
    return (size, mtime, ctime, inode), Content(sha256, size, crc32)
