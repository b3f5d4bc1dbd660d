"""A package that is on its way: given out as far as it is here, file by whole and checked file.

Where upstream is one of ours, its manifest tells path, size, CRC-32 and SHA-256 of every file, and
so, by `packing.Layout`, every byte between them. A file stands under its SHA-256 as soon as it is
whole and checked, first beside the package under way and then among the objects: who streams along
waits for that name, and never sends a byte that was not checked.
"""

from __future__ import annotations

import errno
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from kiosk.errors import PackageError
from kiosk.library import Library
from kiosk.node.wire import Json, Package
from kiosk.packing import STORED, File, Layout, Slice
from kiosk.part import entries_folder

LOOK_S = 0.05
STALL_S = 60.0
BLOCK = 256 << 10
MAX_FILES = 100_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Coming:
    """The package of a meeting while its files come. Safe from any thread."""

    def __init__(self, library: Library, meeting_id: str, manifest: Json) -> None:
        """ValueError where ``manifest`` is not one that `packing.Layout` makes the same of."""
        self.layout, self.package = _laid_out(manifest, meeting_id)
        self.manifest = manifest
        self._library = library
        self._entries = entries_folder(library.part_path(meeting_id))
        self._over = threading.Event()

    @property
    def directory_bytes(self) -> int:
        """How much of its end holds no file: what is known of it from the beginning."""
        last = self.layout.entries[-1]
        return self.package.bytes - last.offset - _head_of(self.layout) - last.compressed

    def end(self) -> None:
        """No more files come: whoever waits for one is let go."""
        self._over.set()

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, each file of them as soon as it is here.

        ConnectionResetError where one does not come: the answer then ends in the middle, and who
        asked sees that it is cut.
        """
        for piece in self.layout.pieces(start, stop):
            if not isinstance(piece, Slice):
                yield piece
                continue
            left = piece.length
            with self._awaited(piece.sha256) as file:
                file.seek(piece.offset)
                while left and (block := file.read(min(BLOCK, left))):
                    left -= len(block)
                    yield block
            if left:
                raise ConnectionResetError(errno.ECONNRESET, "a file that is too short")

    def _awaited(self, sha256: str) -> BinaryIO:
        """The file, as soon as it is whole."""
        give_up = time.monotonic() + STALL_S
        while True:
            # One that came with the end is seen after it.
            over = self._over.is_set() or time.monotonic() > give_up
            stored = self._library.object_path(sha256)
            # It may be renamed between two looks; then the third one finds it.
            for path in (stored, self._entries / sha256, stored):
                try:
                    return open(path, "rb")
                except FileNotFoundError:
                    continue
            if over:
                raise ConnectionResetError(errno.ECONNRESET, "a file that does not come")
            self._over.wait(LOOK_S)


def _head_of(layout: Layout) -> int:
    """The length of the last local header: what lies between its offset and its data."""
    last = layout.entries[-1]
    pieces = layout.pieces(last.offset, layout.total)
    head = next(pieces)
    return len(head) if isinstance(head, bytes) else 0


def _laid_out(manifest: Mapping[str, Any], meeting_id: str) -> tuple[Layout, Package]:
    try:
        if str(manifest["meeting"]) != meeting_id:
            raise ValueError("the manifest of another meeting")
        told = manifest["package"]
        package = Package(_sha256(told["sha256"]), _count(told["bytes"]))
        known = {
            str(row["path"]): (_count(row["bytes"]), _sha256(row["sha256"]))
            for item in manifest["agenda"]
            for row in item["materials"]
            if row["sha256"] is not None
        }
        rows = manifest["entries"][:MAX_FILES]
        files = [File(row["path"], *_sized(row, known)) for row in rows if row["path"] in known]
        layout = Layout(files)
        same = [asdict(one) for one in layout.entries] == [dict(row) for row in rows]
    except (KeyError, TypeError, AttributeError, IndexError, PackageError) as fault:
        raise ValueError(f"a manifest of no sense: {fault}") from None
    if not same or layout.total != package.bytes:
        raise ValueError("its package is laid out in another way")
    return layout, package


def _sized(row: Mapping[str, Any], known: Mapping[str, tuple[int, str]]) -> tuple[int, int, str]:
    """Size, CRC-32 and SHA-256 of a file."""
    size, sha256 = known[row["path"]]
    if row["method"] != STORED or row["compressed"] != size:
        raise ValueError("a file that is not stored as it is")
    crc32 = _count(row["crc32"])
    if crc32 >> 32:
        raise ValueError("not a CRC-32")
    return size, crc32, sha256


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 60:
        raise ValueError("not a count")
    return value


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError("not a SHA-256")
    return value
