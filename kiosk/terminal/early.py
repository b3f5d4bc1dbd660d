"""What can be read of a meeting before all of it is here.

During a first download each material that is whole and checked can be opened at once. Its bytes
lie beside the package under way until the revision is published, which renames them into
``objects/``; so they are looked for in both places. What was opened early is named by its SHA-256
in its address, which therefore leads to the same bytes before and after that.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.agenda import MeetingData
from kiosk.events import MaterialReady
from kiosk.library import Library
from kiosk.library.layout import SHA256
from kiosk.manifest import Material
from kiosk.part import entries_folder

Found = tuple[Material, Path]


@dataclass
class _Meeting:
    """The agenda that its download goes by, and what of it has come: material by number."""

    data: MeetingData | None = None
    ready: dict[int, Material] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return self.data.fingerprint if self.data else ""


class Early:
    """The materials of first downloads. Safe from any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.data_dir = library.data_dir
        self._lock = threading.Lock()
        self._meetings: dict[str, _Meeting] = {}

    def begin(self, meeting_id: str, data: MeetingData | None) -> None:
        """A first download begins. What an earlier try of the same files brought stays."""
        fingerprint = data.fingerprint if data else ""
        with self._lock:
            before = self._meetings.get(meeting_id)
            if before is None or not fingerprint or before.fingerprint != fingerprint:
                self._meetings[meeting_id] = _Meeting(data)
            else:
                before.data = data

    def note(self, event: MaterialReady) -> None:
        """A material of a download that `begin` told of is ready."""
        if event.sha256 is None or not SHA256.fullmatch(event.sha256):
            return
        material = Material("", event.name, event.bytes, event.sha256)
        with self._lock:
            meeting = self._meetings.get(event.meeting_id)
            if meeting is not None:
                meeting.ready[event.index] = material

    def forget(self, meeting_id: str) -> None:
        """Nothing of it is given out any more."""
        with self._lock:
            self._meetings.pop(meeting_id, None)

    def agenda(self, meeting_id: str) -> MeetingData | None:
        """The agenda that its first download goes by; None where none began, or without one."""
        meeting = self._meetings.get(meeting_id)
        return meeting.data if meeting else None

    def suits(self, meeting_id: str, data: MeetingData) -> bool:
        """Whether what has come is of this agenda's files, as far as that can be told."""
        before = self.agenda(meeting_id)
        return before is None or before.fingerprint == data.fingerprint

    def find(self, meeting_id: str, n: int) -> Found | None:
        """Material ``n`` (from 1) and where its bytes are now; None where it cannot be read."""
        meeting = self._meetings.get(meeting_id)
        material = meeting.ready.get(n) if meeting else None
        if material is None or material.sha256 is None:
            return None
        path = self._path(meeting_id, material.sha256, material.bytes)
        return (material, path) if path else None

    def _path(self, meeting_id: str, sha256: str, size: int) -> Path | None:
        """It may be renamed between two looks; then the third one finds it."""
        stored = self._library.object_path(sha256)
        entry = entries_folder(self._library.part_path(meeting_id)) / sha256
        return next((path for path in (stored, entry, stored) if _size(path) == size), None)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
