"""A meeting as the scripted server knows it: its package, and what is said about it.

The documents are those of the existing master (contract.md §3a).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ONGOING = "进行中"


@dataclass
class OriginMeeting:
    """One meeting: ``package`` is a ZIP file's path or its bytes; ``data`` what ``/data`` says.

    ``package_url`` is a path on the same server where the same ZIP lies as a static file; it is
    told in ``/data`` as it is here, not percent-encoded. ``etag`` (without quotes) replaces the
    one made from the package.
    """

    package: Path | bytes
    data: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    time: str = ""
    status: str = ONGOING
    token: str = ""
    package_url: str = ""
    etag: str = ""

    @property
    def ongoing(self) -> bool:
        """Whether it is in progress; only then is its data given out."""
        return self.status == ONGOING

    def listed(self, meeting_id: str) -> dict[str, Any]:
        """Its row in ``/meetings/status/token``."""
        title = self.title or self.data.get("title") or meeting_id
        return {"id": meeting_id, "title": title, "time": self.time or self.data.get("time", "")}

    def document(self, meeting_id: str, token: str) -> dict[str, Any]:
        """What ``/meetings/{id}/data`` answers while the meeting is in progress."""
        row = self.listed(meeting_id)
        told: dict[str, Any] = {
            "id": self.token or token,
            "meeting_id": meeting_id,
            "title": row["title"],
            "intro": None,
            "time": row["time"],
            "status": self.status,
            "agenda_items": [],
        }
        told |= self.data
        return told | ({"package_url": self.package_url} if self.package_url else {})

    def source(self) -> Source:
        """The package's bytes as they are now; close it after use."""
        return Source(self.package, self.etag)


class Source:
    """A package opened for one answer: ``size`` in bytes, ``etag`` in its quotes, and the bytes."""

    def __init__(self, package: Path | bytes, etag: str = "") -> None:
        self.file: int | None = None
        if isinstance(package, bytes):
            self._bytes = package
            self.size = len(package)
            etag = etag or hashlib.sha256(package).hexdigest()[:32]
        else:
            self.file = os.open(package, os.O_RDONLY)
            about = os.fstat(self.file)
            self.size = about.st_size
            etag = etag or f"{about.st_mtime_ns:x}-{about.st_size:x}"
        self.etag = f'"{etag}"'

    def read(self, start: int, count: int) -> bytes:
        """``count`` bytes from ``start``; fewer only at the end."""
        if self.file is None:
            return self._bytes[start : start + count]
        return os.pread(self.file, count, start)

    def close(self) -> None:
        """Gives the file back."""
        if self.file is not None:
            os.close(self.file)
            self.file = None
