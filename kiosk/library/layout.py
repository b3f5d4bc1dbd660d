"""Where things lie in a data directory, and reading what lies there without believing it."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from kiosk import manifest as manifests
from kiosk.manifest import Manifest

log = logging.getLogger("kiosk.library")

NEW = ".new-"  # how the name of everything begins that is not whole yet
SET_ASIDE = ".damaged-"
MAX_MANIFEST_BYTES = 64 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")
_OBJECT_IN_NAME = re.compile(r"([0-9a-f]{64})(?:\.db)?$")
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Layout:
    """The places of a data directory. Damaged files are told in the log and count as absent."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.objects = data_dir / "objects"
        self.meetings = data_dir / "meetings"
        self.downloads = data_dir / "download"
        self.renditions = data_dir / "renditions"
        self.texts = data_dir / "texts"
        self.flights = data_dir / "flights"
        self.marks = data_dir / "marks"
        self.readings = data_dir / "reading"
        self.turn = data_dir / "turn"

    def object(self, sha256: str) -> Path:
        """Where an object is or would be; ValueError where ``sha256`` is not one."""
        if not SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self.objects / sha256[:2] / sha256

    def object_files(self) -> Iterator[Path]:
        """The objects that are here."""
        for folder in subfolders(self.objects):
            yield from (path for path in folder.iterdir() if SHA256.fullmatch(path.name))

    def text_files(self) -> list[tuple[Path, str]]:
        """What was read of objects, and what is being read: each with its object's SHA-256."""
        found = [(path, _OBJECT_IN_NAME.search(path.name)) for path in _files(self.texts)]
        return [(path, of[1] if of else "") for path, of in found]

    def has(self, sha256: str, size: int) -> bool:
        """Whether the object is here, judged by its size."""
        try:
            return self.object(sha256).stat().st_size == size
        except OSError:
            return False

    def folder(self, meeting_id: str) -> Path:
        """Where the revisions of a meeting are."""
        return self.meetings / folder_name(meeting_id)

    def marks_of(self, meeting_id: str) -> Path:
        """Where what readers wrote on the materials of a meeting is."""
        return self.marks / folder_name(meeting_id)

    def part(self, meeting_id: str) -> Path:
        """Where the package of a meeting is while it is under way."""
        return self.downloads / f"meeting_{folder_name(meeting_id)}.zip.part"

    def reading(self, meeting_id: str) -> Path:
        """Where it is kept how far people have read a meeting."""
        return self.readings / f"{folder_name(meeting_id)}.json"

    def current_in(self, folder: Path) -> Manifest | None:
        """The revision that ``current`` names; None where there is none, or it is damaged."""
        try:
            revision = (folder / "current").read_bytes()[:100].decode("ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as fault:
            log.warning("current-unreadable folder=%s why=%r", folder.name, str(fault))
            return None
        if not SHA256.fullmatch(revision):
            log.warning("current-damaged folder=%s", folder.name)
            return None
        return read_manifest(folder / f"{revision}.json")

    def all_manifests(self) -> Iterator[Manifest]:
        """Every revision that is here, replaced ones included: what they need is kept."""
        for folder in subfolders(self.meetings):
            yield from manifests_in(folder)


def manifests_in(folder: Path) -> Iterator[Manifest]:
    """The sound manifests of a meeting's folder."""
    for path in sorted(folder.glob("*.json")):
        manifest = read_manifest(path)
        if manifest is not None:
            yield manifest


def read_manifest(path: Path) -> Manifest | None:
    """A manifest file; None where it is absent, damaged, or in another meeting's place."""
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ValueError("too large")
        manifest = manifests.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        log.warning("manifest-damaged path=%s why=%r", path, str(fault))
        return None
    if manifest.revision != path.stem or folder_name(manifest.meeting) != path.parent.name:
        log.warning("manifest-misplaced path=%s meeting=%r", path, manifest.meeting)
        return None
    return manifest


def folder_name(meeting_id: str) -> str:
    """The folder of a meeting: its id where that is a plain word, else a hash of it."""
    if _PLAIN_ID.fullmatch(meeting_id) and not meeting_id.endswith("."):
        return meeting_id
    return "~" + hashlib.sha256(meeting_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def subfolders(path: Path) -> list[Path]:
    """The folders in ``path``, hidden ones left out, links not followed."""
    try:
        found = sorted(path.iterdir())
    except FileNotFoundError:
        return []
    except OSError as fault:
        log.warning("folder-unreadable path=%s why=%r", path, str(fault))
        return []
    return [
        one
        for one in found
        if not one.name.startswith(".") and one.is_dir() and not one.is_symlink()
    ]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def remove(path: Path) -> None:
    """Remove a file or a whole folder; fine where it is gone already. OSError as it comes."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        log.debug("gone-already path=%s", path)
