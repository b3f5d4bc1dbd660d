"""The headers of an archive's entries, central and local, and whether both say the same.

Central header APPNOTE 4.3.12, local header 4.3.7, data descriptor 4.3.9, extra fields 4.5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kiosk import names
from kiosk.errors import PackageError
from kiosk.package.end import read_at

STORED, DEFLATED = 0, 8
UTF8 = 0x800
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s2B4HL2L2H")
LOCAL_BYTES = _LOCAL.size
_DESCRIPTORS = tuple(struct.Struct(form) for form in ("<4s3L", "<4sL2Q", "<3L", "<L2Q"))
_DESCRIPTOR_MARK = b"PK\x07\x08"
_MAX32 = 0xFFFFFFFF
DESCRIPTOR = 8
_ENCRYPTED = 1 | 64 | 0x2000
_TOLD_TWICE = _ENCRYPTED | DESCRIPTOR | UTF8
_ZIP64, _UNICODE_NAME = 1, 0x7075
_UNIX, _MACOS = 3, 19
_KINDS = (0, 0o100000, 0o040000)  # not told, file, folder


@dataclass(frozen=True, slots=True)
class Header:
    """What the directory says of an entry: name undecoded, sizes in bytes, ZIP64 resolved."""

    flags: int
    method: int
    crc32: int
    compressed: int
    size: int
    offset: int
    raw_name: bytes
    unicode_name: bytes | None
    mode: int


def central_headers(directory: bytes, count: int) -> Iterator[Header]:
    """The headers of a directory, which must be exactly ``count``."""
    at = 0
    for _ in range(count):
        if len(directory) - at < _CENTRAL.size or directory[at : at + 4] != b"PK\x01\x02":
            raise PackageError("damaged", why="its directory has fewer entries than it says")
        fields = _CENTRAL.unpack_from(directory, at)
        name_length, extra_length, comment_length = fields[12:15]
        name_at = at + _CENTRAL.size
        extra_at = name_at + name_length
        at = extra_at + extra_length + comment_length
        if at > len(directory):
            raise PackageError("damaged", why="its directory is cut off")
        raw_name = directory[name_at:extra_at]
        yield _header(fields, raw_name, directory[extra_at : extra_at + extra_length])
    if at != len(directory):
        raise PackageError("ambiguous", why="its directory has more entries than it says")


def _header(fields: tuple[int, ...], raw_name: bytes, extra: bytes) -> Header:
    made_by, flags, method, crc32, attributes = (fields[at] for at in (2, 5, 6, 9, 17))
    blocks = _extra_blocks(extra)
    short = [fields[11], fields[10], fields[18]]
    size, compressed, offset = values = _zip64(blocks.get(_ZIP64), short)
    _check_surplus(blocks.get(_ZIP64, b""), short, values)
    unicode_name = _unicode_name(blocks.get(_UNICODE_NAME), raw_name)
    mode = attributes >> 16 if made_by in (_UNIX, _MACOS) else 0
    return Header(flags, method, crc32, compressed, size, offset, raw_name, unicode_name, mode)


def _extra_blocks(extra: bytes) -> dict[int, bytes]:
    """The extra fields by their id; those that matter at most once."""
    blocks: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if at + 4 + length > len(extra):
            raise PackageError("ambiguous", why="an extra field that runs over its end")
        if tag in blocks and tag in (_ZIP64, _UNICODE_NAME):
            raise PackageError("ambiguous", why="an extra field twice")
        blocks[tag] = extra[at + 4 : at + 4 + length]
        at += 4 + length
    if any(extra[at:]):
        raise PackageError("ambiguous", why="bytes after its extra fields")
    return blocks


def _zip64(block: bytes | None, values: list[int]) -> list[int]:
    """The values, with those that did not fit taken from the extra field (4.5.3)."""
    wide = [index for index, value in enumerate(values) if value == _MAX32]
    if not wide:
        return values
    if block is None or len(block) < 8 * len(wide):
        raise PackageError("ambiguous", why="a size that is nowhere told")
    found = iter(struct.unpack_from(f"<{len(wide)}Q", block))
    return [next(found) if index in wide else value for index, value in enumerate(values)]


def _check_surplus(block: bytes, short: list[int], values: list[int]) -> None:
    """What a ZIP64 field tells without need must be true: some readers take it, some do not."""
    needed = [value for value, said in zip(values, short, strict=True) if said == _MAX32]
    told = (struct.pack(f"<{len(found)}QL", *found, 0) for found in (needed, values))
    if not any(truth.startswith(block) for truth in told):
        raise PackageError("ambiguous", why="a file with two sizes")


def _unicode_name(block: bytes | None, raw_name: bytes) -> bytes | None:
    """The name in a 0x7075 field (4.6.9), if it was made for this very name."""
    if block is None or len(block) < 5 or block[0] != 1:
        return None
    fits = struct.unpack_from("<L", block, 1)[0] == zlib.crc32(raw_name)
    return block[5:] if fits else None


def place_of(file: BinaryIO, header: Header, until: int) -> tuple[int, int]:
    """Where an entry's data begin, and where everything that belongs to it ends.

    ``until`` is where the next entry or the directory begins; a data descriptor ends there.
    PackageError where the local header or the data descriptor says other things than the directory,
    and where the entry is of a kind that is not read here.
    """
    fields = _LOCAL.unpack(read_at(file, header.offset, _LOCAL.size))
    if fields[0] != b"PK\x03\x04":
        raise PackageError("damaged", why="a file is not where its directory says")
    name_length, extra_length = fields[10:12]
    begins = header.offset + _LOCAL.size
    after = read_at(file, begins, name_length + extra_length)
    if after[:name_length] != header.raw_name or fields[4] != header.method:
        raise PackageError("ambiguous", why="a file with two names or methods")
    if (fields[3] ^ header.flags) & _TOLD_TWICE:
        raise PackageError("ambiguous", why="a file with two sets of flags")
    refuse(header)
    _compare(header, fields[7:10], _extra_blocks(after[name_length:]))
    begins += name_length + extra_length
    ends = begins + header.compressed
    if header.flags & DESCRIPTOR:
        ends += _descriptor(file, header, ends, until)
    return begins, ends


def local_header(head: bytes, offset: int) -> tuple[Header | None, int]:
    """The local header that is all of ``head``, and how long it is; None while it is not whole.

    PackageError where it is none that can be believed by itself.
    """
    if len(head) < _LOCAL.size:
        return None, _LOCAL.size
    fields = _LOCAL.unpack_from(head)
    if fields[0] != b"PK\x03\x04":
        raise PackageError("damaged", why="no file begins here")
    name_length, extra_length = fields[10:12]
    length = _LOCAL.size + name_length + extra_length
    if len(head) < length:
        return None, length
    raw_name = head[_LOCAL.size : _LOCAL.size + name_length]
    blocks = _extra_blocks(head[_LOCAL.size + name_length : length])
    crc32, compressed, size = fields[7:10]
    if _MAX32 in (compressed, size):
        size, compressed, _ = _zip64(blocks.get(_ZIP64), [size, compressed, 0])
    unicode_name = _unicode_name(blocks.get(_UNICODE_NAME), raw_name)
    header = Header(
        fields[3], fields[4], crc32, compressed, size, offset, raw_name, unicode_name, 0
    )
    refuse(header)
    return header, length


def refuse(header: Header) -> None:
    """PackageError where the entry is of a kind that is not read here."""
    name = names.visible(header.raw_name)
    if header.flags & _ENCRYPTED:
        raise PackageError("encrypted", name=name)
    if header.method not in (STORED, DEFLATED):
        raise PackageError("unsupported-method", name=name, method=header.method)
    if header.mode & 0o170000 not in _KINDS:
        raise PackageError("unsafe-name", name=f"{name} (a link or a device)")
    if header.method == STORED and header.size != header.compressed:
        raise PackageError("ambiguous", why="a stored file of two sizes")


def _compare(header: Header, local: tuple[int, int, int], blocks: dict[int, bytes]) -> None:
    """A streamed entry may leave out locally what it did not know yet, and nothing else."""
    crc32, compressed, size = local
    if _ZIP64 in blocks and _MAX32 in (compressed, size):
        size, compressed, _ = _zip64(blocks[_ZIP64], [size, compressed, 0])
    unknown = (0, _MAX32) if header.flags & DESCRIPTOR else ()
    pairs = ((crc32, header.crc32), (compressed, header.compressed), (size, header.size))
    if any(said != real and said not in unknown for said, real in pairs):
        raise PackageError("ambiguous", why="a file with two sizes or checksums")


def _descriptor(file: BinaryIO, header: Header, at: int, until: int) -> int:
    """The length of the data descriptor, which must say what the directory says.

    Its form is told by its length alone: of an empty file, the shorter form begins the longer one.
    """
    truth = (header.crc32, header.compressed, header.size)
    for form in _DESCRIPTORS:
        if form.size != until - at:
            continue
        fields = form.unpack(read_at(file, at, form.size))
        marked = len(fields) == 4
        if fields[marked:] == truth and (not marked or fields[0] == _DESCRIPTOR_MARK):
            return form.size
    raise PackageError("ambiguous", why="a data descriptor that says something else")
