"""What a build of the package brings, and what of it has to be fetched: the rest is here already.

A *build* is one archive, byte for byte. Two builds of the same materials differ in their bytes, so
what is here is recognised by what the directory says of a file: its path, its size and its CRC-32,
and its SHA-256 where a manifest told that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kiosk import agenda
from kiosk.agenda import Fit, MeetingData, Placed
from kiosk.library import Library, Manifest
from kiosk.package import Entry, Package
from kiosk.plan import Span

Key = tuple[str, int, int]


@dataclass(frozen=True)
class Delta:
    """The agenda with its files (``placed``), and what each file's bytes are to come from.

    ``needed`` are fetched, in reading order; ``reused`` are objects of the library, by SHA-256.
    ``fit`` is how far it is the package that the document speaks of.
    """

    package: Package
    document: MeetingData | None
    placed: tuple[Placed, ...]
    needed: tuple[Entry, ...]
    reused: Mapping[Key, str] = field(default_factory=dict)
    fit: Fit = field(default_factory=Fit)

    @property
    def pieces(self) -> list[Span]:
        """What is to be fetched of the archive, in reading order."""
        return [Span(entry.offset, entry.until) for entry in self.needed]

    @property
    def room(self) -> int:
        """Bytes that the files to be fetched take on the disk while they come."""
        return sum(
            entry.size if entry.method == 0 else entry.size + entry.compressed
            for entry in self.needed
        )

    @property
    def bytes(self) -> int:
        """Bytes of the archive that its materials take, here or not."""
        entries = {entry.key: entry for _, _, entry in self.shown() if entry is not None}
        return sum(entry.until - entry.offset for entry in entries.values())

    def shown(self) -> Iterator[tuple[int, str, Entry | None]]:
        """Index (from 1), shown name and entry of every material, in agenda order."""
        files = (pair for one in self.placed for pair in one.files)
        for index, (listed, entry) in enumerate(files, 1):
            yield index, listed.name, entry


def of(
    package: Package,
    document: MeetingData | None,
    library: Library,
    current: Manifest | None,
    notice: str = "",
) -> Delta:
    """What ``package`` brings to a library whose revision of the meeting is ``current``.

    PackageError where it holds no materials, or those of another meeting (`agenda.arrange`).
    """
    placed = tuple(agenda.arrange(document, package, notice))
    here = _here(current, library)
    needed: dict[Key, Entry] = {}
    reused: dict[Key, str] = {}
    for one in placed:
        for _, entry in one.files:
            if entry is None or entry.key in needed or entry.key in reused:
                continue
            sha256 = entry.sha256 or here.get(entry.key)
            if sha256 is not None and library.has(sha256, entry.size):
                reused[entry.key] = sha256
            else:
                needed[entry.key] = entry
    fit = agenda.fit(placed)
    return Delta(package, document, placed, tuple(needed.values()), reused, fit)


def with_digests(package: Package, digests: Mapping[str, tuple[int, str]]) -> Package:
    """The package with the SHA-256 that a manifest tells: by path, with the size it is told for."""
    if not digests:
        return package
    entries = []
    for entry in package.entries:
        size, sha256 = digests.get(entry.path, (-1, ""))
        entries.append(replace(entry, sha256=sha256) if size == entry.size else entry)
    return replace(package, entries=tuple(entries))


def without_digests(package: Package) -> Package:
    """The package without what a manifest told: it is nobody's word any more."""
    return replace(package, entries=tuple(replace(one, sha256=None) for one in package.entries))


def fit_of(current: Manifest | None, document: MeetingData | None) -> Fit:
    """How far the current revision is what the document speaks of."""
    materials = current.materials if current is not None else ()
    sizes = {one.path: one.bytes for one in materials if one.sha256 is not None}
    return agenda.fit_of(document, sizes)


def fit_now(package: Package, document: MeetingData | None) -> Fit:
    """How well the package fits a document; PackageError as in `of`."""
    return agenda.fit(agenda.arrange(document, package))


def _here(current: Manifest | None, library: Library) -> dict[Key, str]:
    if current is None:
        return {}
    return {
        (one.path, one.bytes, one.crc32): one.sha256
        for one in current.materials
        if one.sha256 is not None and one.crc32 is not None
    }
