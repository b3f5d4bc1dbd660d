"""The materials of a meeting as ordinary files under their shown names."""

from __future__ import annotations

import shutil
from pathlib import Path

from kiosk.library.layout import Layout
from kiosk.manifest import Manifest
from kiosk.store import storage_faults

MAX_NAME_BYTES = 200
_FORBIDDEN = frozenset('/\\:*?"<>|')


def export(layout: Layout, manifest: Manifest, directory: Path) -> list[Path]:
    """Copy them into ``directory``, a folder for each agenda item that has a title.

    Nothing that is there already is written over. Gives the paths; LocalError where the disk
    refuses or an object is gone.
    """
    written: list[Path] = []
    for item in manifest.agenda:
        folder = directory / safe_name(item.title) if item.title else directory
        for material in item.materials:
            if material.sha256 is None:
                continue
            parts = [safe_name(part) for part in material.name.split("/") if part]
            with storage_faults(material.bytes):
                target = _free(folder.joinpath(*parts or ["_"]))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(layout.object(material.sha256), target)
            written.append(target)
    return written


def safe_name(shown: str) -> str:
    """A file name made from a shown one: nothing in it can leave its folder."""
    name = "".join(c if c.isprintable() and c not in _FORBIDDEN else "_" for c in shown)
    name = name.strip(" .") or "_"
    while len(name.encode()) > MAX_NAME_BYTES:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{extension}" if stem and len(extension) < 10 else name[:-1]
    return name


def _free(path: Path) -> Path:
    """``path``, or with a number behind it where it is taken."""
    candidate, number = path, 2
    while candidate.exists() or candidate.is_symlink():
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate
