"""What the lanes of one download have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kiosk import agenda
from kiosk.agenda import MeetingData
from kiosk.errors import PackageError
from kiosk.package import Entry, Package
from kiosk.part import Part
from kiosk.pool import Server

RENEW_S = 5.0
DOCUMENT_S = 1.5


@dataclass
class Errand:
    """What every lane of one download shares.

    ``data`` is the meeting document (contract §3a) as soon as anybody gave it, ``source`` the
    server that can be asked for it again: whose word on it counts. ``passed`` hears of files that
    went by in a stream; ``parallel`` is how many lanes may fetch at once. For a document nobody
    waits longer than ``document_s`` seconds: it is a favour, and its absence no fault.
    """

    meeting_id: str
    part: Part
    max_bytes: int
    passed: Callable[[Entry], None]
    data: dict[str, Any] | None = None
    source: Server | None = None
    parallel: int = 1
    document_s: float = DOCUMENT_S
    renewed_at: float = float("-inf")

    @property
    def document(self) -> MeetingData | None:
        """The meeting document as it is understood."""
        return agenda.parse(self.data)

    def path(self, what: str) -> str:
        """The API path of something of this meeting."""
        return f"/meetings/{quote(self.meeting_id, safe='')}/{what}"

    def doubts(self, package: Package) -> bool:
        """Whether the document speaks of another package, and may be too old itself."""
        if self.data is None or time.monotonic() - self.renewed_at < RENEW_S:
            return False
        try:
            fit = agenda.fit(agenda.arrange(self.document, package))
        except PackageError as fault:
            return fault.code == "damaged"
        return fit.right < fit.listed
