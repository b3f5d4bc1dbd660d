"""The materials of a meeting as ordinary files under their shown names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from kiosk.library.layout import Layout
from kiosk.manifest import Manifest, Material
from kiosk.store import storage_faults

MAX_NAME_BYTES = 200
_FORBIDDEN = frozenset('/\\:*?"<>|')


def export(layout: Layout, manifest: Manifest, directory: Path) -> list[Path]:
    """Copy them into ``directory``, a folder for each agenda item that has a title.

    Nothing that is there already is written over. Gives the paths; LocalError where the disk
    refuses or an object is gone.
    """
    written: list[Path] = []
    for material, place in _places(manifest, directory):
        with storage_faults(material.bytes):
            target = _free(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(layout.object(material.sha256 or ""), target)
        written.append(target)
    return written


def export_marked(layout: Layout, manifest: Manifest, directory: Path, language: str) -> list[Path]:
    """Write those that somebody wrote on as PDF with the marks in them, beside where they would be.

    Gives the paths; LocalError where the disk refuses.
    """
    from kiosk.library import marked  # every download would wait for what draws documents

    written: list[Path] = []
    for material, place in _places(manifest, directory):
        target = _free(place.with_name(f"{place.stem}.marks.pdf"))
        if marked.export(layout, manifest, material, target, language):
            written.append(target)
    return written


def _places(manifest: Manifest, directory: Path) -> Iterator[tuple[Material, Path]]:
    """Each material that is here, and the file it becomes."""
    for item in manifest.agenda:
        folder = directory / safe_name(item.title) if item.title else directory
        for material in item.materials:
            if material.sha256 is not None:
                parts = [safe_name(part) for part in material.name.split("/") if part]
                yield material, folder.joinpath(*parts or ["_"])


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
