"""What a node remembers of upstream over a restart: what was on, what was taken, what has ended.

Kept as one file, replaced as a whole. Times are Unix time, because they outlive the process.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from kiosk.node.sync.due import Version
from kiosk.store import write_whole
from kiosk.upstream import MAX_MEETINGS, Listed, is_id

log = logging.getLogger("kiosk.node.sync")

FORMAT = 1
MAX_BYTES = 1 << 20


class Memory:
    """``confirmed``: upstream has answered since the start; ``heard_at``: when it did last."""

    def __init__(self, path: Path) -> None:
        self.confirmed = False
        self.heard_at: float | None = None
        self._path = path
        self._listed: tuple[Listed, ...] = ()
        self._taken: dict[str, Version] = {}
        self._ended: dict[str, float] = {}
        self._saved: object = None

    def load(self) -> None:
        """Read the file; one that makes no sense counts as absent."""
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise ValueError("too large")
            document = json.loads(self._path.read_bytes())
            if document["format"] != FORMAT:
                raise ValueError("of another version")
            self._listed = tuple(_listed(document["meetings"]))
            self._taken = {
                str(key): Version(*map(str, told[:3])) for key, told in document["taken"].items()
            }
            self._ended = {str(key): float(at) for key, at in document["ended"].items()}
            heard_at = document["heard_at"]
            self.heard_at = None if heard_at is None else float(heard_at)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            log.warning("memory-passed-over path=%s why=%r", self._path, str(fault))

    def save(self) -> None:
        """Write it where it has changed; the time alone is written once a minute."""
        now = (self._listed, dict(self._taken), dict(self._ended), (self.heard_at or 0) // 60)
        if now == self._saved:
            return
        rows = [{"id": one.id, "title": one.title, "time": one.time} for one in self._listed]
        document = {
            "format": FORMAT,
            "meetings": rows,
            "taken": {key: astuple(version) for key, version in self._taken.items()},
            "ended": self._ended,
            "heard_at": self.heard_at,
        }
        write_whole(self._path, json.dumps(document).encode())
        self._saved = now

    def heard(self, meetings: Iterable[Listed]) -> None:
        """Upstream has just said that these are on."""
        self.confirmed, self.heard_at = True, time.time()
        self._listed = tuple(Listed(one.id, one.title, one.time) for one in meetings)
        for one in self._listed:
            self._ended.pop(one.id, None)

    def listed(self) -> tuple[Listed, ...]:
        """What was on when upstream last answered, without documents."""
        return self._listed

    def taken(self, meeting_id: str) -> Version:
        """What the last fetch that brought a package was started for."""
        return self._taken.get(meeting_id, Version())

    def take(self, meeting_id: str, version: Version) -> None:
        """This is here now."""
        self._taken[meeting_id] = version.after(self.taken(meeting_id))

    def end(self, meetings: Iterable[str]) -> list[str]:
        """These are not on any more; those of them that were until now."""
        fresh = [one for one in meetings if one not in self._ended]
        self._ended.update(dict.fromkeys(fresh, time.time()))
        return fresh

    def ended(self) -> Sequence[str]:
        """What has ended and is still here, the oldest first."""
        return sorted(self._ended, key=lambda one: self._ended[one])

    def ended_before(self, limit: float) -> Sequence[str]:
        """The same, of what ended at that time or earlier."""
        return [one for one in self.ended() if self._ended[one] <= limit]

    def forget(self, meeting_id: str) -> None:
        """Nothing of it is here any more."""
        self._ended.pop(meeting_id, None)
        self._taken.pop(meeting_id, None)


def _listed(rows: Any) -> Iterable[Listed]:
    for row in rows[:MAX_MEETINGS]:
        if is_id(str(row["id"])):
            yield Listed(str(row["id"]), str(row["title"]), str(row["time"]))
