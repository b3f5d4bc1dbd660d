"""What an archive holds: its entries, and the archive as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.package.headers import DESCRIPTOR, STORED, Header


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the package: safe relative ``path``, sizes in bytes.

    Everything that belongs to it (local header, data, data descriptor) lies in the bytes from
    ``offset`` up to, not including, ``until``. ``sha256`` is known where a manifest told it.
    """

    path: str
    method: int
    crc32: int
    compressed: int
    size: int
    offset: int
    until: int
    header: Header = field(repr=False, compare=False)
    sha256: str | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """By what it is known again in another package: path, size, CRC-32."""
        return self.path, self.size, self.crc32

    @property
    def begins(self) -> int | None:
        """Where the data of a stored file begin; None where only the local header can tell."""
        plain = self.method == STORED and not self.header.flags & DESCRIPTOR
        return self.until - self.compressed if plain else None


@dataclass(frozen=True)
class Package:
    """The files of an archive of ``total`` bytes in directory order; folders are not listed.

    ``directory_sha256`` is the SHA-256 of everything from ``directory_offset`` to the end.
    """

    entries: tuple[Entry, ...]
    total: int
    directory_offset: int
    directory_sha256: str


def entry_of(header: Header, path: str, until: int) -> Entry:
    """The entry of that header, called ``path``, which ends where ``until`` is."""
    return Entry(
        path,
        header.method,
        header.crc32,
        header.compressed,
        header.size,
        header.offset,
        until,
        header,
    )
