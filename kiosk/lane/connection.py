"""One connection to one server: the thread that carries out orders, one after another."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

from kiosk import agenda, delta, fetch, sources
from kiosk.answers import RangeRefused, Wanted, is_package
from kiosk.errors import KioskError, ServerError, TransientError, UnfitError
from kiosk.fetch import Call, Stream
from kiosk.lane.errand import Errand
from kiosk.lane.words import (
    Copy,
    Failed,
    Fetch,
    Fetched,
    Flow,
    Learn,
    Learned,
    Order,
    Report,
    Stood,
    Streamed,
    Streaming,
)
from kiosk.package import (
    TAIL_BYTES,
    Lacking,
    Opened,
    Package,
    Tail,
    Walker,
    inspect,
)
from kiosk.part import Dismissed
from kiosk.plan import Span
from kiosk.pool import Server

log = logging.getLogger("kiosk.lane")

RELEARN = 3


class Lane(threading.Thread):
    """A connection to ``server``; nothing is reported any more once it was closed."""

    def __init__(
        self, number: int, server: Server, errand: Errand, report: Callable[[Report], None]
    ) -> None:
        super().__init__(name=f"lane-{number}", daemon=True)
        self.number = number
        self.server = server
        self.received = 0
        self.phase = "connecting"
        # Where the range under way is, and where it ends now: an end-game may move that forward.
        self.at = self.stop_at = 0
        self._errand = errand
        self._report = report
        self._call = Call(server.name)
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._url = ""
        self._source = ""
        self._validator = ""
        self._total: int | None = None
        self._relearned = 0
        self._stream: Stream | None = None

    @property
    def look(self) -> tuple[str, int]:
        """Phase and bytes so far.

        It is the server's turn in connecting, learning, asking and receiving; in standing, ready
        (for the next order) and storing it is ours.
        """
        return self.phase, self.received

    def order(self, order: Order) -> None:
        """Have it do something; it is done when it reports."""
        self.phase = "receiving" if isinstance(order, Flow) else "asking"
        if isinstance(order, Fetch):
            self.at = order.span.start
            self.stop_at = self._total or 0 if order.span.stop is None else order.span.stop
        self._orders.put(order)

    def close(self) -> None:
        """End it at once; the other side sees the connection close."""
        self._call.cut()
        self._orders.put(None)

    def run(self) -> None:
        """The thread's life."""
        try:
            self._call.dial(self.server.url())
            self.phase = "standing"
            self._report(Stood(self.number))
            while (order := self._orders.get()) is not None:
                report = self._done(order)
                # From here on it is us who are waited for.
                self.phase = "ready"
                self._report(report)
        except Dismissed:
            return
        except KioskError as fault:
            self._report(Failed(self.number, self._told_of(fault)))
        except BaseException as crash:  # noqa: BLE001 - a bug: the driver raises it again
            self._report(Failed(self.number, crash=crash))
        finally:
            self._call.end()

    def _told_of(self, fault: KioskError) -> KioskError:
        """What is wrong where we were sent on to is not held against who sent us.

        It is asked again, for what it gives out itself.
        """
        where = self._call.asked
        if where in ("", self.server.name):
            return fault
        self._errand.astray.add(self.server.name)
        if isinstance(fault, UnfitError):
            name = self.server.name
            return TransientError("astray", server=name, where=where, why=fault.message)
        return fault

    def _done(self, order: Order) -> Report:
        if isinstance(order, Learn):
            return self._learn()
        if isinstance(order, Fetch):
            return self._fetch(order.span)
        return self._flow()

    # Learning

    def _learn(self) -> Report:
        self._ask_document()
        self.phase = "asking"
        *favours, usual = self._addresses()
        for url in favours:
            try:
                return self._learn_from(url)
            except UnfitError:
                continue
            except TransientError as fault:
                if fault.code != "not-here":
                    raise
            # The static copy is a favour, and a node may not have it.
        return self._learn_from(usual)

    def _ask_document(self) -> None:
        """Ask for agenda and names, where nobody gave them yet. Many servers have none."""
        if self._errand.data is not None:
            return
        self.phase = "learning"
        try:
            url = self.server.url(self._errand.path("data"))
            data = self._call.document(url, self._errand.document_s)
        except ServerError as fault:
            if fault.code in ("refused", "unreachable", "connect-timeout"):
                raise
            if fault.code == "silent":
                self._errand.owe(self.server)
            return
        if isinstance(data, dict):
            self._errand.data, self._errand.source = data, self.server

    def _addresses(self) -> list[str]:
        """The static copy that the document names, if it lies on this very server; the usual.

        Who led us astray is asked first for what it gives out itself (contract §3a).
        """
        usual = self.server.url(self._errand.path("download-package"))
        if self.server.name in self._errand.astray:
            return [self.server.url(self._errand.path("download-package-direct")), usual]
        path = (self._errand.data or {}).get("package_url")
        if not isinstance(path, str) or not path:
            return [usual]
        url = urljoin(self.server.root + "/", quote(path, "/:%?&=+,;@!$'()*~", errors="replace"))
        return [url, usual] if urlsplit(url).netloc == self.server.name else [usual]

    def _learn_from(self, url: str) -> Report:
        try:
            stream = self._open(Wanted(url, self.server.name, suffix=self._errand.tail_bytes))
        except RangeRefused:
            # It knows no suffixes. Whether it knows other ranges is not worth another question.
            stream = self._open(Wanted(url, self.server.name))
        answer = stream.answer
        self._url, self._source = url, stream.source
        self._validator, self._total = answer.validator, answer.total
        if answer.whole:
            self._stream = stream
            return Streaming(self.number, answer.total)
        if answer.total is None:
            raise self._bad("a part of a package of unknown size")
        tail = self._read(stream)
        while True:
            try:
                package = self._errand.directory(answer.total, tail)
            except Lacking as lacking:
                tail = self._before(Span(lacking.start, answer.total - len(tail))) + tail
            else:
                break
        package = self._with_manifest(package)
        if self._errand.doubts(package):
            self._renew_document()
        notice = _notice(package, tail)
        return Learned(self.number, Copy(package, notice, (answer.total - len(tail), tail)))

    def _before(self, span: Span) -> bytes:
        """More of the end of the package."""
        try:
            stream = self._open(self._wanted(span))
        except RangeRefused as refused:
            raise refused.fault from None
        if stream.answer.whole:
            raise self._bad("some ranges of its package, and others not")
        return self._read(stream)

    def _with_manifest(self, package: Package) -> Package:
        """What a manifest adds, where the ETag says that the server is one that has it."""
        if not self._validator.startswith('"sha256-') or self._errand.knows(package):
            return package
        self.phase = "learning"
        try:
            url = self.server.url(self._errand.path("manifest"))
            manifest = self._call.document(url, self._errand.document_s)
        except ServerError:
            return package
        finally:
            self.phase = "asking"
        told = sources.told_by(manifest, self._errand.meeting_id, self._validator)
        if told is None:
            return package
        if self._errand.data is None:
            self._errand.data = told.document
        return delta.with_digests(package, told.digests)

    def _renew_document(self) -> None:
        """Ask again for the meeting document, of whose word on it counts.

        A server that lags behind has an older document, too: what it says of itself proves nothing.
        """
        server = self._errand.source
        if server is None:
            return
        self._errand.renewed_at = time.monotonic()
        self.phase = "learning"
        try:
            url = server.url(self._errand.path("data"))
            data = fetch.get_json(url, server.name, self._errand.document_s)
        except ServerError as fault:
            log.info("no-document server=%s why=%r", server.name, fault.message)
        else:
            if isinstance(data, dict):
                self._errand.data = data
        self.phase = "asking"

    # Fetching

    def _fetch(self, span: Span) -> Report:
        try:
            stream = self._open(self._wanted(span))
        except RangeRefused as refused:
            return self._learn_anew(refused.fault)
        if stream.answer.whole:
            stream.end()
            return self._learn_anew(self._bad("its package changes with every request"))
        self.at = stream.answer.start
        for data in stream.chunks():
            self.phase = "storing"
            useful = data[: max(0, self.stop_at - self.at)]
            self.received += len(data)
            self._errand.part.write(self.number, self.server.name, self.at, useful)
            self.at += len(useful)
            self.phase = "receiving"
            if self.at >= self.stop_at:
                break
        stream.end()
        if self.at < self.stop_at:
            raise self._cut_off()
        return Fetched(self.number)

    def _learn_anew(self, fault: UnfitError) -> Report:
        """The package is another one now, or the ETags of this server mean nothing."""
        self._relearned += 1
        if self._relearned > RELEARN:
            raise fault
        report = self._learn_from(self._url)
        self._validator = ""
        return report

    def _wanted(self, span: Span) -> Wanted:
        return Wanted(
            self._url, self.server.name, span, 0, self._validator, self._total, self._source
        )

    def _flow(self) -> Report:
        """Read the whole package from a server that knows no ranges."""
        stream, part, walker = self._stream, self._errand.part, Walker()
        if stream is None:
            raise RuntimeError("no stream")
        at, held, seen = 0, b"", bytearray()
        data: bytes | memoryview
        for data in stream.chunks():
            self.received += len(data)
            self._limit(self.received)
            if at == 0:
                held += bytes(data)
                if len(held) < 4:
                    continue
                self._refuse_pages(held)
                data = held
            if at < TAIL_BYTES:
                seen += data
            passed = []
            for sighting in walker.feed(data):
                if isinstance(sighting, Opened):
                    part.divert(sighting.begins, sighting.stop)
                else:
                    passed.append(sighting)
            self.phase = "storing"
            part.write(self.number, self.server.name, at, data)
            self.phase = "receiving"
            at += len(data)
            for sighting in passed:
                self._errand.passed(sighting.entry)
        stream.end()
        if at == 0 or (self._total is not None and at != self._total):
            raise self._cut_off()
        self.phase = "storing"
        with part.reader() as file:
            package = inspect(file)
        if self._errand.doubts(package):
            self._renew_document()
        notice = _notice(package, bytes(seen)) if at == len(seen) else ""
        return Streamed(self.number, Copy(package, notice))

    # Small parts

    def _open(self, wanted: Wanted) -> Stream:
        stream = self._call.stream(wanted)
        self._limit(stream.answer.total or 0)
        if stream.answer.total == 0:
            raise self._bad("an empty package")
        return stream

    def _read(self, stream: Stream) -> bytes:
        """A short answer as a whole."""
        body = bytearray()
        for data in stream.chunks():
            self.phase = "receiving"
            self.received += len(data)
            body += data
        stream.end()
        return bytes(body)

    def _limit(self, size: int) -> None:
        if size > self._errand.max_bytes:
            raise UnfitError("too-large", server=self.server.name, limit=self._errand.max_bytes)

    def _refuse_pages(self, head: bytes) -> None:
        if not is_package(head):
            kind = "a page" if head.lstrip()[:1] in (b"<", b"{") else "unknown data"
            raise UnfitError("not-a-package", server=self.server.name, type=kind)

    def _cut_off(self) -> TransientError:
        return TransientError("cut-off", server=self.server.name, received=self.received)

    def _bad(self, why: str) -> UnfitError:
        return UnfitError("bad-answer", server=self.server.name, why=why)


def _notice(package: Package, tail: bytes) -> str:
    """What a master that could not build the package left in it, if it lies in the tail."""
    try:
        return agenda.notice_in(Tail(package.total, tail), package)
    except Lacking:
        return ""
