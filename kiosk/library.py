"""What is on this terminal for reading: objects by SHA-256, manifests, and which one is current.

An object is written under a temporary name while it is hashed, and becomes visible by its hash in
`publish`: all objects, one `syncfs`, rename them, sync the directories; then the manifest; then
``current``. A crash at any point leaves the old revision or the new one, and leftovers that
`collect` removes at the next start. What a revision still needs is never removed; a revision that
was replaced stays readable until that next start, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kiosk import manifest as manifests
from kiosk.errors import UsageError
from kiosk.manifest import AgendaItem, Manifest, Material
from kiosk.store import DirectoryLock, storage_faults, sync_directory, sync_filesystem, write_whole

__all__ = ["AgendaItem", "Damage", "Library", "Manifest", "Material", "Receipt", "Stored"]

log = logging.getLogger("kiosk.library")

READ_BYTES = 1 << 20
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stored:
    """An object: its name and its size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Damage:
    """Something that `verify` found: what kind, where, and in which meeting."""

    kind: str
    path: str
    meeting: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}" + (f" ({self.meeting})" if self.meeting else "")


@dataclass(frozen=True)
class Receipt:
    """What a purge removed; ``bytes`` of objects, ``shared`` objects others still use."""

    meetings: list[str] = field(default_factory=list)
    objects: int = 0
    bytes: int = 0
    shared: int = 0


class Library:
    """The data directory of a terminal. Reading is safe from any thread; one process writes."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir)
        self._objects = self.data_dir / "objects"
        self._meetings = self.data_dir / "meetings"
        self._downloads = self.data_dir / "download"
        self._pending: dict[str, Path] = {}

    def lock(self) -> DirectoryLock:
        """Take the directory; LocalError ``directory-in-use`` where another kiosk has it."""
        return DirectoryLock(self.data_dir / "lock")

    def part_path(self, meeting_id: str) -> Path:
        """Where the package of a meeting is while it is under way."""
        return self._downloads / f"meeting_{folder_name(meeting_id)}.zip.part"

    # Objects

    def object_path(self, sha256: str) -> Path:
        """Where an object is or would be; ValueError where ``sha256`` is not one."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._objects / sha256[:2] / sha256

    def has(self, sha256: str, size: int) -> bool:
        """Whether the object is here, judged by its size; `verify` reads it."""
        try:
            return self.object_path(sha256).stat().st_size == size
        except OSError:
            return False

    def add_object(self, chunks: Iterable[bytes]) -> Stored:
        """Write and hash an object; it is visible after the next `publish`.

        Whatever ``chunks`` raises passes through, and nothing stays behind.
        """
        with storage_faults():
            self._objects.mkdir(parents=True, exist_ok=True)
            path = self._objects / f".new-{secrets.token_hex(8)}"
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb", 0) as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    _write(file.fileno(), chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        stored = Stored(digest.hexdigest(), size)
        earlier = self._pending.pop(stored.sha256, None)
        if earlier is not None:
            earlier.unlink(missing_ok=True)
        self._pending[stored.sha256] = path
        return stored

    def drop_pending(self) -> None:
        """Forget objects that were added and not published."""
        for path in self._pending.values():
            path.unlink(missing_ok=True)
        self._pending.clear()

    # Revisions

    def publish(self, manifest: Manifest) -> str:
        """Make a revision the current one; everything it needs is here and safe first.

        Gives the revision. LocalError where the disk refuses: the old one stays current.
        """
        with storage_faults():
            self._settle_objects()
        absent = [sha for sha, size in manifest.objects.items() if not self.has(sha, size)]
        if absent:
            raise ValueError(f"{len(absent)} objects of the manifest are not here")
        revision, folder = manifest.revision, self._folder(manifest.meeting)
        write_whole(folder / f"{revision}.json", manifest.encode())
        write_whole(folder / "current", revision.encode() + b"\n")
        with storage_faults():
            sync_directory(self._meetings)
        log.info("published meeting=%s revision=%s", manifest.meeting, revision[:12])
        return revision

    def _settle_objects(self) -> None:
        """Give what is pending its names, in the order that survives a power cut."""
        if not self._pending:
            return
        sync_filesystem(self._objects)
        parents = set()
        for sha256, path in list(self._pending.items()):
            target = self.object_path(sha256)
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
            parents.add(target.parent)
            del self._pending[sha256]
        for parent in parents:
            sync_directory(parent)
        sync_directory(self._objects)

    def current(self, meeting_id: str) -> Manifest | None:
        """The revision that is shown; None where there is none, or it cannot be read."""
        return self._current_in(self._folder(meeting_id))

    def manifest(self, meeting_id: str, revision: str) -> Manifest | None:
        """A revision that is still here, also a replaced one."""
        if not _SHA256.fullmatch(revision):
            return None
        return _read_manifest(self._folder(meeting_id) / f"{revision}.json", meeting_id)

    def meetings(self) -> list[Manifest]:
        """The current revision of every meeting that is here, newest first."""
        found = (self._current_in(folder) for folder in _subfolders(self._meetings))
        here = [manifest for manifest in found if manifest is not None]
        return sorted(here, key=lambda manifest: manifest.published_at, reverse=True)

    def _current_in(self, folder: Path) -> Manifest | None:
        try:
            revision = (folder / "current").read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        if not _SHA256.fullmatch(revision):
            log.warning("current-damaged folder=%s", folder.name)
            return None
        manifest = _read_manifest(folder / f"{revision}.json")
        if manifest is not None and folder_name(manifest.meeting) != folder.name:
            log.warning("manifest-misplaced folder=%s meeting=%r", folder.name, manifest.meeting)
            return None
        return manifest

    # Checking

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether every object of a revision is here and has its hash: reads them all."""
        return not list(self._damaged_objects([manifest]))

    def verify(self) -> list[Damage]:
        """Everything that is not as it should be: reads every object, checks every manifest."""
        damage: list[Damage] = []
        kept = []
        for folder in _subfolders(self._meetings):
            manifest = self._current_in(folder)
            if manifest is None:
                damage.append(Damage("unreadable", str(folder)))
            else:
                kept.append(manifest)
        damage += self._damaged_objects(kept)
        referred = {sha for manifest in self._all_manifests() for sha in manifest.objects}
        for path in self._object_files():
            if path.name not in referred:
                damage.append(Damage("leftover", str(path)))
        return damage

    def _damaged_objects(self, of: Iterable[Manifest]) -> Iterator[Damage]:
        seen: set[str] = set()
        for manifest in of:
            for sha256, size in manifest.objects.items():
                if sha256 in seen:
                    continue
                seen.add(sha256)
                path = self.object_path(sha256)
                if not self.has(sha256, size):
                    yield Damage("missing", str(path), manifest.meeting)
                elif _hash(path) != sha256:
                    yield Damage("wrong-content", str(path), manifest.meeting)

    # Leaving and removing

    def export(self, meeting_id: str, directory: Path) -> list[Path]:
        """Write the materials as ordinary files under their shown names; gives their paths.

        A folder an agenda item, without a title none; UsageError ``unknown-meeting`` where it is not here.
        """
        manifest = self._known(meeting_id)
        written: list[Path] = []
        for item in manifest.agenda:
            folder = directory / safe_name(item.title) if item.title else directory
            for material in item.materials:
                if material.sha256 is None:
                    continue
                target = _free(folder / safe_name(material.name))
                with storage_faults(material.bytes):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(self.object_path(material.sha256), target)
                written.append(target)
        return written

    def purge(self, meeting_id: str) -> Receipt:
        """Remove a meeting and every object that only it used; UsageError where it is not here."""
        folder = self._folder(meeting_id)
        if not folder.is_dir():
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return self._purge([folder], [meeting_id])

    def purge_all(self) -> Receipt:
        """Remove every meeting."""
        folders = list(_subfolders(self._meetings))
        ids = [m.meeting if (m := self._current_in(f)) else f.name for f in folders]
        return self._purge(folders, ids)

    def _purge(self, folders: list[Path], ids: list[str]) -> Receipt:
        before = {sha for manifest in self._all_manifests() for sha in manifest.objects}
        with storage_faults():
            for folder, meeting_id in zip(folders, ids, strict=True):
                # Without its marker the meeting is gone, whatever happens next.
                (folder / "current").unlink(missing_ok=True)
                sync_directory(folder)
                shutil.rmtree(folder)
                part = self.part_path(meeting_id)
                part.unlink(missing_ok=True)
                part.with_name(part.name + ".journal").unlink(missing_ok=True)
            removed, size = self._remove_unused()
        shared = len(before) - removed
        log.info("purged meetings=%d objects=%d bytes=%d", len(folders), removed, size)
        return Receipt(ids, removed, size, max(0, shared))

    def collect(self) -> int:
        """At start: remove what crashes and replaced revisions left; gives the bytes freed."""
        with storage_faults():
            for folder in _subfolders(self._meetings):
                current = self._current_in(folder)
                for path in folder.iterdir():
                    stale = current is not None and path.stem != current.revision
                    if path.name.startswith(".new-") or (stale and path.name != "current"):
                        _remove(path)
            if self._objects.is_dir():
                for path in self._objects.glob(".new-*"):
                    _remove(path)
            removed, size = self._remove_unused()
        if removed:
            log.info("collected objects=%d bytes=%d", removed, size)
        return size

    def _remove_unused(self) -> tuple[int, int]:
        """Objects that no manifest needs, and pictures made of them: how many, how many bytes."""
        needed = {sha for manifest in self._all_manifests() for sha in manifest.objects}
        removed = size = 0
        for path in list(self._object_files()):
            if path.name not in needed:
                size += path.stat().st_size
                removed += 1
                path.unlink()
        for folder in _subfolders(self.data_dir / "renditions"):
            if folder.name not in needed:
                _remove(folder)
        return removed, size

    # Small facts

    def _folder(self, meeting_id: str) -> Path:
        return self._meetings / folder_name(meeting_id)

    def _known(self, meeting_id: str) -> Manifest:
        manifest = self.current(meeting_id)
        if manifest is None:
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return manifest

    def _object_files(self) -> Iterator[Path]:
        for folder in _subfolders(self._objects):
            yield from (path for path in folder.iterdir() if _SHA256.fullmatch(path.name))

    def _all_manifests(self) -> Iterator[Manifest]:
        """Every revision that is here, replaced ones included: what they need is kept."""
        for folder in _subfolders(self._meetings):
            for path in folder.glob("*.json"):
                manifest = _read_manifest(path)
                if manifest is not None:
                    yield manifest


def folder_name(meeting_id: str) -> str:
    """The folder of a meeting: its id where that is a plain word, else a hash of it."""
    if _PLAIN_ID.fullmatch(meeting_id) and not meeting_id.endswith("."):
        return meeting_id
    return "~" + hashlib.sha256(meeting_id.encode("utf-8", "replace")).hexdigest()[:32]


def safe_name(shown: str) -> str:
    """A file name made from a shown one: nothing in it can leave its folder."""
    name = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in shown)
    name = name.strip(" .") or "_"
    while len(name.encode()) > 200:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{extension}" if dot and len(extension) < 10 else name[:-1]
    return name


def _free(path: Path) -> Path:
    """``path``, or with a number behind it where it is taken."""
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate


def _read_manifest(path: Path, meeting_id: str | None = None) -> Manifest | None:
    """A manifest file; a damaged one is told and counts as absent."""
    try:
        manifest = manifests.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        log.warning("manifest-damaged path=%s why=%r", path, str(fault))
        return None
    if manifest.revision != path.stem or meeting_id not in (None, manifest.meeting):
        log.warning("manifest-misplaced path=%s", path)
        return None
    return manifest


def _hash(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        log.warning("object-unreadable path=%s why=%r", path, str(fault))
        return ""


def _write(handle: int, chunk: bytes) -> None:
    with storage_faults(len(chunk)):
        view = memoryview(chunk)
        while view:
            view = view[os.write(handle, view) :]


def _subfolders(path: Path) -> Iterator[Path]:
    try:
        found = sorted(path.iterdir())
    except OSError:
        return
    yield from (one for one in found if one.is_dir() and not one.is_symlink())


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
