"""Hears that something changed in a folder: by inotify where it can be had.

What it hears is only a reason to look; what there is, the look says. Only that somebody closed a
file after writing is remembered, because of other people's files nothing else tells it. On a
network share the kernel hears nothing of what other machines do, and on a full table of watches
nothing at all: then the folder is looked at again and again, and that is said.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchdog import events
from watchdog.observers.inotify import InotifyObserver

from kiosk.node.folder.tree import Stamp, stamp_of

log = logging.getLogger("kiosk.folder")

# Not each write: a file is looked at until it stands still anyway.
HEARD = [
    events.FileCreatedEvent, events.FileMovedEvent, events.FileDeletedEvent,
    events.FileClosedEvent, events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent,
]  # fmt: skip
LOCAL = frozenset(
    ("bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "ramfs", "reiserfs",
     "tmpfs", "vfat", "exfat", "ntfs3", "xfs", "zfs")
)  # fmt: skip
MAX_CLOSED = 5000
MOUNTS = Path("/proc/self/mountinfo")


class Watch(events.FileSystemEventHandler):
    """Calls ``wake`` (in a thread of its own) when something changed below ``folder``."""

    def __init__(self, folder: Path, wake: Callable[[], None]) -> None:
        self._folder = folder
        self._wake = wake
        self._root = ""
        self._closed: dict[str, Stamp] = {}
        self._observer: InotifyObserver | None = None

    @property
    def hears(self) -> bool:
        """Whether changes are heard of; if not, one has to look."""
        return self._observer is not None and self._observer.is_alive()

    def start(self) -> None:
        """Listen, where that can be had."""
        kind = filesystem_of(self._folder)
        if kind not in LOCAL:
            log.warning("not-watched path=%s why='file system %s'", self._folder, kind)
            return
        observer = InotifyObserver()
        self._root = str(self._folder.resolve())
        try:
            observer.schedule(self, self._root, recursive=True, event_filter=HEARD)
            observer.start()
        except OSError as fault:
            log.warning("not-watched path=%s why=%r", self._folder, str(fault))
            observer.stop()
            return
        self._observer = observer

    def was_closed(self, path: str, stamp: Stamp) -> bool:
        """Whether the file at ``path`` below the folder was closed by who wrote it as it is now."""
        return self._closed.get(path) == stamp

    def stop(self) -> None:
        """Hear no more; fine where it never did."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def on_any_event(self, event: events.FileSystemEvent) -> None:
        """Something changed; what, does not matter."""
        if isinstance(event, events.FileClosedEvent):
            self._note(os.fsdecode(event.src_path))
        self._wake()

    def _note(self, path: str) -> None:
        try:
            stamp = stamp_of(Path(path).lstat())
        except OSError:
            return  # gone again
        while len(self._closed) >= MAX_CLOSED:
            del self._closed[next(iter(self._closed))]
        self._closed[path.removeprefix(self._root + "/")] = stamp


def filesystem_of(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system that ``folder`` is on, as proc(5) has it; empty where unknown."""
    found, longest = "", -1
    place = folder.resolve()
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError as fault:
        log.warning("mounts-unreadable why=%r", str(fault))
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(_unescaped(before.split(" ")[4]))
        # A later line for the same place lies on top of an earlier one.
        if place.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = after.split(" ")[0], len(point.parts)
    return found


def _unescaped(text: str) -> str:
    for code, character in (("040", " "), ("011", "\t"), ("012", "\n"), ("134", "\\")):
        text = text.replace(f"\\{code}", character)
    return text
