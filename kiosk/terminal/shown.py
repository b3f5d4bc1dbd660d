"""Meetings and materials as a page shows them: the documents of the JSON interface."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from kiosk import agenda, render
from kiosk.library import Library
from kiosk.manifest import Manifest, Material
from kiosk.progress import Snapshot
from kiosk.upstream import Listed, State

HEAD_BYTES = 4096
Shown = dict[str, Any]


def meeting(
    meeting_id: str, state: State, local: Manifest | None, download: Snapshot | None
) -> Shown:
    """One row of ``GET /api/meetings``."""
    listed = state.meeting(meeting_id)
    return {
        "id": meeting_id,
        "title": (listed and listed.title) or (local and local.title) or meeting_id,
        "time": (listed and listed.time) or (local and local.time) or "",
        "status": status(meeting_id, state),
        "local": _local(local),
        "update": has_update(listed, local),
        "download": download,
    }


def status(meeting_id: str, state: State) -> str:
    """ongoing while the master lists it, ended when it no longer does, unknown without a master."""
    if not state.online:
        return "unknown"
    return "ongoing" if state.meeting(meeting_id) else "ended"


def fingerprint(listed: Listed | None) -> str:
    """What tells one version of a meeting's files from another; empty while it is not known."""
    return listed.data.fingerprint if listed and listed.data else ""


def has_update(listed: Listed | None, local: Manifest | None) -> bool:
    """Whether the master has other files than the ones here."""
    theirs = fingerprint(listed)
    return local is not None and theirs != "" and theirs != local.fingerprint


def details(row: Shown, state: State, manifest: Manifest | None, library: Library) -> Shown:
    """``GET /api/meetings/{id}``: the row, and the agenda with its materials."""
    listed = state.meeting(row["id"])
    if manifest is not None:
        return {**row, "intro": manifest.intro or "", "agenda": _here(manifest, library)}
    if listed is None or listed.data is None:
        return {**row, "intro": "", "agenda": []}
    download = row["download"]
    coming = "downloading" if download and download["ending"] is None else "remote"
    agenda_ = list(_announced(listed.data, coming))
    return {**row, "intro": listed.data.intro or "", "agenda": agenda_}


def _local(manifest: Manifest | None) -> Shown | None:
    if manifest is None:
        return None
    return {
        "revision": manifest.revision,
        "complete": not manifest.missing,
        "missing": list(manifest.missing),
        "publishedAt": manifest.published_at,
        "bytes": sum(material.bytes for material in manifest.materials),
    }


def _here(manifest: Manifest, library: Library) -> list[Shown]:
    numbers = iter(range(1, len(manifest.materials) + 1))
    return [
        {
            "position": position,
            "title": item.title,
            "reporter": item.reporter,
            "minutes": item.minutes,
            "materials": [
                _material(next(numbers), material, manifest, library) for material in item.materials
            ],
        }
        for position, item in enumerate(manifest.agenda, 1)
    ]


def _material(n: int, material: Material, manifest: Manifest, library: Library) -> Shown:
    if material.sha256 is None:
        return _row(n, material.name, material.pages, material.bytes, "missing")
    viewer = viewer_of(library, material)
    about = render.info(library.data_dir, material.sha256) or {}
    base = f"/meetings/{quote(manifest.meeting, safe='')}"
    query = f"?r={manifest.revision}"
    return _row(n, material.name, about.get("pages") or material.pages, material.bytes, "ready") | {
        "state": "unsupported" if viewer == "none" else "ready",
        "viewer": viewer,
        "seconds": about.get("seconds"),
        "url": f"{base}/files/{n}/{quote(material.name, safe='')}{query}",
        "thumbnail": f"{base}/thumbnails/{n}{query}" if about.get("thumbnail") else None,
        "frame": f"{base}/frames/{n}{query}" if viewer == "frame" else None,
    }


def _announced(parsed: agenda.MeetingData, state: str) -> Iterator[Shown]:
    n = 0
    for position, item in enumerate(parsed.items, 1):
        materials = []
        for file in item.files:
            n += 1
            materials.append(_row(n, file.name, file.pages, file.size, state))
        yield {
            "position": position,
            "title": item.title,
            "reporter": item.reporter,
            "minutes": item.minutes,
            "materials": materials,
        }


def _row(n: int, name: str, pages: int | None, size: int | None, state: str) -> Shown:
    return {
        "n": n,
        "name": name,
        "type": PurePosixPath(name).suffix.lower().lstrip(".")[:12],
        "viewer": "none",
        "pages": pages,
        "seconds": None,
        "bytes": size,
        "state": state,
        "url": None,
        "thumbnail": None,
        "frame": None,
    }


def viewer_of(library: Library, material: Material) -> str:
    """The viewer for a material that is here; ``none`` where its object is not."""
    if material.sha256 is None:
        return "none"
    return _viewer(library.object_path(material.sha256), material.name)


@functools.lru_cache(maxsize=4096)
def _viewer(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            return render.viewer_of(name, file.read(HEAD_BYTES))
    except OSError:
        return "none"
