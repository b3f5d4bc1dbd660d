"""Verifying: every manifest is read, every object is hashed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.library.layout import Layout, subfolders
from kiosk.manifest import Manifest

log = logging.getLogger("kiosk.library")


@dataclass(frozen=True)
class Damage:
    """Something that is not as it should be: what kind, where, and in which meeting.

    ``unreadable`` (a meeting's marker or manifest), ``missing`` or ``wrong-content`` (an object).
    """

    kind: str
    path: str
    meeting: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}" + (f" ({self.meeting})" if self.meeting else "")


def verify(layout: Layout) -> list[Damage]:
    """What is damaged in anything that people can see (I1).

    What a crash left behind is none: nobody sees it, and the next start removes it.
    """
    damage: list[Damage] = []
    here: list[Manifest] = []
    for folder in subfolders(layout.meetings):
        manifest = layout.current_in(folder)
        if manifest is not None:
            here.append(manifest)
        elif (folder / "current").exists():
            damage.append(Damage("unreadable", str(folder)))
    return damage + list(damaged_objects(layout, here))


def damaged_objects(layout: Layout, of: Iterable[Manifest]) -> Iterator[Damage]:
    """The objects of these revisions that are not here or not what their name says."""
    seen: set[str] = set()
    for manifest in of:
        for sha256, size in manifest.objects.items():
            if sha256 in seen:
                continue
            seen.add(sha256)
            path = layout.object(sha256)
            if not path.exists():
                yield Damage("missing", str(path), manifest.meeting)
            elif not is_sound(layout, sha256, size):
                yield Damage("wrong-content", str(path), manifest.meeting)


def is_sound(layout: Layout, sha256: str, size: int) -> bool:
    """Whether an object is an ordinary file of that size and hash."""
    path = layout.object(sha256)
    return not path.is_symlink() and layout.has(sha256, size) and _hash(path) == sha256


def _hash(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        log.warning("object-unreadable path=%s why=%r", path, str(fault))
        return ""
