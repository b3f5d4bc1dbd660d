"""What is on this terminal for reading: objects by SHA-256, manifests, and which one is current.

An object is written under a temporary name while it is hashed, and becomes visible by its hash in
`publish`: all objects, one `syncfs`, rename them, sync the directories; then the manifest; then
``current``. A crash at any point leaves the old revision or the new one, and leftovers that
`collect` removes at the next start. What a revision still needs is never removed; a revision that
was replaced stays readable until that next start, too.

A terminal may purge while its worker publishes: both wait for their turn, so that no object is
removed between its arrival and the manifest that needs it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import LocalError, UsageError
from kiosk.library import check, export, removal
from kiosk.library.check import Damage
from kiosk.library.layout import NEW, SHA256, Layout, read_manifest, subfolders
from kiosk.library.removal import Receipt
from kiosk.manifest import AgendaItem, Manifest, Material
from kiosk.store import (
    DirectoryLock,
    storage_faults,
    sync_directory,
    sync_filesystem,
    turn,
    write_whole,
)

if TYPE_CHECKING:
    from kiosk.marks import Shelf

__all__ = ["AgendaItem", "Damage", "Library", "Manifest", "Material", "Receipt", "Stored"]

log = logging.getLogger("kiosk.library")

OBJECT_MODE = 0o644


@dataclass(frozen=True)
class Stored:
    """An object: its name and its size in bytes."""

    sha256: str
    bytes: int


class Library:
    """The data directory of a terminal. Reading is safe from any thread; one process writes."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir)
        self._layout = Layout(self.data_dir)
        self._pending: dict[str, Path] = {}
        self._adopted: set[Path] = set()

    def lock(self) -> DirectoryLock:
        """Take the directory; LocalError ``directory-in-use`` where another kiosk has it."""
        return DirectoryLock(self.data_dir / "lock")

    def part_path(self, meeting_id: str) -> Path:
        """Where the package of a meeting is while it is under way."""
        return self._layout.part(meeting_id)

    # Objects

    def object_path(self, sha256: str) -> Path:
        """Where an object is or would be; ValueError where ``sha256`` is not one."""
        return self._layout.object(sha256)

    def has(self, sha256: str, size: int) -> bool:
        """Whether the object is here, judged by its size; `verify` reads it."""
        return self._layout.has(sha256, size)

    def require_room(self, needed: int) -> None:
        """LocalError ``disk-full``, with the numbers, where ``needed`` bytes have no room."""
        with storage_faults():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.data_dir).free
        if needed > free:
            raise LocalError("disk-full", needed=needed, free=free)

    def add_object(self, chunks: Iterable[bytes]) -> Stored:
        """Write and hash an object; it is visible after the next `publish`.

        Whatever ``chunks`` raises passes through, and nothing stays behind.
        """
        objects = self._layout.objects
        path = objects / f"{NEW}{secrets.token_hex(8)}"
        digest, size = hashlib.sha256(), 0
        with storage_faults():
            objects.mkdir(parents=True, exist_ok=True)
            try:
                with open(path, "xb", 0) as file:
                    for chunk in chunks:
                        digest.update(chunk)
                        size += len(chunk)
                        self._write(file.fileno(), chunk)
                path.chmod(OBJECT_MODE)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        stored = Stored(digest.hexdigest(), size)
        earlier = self._pending.pop(stored.sha256, None)
        if earlier is not None:
            earlier.unlink(missing_ok=True)
        self._pending[stored.sha256] = path
        return stored

    def adopt(self, sha256: str, size: int, path: Path) -> None:
        """A file that was written and hashed by somebody else, on this disk: it becomes an object.

        It moves with the next `publish`, and stays where it is if there is none.
        """
        if self.has(sha256, size) and not path.exists():
            return
        self._pending[sha256] = path
        self._adopted.add(path)

    def _write(self, handle: int, chunk: bytes) -> None:
        try:
            view = memoryview(chunk)
            while view:
                view = view[os.write(handle, view) :]
        except OSError as fault:
            with storage_faults(len(view), _free_at(self.data_dir)):
                raise fault

    def drop_pending(self) -> None:
        """Forget objects that were added and not published."""
        for path in self._pending.values():
            if path not in self._adopted:
                path.unlink(missing_ok=True)
        self._pending.clear()
        self._adopted.clear()

    # Revisions

    def publish(self, manifest: Manifest) -> str:
        """Make a revision the current one; everything it needs is here and safe first.

        Gives the revision. LocalError where the disk refuses: the old one stays current.
        ValueError where an object that it needs was never added.
        """
        with storage_faults(), turn(self._layout.turn):
            try:
                self._settle_objects()
                self._name_current(manifest)
            except BaseException:
                removal.undo(self._layout, manifest)
                raise
        log.info("published meeting=%r revision=%s", manifest.meeting, manifest.revision[:12])
        return manifest.revision

    def _name_current(self, manifest: Manifest) -> None:
        lacking = [sha for sha, size in manifest.objects.items() if not self.has(sha, size)]
        if lacking:
            raise ValueError(f"{len(lacking)} objects of the manifest are not here")
        folder = self._layout.folder(manifest.meeting)
        write_whole(folder / f"{manifest.revision}.json", manifest.encode())
        sync_directory(self._layout.meetings)
        sync_directory(self.data_dir)
        write_whole(folder / "current", manifest.revision.encode() + b"\n")

    def _settle_objects(self) -> None:
        """Give what is pending its names, in the order that survives a power cut."""
        if not self._pending:
            return
        objects = self._layout.objects
        objects.mkdir(parents=True, exist_ok=True)
        sync_filesystem(objects)
        parents = set()
        for sha256, path in list(self._pending.items()):
            target = self.object_path(sha256)
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
            parents.add(target.parent)
            del self._pending[sha256]
        for parent in parents:
            sync_directory(parent)
        sync_directory(objects)

    def current(self, meeting_id: str) -> Manifest | None:
        """The revision that is shown; None where there is none, or it cannot be read."""
        return self._layout.current_in(self._layout.folder(meeting_id))

    def manifest(self, meeting_id: str, revision: str) -> Manifest | None:
        """A revision that is still here, also a replaced one."""
        if not SHA256.fullmatch(revision):
            return None
        return read_manifest(self._layout.folder(meeting_id) / f"{revision}.json")

    def meetings(self) -> list[Manifest]:
        """The current revision of every meeting that is here, newest first."""
        found = map(self._layout.current_in, subfolders(self._layout.meetings))
        here = [manifest for manifest in found if manifest is not None]
        return sorted(here, key=lambda manifest: manifest.published_at, reverse=True)

    # Checking, leaving, removing

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether every object of a revision is here and has its hash: reads them all."""
        return next(check.damaged_objects(self._layout, [manifest]), None) is None

    def is_sound(self, sha256: str, size: int) -> bool:
        """Whether an object is here and has its hash: reads it."""
        return check.is_sound(self._layout, sha256, size)

    def verify(self) -> list[Damage]:
        """What is damaged: reads every manifest and every object."""
        return check.verify(self._layout)

    def export(self, meeting_id: str, directory: Path) -> list[Path]:
        """Write the materials as ordinary files; gives their paths.

        UsageError ``unknown-meeting`` where it is not here.
        """
        manifest = self.current(meeting_id)
        if manifest is None:
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return export.export(self._layout, manifest, directory)

    def export_marked(self, meeting_id: str, directory: Path, language: str) -> list[Path]:
        """Write the materials that were written on as PDF, with the marks; gives their paths.

        ``language`` is that of the few words in them. UsageError ``unknown-meeting``.
        """
        manifest = self.current(meeting_id)
        if manifest is None:
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return export.export_marked(self._layout, manifest, directory, language)

    def marks(self, meeting_id: str) -> Shelf:
        """What readers wrote on the materials of a meeting."""
        from kiosk.marks import Shelf

        return Shelf(self._layout.marks_of(meeting_id), meeting_id)

    def purge(self, meeting_id: str) -> Receipt:
        """Remove a meeting and every object that only it used; UsageError where it is not here."""
        if not removal.is_known(self._layout, meeting_id):
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        with storage_faults(), turn(self._layout.turn):
            return removal.purge(self._layout, [meeting_id])

    def purge_all(self) -> Receipt:
        """Remove every meeting, and all that was made or half fetched of them."""
        with storage_faults(), turn(self._layout.turn):
            return removal.purge_all(self._layout)

    def collect(self) -> int:
        """At start: remove what crashes and replaced revisions left; gives the bytes freed.

        A damaged marker is mended from a revision that is whole; where there is none, the meeting
        is set aside.
        """
        with storage_faults(), turn(self._layout.turn):
            return removal.collect(self._layout)


def _free_at(path: Path) -> int:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return 0
