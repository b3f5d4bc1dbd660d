"""What a worker is told: one meeting to download, and how. Crosses a process border as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.settings import Settings


@dataclass(frozen=True)
class Job:
    """A download of ``meeting_id`` from ``servers`` (API addresses).

    ``data`` is the meeting document (contract §3a) where the master gave it already; ``master``
    may name further servers that have the package, where ``others`` are to be asked, too. ``force``
    fetches even what is here already. ``token`` is what the servers of a site share.
    """

    meeting_id: str
    data_dir: str
    servers: list[str] = field(default_factory=list)
    master: str | None = None
    data: dict[str, Any] | None = None
    in_order: bool = False
    force: bool = False
    others: bool = True
    timeout_s: float = 30.0
    retries: int = 3
    deadline_s: float = 0.0
    parallel: int = 1
    max_package_mb: int = 4096
    min_free_mb: int = 200
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, meeting_id: str, settings: Settings, servers: list[str], **more: Any) -> Job:
        """The job that the settings ask for."""
        return cls(
            meeting_id=meeting_id,
            data_dir=str(settings.directory),
            servers=servers,
            in_order=settings.in_order,
            timeout_s=settings.timeout_s,
            retries=settings.retries,
            deadline_s=settings.deadline_s,
            parallel=settings.parallel,
            max_package_mb=settings.max_package_mb,
            min_free_mb=settings.min_free_mb,
            token=settings.node_token,
            **more,
        )

    @property
    def directory(self) -> Path:
        """The data directory."""
        return Path(self.data_dir)

    def encode(self) -> str:
        """One line of JSON, without its newline; ASCII, because a master's text may hold halves of
        characters that no encoding can write.
        """
        return json.dumps(vars(self))

    @classmethod
    def decode(cls, line: str | bytes) -> Job:
        """The job of one line; ValueError or TypeError where it is not one."""
        document = json.loads(line)
        if not isinstance(document, dict) or not isinstance(document.get("meeting_id"), str):
            raise ValueError("not a job")
        return cls(**document)
