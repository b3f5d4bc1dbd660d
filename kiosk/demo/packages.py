"""The sample meetings, and their packages as an existing master builds them.

A package is made once and kept in a cache; its name holds a digest of all that it was made from.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kiosk.demo import scans
from kiosk.demo.origin import OriginMeeting

SAMPLES = Path(__file__).parent / "samples"
README = "Meeting materials. The names of the files are in the meeting's data.\n"
OLD_S = 86_400
_DATE = (2026, 12, 1, 8, 0, 0)
_STORED = {".jpg", ".png", ".mp4", ".webm", ".mp3", ".ogg", ".pdf", ".docx", ".xlsx", ".pptx"}


def sample_meetings(cache: Path) -> dict[str, OriginMeeting]:
    """Both sample meetings, in progress; ``cache`` keeps their packages for the next time."""
    cache.mkdir(parents=True, exist_ok=True)
    folders = sorted(path.parent for path in SAMPLES.glob("*/meeting.json"))
    with ThreadPoolExecutor() as pool:
        return dict(pool.map(lambda folder: _meeting(folder, cache), reversed(folders)))


def _meeting(folder: Path, cache: Path) -> tuple[str, OriginMeeting]:
    told = json.loads((folder / "meeting.json").read_text("utf-8"))
    package = cache / f"{told['id']}-{_digest(folder)}.zip"
    about = package.with_suffix(".json")
    if not (package.exists() and about.exists()):
        _drop_old(cache, told["id"])
        data = _build(folder, told, package)
        _write_whole(about, json.dumps(data, ensure_ascii=False).encode())
    data = json.loads(about.read_text("utf-8"))
    url = f"/static/packages/{told['title']}.zip"
    return told["id"], OriginMeeting(package, data, package_url=url)


def _drop_old(cache: Path, meeting_id: str) -> None:
    """Removes what earlier versions made of the meeting, unless one may be serving it just now."""
    for made in cache.glob(f"{meeting_id}-*"):
        if made.stat().st_mtime < time.time() - OLD_S:
            made.unlink(missing_ok=True)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    makers = [Path(__file__), Path(scans.__file__)]
    for path in [*makers, *sorted(folder.iterdir())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _build(folder: Path, told: dict[str, Any], package: Path) -> dict[str, Any]:
    """Writes the package and returns what the master's ``/data`` says about it."""
    partly = package.with_name(f"{package.name}.{os.getpid()}.part")
    items = []
    with zipfile.ZipFile(partly, "w") as archive:
        _add(archive, "README.txt", README.encode())
        for position, item in enumerate(told["agenda"], 1):
            files = [_file(archive, folder, position, described) for described in item["files"]]
            items.append(
                {
                    "position": position,
                    "title": item["title"],
                    "reporter": item["reporter"],
                    "duration_minutes": item["minutes"],
                    "files": files,
                }
            )
    partly.replace(package)
    kept = {key: told[key] for key in ("title", "intro", "time")}
    return {"meeting_id": told["id"], **kept, "agenda_items": items}


def _file(
    archive: zipfile.ZipFile, folder: Path, position: int, described: dict[str, Any]
) -> dict[str, Any]:
    name = described["name"]
    content = _content(folder, described)
    temp_id = hashlib.sha256(f"{folder.name}/{position}/{name}".encode()).hexdigest()[:24]
    agenda_folder = f"agenda_{position}"
    _add(archive, f"{agenda_folder}/{temp_id}{Path(name).suffix}", content)
    return {
        "name": described.get("file", name),
        "display_name": name,
        "size": len(content),
        "temp_id": temp_id,
        "agenda_folder": agenda_folder,
        "total_pages": scans.page_count(content) if name.endswith(".pdf") else None,
    }


def _content(folder: Path, described: dict[str, Any]) -> bytes:
    match described.get("made"):
        case "photo":
            return scans.photo(folder / described["of"])
        case "scan":
            return scans.scan(folder / described["of"], described["pages"], described["mark"])
        case _:
            file: Path = folder / described["file"]
            return file.read_bytes()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = 0o644 << 16
    kept = Path(name).suffix in _STORED
    entry.compress_type = zipfile.ZIP_STORED if kept else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _write_whole(path: Path, content: bytes) -> None:
    partly = path.with_name(f"{path.name}.{os.getpid()}.part")
    partly.write_bytes(content)
    partly.replace(path)
