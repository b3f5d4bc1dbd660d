"""The documents that a node answers with (contract §3a, §3b), made of a revision. Nothing is asked.

A meeting document that upstream gave is passed on as it is, so that whoever reads it understands
the same of it on every hop; where there is none (a folder), it is made of the revision.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kiosk import agenda
from kiosk.manifest import Manifest, Material
from kiosk.packing import Layout

API = "/api/v1"
PACKAGES = "/packages"
NO_TOKEN = "none"
ONGOING = "进行中"

Json = dict[str, Any]


@dataclass(frozen=True)
class Package:
    """A package: its SHA-256 and its size in bytes."""

    sha256: str
    bytes: int

    @property
    def etag(self) -> str:
        """The strong validator, the same on every node (RFC 9110 §8.8.3)."""
        return f'"sha256-{self.sha256}"'

    @property
    def repr_digest(self) -> str:
        """The Repr-Digest field (RFC 9530 §3)."""
        return f"sha-256=:{b64encode(bytes.fromhex(self.sha256)).decode()}:"

    @property
    def url(self) -> str:
        """Where it lies as a file of its own (``package_url``)."""
        return f"{PACKAGES}/{self.sha256}.zip"


def document_of(manifest: Manifest) -> Json:
    """The meeting document of a revision (``/meetings/ID/data``), without token and package."""
    stems = Counter(map(_place, {one.path for one in manifest.materials}))
    return {
        "meeting_id": manifest.meeting,
        "title": manifest.title,
        "intro": manifest.intro,
        "time": manifest.time,
        "status": manifest.status or ONGOING,
        "agenda_items": [
            {
                "position": position,
                "title": item.title,
                "reporter": item.reporter,
                "duration_minutes": item.minutes,
                "files": [
                    _file_row(one, alone=stems[_place(one.path)] == 1) for one in item.materials
                ],
            }
            for position, item in enumerate(manifest.agenda, 1)
        ],
    }


def _place(path: str) -> tuple[str, str]:
    """Folder and name of a file, without its ending."""
    folder, _, name = path.rpartition("/")
    stem, _, _ = name.rpartition(".")
    return folder, stem or name


def _file_row(material: Material, *, alone: bool) -> Json:
    folder, stem = _place(material.path)
    name = material.path.rpartition("/")[2]
    return {
        "name": name or material.name,
        "display_name": material.name,
        "size": material.bytes,
        # Terminals in the field add an ending to it; so it has none, where that is one file's only.
        "temp_id": stem if alone else name,
        "agenda_folder": folder,
        "total_pages": material.pages,
    }


def files_of(manifest: Mapping[str, Any]) -> dict[str, Package]:
    """The files that a manifest names (`manifest_of`), by path: what each is known by."""
    return {
        row["path"]: Package(row["sha256"], row["bytes"])
        for item in manifest["agenda"]
        for row in item["materials"]
        if row["sha256"] is not None
    }


def with_addresses(document: Json, manifest: Mapping[str, Any] | None) -> Json:
    """The document with the address of each file that is here (``url``), and no others'."""
    items = document.get("agenda_items")
    if not isinstance(items, list):
        return document
    at = {key: path for path in files_of(manifest or {"agenda": []}) for key in _keys(path)}
    meeting = f"{API}/meetings/{quote(str(document.get('meeting_id')), safe='')}/files"
    return {
        **document,
        "agenda_items": [
            {**item, "files": [_addressed(row, at, meeting) for row in item["files"]]}
            if isinstance(item, dict) and isinstance(item.get("files"), list)
            else item
            for item in items
        ],
    }


def _keys(path: str) -> Iterator[tuple[str, str]]:
    """What a document may call a file of a package: with its ending, and without."""
    folder, stem = _place(path)
    yield folder, stem
    yield folder, path.rpartition("/")[2]


def _addressed(row: Any, at: Mapping[tuple[str, str], str], meeting: str) -> Any:
    if not isinstance(row, dict):
        return row
    folder = str(row.get("agenda_folder") or "").strip("/")
    names = (row.get("temp_id"), row.get("name"))
    found = (at.get((folder, name)) for name in names if isinstance(name, str))
    path = next(filter(None, found), None)
    rest = {key: value for key, value in row.items() if key != "url"}
    return {**rest, "url": f"{meeting}/{quote(path, errors='replace')}"} if path else rest


def document_for(manifest: Manifest, *said: Mapping[str, Any] | None) -> Json:
    """The document to serve with a revision: the first of ``said`` that speaks of its files."""
    for document in said:
        parsed = agenda.parse(document)
        if parsed is not None and parsed.fingerprint == manifest.fingerprint != "":
            return dict(document or {})
    return document_of(manifest)


def manifest_of(manifest: Manifest, layout: Layout, package: Package) -> Json:
    """The manifest of a revision and of its package, the same on every node (contract §3b)."""
    return {
        "meeting": manifest.meeting,
        "revision": manifest.revision,
        "title": manifest.title,
        "intro": manifest.intro,
        "time": manifest.time,
        "status": manifest.status or ONGOING,
        "agenda": [
            {
                "title": item.title,
                "reporter": item.reporter,
                "minutes": item.minutes,
                "materials": [
                    {"path": one.path, "name": one.name, "bytes": one.bytes,
                     "sha256": one.sha256, "pages": one.pages}
                    for one in item.materials
                ],
            }
            for item in manifest.agenda
        ],
        "package": {"bytes": package.bytes, "sha256": package.sha256},
        "entries": [
            {"path": one.path, "offset": one.offset, "compressed": one.compressed,
             "method": one.method, "crc32": one.crc32}
            for one in layout.entries
        ],
    }  # fmt: skip


def token_of(meetings: Iterable[tuple[str, ...]]) -> str:
    """A token that changes exactly when what is served does: id, title, time, revision of each."""
    rows = sorted(meetings)
    if not rows:
        return NO_TOKEN
    said = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(said).hexdigest()[:32]
