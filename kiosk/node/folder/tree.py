"""What lies in a meeting's folder: its files, and what of it cannot be a material.

Everything is reached from an open folder, name by name, and no link is followed on the way: whoever
may write into the folder can swap a folder for a link at any moment, and must not be able to have
other files of this machine given out. What is looked at is bounded; a folder beyond the bounds is
refused as a whole, because half of it would be another half each time.
"""

from __future__ import annotations

import contextlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk import names
from kiosk.errors import KioskError, LocalError, UsageError
from kiosk.node.folder.litter import is_litter

DESCRIPTION = "meeting.toml"
MAX_FILES = 2000
MAX_ENTRIES = 20_000
MAX_DEPTH = 8
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True)
class Found:
    """A file: its path in the meeting's folder, and the stamp that changes when it does.

    The stamp is size, time of the content, time of the entry (both ns) and inode.
    """

    path: str
    stamp: Stamp

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.stamp[0]


@dataclass(frozen=True)
class Refused:
    """What is no material, and why: link, special, name, too-deep, unreadable."""

    path: str
    why: str


@dataclass(frozen=True)
class Tree:
    """The folder of a meeting as it is now; ``description`` is its meeting.toml."""

    files: tuple[Found, ...] = ()
    refused: tuple[Refused, ...] = ()
    description: Found | None = None


@dataclass
class _Walk:
    folder: str
    files: list[Found] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    entries: int = 0

    def into(self, handle: int, above: str, depth: int) -> None:
        with os.scandir(handle) as found:
            for entry in found:
                self.entries += 1
                if self.entries > MAX_ENTRIES:
                    raise too_large(self.folder, MAX_ENTRIES, "entries")
                if not is_litter(entry.name):
                    self._take(handle, entry, above, depth)

    def _take(self, handle: int, entry: os.DirEntry[str], above: str, depth: int) -> None:
        path = above + entry.name
        why = _fault_of(entry)
        if why is None and entry.is_dir(follow_symlinks=False):
            why = self._open(handle, entry.name, path, depth)
        elif why is None:
            why = self._file(entry, path)
        if why is not None:
            self.refused.append(Refused(shown(path), why))

    def _open(self, handle: int, name: str, path: str, depth: int) -> str | None:
        if depth >= MAX_DEPTH:
            return "too-deep"
        try:
            inner = os.open(name, _FOLDER, dir_fd=handle)
        except OSError as fault:
            return _why(fault)
        try:
            self.into(inner, path + "/", depth + 1)
        except OSError as fault:
            return _why(fault)
        finally:
            os.close(inner)
        return None

    def _file(self, entry: os.DirEntry[str], path: str) -> str | None:
        try:
            about = entry.stat(follow_symlinks=False)
        except OSError as fault:
            return _why(fault)
        if not stat.S_ISREG(about.st_mode):
            return "special"
        self.files.append(Found(path, stamp_of(about)))
        if len(self.files) > MAX_FILES:
            raise too_large(self.folder, MAX_FILES, "files")
        return None


def look(root: int, folder: str) -> Tree:
    """What lies in ``folder`` of the open folder ``root``.

    UsageError ``folder-too-large``, LocalError ``folder-unreadable``.
    """
    walk = _Walk(shown(folder))
    try:
        handle = os.open(folder, _FOLDER, dir_fd=root)
        try:
            walk.into(handle, "", 1)
        finally:
            os.close(handle)
    except OSError as fault:
        raise unreadable(folder, fault) from fault
    files = sorted(walk.files, key=lambda found: found.path)
    description = next((found for found in files if found.path == DESCRIPTION), None)
    return Tree(
        tuple(found for found in files if found is not description),
        tuple(sorted(walk.refused, key=lambda refused: refused.path)),
        description,
    )


def folders(root: int, most: int) -> tuple[list[str], list[Refused]]:
    """The folders in the open folder ``root``, and those that cannot be a meeting's.

    UsageError ``folder-too-large`` where there are more than ``most``; OSError as it comes.
    """
    good: list[str] = []
    refused: list[Refused] = []
    with os.scandir(root) as found:
        for count, entry in enumerate(found, 1):
            if count > MAX_ENTRIES:
                raise too_large(".", MAX_ENTRIES, "entries")
            if is_litter(entry.name) or not entry.is_dir():
                continue
            if len(good) + len(refused) >= most:
                raise too_large(".", most, "meetings")
            why = _fault_of(entry)
            if why is None:
                good.append(entry.name)
            else:
                refused.append(Refused(shown(entry.name), why))
    return sorted(good), refused


@contextlib.contextmanager
def opened(root: int, folder: str, path: str) -> Iterator[int]:
    """Gives the file at ``path`` of a meeting's folder, open for reading; OSError as it comes."""
    handle = descend(root, [folder, *path.split("/")[:-1]])
    try:
        file = os.open(path.rpartition("/")[2], _FILE, dir_fd=handle)
    finally:
        os.close(handle)
    try:
        yield file
    finally:
        os.close(file)


def descend(root: int, parts: list[str]) -> int:
    """The folder below ``root`` that these names lead to, open, no link followed; OSError."""
    handle = os.dup(root)
    for part in parts:
        try:
            inner = os.open(part, _FOLDER, dir_fd=handle)
        finally:
            os.close(handle)
        handle = inner
    return handle


def stamp_of(about: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


def shown(path: str) -> str:
    """A path as people may see it, whatever its bytes."""
    return names.visible(os.fsencode(path))


def unreadable(folder: str, fault: OSError) -> KioskError:
    """The error for a folder that the machine does not let us read."""
    return LocalError("folder-unreadable", folder=shown(folder), why=fault.strerror or str(fault))


def too_large(folder: str, most: int, what: str) -> KioskError:
    """The error for a folder beyond a bound."""
    return UsageError("folder-too-large", folder=shown(folder), most=most, what=what)


def _fault_of(entry: os.DirEntry[str]) -> str | None:
    """Its name is shown, never used: whatever people can read will do."""
    if entry.is_symlink():
        return "link"
    unreadable = any(unicodedata.category(character) in ("Cc", "Cs") for character in entry.name)
    return "name" if unreadable else None


def _why(fault: OSError) -> str | None:
    """Gone meanwhile is no fault: the next look sees what there is."""
    return None if isinstance(fault, FileNotFoundError) else "unreadable"
