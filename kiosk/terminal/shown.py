"""Meetings and materials as a page shows them: the documents of the JSON interface."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from kiosk import agenda, render
from kiosk.library import Library
from kiosk.manifest import AgendaItem, Manifest, Material
from kiosk.progress import Snapshot
from kiosk.terminal import office
from kiosk.terminal.early import Early
from kiosk.upstream import Listed, State

HEAD_BYTES = 4096
LONGEST_IN_ADDRESS = 100
LOOKS = 2  # publishing moves a file once
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


def details(row: Shown, manifest: Manifest, library: Library) -> Shown:
    """``GET /api/meetings/{id}``: the row, and the agenda with its materials."""
    return {**row, "intro": manifest.intro or "", "agenda": _here(manifest, library)}


def has_sheets(details: Shown) -> bool:
    """Whether there are documents whose pages may be looked at next."""
    items = details["agenda"]
    return any(material["sheets"] for item in items for material in item["materials"])


def coming(row: Shown, data: agenda.MeetingData | None, early: Early) -> Shown:
    """The same of a meeting that is not here: its agenda as announced, and what has come of it."""
    if data is None:
        return {**row, "intro": "", "agenda": []}
    download = row["download"]
    state = "downloading" if download and download["ending"] is None else "remote"
    suits = early.suits(row["id"], data)
    numbers = itertools.count(1)

    def material(listed: agenda.Listed) -> Shown:
        n = next(numbers)
        ready = _early(row["id"], n, listed, early) if suits else None
        return ready or _row(n, listed.name, listed.pages, listed.size, state)

    items = enumerate(data.items, 1)
    agenda_ = [_item(at, item, [material(one) for one in item.files]) for at, item in items]
    return {**row, "intro": data.intro or "", "agenda": agenda_}


def _early(meeting_id: str, n: int, listed: agenda.Listed, early: Early) -> Shown | None:
    for _ in range(LOOKS):
        found = early.find(meeting_id, n)
        if found is None or not _is_announced(found[0], listed):
            return None
        its, path = found
        row = _row(n, its.name, listed.pages, its.bytes, "ready")
        place = _Place(early.data_dir, _base(meeting_id), f"?sha256={its.sha256}")
        opens = _opens(row, path, its.sha256 or "", place)
        if opens["viewer"] != "none" or path.exists():
            return opens
    return None


def _is_announced(material: Material, listed: agenda.Listed) -> bool:
    """Whether it is what the document lists; the name may have got the ending of its file."""
    return material.name.startswith(listed.name) and listed.size in (None, material.bytes)


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
    numbers = itertools.count(1)

    def material(its: Material) -> Shown:
        return _material(next(numbers), its, manifest, library)

    items = enumerate(manifest.agenda, 1)
    return [_item(at, item, [material(one) for one in item.materials]) for at, item in items]


def _item(position: int, item: AgendaItem | agenda.Item, materials: list[Shown]) -> Shown:
    return {
        "position": position,
        "title": item.title,
        "reporter": item.reporter,
        "minutes": item.minutes,
        "materials": materials,
    }


def _material(n: int, material: Material, manifest: Manifest, library: Library) -> Shown:
    if material.sha256 is None:
        return _row(n, material.name, material.pages, material.bytes, "missing")
    row = _row(n, material.name, material.pages, material.bytes, "ready")
    place = _Place(library.data_dir, _base(manifest.meeting), f"?r={manifest.revision}")
    return _opens(row, library.object_path(material.sha256), material.sha256, place)


def _opens(row: Shown, path: Path, sha256: str, place: _Place) -> Shown:
    """The row of a material whose bytes are at ``path``."""
    n, name = row["n"], row["name"]
    viewer = viewer_of(path, name)
    known = render.info(place.data_dir, sha256)
    about = known or {}
    opens = row | {
        "state": "unsupported" if viewer == "none" else "ready",
        "viewer": viewer,
        "pages": about.get("pages") or row["pages"],
        "seconds": about.get("seconds"),
        "url": place.address("files", f"{n}/{quote(name_in_address(name), safe='')}"),
        "frame": place.address("frames", n) if viewer == "frame" else None,
        "thumbnail": place.address("thumbnails", n) if about.get("thumbnail") else None,
        "sheets": place.address("pages", n) if about.get("sheets") else None,
        "trouble": about.get("trouble"),
    }
    if viewer == "office":
        opens |= office.shown_as(place.data_dir, sha256, place.address("documents", n))
    if viewer in ("image", "pictures"):
        opens |= _pictured(viewer, known, place.address("pictures", f"{n}/{{page}}"))
    return opens


def _pictured(viewer: str, known: Shown | None, url: str) -> Shown:
    """How a picture is shown where that is not by its own bytes.

    ``known`` is what was found out about it; None where nobody looked yet: then it is *preparing*.
    """
    if known is None:
        return {"state": "preparing"} if viewer == "pictures" else {}
    if known["trouble"] == "no-reader":
        return {"state": "unsupported"}
    if not known["pictures"]:
        return {}
    return {"viewer": "pictures", "pictures": {"url": url, "count": known["pictures"]}}


def name_in_address(name: str) -> str:
    """A material's name as the last part of its address, which only people read.

    Slashes would make it several parts, dots alone would lead upwards, and an address has an end.
    """
    flat = name.replace("/", "_").replace("\\", "_")[-LONGEST_IN_ADDRESS:]
    return "_" if flat.strip(".") == "" else flat


@dataclass(frozen=True)
class _Place:
    """Where what belongs to a material has its addresses."""

    data_dir: Path
    base: str
    query: str

    def address(self, kind: str, which: str | int) -> str:
        return f"{self.base}/{kind}/{which}{self.query}"


def _base(meeting_id: str) -> str:
    return f"/meetings/{quote(meeting_id, safe='')}"


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
        "sheets": None,
        "frame": None,
        "pictures": None,
        "trouble": None,
    }


def viewer_of(path: Path, name: str) -> str:
    """The viewer for a material whose bytes are at ``path``; ``none`` where they are not."""
    try:
        return _viewer(path, name)
    except OSError:
        return "none"


@functools.lru_cache(maxsize=4096)
def _viewer(path: Path, name: str) -> str:
    with path.open("rb") as file:
        return render.viewer_of(name, file.read(HEAD_BYTES))
