"""What the lanes of one download have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kiosk import agenda
from kiosk.agenda import MeetingData
from kiosk.errors import PackageError
from kiosk.fetch import Call
from kiosk.lane.owed import Owed
from kiosk.package import TAIL_BYTES, Entry, Package, Tail, read_directory
from kiosk.part import BuildId, Part
from kiosk.pool import Server

RENEW_S = 5.0
DOCUMENT_S = 1.5
PATIENT = 4.0  # times as long, while something else comes


@dataclass
class Errand:
    """What every lane of one download shares.

    ``data`` is the meeting document (contract §3a) as soon as anybody gave it, ``source`` the
    server that can be asked for it again: whose word on it counts. ``passed`` hears of files that
    went by in a stream; ``parallel`` is how many lanes may fetch at once. For a document nobody
    waits longer than ``document_s`` seconds: it is a favour, and its absence no fault. ``astray``
    are those (by name) who sent us on to where nothing came of it. ``promised`` is the build of
    which a manifest has told already.
    """

    meeting_id: str
    part: Part
    max_bytes: int
    passed: Callable[[Entry], None]
    data: dict[str, Any] | None = None
    source: Server | None = None
    parallel: int = 1
    document_s: float = DOCUMENT_S
    astray: set[str] = field(default_factory=set)
    renewed_at: float = float("-inf")
    promised: BuildId | None = None
    _owed: Owed | None = None
    _understood: tuple[object, MeetingData | None] = (None, None)
    _directory: tuple[int, bytes, Package] | None = None

    @property
    def document(self) -> MeetingData | None:
        """The meeting document as it is understood."""
        data, (parsed, understood) = self.data, self._understood
        if data is not parsed:
            understood = agenda.parse(data)
            self._understood = (data, understood)
        return understood

    def directory(self, total: int, tail: bytes) -> Package:
        """What `read_directory` gives for a package of ``total`` bytes that ends with ``tail``.

        Most servers have the same package: what one ends with is read once for all of them.
        """
        known = self._directory
        if known is None or known[:2] != (total, tail):
            known = (total, tail, read_directory(Tail(total, tail), total))
            self._directory = known
        return known[2]

    @property
    def tail_bytes(self) -> int:
        """How much of the end of a package to ask for first.

        A node that is still fetching it says how much of its end holds no file (contract §3b).
        """
        told = (self.data or {}).get("directory_bytes")
        if isinstance(told, bool) or not isinstance(told, int):
            return TAIL_BYTES
        return told if 0 < told < TAIL_BYTES else TAIL_BYTES

    def path(self, what: str) -> str:
        """The API path of something of this meeting."""
        return f"/meetings/{quote(self.meeting_id, safe='')}/{what}"

    def knows(self, package: Package) -> bool:
        """Whether no manifest could tell anything new of it."""
        return self.data is not None and self.promised == BuildId.of(package)

    def owe(self, server: Server) -> None:
        """This server did not give the document in time: it is asked again meanwhile."""
        if self._owed is None:
            url, patience_s = server.url(self.path("data")), PATIENT * self.document_s

            def given(data: object) -> None:
                if isinstance(data, dict) and self.data is None:
                    self.data, self.source = data, server

            self._owed = Owed(Call(server.name), url, patience_s, given)

    @property
    def owed(self) -> bool:
        """Whether a document may still come."""
        return self.data is None and self._owed is not None and self._owed.is_alive()

    def end(self) -> None:
        """Nothing is waited for any more."""
        if self._owed is not None:
            self._owed.end()

    def doubts(self, package: Package) -> bool:
        """Whether the document speaks of another package, and may be too old itself."""
        if self.data is None or time.monotonic() - self.renewed_at < RENEW_S:
            return False
        try:
            fit = agenda.fit(agenda.arrange(self.document, package))
        except PackageError as fault:
            return fault.code == "damaged"
        return fit.right < fit.listed
