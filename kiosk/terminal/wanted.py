"""Which downloads were asked for and have not ended: remembered on disk, so that a restart resumes.

A download that a person cancelled, that failed or that is here is no longer wanted; one that a
crash or a restart of the terminal cut off is.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

log = logging.getLogger("kiosk.wanted")

MAX_BYTES = 1 << 20


class Wanted:
    """The meetings, in the order in which they were asked for, in the file at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: dict[str, None] = {}

    def load(self) -> list[str]:
        """What was still wanted when the terminal ended; nothing where the file makes no sense."""
        try:
            with open(self._path, "rb") as file:
                found = json.loads(file.read(MAX_BYTES))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, RecursionError) as fault:
            log.warning("wanted-unreadable path=%s why=%r", self._path, str(fault))
            return []
        rows = found if isinstance(found, list) else []
        return [row for row in rows if isinstance(row, str)]

    def add(self, meeting_id: str) -> None:
        """From now on it is wanted."""
        if meeting_id not in self._ids:
            self._ids[meeting_id] = None
            self._save()

    def discard(self, meeting_id: str) -> None:
        """It has ended."""
        if meeting_id in self._ids:
            del self._ids[meeting_id]
            self._save()

    def _save(self) -> None:
        """Not synced: nobody may wait for a disk here, and a file that a power cut emptied only
        means that a person has to press once more.
        """
        aside = self._path.with_name(f".new-{self._path.name}")
        try:
            aside.write_text(json.dumps(list(self._ids)), "utf-8")
            aside.replace(self._path)
        except OSError as fault:
            # The download matters, remembering it does not.
            log.warning("wanted-not-saved path=%s why=%r", self._path, str(fault))
