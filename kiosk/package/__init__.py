"""What is inside a ZIP, and whether it is safe: nothing of it is written before this has looked.

The structure is read here alone (APPNOTE 6.3.10) and refused where two readers could read it
differently: more than one end record, bytes before, after or between the entries that belong to
none, a local header that says other things than the directory. `read_entry` then gives an entry's
bytes, bounded by its declared size and held to its CRC. The `zipfile` of the standard library
accepts most of what is refused here; the tests hold both to each other on sound archives.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kiosk import names
from kiosk.errors import PackageError
from kiosk.package.end import find_end, read_at
from kiosk.package.headers import DEFLATED, UTF8, Header, central_headers, place_of

__all__ = ["Entry", "Limits", "Package", "inspect", "read_entry"]

# Larger chunks are slower: they outgrow the processor's cache, and each is memory mapped anew.
READ_BYTES = 64 << 10
OUT_BYTES = 256 << 10


@dataclass(frozen=True)
class Limits:
    """How much a package may be.

    ``max_ratio`` is bytes out per byte in; it is asked for files and packages that unpack to more
    than ``ratio_from_bytes``. Documents are below 30, blank scans reach a hundred.
    """

    max_entries: int = 100_000
    max_directory_bytes: int = 64 << 20
    max_total_bytes: int = 64 << 30
    max_ratio: int = 250
    ratio_from_bytes: int = 32 << 20


@dataclass(frozen=True)
class Entry:
    """A file of the package: safe relative ``path``, sizes in bytes, where its data begin."""

    path: str
    method: int
    crc32: int
    compressed: int
    size: int
    offset: int
    data_offset: int


@dataclass(frozen=True)
class Package:
    """The files of an archive in directory order; folders are not listed."""

    entries: tuple[Entry, ...]
    directory_sha256: str


def inspect(file: BinaryIO, limits: Limits | None = None) -> Package:
    """The package in ``file`` (seekable), or PackageError with the code of what is wrong.

    Nothing is decompressed; only headers are read. The structure is judged first: what a fault on
    the way made of a sound package shows there, and another server's copy may still be sound.
    """
    limits = limits or Limits()
    end = find_end(file, file.seek(0, 2))
    if end.entries > limits.max_entries:
        raise PackageError("bomb", why=f"{end.entries} entries")
    if end.size > limits.max_directory_bytes:
        raise PackageError("bomb", why=f"a directory of {end.size} bytes")
    directory = read_at(file, end.offset, end.size)
    headers = list(central_headers(directory, end.entries))
    places = _places(file, headers, end.offset)
    paths = names.decode([(h.raw_name, h.unicode_name, bool(h.flags & UTF8)) for h in headers])
    names.check(paths)
    _check_sizes(headers, limits)
    entries = _entries(headers, paths, places)
    return Package(tuple(entries), hashlib.sha256(directory).hexdigest())


def _places(file: BinaryIO, headers: list[Header], directory: int) -> list[int]:
    """Where each entry's data begin; entries must cover the file without gap and overlap (Z8)."""
    at = 0
    places = [0] * len(headers)
    order = sorted(range(len(headers)), key=lambda index: headers[index].offset)
    starts = [headers[index].offset for index in order] + [directory]
    for index, start, until in zip(order, starts, starts[1:], strict=False):
        if start != at:
            raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
        places[index], at = place_of(file, headers[index], until)
    if at != directory:
        raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
    return places


def _check_sizes(headers: list[Header], limits: Limits) -> None:
    total = sum(header.size for header in headers)
    if total > limits.max_total_bytes:
        raise PackageError("bomb", why=f"{total} bytes when unpacked")
    pairs = [(header.size, header.compressed) for header in headers]
    pairs.append((total, sum(header.compressed for header in headers)))
    for size, compressed in pairs:
        if size > limits.ratio_from_bytes and size > limits.max_ratio * compressed:
            raise PackageError("bomb", why=f"{size} bytes out of {compressed}")


def _entries(headers: list[Header], paths: list[str], places: list[int]) -> Iterator[Entry]:
    for header, path, place in zip(headers, paths, places, strict=True):
        if not path.endswith("/"):
            yield Entry(
                path,
                header.method,
                header.crc32,
                header.compressed,
                header.size,
                header.offset,
                place,
            )
        elif header.size:
            raise PackageError("ambiguous", why="a folder with content")


def read_entry(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The entry's bytes in chunks of at most 256 KiB.

    PackageError ``damaged`` where they are not what the directory says. Never more than
    ``entry.size`` bytes are given out, whatever the data say.
    """
    crc, left = 0, entry.size
    for chunk in _inflated(file, entry) if entry.method == DEFLATED else _stored(file, entry):
        left -= len(chunk)
        if left < 0:
            raise PackageError("damaged", why=f"{entry.path} is larger than it says")
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if left or crc != entry.crc32:
        raise PackageError("damaged", why=f"{entry.path} fails its check")


def _stored(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, stop = entry.data_offset, entry.data_offset + entry.compressed
    while at < stop:
        chunk = read_at(file, at, min(OUT_BYTES, stop - at))
        at += len(chunk)
        yield chunk


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, stop = entry.data_offset, entry.data_offset + entry.compressed
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
