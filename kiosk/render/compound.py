"""OLE2 compound files ([MS-CFB]), as far as telling old Office files apart needs it.

Every number in such a file is a stranger's: chains are cut at the number of sectors that the file
has room for, and what leads outside of it is a ValueError.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ENTRIES = 20_000
_END = 0xFFFFFFFA  # from here on a sector number is a mark
_NONE = 0xFFFFFFFF
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_IN_HEADER = 109


class Compound:
    """The streams at the top of a compound file; those of embedded objects lie deeper.

    ValueError where it is not a compound file, or one that makes no sense; OSError as it comes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        header = file.read(512)
        if len(header) < 512 or not header.startswith(MAGIC):
            raise ValueError("not a compound file")
        (shift,) = struct.unpack_from("<H", header, 30)
        if shift not in (9, 12):
            raise ValueError("sectors of no usual size")
        self._sector = 1 << shift
        self._most = os.fstat(file.fileno()).st_size // self._sector
        directory, self._cutoff = struct.unpack_from("<I4xI", header, 48)
        self._tables = list(self._table_sectors(header))
        entries = self._entries(directory)
        self._streams = dict(self._top(entries))

    @property
    def names(self) -> frozenset[str]:
        """The names of the streams."""
        return frozenset(self._streams)

    def head(self, name: str, count: int) -> bytes:
        """The first ``count`` bytes of a stream; nothing of one so small that it lies elsewhere."""
        start, size = self._streams.get(name, (_NONE, 0))
        if size < self._cutoff:
            return b""
        out = b""
        for number in self._chain(start):
            out += self._read(number)
            if len(out) >= count:
                break
        return out[: min(count, size)]

    def _table_sectors(self, header: bytes) -> Iterator[int]:
        """Where the parts of the allocation table are, in their order."""
        numbers = struct.unpack_from(f"<{_IN_HEADER}I", header, 76)
        yield from (number for number in numbers if number < _END)
        (more,) = struct.unpack_from("<I", header, 68)
        for _ in range(self._most):
            if more >= _END:
                return
            *numbers_, more = self._numbers(more)
            yield from (number for number in numbers_ if number < _END)

    def _chain(self, number: int) -> Iterator[int]:
        """The sectors of a stream, beginning with ``number``."""
        for _ in range(self._most):
            if number >= _END:
                return
            yield number
            table, place = divmod(number, self._sector // 4)
            if table >= len(self._tables):
                raise ValueError("a sector outside the table")
            number = self._numbers(self._tables[table])[place]

    def _entries(self, directory: int) -> list[bytes]:
        entries: list[bytes] = []
        for number in self._chain(directory):
            sector = self._read(number)
            entries += [sector[at : at + _ENTRY] for at in range(0, len(sector), _ENTRY)]
            if len(entries) > MAX_ENTRIES:
                raise ValueError("a directory without end")
        if not entries or entries[0][66] != _ROOT:
            raise ValueError("a directory without a root")
        return entries

    def _top(self, entries: list[bytes]) -> Iterator[tuple[str, tuple[int, int]]]:
        """The streams right below the root: its child, and that one's siblings."""
        seen: set[int] = set()
        left = [struct.unpack_from("<I", entries[0], 76)[0]]
        while left:
            number = left.pop()
            if number >= len(entries) or number in seen:
                continue
            seen.add(number)
            entry = entries[number]
            length, kind = struct.unpack_from("<HB", entry, 64)
            before, after = struct.unpack_from("<2I", entry, 68)
            left += [before, after]
            if kind == _STREAM:
                name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
                start, size = struct.unpack_from("<2I", entry, 116)
                yield name, (start, size)

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._sector // 4}I", self._read(sector))

    def _read(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._sector)
        sector = self._file.read(self._sector)
        if len(sector) < self._sector:
            raise ValueError("cut short")
        return sector
