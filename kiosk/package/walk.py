"""Following a stream of archive bytes from the first one, before any directory has come.

The local headers say enough to find each file as it passes (APPNOTE 4.3.7). They are not believed
for more than that: when the stream has ended, `inspect` judges the archive by its directory, and a
file whose directory entry says other things than what was seen here is looked at anew.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace

from kiosk import names
from kiosk.errors import PackageError
from kiosk.package.entries import Entry, entry_of
from kiosk.package.headers import DEFLATED, DESCRIPTOR, STORED, UTF8, Header, local_header
from kiosk.package.limits import Limits

_MARK = b"PK\x07\x08"
# The signature, then CRC-32 and both sizes in 4 or in 8 bytes each; some leave the signature out.
_FORMS = tuple(struct.Struct(form) for form in ("<4sLLL", "<LLL", "<4sLQQ", "<LQQ"))
_LONGEST = max(form.size for form in _FORMS) + 4
OUT_BYTES = 256 << 10
# Only the directory tells whether so many are a bomb; until then no more are looked at.
MOST = 5000


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
        self._limits = Limits()
        self._count = self._unpacked = 0
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
            return self._inflate(data, self._inflater)
        if self._left:
            count = min(self._left, len(data))
            self._left -= count
            self._at += count
            if not self._left:
                self._pass(found)
            return data[count:]
        return self._descriptor(data, found)

    def _hold(self, data: memoryview, length: int) -> memoryview:
        """Put by what is needed of ``data`` for ``length`` bytes to be held; gives the rest."""
        count = max(0, length - len(self._held))
        self._held += data[:count]
        return data[count:]

    def _head(self, data: memoryview, found: list[Sighting]) -> memoryview:
        while True:
            header, length = local_header(self._held, self._at)
            if header is not None:
                break
            if not data:
                return data
            data = self._hold(data, length)
        self._held = b""
        self._count += 1
        if self._count > MOST:
            self.blind = True
            return data
        self._at += length
        self._header, self._begins = header, self._at
        if header.flags & DESCRIPTOR:
            # Only deflated data say themselves where they end.
            if header.method != DEFLATED:
                self.blind = True
            self._inflater, self._tally = zlib.decompressobj(-zlib.MAX_WBITS), _Tally()
            return data
        self._left = header.compressed
        if not self._left:
            self._pass(found)
        elif header.method == STORED:
            found.append(Opened(self._begins, self._begins + self._left))
        return data

    def _inflate(self, data: memoryview, inflater: zlib._Decompress) -> memoryview:
        fed: bytes | memoryview = data
        while not self.blind:
            out = inflater.decompress(fed, OUT_BYTES)
            fed = inflater.unconsumed_tail
            self._tally.add(out)
            # Unpacking what is a bomb only to see where it ends would hold up the stream.
            taken = self._at - self._begins + len(data)
            self.blind = self._limits.is_bomb(self._tally.size, taken)
            if inflater.eof or (not fed and len(out) < OUT_BYTES):
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
        rest = self._hold(data, _LONGEST)
        compressed = self._at - self._begins
        truth = (self._tally.crc32, compressed, self._tally.size)
        for form in _FORMS:
            if len(self._held) < form.size + 4:
                continue
            fields = form.unpack_from(self._held)
            marked = isinstance(fields[0], bytes)
            follows = self._held[form.size : form.size + 2] == b"PK"
            if fields[marked:] == truth and follows and (not marked or fields[0] == _MARK):
                self._at += form.size
                # The beginning of the next header may have been held before.
                self._held = self._held[form.size : max(before, form.size)]
                self._pass(found, compressed)
                return data[max(0, form.size - before) :]
        self.blind = len(self._held) >= _LONGEST
        return rest

    def _pass(self, found: list[Sighting], compressed: int | None = None) -> None:
        header = self._header
        if header is None:
            raise RuntimeError("no file is passing")
        self._header = None
        if compressed is not None:
            tally = self._tally
            header = replace(header, crc32=tally.crc32, compressed=compressed, size=tally.size)
        self._unpacked += header.size
        bomb = self._limits.is_bomb(header.size, header.compressed)
        if bomb or self._unpacked > self._limits.max_total_bytes:
            self.blind = True
            return
        path = names.decode([(header.raw_name, header.unicode_name, bool(header.flags & UTF8))])[0]
        if path.endswith("/"):
            return
        names.check([path])
        found.append(Passed(entry_of(header, path, self._at)))


class _Tally:
    """Size and CRC-32 of what was unpacked so far."""

    def __init__(self) -> None:
        self.size = 0
        self.crc32 = 0

    def add(self, data: bytes) -> None:
        """More of it."""
        self.size += len(data)
        self.crc32 = zlib.crc32(data, self.crc32)
