"""What is inside a ZIP, and whether it is safe: nothing of it is written before this has looked.

The structure is read here alone (APPNOTE 6.3.10) and refused where two readers could read it
differently: more than one end record, bytes before, after or between the entries that belong to
none, a local header that says other things than the directory. `read_entry` then gives an entry's
bytes, bounded by its declared size and held to its CRC. A package whose bytes arrive in any order
is judged in two steps: `read_directory` by its end alone, `place` entry by entry. The `zipfile` of
the standard library accepts most of what is refused here; the tests hold both to each other on
sound archives.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from kiosk import names
from kiosk.errors import PackageError
from kiosk.package.end import END_BYTES, find_end, read_at
from kiosk.package.entries import Entry, Package, entry_of
from kiosk.package.headers import (
    DEFLATED,
    LOCAL_BYTES,
    UTF8,
    Header,
    central_headers,
    place_of,
    refuse,
)
from kiosk.package.limits import Limits
from kiosk.package.walk import Opened, Passed, Walker

__all__ = [
    "TAIL_BYTES",
    "Entry",
    "Lacking",
    "Limits",
    "Opened",
    "Package",
    "Passed",
    "Tail",
    "Walker",
    "inspect",
    "place",
    "read_directory",
    "read_entry",
]

# Larger chunks are slower: they outgrow the processor's cache, and each is memory mapped anew.
READ_BYTES = 64 << 10
# The end record with the longest comment: what has to be seen of an archive to know its end.
TAIL_BYTES = END_BYTES
OUT_BYTES = 256 << 10


class Lacking(Exception):
    """More of the end of the archive is needed: everything from ``start`` on."""

    def __init__(self, start: int) -> None:
        super().__init__(f"needed from {start}")
        self.start = start


class Tail(io.BytesIO):
    """The last bytes of an archive of ``total`` bytes, read as if it were all there.

    Reading before them raises `Lacking`.
    """

    def __init__(self, total: int, data: bytes) -> None:
        super().__init__(data)
        self._before = total - len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """To a position in the archive."""
        if whence == 0 and offset < self._before:
            raise Lacking(offset)
        moved = super().seek(offset - self._before if whence == 0 else offset, whence)
        return moved + self._before


def read_directory(file: BinaryIO, total: int, limits: Limits | None = None) -> Package:
    """The package in ``file`` by its directory alone; PackageError with the code of what is wrong.

    Only the end of the file is read, and nothing is decompressed. The structure is judged first:
    what a fault on the way made of a sound package shows there, and another server's copy may
    still be sound.
    """
    entries, end, sha256 = _listed(file, total, limits or Limits())
    files = tuple(entry for entry in entries if not entry.path.endswith("/"))
    return Package(files, total, end, sha256)


def inspect(file: BinaryIO, limits: Limits | None = None) -> Package:
    """The package in ``file`` (seekable), with every local header held against the directory."""
    total = file.seek(0, 2)
    entries, end, sha256 = _listed(file, total, limits or Limits())
    for entry in entries:
        place(file, entry)
    files = tuple(entry for entry in entries if not entry.path.endswith("/"))
    return Package(files, total, end, sha256)


def place(file: BinaryIO, entry: Entry) -> int:
    """Where the data of an entry begin.

    PackageError where its local header or data descriptor says other things than the directory, and
    where it does not end just where the next one begins (Z8).
    """
    begins, ends = place_of(file, entry.header, entry.until)
    if ends != entry.until:
        raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
    return begins


def _listed(file: BinaryIO, total: int, limits: Limits) -> tuple[list[Entry], int, str]:
    """All entries, folders included; where the directory begins; and the hash of it."""
    end = find_end(file, total)
    if end.entries > limits.max_entries:
        raise PackageError("bomb", why=f"{end.entries} entries")
    if end.size > limits.max_directory_bytes:
        raise PackageError("bomb", why=f"a directory of {end.size} bytes")
    directory = read_at(file, end.offset, end.size)
    digest = hashlib.sha256(directory)
    digest.update(read_at(file, end.begins, total - end.begins))
    headers = list(central_headers(directory, end.entries))
    bounds = _bounds(headers, end.offset)
    paths = names.decode([(h.raw_name, h.unicode_name, bool(h.flags & UTF8)) for h in headers])
    for header in headers:
        refuse(header)
    names.check(paths)
    _check_sizes(headers, limits)
    entries = list(_entries(headers, paths, bounds))
    return entries, end.offset, digest.hexdigest()


def _bounds(headers: list[Header], directory: int) -> list[int]:
    """Where each entry ends: they cover the file from its first byte to the directory (Z8)."""
    untils = [0] * len(headers)
    order = sorted(range(len(headers)), key=lambda index: headers[index].offset)
    starts = [headers[index].offset for index in order] + [directory]
    if starts[0] != 0:
        raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
    for index, start, until in zip(order, starts, starts[1:], strict=False):
        header = headers[index]
        if until - start < LOCAL_BYTES + len(header.raw_name) + header.compressed:
            raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
        untils[index] = until
    return untils


def _check_sizes(headers: list[Header], limits: Limits) -> None:
    total = sum(header.size for header in headers)
    if total > limits.max_total_bytes:
        raise PackageError("bomb", why=f"{total} bytes when unpacked")
    pairs = [(header.size, header.compressed) for header in headers]
    pairs.append((total, sum(header.compressed for header in headers)))
    for size, compressed in pairs:
        if limits.is_bomb(size, compressed):
            raise PackageError("bomb", why=f"{size} bytes out of {compressed}")


def _entries(headers: list[Header], paths: list[str], untils: list[int]) -> Iterator[Entry]:
    for header, path, until in zip(headers, paths, untils, strict=True):
        if path.endswith("/") and header.size:
            raise PackageError("ambiguous", why="a folder with content")
        yield entry_of(header, path, until)


def read_entry(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The entry's bytes in chunks of at most 256 KiB.

    PackageError ``damaged`` where they are not what the directory says. Never more than
    ``entry.size`` bytes are given out, whatever the data say.
    """
    crc, left, begins = 0, entry.size, place(file, entry)
    read = _inflated if entry.method == DEFLATED else _stored
    for chunk in read(file, entry, begins):
        left -= len(chunk)
        if left < 0:
            raise PackageError("damaged", why=f"{entry.path} is larger than it says")
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if left or crc != entry.crc32:
        raise PackageError("damaged", why=f"{entry.path} fails its check")


def _stored(file: BinaryIO, entry: Entry, at: int) -> Iterator[bytes]:
    stop = at + entry.compressed
    while at < stop:
        chunk = read_at(file, at, min(OUT_BYTES, stop - at))
        at += len(chunk)
        yield chunk


def _inflated(file: BinaryIO, entry: Entry, at: int) -> Iterator[bytes]:
    stop = at + entry.compressed
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    held = b""
    try:
        while not inflater.eof:
            if not held and at < stop:
                held = read_at(file, at, min(READ_BYTES, stop - at))
                at += len(held)
            chunk = inflater.decompress(held, OUT_BYTES)
            starved = not held and not chunk
            held = inflater.unconsumed_tail
            if chunk:
                yield chunk
            elif starved:
                break
    except zlib.error:
        raise PackageError("damaged", why=f"{entry.path} cannot be unpacked") from None
    if not inflater.eof or inflater.unused_data or held or at != stop:
        raise PackageError("damaged", why=f"{entry.path} does not end where it says")
