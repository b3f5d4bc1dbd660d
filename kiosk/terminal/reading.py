"""Where people were in each material, and which ones are other than they knew them.

A kiosk's browser may forget everything with its profile, so this is kept on the terminal: one small
file a meeting, ``reading/<meeting>.json``, which a purge takes away. A material is known by its
name (and by which one of that name it is in agenda order), not by its bytes: the new version of a
document opens where the old one was left. It is a memory and no setting: what cannot be read counts
as nothing, what cannot be written is logged.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.errors import UsageError
from kiosk.library.layout import SHA256, Layout
from kiosk.manifest import Manifest, Material

log = logging.getLogger("kiosk.reading")

MOST = 500  # materials of a meeting; those that were opened last
RECENT = 8
LONGEST_NAME = 200
MAX_BYTES = 4 << 20
MOST_FIELDS, LONGEST_WORD, LARGEST = 12, 100, 1e15
CHANGED, NEW = "changed", "new"
_FIELD = re.compile(r"[A-Za-z]\w{0,23}")

Key = tuple[str, int]  # name, and which one of that name, from 1
Place = dict[str, Any]
Shown = dict[str, Any]


@dataclass(frozen=True)
class _Opened:
    """What was read last under a name, and where; ``place`` is the viewer's affair."""

    sha256: str | None
    place: Place | None


@dataclass
class _Meeting:
    """``opened``: the latest last; ``marks``: what changed and has not been opened since."""

    opened: dict[Key, _Opened] = field(default_factory=dict)
    marks: dict[Key, str] = field(default_factory=dict)

    def mark_of(self, key: Key, sha256: str | None) -> str | None:
        """Whether that is another document than the one that was read under this name."""
        before = self.opened.get(key)
        if before is not None and before.sha256 and sha256 and before.sha256 != sha256:
            return CHANGED
        return self.marks.get(key)


class Reading:
    """The memory of all meetings of a data directory. Safe from any thread."""

    def __init__(self, data_dir: Path) -> None:
        self._layout = Layout(data_dir)
        self._lock = threading.Lock()
        self._meetings: dict[str, _Meeting] = {}

    def keep(self, meeting_id: str, key: Key, sha256: str | None, place: Place | None) -> None:
        """Somebody has this open now; without a place the one that is known stays."""
        with self._lock:
            meeting = self._of(meeting_id)
            before = meeting.opened.pop(key, None)
            if place is None and before is not None:
                place = before.place
            meeting.opened[key] = _Opened(sha256, place)
            meeting.marks.pop(key, None)
            while len(meeting.opened) > MOST:
                del meeting.opened[next(iter(meeting.opened))]
            self._save(meeting_id, meeting)

    def replaced(self, before: Manifest, after: Manifest) -> None:
        """A revision took the place of another: what of it is changed or new is marked."""
        known = {one.sha256 for one in before.materials}
        earlier = dict(zip(keys(before.materials), before.materials, strict=True))
        marks = {
            key: CHANGED if key in earlier else NEW
            for key, one in zip(keys(after.materials), after.materials, strict=True)
            if one.sha256 is not None and one.sha256 not in known
        }
        with self._lock:
            meeting = self._of(after.meeting)
            kept = {key: kind for key, kind in meeting.marks.items() if key not in marks}
            meeting.marks = dict([*kept.items(), *marks.items()][-MOST:])
            self._save(after.meeting, meeting)

    def forget(self, meeting_id: str) -> None:
        """The meeting is purged: nothing of it stays, on the disk neither."""
        with self._lock:
            self._meetings.pop(meeting_id, None)
            with contextlib.suppress(OSError):
                self._layout.reading(meeting_id).unlink(missing_ok=True)

    def shown(self, document: Shown, manifest: Manifest | None, *, is_current: bool) -> Shown:
        """``GET /api/meetings/{id}`` with what is known of its reader.

        Each material has its ``sha256``, the ``place`` where it was left and, in the current
        revision, ``updated`` (changed, new or null); ``recent`` are the numbers of those that were
        opened last, the latest first.
        """
        rows = [row for item in document["agenda"] for row in item["materials"]]
        hashes = [one.sha256 for one in manifest.materials] if manifest else [None] * len(rows)
        order: dict[Key, int] = {}
        with self._lock:
            meeting = self._of(document["id"])
            for row, key, sha256 in zip(rows, keys(rows), hashes, strict=True):
                order[key] = row["n"]
                opened = meeting.opened.get(key)
                row["sha256"] = sha256
                row["place"] = opened.place if opened else None
                row["updated"] = meeting.mark_of(key, sha256) if is_current else None
            recent = [order[key] for key in reversed(meeting.opened) if key in order]
        return document | {"recent": recent[:RECENT]}

    # Inside, with the lock

    def _of(self, meeting_id: str) -> _Meeting:
        if meeting_id not in self._meetings:
            self._meetings[meeting_id] = _read(self._layout.reading(meeting_id))
        return self._meetings[meeting_id]

    def _save(self, meeting_id: str, meeting: _Meeting) -> None:
        """Not synced: nobody may wait for a disk here, and a place that a power cut lost is found
        again by leafing.
        """
        path = self._layout.reading(meeting_id)
        opened = [
            {"name": name, "which": which, "sha256": one.sha256, "place": one.place}
            for (name, which), one in meeting.opened.items()
        ]
        marks = [
            {"name": name, "which": which, "kind": kind}
            for (name, which), kind in meeting.marks.items()
        ]
        aside = path.with_name(f".new-{path.name}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps({"opened": opened, "marks": marks}), "utf-8")
            aside.replace(path)
        except OSError as fault:
            log.warning("reading-not-kept path=%s why=%r", path, str(fault))


def keys(materials: Iterable[Material | Shown]) -> list[Key]:
    """What each of the materials, in agenda order, is known by."""
    seen: Counter[str] = Counter()
    found = []
    for one in materials:
        name = (one["name"] if isinstance(one, dict) else one.name)[:LONGEST_NAME]
        seen[name] += 1
        found.append((name, seen[name]))
    return found


def place_of(value: object) -> Place | None:
    """The place that a page sent: few fields, plain values. UsageError ``bad-request``."""
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > MOST_FIELDS:
        raise UsageError("bad-request", why=f"place must have at most {MOST_FIELDS} fields")
    if not all(_FIELD.fullmatch(name) and _is_plain(one) for name, one in value.items()):
        raise UsageError("bad-request", why="a field of place is no plain value")
    return value


def _is_plain(value: object) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= LONGEST_WORD
    return isinstance(value, int | float) and abs(value) <= LARGEST  # not so: NaN, infinity


def _read(path: Path) -> _Meeting:
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError("too large")
        return _decoded(json.loads(content))
    except FileNotFoundError:
        return _Meeting()
    except (OSError, ValueError, RecursionError, KeyError, TypeError, UsageError) as fault:
        log.warning("reading-unreadable path=%s why=%r", path, str(fault))
        return _Meeting()


def _decoded(document: Any) -> _Meeting:
    opened = {_key(row): _opened(row) for row in document["opened"][-MOST:]}
    marks = {_key(row): row["kind"] for row in document["marks"][-MOST:]}
    if not set(marks.values()) <= {CHANGED, NEW}:
        raise ValueError("an unknown mark")
    return _Meeting(opened, marks)


def _key(row: Any) -> Key:
    name, which = row["name"], row["which"]
    if not isinstance(name, str) or isinstance(which, bool) or not isinstance(which, int):
        raise TypeError("not a name")
    return name, which


def _opened(row: Any) -> _Opened:
    sha256 = row["sha256"]
    if sha256 is not None and not (isinstance(sha256, str) and SHA256.fullmatch(sha256)):
        raise ValueError("not a SHA-256")
    return _Opened(sha256, place_of(row["place"]))
