"""What is inside a scripted server's package, as a manifest tells it (contract.md §3b).

Read with the standard library on purpose: a test that holds the terminal's own reader against it
would prove nothing if both were the same.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any


@dataclass(frozen=True)
class Packed:
    """A file in the package; ``offset`` is that of its local header."""

    path: str
    offset: int
    compressed: int
    method: int
    crc32: int
    bytes: int
    sha256: str

    def told(self) -> dict[str, Any]:
        """Its row in the manifest's table of entries."""
        told = {"path": self.path, "offset": self.offset, "compressed": self.compressed}
        return told | {"method": self.method, "crc32": self.crc32}


@dataclass(frozen=True)
class Contents:
    """A package: its size, its SHA-256, and its files as they follow in it."""

    bytes: int
    sha256: str
    entries: tuple[Packed, ...]


def contents_of(package: Path | bytes) -> Contents:
    """What is in it now; no entries where it is no archive. Worked out once for each package."""
    if isinstance(package, bytes):
        return _contents(package, 0, 0)
    about = package.stat()
    return _contents(package, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=64)
def _contents(package: Path | bytes, _changed_at: int, _size: int) -> Contents:
    with io.BytesIO(package) if isinstance(package, bytes) else package.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.seek(0, io.SEEK_END)
        try:
            with zipfile.ZipFile(file) as archive:
                files = [one for one in archive.infolist() if not one.is_dir()]
                entries = tuple(_packed(archive, one) for one in files)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
            entries = ()
    return Contents(size, sha256, entries)


def _packed(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> Packed:
    with archive.open(one) as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    offset, compressed, method = one.header_offset, one.compress_size, one.compress_type
    return Packed(one.filename, offset, compressed, method, one.CRC, one.file_size, sha256)


def agenda_of(data: Mapping[str, Any], contents: Contents) -> list[dict[str, Any]]:
    """The agenda of a meeting document, with the files of the package that it speaks of.

    A document without an agenda has the folders of the package for one.
    """
    if not data.get("agenda_items"):
        data = {"agenda_items": list(_folders(contents))}
    found = {_place(PurePosixPath(entry.path)): entry for entry in contents.entries}
    return [
        {
            "title": str(item.get("title", "")),
            "reporter": str(item.get("reporter") or ""),
            "minutes": item.get("duration_minutes"),
            "materials": [_material(row, found) for row in item.get("files", ())],
        }
        for item in data.get("agenda_items", ())
    ]


def _folders(contents: Contents) -> Iterator[dict[str, Any]]:
    folders: dict[str, list[dict[str, Any]]] = {}
    for entry in contents.entries:
        folder, _, name = entry.path.rpartition("/")
        folders.setdefault(folder, []).append({"name": name, "agenda_folder": folder})
    for folder, files in folders.items():
        if folder:
            yield {"title": folder, "files": files}


def _place(path: PurePosixPath) -> tuple[str, str]:
    return str(path.parent).removeprefix("."), path.stem


def _material(row: Mapping[str, Any], found: Mapping[tuple[str, str], Packed]) -> dict[str, Any]:
    folder, name = str(row.get("agenda_folder", "")), str(row.get("name", ""))
    stem = str(row.get("temp_id") or PurePosixPath(name).stem)
    entry = found.get((folder, stem))
    return {
        "path": entry.path if entry else f"{folder}/{name}",
        "name": row.get("display_name") or name,
        "bytes": entry.bytes if entry else row.get("size", 0),
        "sha256": entry.sha256 if entry else None,
        "pages": row.get("total_pages"),
    }


def with_revision(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with its name: the SHA-256 of all the rest of it, in its canonical form."""
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return manifest | {"revision": hashlib.sha256(canonical.encode()).hexdigest()}
