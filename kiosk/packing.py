"""How a package is laid out, known before a byte of its files is here, the same on every node.

`README.txt`, then the files in the order given, all *stored* with nothing that differs between two
machines: UTF-8 names, mode 0644, one fixed date, no extra fields but those that ZIP64 demands
(APPNOTE 4.3.7, 4.3.12, 4.5.3). So whoever knows path, size and CRC-32 of each file knows the length
of the package, where each file lies in it and every byte between them, and any range of it can be
given out as soon as the files in that range are here. Deflated data would not do: two versions of
zlib write different ones.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kiosk import names
from kiosk.manifest import Manifest

README = "README.txt"
README_TEXT = (
    "本压缩包含有一场会议的材料，供会议终端使用；名称和顺序见会议文档。\n"
    "The materials of a meeting, for its terminals; names and order are in the meeting document.\n"
).encode()
STORED = 0
_PLAIN, _WIDE = 20, 45  # the version of the format that it takes to read an entry (4.4.3.2)
_MADE_BY = 3 << 8 | _WIDE  # Unix, so that the mode counts
_MODE = 0o100644 << 16
_UTF8 = 0x800
_DATE = 1 << 5 | 1  # 1980-01-01 00:00, the first that there is (4.4.6)
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class File:
    """A file to pack: ``size`` in bytes, and the object that its bytes are."""

    path: str
    size: int
    crc32: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the package, README included, as the manifest lists it (contract §3b).

    Its local header is at ``offset``; its data are the ``compressed`` bytes after that.
    """

    path: str
    offset: int
    compressed: int
    method: int
    crc32: int


@dataclass(frozen=True, slots=True)
class Slice:
    """``length`` bytes of the object ``sha256`` from ``offset`` on."""

    sha256: str
    offset: int
    length: int


Piece = bytes | Slice


def files_of(manifest: Manifest) -> list[File]:
    """The files of a revision in agenda order, each path once; those that it lacks are left out.

    ValueError where a CRC-32 is not known, or a path means two files.
    """
    found: dict[str, File] = {}
    for one in manifest.materials:
        if one.sha256 is None:
            continue
        if one.crc32 is None:
            raise ValueError(f"no CRC-32 of {one.path}")
        file = File(one.path, one.bytes, one.crc32, one.sha256)
        if found.setdefault(file.path, file) != file:
            raise ValueError(f"two files are called {one.path}")
    return list(found.values())


class Layout:
    """The package of these files: its length ``total`` in bytes, its ``entries``, its bytes.

    PackageError ``unsafe-name`` or ``duplicate-name`` where no terminal would take it.
    """

    def __init__(self, files: Iterable[File]) -> None:
        listed = list(files)
        if not any(file.path.partition("/")[0] == README for file in listed):
            # Its object is nowhere: its bytes are in here.
            readme = File(README, len(README_TEXT), zlib.crc32(README_TEXT), "")
            listed.insert(0, readme)
        # Composed, as whoever reads them does.
        names.check([unicodedata.normalize("NFC", file.path) for file in listed])
        self._files = listed
        # Where each header begins, where the data after it do, and so on; at last the directory.
        self._starts: list[int] = []
        at = 0
        for file in listed:
            begins = at + _LOCAL.size + len(file.path.encode()) + (20 if _is_wide(file) else 0)
            self._starts += [at, begins]
            at = begins + file.size
        self._starts.append(at)
        self._directory = self._listing(at)
        self.total = at + len(self._directory)
        self.entries = tuple(
            Packed(file.path, offset, file.size, STORED, file.crc32)
            for file, offset in zip(listed, self._starts[::2], strict=False)
        )

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[Piece]:
        """The bytes from ``start`` up to, not including, ``stop``, none of them empty.

        ValueError where that is no range within the package.
        """
        stop = self.total if stop is None else stop
        if not 0 <= start <= stop <= self.total:
            raise ValueError(f"no range of a package of {self.total} bytes: {start}-{stop}")
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            begins = self._starts[index]
            ends = self._starts[index + 1] if index + 1 < len(self._starts) else self.total
            until = min(stop, ends)
            if start < until:
                yield self._piece(index, start - begins, until - begins)
            start, index = until, index + 1

    def _piece(self, index: int, start: int, stop: int) -> Piece:
        """Bytes of the part ``index``: even ones are headers, odd ones data, the last all else."""
        if index == len(self._starts) - 1:
            return self._directory[start:stop]
        file = self._files[index // 2]
        if index % 2 == 0:
            return _local_header(file)[start:stop]
        if not file.sha256:
            return README_TEXT[start:stop]
        return Slice(file.sha256, start, stop - start)

    def _listing(self, at: int) -> bytes:
        """The directory and the end records of a package whose directory begins at ``at``."""
        offsets = self._starts[::2]
        directory = b"".join(
            _central_header(file, offset)
            for file, offset in zip(self._files, offsets, strict=False)
        )
        count, size = len(self._files), len(directory)
        wide = b""
        if count >= _MAX16 or max(size, at) >= _MAX32:
            wide = _END64.pack(
                b"PK\x06\x06", _END64.size - 12, _MADE_BY, _WIDE, 0, 0, count, count, size, at
            ) + _LOCATOR64.pack(b"PK\x06\x07", 0, at + size, 1)
        short = min(count, _MAX16)
        end = (b"PK\x05\x06", 0, 0, short, short, min(size, _MAX32), min(at, _MAX32), 0)
        return directory + wide + _END.pack(*end)


def _is_wide(file: File) -> bool:
    return file.size >= _MAX32


def _local_header(file: File) -> bytes:
    name, size = file.path.encode(), min(file.size, _MAX32)
    # The local one has to tell both sizes, where it tells any (4.5.3).
    extra = struct.pack("<2H2Q", 1, 16, file.size, file.size) if _is_wide(file) else b""
    return (
        _LOCAL.pack(
            b"PK\x03\x04", _WIDE if extra else _PLAIN, _UTF8, STORED, 0, _DATE,
            file.crc32, size, size, len(name), len(extra),
        )
        + name + extra
    )  # fmt: skip


def _central_header(file: File, offset: int) -> bytes:
    name, size = file.path.encode(), min(file.size, _MAX32)
    needed = [file.size] * 2 if _is_wide(file) else []
    needed += [offset] if offset >= _MAX32 else []
    extra = struct.pack(f"<2H{len(needed)}Q", 1, 8 * len(needed), *needed) if needed else b""
    return (
        _CENTRAL.pack(
            b"PK\x01\x02", _MADE_BY, _WIDE if extra else _PLAIN, _UTF8, STORED, 0, _DATE,
            file.crc32, size, size, len(name), len(extra), 0, 0, 0, _MODE, min(offset, _MAX32),
        )
        + name + extra
    )  # fmt: skip
