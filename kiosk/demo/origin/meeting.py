"""A meeting as the scripted server knows it: its package, and what is said about it.

The documents are those of the existing master (contract.md §3a), and, where it is `modern`, those
of a node of ours on top of them (§3b).
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.demo.origin.contents import Contents, agenda_of, contents_of, with_revision

ONGOING = "进行中"


@dataclass
class OriginMeeting:
    """One meeting: ``package`` is a ZIP file's path or its bytes; ``data`` what ``/data`` says.

    ``package_url`` is a path on the same server where the same ZIP lies as a static file; it is
    told in ``/data`` as it is here, not percent-encoded. ``etag`` (without quotes) replaces the
    one made from the package. ``modern``: it has a ``/manifest``, the package's ETag is its SHA-256
    (which is worked out here and now) and Repr-Digest says it, too.
    """

    package: Path | bytes
    data: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    time: str = ""
    status: str = ONGOING
    token: str = ""
    package_url: str = ""
    etag: str = ""
    modern: bool = False

    def __post_init__(self) -> None:
        if self.modern:
            contents_of(self.package)

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

    def manifest(self, meeting_id: str) -> dict[str, Any]:
        """What ``/meetings/{id}/manifest`` answers; for the same package the same anywhere."""
        row, contents = self.listed(meeting_id), contents_of(self.package)
        told = {
            "meeting": meeting_id,
            "title": row["title"],
            "intro": self.data.get("intro") or "",
            "time": row["time"],
            "status": self.status,
            "agenda": agenda_of(self.data, contents),
            "package": {"bytes": contents.bytes, "sha256": contents.sha256},
            "entries": [entry.told() for entry in contents.entries],
        }
        return with_revision(told)

    def source(self) -> Source:
        """The package's bytes as they are now; close it after use."""
        return Source(self.package, self.etag, contents_of(self.package) if self.modern else None)


class Source:
    """A package opened for one answer: ``size`` in bytes, ``etag`` in its quotes, and the bytes.

    ``digest`` is its Repr-Digest (RFC 9530), where the meeting is modern.
    """

    def __init__(
        self, package: Path | bytes, etag: str = "", contents: Contents | None = None
    ) -> None:
        self.file: int | None = None
        self.digest = ""
        if contents is not None:
            value = base64.b64encode(bytes.fromhex(contents.sha256)).decode()
            self.digest = f"sha-256=:{value}:"
            etag = etag or f"sha256-{contents.sha256}"
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
