"""One package request: a thread that asks one server and puts what comes into the part.

A lane only does and reports; whether it has been silent for too long, and what its fault means, is
decided in transfer.py. Its `look` (phase, bytes) may be read at any time from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from kiosk import fetch
from kiosk.answers import Answer, RangeRefused, Wanted, is_package
from kiosk.errors import KioskError, ServerError, TransientError, UnfitError
from kiosk.fetch import Line, Stream
from kiosk.part import Dismissed, Identity, Part
from kiosk.plan import next_span
from kiosk.pool import Server

DATA_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Report:
    """How a lane ended: whole where ``fault`` is None. ``crash`` is a bug, told as it is."""

    lane: int
    fault: KioskError | None = None
    crash: BaseException | None = None


@dataclass
class Errand:
    """What every lane of one download shares.

    ``data`` is the meeting document (contract §3a) as soon as anybody gave it; ``room`` is asked
    before the first byte is written, with the size of the package.
    """

    meeting_id: str
    part: Part
    max_bytes: int
    room: Callable[[int], None]
    data: dict[str, Any] | None = None


class Lane(threading.Thread):
    """A request to ``server``; ends with exactly one `Report`, unless it was closed before."""

    def __init__(
        self, number: int, server: Server, errand: Errand, report: Callable[[Report], None]
    ) -> None:
        super().__init__(name=f"lane-{number}", daemon=True)
        self.number = number
        self.server = server
        self.received = 0
        self.total: int | None = None
        self._errand = errand
        self._report = report
        self._line = Line()
        self._learning = Line()
        self._receiving = False

    @property
    def look(self) -> tuple[str, int]:
        """Phase (connecting, learning, asking, receiving) and bytes so far, for the watchdog."""
        if self._receiving:
            return "receiving", self.received
        if self._line.connected:
            return "asking", self.received
        return ("learning" if self._learning.connected else "connecting"), self.received

    def close(self) -> None:
        """End the request at once; the other side sees the connection close."""
        self._line.cut()
        self._learning.cut()

    def run(self) -> None:
        """The thread's life: any ending is reported."""
        try:
            self._fetch()
        except Dismissed:
            return
        except KioskError as fault:
            self._report(Report(self.number, fault))
        except BaseException as crash:  # noqa: BLE001 - a bug: the driver raises it again
            self._report(Report(self.number, crash=crash))
        else:
            self._report(Report(self.number))

    def _fetch(self) -> None:
        self._learn()
        url = self._package_url()
        usual = self.server.url(
            f"/meetings/{quote(self._errand.meeting_id, safe='')}/download-package"
        )
        if url is not None:
            try:
                return self._receive(url)
            except UnfitError:
                pass
            except TransientError as fault:
                if fault.code != "not-here":
                    raise
            # The static copy is a favour, and a node may not have it.
        return self._receive(usual)

    def _learn(self) -> None:
        """Ask for agenda and names, where nobody gave them yet. Many servers have none."""
        if self._errand.data is not None:
            return
        path = f"/meetings/{quote(self._errand.meeting_id, safe='')}/data"
        try:
            url = self.server.url(path)
            data = fetch.get_json(url, self.server.name, DATA_TIMEOUT_S, self._learning)
        except ServerError as fault:
            if fault.code in ("refused", "unreachable", "connect-timeout"):
                raise
            return
        if isinstance(data, dict):
            self._errand.data = data

    def _package_url(self) -> str | None:
        """The static copy that the meeting document names, if it lies on this very server."""
        path = (self._errand.data or {}).get("package_url")
        if not isinstance(path, str) or not path:
            return None
        url = urljoin(self.server.root + "/", quote(path, "/:%?&=+,;@!$'()*~", errors="replace"))
        return url if urlsplit(url).netloc == self.server.name else None

    def _receive(self, url: str) -> None:
        stream = Stream(self._wanted(url), self._line)
        try:
            try:
                answer = stream.open()
            except RangeRefused:
                # What is here does not fit what the server has now: all of it, anew.
                stream.end()
                stream = Stream(Wanted(url, self.server.name), self._line)
                answer = stream.open()
            self._store(stream, answer)
        finally:
            stream.end()

    def _wanted(self, url: str) -> Wanted:
        part, name = self._errand.part, self.server.name
        identity = part.identity
        if identity is None or not identity.resumable or identity.server != name:
            return Wanted(url, name)
        span = next_span(part.spans, identity.total)
        # All of it is here: its last byte proves that it still is what the server has.
        start = span.start if span else max(0, (identity.total or 1) - 1)
        return Wanted(url, name, start, identity.validator, identity.total, identity.source)

    def _store(self, stream: Stream, answer: Answer) -> None:
        part, name = self._errand.part, self.server.name
        self._limit(answer.total or 0)
        if answer.total == 0:
            raise UnfitError("bad-answer", server=name, why="an empty package")
        self.total, at, held = answer.total, answer.start, b""
        fresh = answer.start == 0
        for data in stream.chunks():
            self._receiving = True
            self.received += len(data)
            if fresh:
                held += data
                if len(held) < 4:
                    continue
                self._begin(answer, held, stream.source)
                data, held, fresh = held, b"", False
            self._limit(at + len(data))
            part.write(self.number, at, data)
            at += len(data)
        if fresh:
            raise TransientError("cut-off", server=name, received=self.received)
        if answer.total is not None and at != answer.total:
            raise TransientError("cut-off", server=name, received=self.received)
        self.total = at

    def _begin(self, answer: Answer, head: bytes, source: str) -> None:
        name = self.server.name
        if not is_package(head):
            kind = "a page" if head.lstrip()[:1] in (b"<", b"{") else "unknown data"
            raise UnfitError("not-a-package", server=name, type=kind)
        self._errand.room(answer.total or 0)
        self._errand.part.begin(
            self.number, Identity("server", name, answer.validator, answer.total, source)
        )

    def _limit(self, size: int) -> None:
        if size > self._errand.max_bytes:
            raise UnfitError("too-large", server=self.server.name, limit=self._errand.max_bytes)
