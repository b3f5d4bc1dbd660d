"""The end of an archive: where its directory lies (APPNOTE 4.3.14 to 4.3.16).

Readers look for the end record from the back of the file. So there must be exactly one that a
reader could take: the last signature, with a comment that runs to the end of the file, and no
other record before it whose comment does so, too. A package that lies inside another one, stored,
has an end record of its own; its comment ends earlier, and nobody takes it for the outer one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kiosk.errors import PackageError

SIGNATURE = b"PK\x05\x06"
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
END_BYTES = _END.size + _MAX16


@dataclass(frozen=True)
class End:
    """Where the directory lies, and where the end records behind it begin."""

    entries: int
    size: int
    offset: int
    begins: int


def read_at(file: BinaryIO, offset: int, count: int) -> bytes:
    """Exactly these bytes; PackageError ``damaged`` where the file has fewer."""
    file.seek(offset)
    data = file.read(count)
    if len(data) != count:
        raise PackageError("damaged", why="it ends early")
    return data


def find_end(file: BinaryIO, total: int) -> End:
    """The one end record of a file of ``total`` bytes; PackageError where there is not just one."""
    length = min(total, END_BYTES)
    tail = read_at(file, total - length, length)
    places = list(_signatures(tail))
    if not places:
        raise PackageError("damaged", why="it has no end record")
    fits = [place for place in places if _comment_ends(tail, place)]
    if places[-1] not in fits:
        raise PackageError("ambiguous", why="bytes after its end")
    if len(fits) > 1:
        raise PackageError("ambiguous", why="several end records")
    fields = _END.unpack_from(tail, fits[0])
    return _end_of(file, total - length + fits[0], fields)


def _signatures(tail: bytes) -> Iterator[int]:
    at = tail.find(SIGNATURE)
    while 0 <= at <= len(tail) - _END.size:
        yield at
        at = tail.find(SIGNATURE, at + 1)


def _comment_ends(tail: bytes, place: int) -> bool:
    comment: int = _END.unpack_from(tail, place)[7]
    return place + _END.size + comment == len(tail)


def _end_of(file: BinaryIO, begins: int, fields: tuple[object, ...]) -> End:
    numbers = [number for number in fields[1:7] if isinstance(number, int)]
    disk, first_disk, here, entries, size, offset = numbers
    if _MAX16 in (disk, here, entries) or _MAX32 in (size, offset) or _has_locator(file, begins):
        return _end64_of(file, begins, (entries, size, offset))
    if disk or first_disk or here != entries:
        raise PackageError("ambiguous", why="it spans several disks")
    return _sane(End(entries, size, offset, begins))


def _has_locator(file: BinaryIO, begins: int) -> bool:
    at = begins - _LOCATOR64.size
    return at >= 0 and read_at(file, at, 4) == b"PK\x06\x07"


def _end64_of(file: BinaryIO, begins: int, short: tuple[int, int, int]) -> End:
    """The ZIP64 end record; what both records say must agree."""
    at = begins - _LOCATOR64.size
    if at < 0 or not _has_locator(file, begins):
        raise PackageError("ambiguous", why="a ZIP64 archive without its locator")
    _, disk, offset64, disks = _LOCATOR64.unpack(read_at(file, at, _LOCATOR64.size))
    # What may stand between the two is nothing that anybody writes; it is not fetched to see.
    if disk or disks > 1 or not _END64.size <= at - offset64 <= END_BYTES:
        raise PackageError("ambiguous", why="its ZIP64 locator leads nowhere")
    record = _END64.unpack(read_at(file, offset64, _END64.size))
    signature, length, _, _, disk, first_disk, here, entries, size, offset = record
    if signature != b"PK\x06\x06" or offset64 + 12 + length != at:
        raise PackageError("ambiguous", why="its ZIP64 end record is not where it should be")
    if disk or first_disk or here != entries:
        raise PackageError("ambiguous", why="it spans several disks")
    pairs = zip(short, (entries, size, offset), (_MAX16, _MAX32, _MAX32), strict=True)
    if any(said not in (marker, real) for said, real, marker in pairs):
        raise PackageError("ambiguous", why="its two end records differ")
    return _sane(End(entries, size, offset, offset64))


def _sane(end: End) -> End:
    if end.offset + end.size != end.begins:
        raise PackageError("ambiguous", why="its directory is not where it should be")
    return end
