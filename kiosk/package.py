"""What is inside a ZIP, and whether it is safe: nothing of it is written before this has looked.

The structure is read by this file alone (APPNOTE 6.3.10) and refused where two readers could read
it differently: more than one end record, bytes before, after or between the entries that belong to
none, a local header that says other things than the directory. `read_entry` then gives an entry's
bytes, bounded by its declared size and held to its CRC. The `zipfile` of the standard library
accepts most of what is refused here; the tests hold both to each other on sound archives.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kiosk import names
from kiosk.errors import PackageError

STORED, DEFLATED = 0, 8
READ_BYTES = 256 << 10
OUT_BYTES = 1 << 20

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR64 = struct.Struct("<4sLQL")  # 4.3.15
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")  # 4.3.12
_LOCAL = struct.Struct("<4s2B4HL2L2H")  # 4.3.7
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_ENCRYPTED, _DESCRIPTOR, _STRONG, _UTF8, _MASKED = 1, 8, 64, 0x800, 0x2000
_MAX_COMMENT = 0xFFFF
_SIGNATURE = re.compile(rb"PK\x05\x06")


@dataclass(frozen=True)
class Limits:
    """How much a package may be: entries, bytes when unpacked, and bytes out per byte in."""

    max_entries: int = 100_000
    max_total_bytes: int = 64 << 30
    max_ratio: int = 1100  # deflate cannot do more than 1032


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


@dataclass(frozen=True)
class _End:
    """The end of the archive: where the directory lies, and where the end records begin."""

    entries: int
    size: int
    offset: int
    begins: int


@dataclass(frozen=True)
class _Header:
    """One central header, names undecoded, ZIP64 sizes resolved."""

    flags: int
    method: int
    crc32: int
    compressed: int
    size: int
    offset: int
    raw_name: bytes
    unicode_name: bytes | None
    mode: int


def inspect(file: BinaryIO, limits: Limits | None = None) -> Package:
    """The package in ``file`` (seekable), or PackageError with the code of what is wrong.

    Nothing is decompressed; only headers are read.
    """
    limits = limits or Limits()
    total = file.seek(0, 2)
    end = _find_end(file, total)
    if end.entries > limits.max_entries:
        raise PackageError("bomb", why=f"{end.entries} entries")
    directory = _read(file, end.offset, end.size)
    headers = list(_central_headers(directory, end.entries))
    for header in headers:
        _refuse(header)
    paths = names.decode([(h.raw_name, h.unicode_name, bool(h.flags & _UTF8)) for h in headers])
    names.check(paths)
    _check_sizes(headers, limits)
    entries = _entries(file, headers, paths, end.offset)
    return Package(tuple(entries), hashlib.sha256(directory).hexdigest())


def read_entry(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The entry's bytes in chunks of at most 1 MiB; PackageError ``damaged`` where they are not it.

    Never more than ``entry.size`` bytes are given out, whatever the data say.
    """
    crc, left = 0, entry.size
    for chunk in _inflated(file, entry) if entry.method == DEFLATED else _stored(file, entry):
        left -= len(chunk)
        if left < 0:
            raise PackageError("bomb", why=f"{entry.path} is larger than it says")
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if left or crc != entry.crc32:
        raise PackageError("damaged", why=f"{entry.path} fails its check")


def _stored(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, stop = entry.data_offset, entry.data_offset + entry.compressed
    while at < stop:
        chunk = _read(file, at, min(OUT_BYTES, stop - at))
        at += len(chunk)
        yield chunk


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, stop = entry.data_offset, entry.data_offset + entry.compressed
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    held = b""
    try:
        while not inflater.eof:
            if not held and at < stop:
                held = _read(file, at, min(READ_BYTES, stop - at))
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


def _read(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    data = file.read(count)
    if len(data) != count:
        raise PackageError("damaged", why="it ends early")
    return data


# The end of the archive


def _find_end(file: BinaryIO, total: int) -> _End:
    """The one end record, which must be the last bytes of the file (4.3.16)."""
    length = min(total, _END.size + _MAX_COMMENT)
    tail = _read(file, total - length, length)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise PackageError("damaged", why="it has no end record")
    fields = _END.unpack_from(tail, found)
    _, disk, first_disk, here, entries, size, offset, comment = fields
    if found + _END.size + comment != len(tail):
        raise PackageError("ambiguous", why="bytes after its end")
    if any(_reaches_the_end(tail, match.start()) for match in _SIGNATURE.finditer(tail[:found])):
        raise PackageError("ambiguous", why="several end records")
    begins = total - length + found
    if _MAX16 in (entries, here, disk) or _MAX32 in (size, offset) or _has_locator(file, begins):
        return _find_end64(file, begins, fields)
    if disk or first_disk or here != entries:
        raise PackageError("ambiguous", why="it spans several disks")
    return _sane_end(_End(entries, size, offset, begins))


def _reaches_the_end(tail: bytes, at: int) -> bool:
    """Whether the record at ``at`` has a comment that ends with the file: a second end record."""
    comment = int.from_bytes(tail[at + _END.size - 2 : at + _END.size], "little")
    return at + _END.size + comment == len(tail)


def _has_locator(file: BinaryIO, begins: int) -> bool:
    at = begins - _LOCATOR64.size
    return at >= 0 and _read(file, at, 4) == b"PK\x06\x07"


def _find_end64(file: BinaryIO, begins: int, short: tuple[object, ...]) -> _End:
    """The ZIP64 end record (4.3.14); what both records say must agree."""
    at = begins - _LOCATOR64.size
    if at < 0 or not _has_locator(file, begins):
        raise PackageError("ambiguous", why="a ZIP64 archive without its locator")
    _, disk, offset64, disks = _LOCATOR64.unpack(_read(file, at, _LOCATOR64.size))
    if disk or disks > 1 or offset64 + _END64.size > at:
        raise PackageError("ambiguous", why="its ZIP64 locator leads nowhere")
    record = _END64.unpack(_read(file, offset64, _END64.size))
    signature, length, _, _, disk, first_disk, here, entries, size, offset = record
    if signature != b"PK\x06\x06" or offset64 + 12 + length != at:
        raise PackageError("ambiguous", why="its ZIP64 end record is not where it should be")
    if disk or first_disk or here != entries:
        raise PackageError("ambiguous", why="it spans several disks")
    pairs = zip((short[4], short[5], short[6]), (entries, size, offset), strict=True)
    for (said, real), marker in zip(pairs, (_MAX16, _MAX32, _MAX32), strict=True):
        if said not in (marker, real):
            raise PackageError("ambiguous", why="its two end records differ")
    return _sane_end(_End(entries, size, offset, offset64))


def _sane_end(end: _End) -> _End:
    if end.offset + end.size != end.begins:
        raise PackageError("ambiguous", why="its directory is not where it should be")
    return end


# The directory


def _central_headers(directory: bytes, count: int) -> Iterator[_Header]:
    at = 0
    for _ in range(count):
        if len(directory) - at < _CENTRAL.size or directory[at : at + 4] != b"PK\x01\x02":
            raise PackageError("damaged", why="its directory has fewer entries than it says")
        fields = _CENTRAL.unpack_from(directory, at)
        flags, method, crc32 = fields[5], fields[6], fields[9]
        lengths = fields[12:15]
        start = at + _CENTRAL.size
        at = start + sum(lengths)
        if at > len(directory):
            raise PackageError("damaged", why="its directory is cut off")
        raw_name = directory[start : start + lengths[0]]
        extra = directory[start + lengths[0] : start + lengths[0] + lengths[1]]
        blocks = _extra_blocks(extra)
        size, compressed, offset = _zip64(blocks.get(1), [fields[11], fields[10], fields[18]])
        mode = fields[17] >> 16 if fields[2] in (3, 19) else 0
        unicode_name = _unicode_name(blocks.get(0x7075), raw_name)
        yield _Header(flags, method, crc32, compressed, size, offset, raw_name, unicode_name, mode)
    if at != len(directory):
        raise PackageError("ambiguous", why="its directory has more entries than it says")


def _extra_blocks(extra: bytes) -> dict[int, bytes]:
    """The extra fields by their header id (4.5.1); each at most once."""
    blocks: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if at + 4 + length > len(extra):
            raise PackageError("ambiguous", why="an extra field that runs over its end")
        if tag in blocks and tag in (1, 0x7075):
            raise PackageError("ambiguous", why="an extra field twice")
        blocks[tag] = extra[at + 4 : at + 4 + length]
        at += 4 + length
    if any(extra[at:]):
        raise PackageError("ambiguous", why="bytes after its extra fields")
    return blocks


def _zip64(block: bytes | None, values: list[int]) -> list[int]:
    """Sizes and offset; those that did not fit come from the extra field (4.5.3)."""
    wide = [index for index, value in enumerate(values) if value == _MAX32]
    if not wide:
        return values
    if block is None or len(block) < 8 * len(wide):
        raise PackageError("ambiguous", why="a size that is nowhere told")
    for place, index in enumerate(wide):
        values[index] = struct.unpack_from("<Q", block, 8 * place)[0]
    return values


def _unicode_name(block: bytes | None, raw_name: bytes) -> bytes | None:
    """The name of a 0x7075 field (4.6.9), if it was made for this very name."""
    if block is None or len(block) < 5 or block[0] != 1:
        return None
    fits = struct.unpack_from("<L", block, 1)[0] == zlib.crc32(raw_name)
    return block[5:] if fits else None


def _refuse(header: _Header) -> None:
    name = names.visible(header.raw_name)
    if header.flags & (_ENCRYPTED | _STRONG | _MASKED):
        raise PackageError("encrypted", name=name)
    if header.method not in (STORED, DEFLATED):
        raise PackageError("unsupported-method", name=name, method=header.method)
    kind = header.mode & 0o170000
    if kind not in (0, 0o100000, 0o040000):
        raise PackageError("unsafe-name", name=f"{name} (a link or a device)")


def _check_sizes(headers: list[_Header], limits: Limits) -> None:
    total = sum(header.size for header in headers)
    if total > limits.max_total_bytes:
        raise PackageError("bomb", why=f"{total} bytes when unpacked")
    for header in headers:
        if header.method == STORED and header.size != header.compressed:
            raise PackageError("ambiguous", why="a stored file of two sizes")
        if header.size > limits.max_ratio * max(header.compressed, 1):
            raise PackageError("bomb", why=f"{header.size} bytes out of {header.compressed}")


# The local headers


def _entries(
    file: BinaryIO, headers: list[_Header], paths: list[str], directory: int
) -> list[Entry]:
    """The files; local headers must say the same and the archive must have no gaps (Z8)."""
    entries: list[Entry] = []
    order = sorted(range(len(headers)), key=lambda index: headers[index].offset)
    at = 0
    data_offsets: dict[int, int] = {}
    for index in order:
        header = headers[index]
        if header.offset != at:
            raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
        data_offsets[index] = _check_local(file, header)
        at = data_offsets[index] + header.compressed
        if header.flags & _DESCRIPTOR:
            at += _descriptor(file, header, at)
    if at != directory:
        raise PackageError("ambiguous", why="bytes that belong to no file, or to two")
    for index, (header, path) in enumerate(zip(headers, paths, strict=True)):
        if path.endswith("/"):
            if header.size:
                raise PackageError("ambiguous", why="a folder with content")
            continue
        entries.append(
            Entry(
                path,
                header.method,
                header.crc32,
                header.compressed,
                header.size,
                header.offset,
                data_offsets[index],
            )
        )
    return entries


def _check_local(file: BinaryIO, header: _Header) -> int:
    """Where the data begin; PackageError where the local header differs from the directory."""
    fields = _LOCAL.unpack(_read(file, header.offset, _LOCAL.size))
    if fields[0] != b"PK\x03\x04":
        raise PackageError("damaged", why="a file is not where its directory says")
    flags, method, crc32, compressed, size, name_length, extra_length = (
        fields[3], fields[4], fields[7], fields[8], fields[9], fields[10], fields[11],
    )  # fmt: skip
    after = _read(file, header.offset + _LOCAL.size, name_length + extra_length)
    if after[:name_length] != header.raw_name or method != header.method:
        raise PackageError("ambiguous", why="a file with two names or methods")
    if (flags ^ header.flags) & (_ENCRYPTED | _DESCRIPTOR | _UTF8 | _STRONG | _MASKED):
        raise PackageError("ambiguous", why="a file with two sets of flags")
    blocks = _extra_blocks(after[name_length:])
    if 1 in blocks and _MAX32 in (size, compressed):
        size, compressed, _ = _zip64(blocks[1], [size, compressed, 0])
    said, real = (crc32, compressed, size), (header.crc32, header.compressed, header.size)
    if said != real and not (header.flags & _DESCRIPTOR and said == (0, 0, 0)):
        streamed = header.flags & _DESCRIPTOR and crc32 == 0 and {compressed, size} <= {0, _MAX32}
        if not streamed:
            raise PackageError("ambiguous", why="a file with two sizes or checksums")
    return header.offset + _LOCAL.size + len(after)


def _descriptor(file: BinaryIO, header: _Header, at: int) -> int:
    """The length of the data descriptor (4.3.9), which must say what the directory says."""
    for form, signed in (("<4s3L", 1), ("<4sL2Q", 1), ("<3L", 0), ("<L2Q", 0)):
        length = struct.calcsize(form)
        file.seek(at)
        data = file.read(length)
        if len(data) != length:
            continue
        fields = struct.unpack(form, data)
        if signed and fields[0] != b"PK\x07\x08":
            continue
        if fields[signed:] == (header.crc32, header.compressed, header.size):
            return length
    raise PackageError("ambiguous", why="a data descriptor that says something else")
