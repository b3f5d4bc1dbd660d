"""Following a stream of archive bytes from the first one, before any directory has come.

The local headers say enough to find each file as it passes (APPNOTE 4.3.7). They are not believed
for more than that: when the stream has ended, `inspect` judges the archive by its directory, and a
file whose directory entry says other things than what was seen here is looked at anew.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from kiosk import names
from kiosk.errors import PackageError
from kiosk.package.entries import Entry
from kiosk.package.headers import DEFLATED, LOCAL_BYTES, STORED, UTF8, Header, local_header

_DESCRIPTOR = 8
_MARK = b"PK\x07\x08"
# The signature, then CRC-32 and both sizes in 4 or in 8 bytes each; some leave the signature out.
_FORMS = ("<4sLLL", "<LLL", "<4sLQQ", "<LQQ")
MAX_HEAD = LOCAL_BYTES + 2 * 0xFFFF


@dataclass(frozen=True)
class Opened:
    """The data of a stored file begin: they are the bytes from ``begins`` up to ``stop``."""

    begins: int
    stop: int


@dataclass(frozen=True)
class Passed:
    """A file has passed wholly. Its ``entry`` is what its local header and descriptor say."""

    entry: Entry


Sighting = Opened | Passed


class Walker:
    """Feed it the stream from byte 0; it tells what it sights.

    Goes `blind`, and is silent from then on, at whatever it cannot follow.
    """

    def __init__(self) -> None:
        self.blind = False
        self._at = 0
        self._held = b""
        self._header: Header | None = None
        self._begins = 0
        self._left = 0
        self._inflater: zlib._Decompress | None = None
        self._tally = _Tally()

    def feed(self, data: bytes | memoryview) -> list[Sighting]:
        """What the next bytes of the stream bring into sight, in order."""
        found: list[Sighting] = []
        rest = memoryview(data)
        while len(rest) and not self.blind:
            try:
                rest = self._step(rest, found)
            except (PackageError, zlib.error):
                self.blind = True
        return found

    def _step(self, data: memoryview, found: list[Sighting]) -> memoryview:
        if self._header is None:
            return self._head(data, found)
        if self._inflater is not None:
            return self._inflate(data)
        if self._left:
            count = min(self._left, len(data))
            self._left -= count
            self._at += count
            if not self._left:
                self._pass(found)
            return data[count:]
        return self._descriptor(data, found)

    def _head(self, data: memoryview, found: list[Sighting]) -> memoryview:
        before = len(self._held)
        self._held += bytes(data[: MAX_HEAD - before])
        header, length = local_header(self._held, self._at)
        if header is None:
            if not b"PK\x03\x04".startswith(self._held[:4]) or len(self._held) >= MAX_HEAD:
                self.blind = True
            return data[len(self._held) - before :]
        self._header, self._held = header, b""
        self._begins = self._at + length
        self._at = self._begins
        if header.flags & _DESCRIPTOR:
            # Only deflated data say themselves where they end.
            if header.method != DEFLATED:
                self.blind = True
            self._inflater, self._tally = zlib.decompressobj(-zlib.MAX_WBITS), _Tally()
        elif header.method in (STORED, DEFLATED):
            self._left = header.compressed
            if header.method == STORED and self._left:
                found.append(Opened(self._begins, self._begins + self._left))
            if not self._left:
                self._pass(found)
        else:
            self.blind = True
        return data[length - before :]

    def _inflate(self, data: memoryview) -> memoryview:
        inflater = self._inflater
        if inflater is None:
            raise RuntimeError("nothing to inflate")
        fed: bytes | memoryview = data
        while True:
            out = inflater.decompress(fed, 256 << 10)
            self._tally.add(out)
            fed = inflater.unconsumed_tail
            if inflater.eof or (not fed and len(out) < 256 << 10):
                break
        used = len(data) - len(inflater.unused_data)
        self._at += used
        if inflater.eof:
            self._inflater = None
        return data[used:]

    def _descriptor(self, data: memoryview, found: list[Sighting]) -> memoryview:
        """After deflated data of unknown size: the form whose numbers are those that were seen.

        The header behind it must show, so that one form is not taken for the beginning of another.
        """
        before = len(self._held)
        self._held += bytes(data[: 28 - before])
        compressed = self._at - self._begins
        truth = (self._tally.crc32, compressed, self._tally.size)
        for form in _FORMS:
            length = struct.calcsize(form)
            if len(self._held) < length + 4:
                continue
            fields = struct.unpack_from(form, self._held)
            marked = isinstance(fields[0], bytes)
            follows = self._held[length : length + 2] == b"PK"
            if fields[marked:] == truth and follows and (not marked or fields[0] == _MARK):
                self._at += length
                self._held = b""
                self._pass(found, compressed)
                return data[length - before :]
        if len(self._held) >= 28:
            self.blind = True
        return data[len(self._held) - before :]

    def _pass(self, found: list[Sighting], compressed: int | None = None) -> None:
        header = self._header
        if header is None:
            raise RuntimeError("no file is passing")
        self._header = None
        crc32, size = header.crc32, header.size
        if compressed is not None:
            crc32, size = self._tally.crc32, self._tally.size
        told = header.compressed if compressed is None else compressed
        path = names.decode([(header.raw_name, header.unicode_name, bool(header.flags & UTF8))])[0]
        if path.endswith("/"):
            return
        names.check([path])
        seen = Header(
            header.flags,
            header.method,
            crc32,
            told,
            size,
            header.offset,
            header.raw_name,
            header.unicode_name,
            0,
        )
        found.append(
            Passed(Entry(path, seen.method, crc32, told, size, seen.offset, self._at, seen))
        )


class _Tally:
    """Size and CRC-32 of what was unpacked so far."""

    def __init__(self) -> None:
        self.size = 0
        self.crc32 = 0

    def add(self, data: bytes) -> None:
        """More of it."""
        self.size += len(data)
        self.crc32 = zlib.crc32(data, self.crc32)
