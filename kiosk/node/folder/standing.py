"""Which meetings somebody started or ended by the page, kept in a file of the origin's own.

It counts for folders whose meeting.toml says no status. Of a folder that nobody said anything of,
the meeting is in progress: dropping a folder in is enough.
"""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

from kiosk.node.folder.description import ENDED, IN_PROGRESS
from kiosk.store import write_whole

log = logging.getLogger("kiosk.folder")

FORMAT = 1
MAX_BYTES = 4 << 20


class Standing:
    """Meeting id to status, in the file at ``path``. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._said = _read(path)

    def of(self, meeting_id: str) -> str:
        """The status of a meeting of which its folder says none."""
        return self._said.get(meeting_id, IN_PROGRESS)

    def say(self, meeting_id: str, status: str) -> None:
        """Start or end a meeting; it is safe when this returns. LocalError of the disk."""
        with self._lock:
            self._save({**self._said, meeting_id: status})

    def forget(self, meeting_id: str) -> None:
        """The folder is gone; another one of its name is another meeting. LocalError."""
        with self._lock:
            if meeting_id in self._said:
                self._save({key: one for key, one in self._said.items() if key != meeting_id})

    def _save(self, said: dict[str, str]) -> None:
        document = {"format": FORMAT, "standing": said}
        write_whole(self._path, json.dumps(document, ensure_ascii=False).encode())
        self._said = said


def _read(path: Path) -> dict[str, str]:
    try:
        with open(path, "rb") as file:
            document = json.loads(file.read(MAX_BYTES))
        if document["format"] != FORMAT:
            raise ValueError("not of this version")
        rows = document["standing"].items()
        return {str(key): value for key, value in rows if value in (IN_PROGRESS, ENDED)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        log.warning("standing-unreadable path=%s why=%r", path, str(fault))
        return {}
