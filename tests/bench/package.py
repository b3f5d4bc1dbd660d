"""The packages that are measured with: stored files of incompressible bytes, no block like another.

Whatever is put together wrongly therefore shows in a SHA-256. The same arguments make the same
bytes, so a second revision differs in exactly the files that it is told to change.
"""

from __future__ import annotations

import hashlib
import random
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEETING = "bench"
BLOCK = 1 << 20
GROWTH = 4096
"""Bytes by which a changed file is longer: an existing master shows a change by the size only."""


@dataclass(frozen=True)
class Package:
    """A package on the disk; ``files`` is path inside -> (bytes, SHA-256), in agenda order."""

    path: Path
    bytes: int
    sha256: str
    files: dict[str, tuple[int, str]]

    @property
    def document(self) -> dict[str, Any]:
        """What the master says of its meeting (contract §3a)."""
        items: dict[str, list[dict[str, Any]]] = {}
        for number, (path, (size, _)) in enumerate(self.files.items(), 1):
            folder, _, name = path.partition("/")
            row = {"name": name, "display_name": f"{number}.bin", "size": size}
            row |= {"temp_id": name.removesuffix(".bin"), "agenda_folder": folder}
            items.setdefault(folder, []).append(row)
        told = [
            {"position": position, "title": folder, "reporter": "", "files": files}
            for position, (folder, files) in enumerate(items.items(), 1)
        ]
        return {"title": "Benchmark", "time": "2026-11-24 09:00", "agenda_items": told}


def make(path: Path, size: int, files: int, changed: Collection[int] = ()) -> Package:
    """A package of about ``size`` bytes: ``files`` stored files, those in ``changed`` of another
    revision (other bytes, and `GROWTH` more of them)."""
    made = {}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("README.txt", "Materials")
        for number in range(files):
            other = number in changed
            name = hashlib.sha256(f"{size} {number}".encode()).hexdigest()[:24]
            entry = zipfile.ZipInfo(f"agenda_{number // 5 + 1}/{name}.bin", (2026, 1, 1, 0, 0, 0))
            entry.file_size = size // files + (GROWTH if other else 0)
            digest = hashlib.sha256()
            with archive.open(entry, "w") as target:
                for block in _blocks(f"{size} {number} {other}", entry.file_size):
                    target.write(block)
                    digest.update(block)
            made[entry.filename] = (entry.file_size, digest.hexdigest())
    return Package(path, path.stat().st_size, sha256_of(path), made)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _blocks(seed: str, size: int) -> Iterator[bytes]:
    source = random.Random(seed)
    for start in range(0, size, BLOCK):
        yield source.randbytes(min(BLOCK, size - start))
