"""A conversation with one server: documents, then one range of the package after another."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from kiosk.answers import RangeRefused, Wanted, bad_answer, judge, status_fault
from kiosk.errors import ServerError, TransientError, UnfitError
from kiosk.fetch.documents import MAX_JSON_BYTES, parsed
from kiosk.fetch.line import Line
from kiosk.fetch.naming import translated
from kiosk.fetch.redirects import MAX_HOPS, REDIRECTS, redirected
from kiosk.fetch.stream import Stream

if TYPE_CHECKING:
    from kiosk.fetch.asking import Asker, Reply

READ_BYTES = 1 << 20


class Call:
    """Speaks with ``server`` (its name) over ``line``; one exchange at a time, in one thread.

    The connection is kept between exchanges where the server agrees. `cut` may come from any
    thread; `end` gives everything back, in the thread that speaks.
    """

    def __init__(self, server: str, line: Line | None = None) -> None:
        self.server = server
        self.line = line or Line()
        self._asker: Asker | None = None
        self._stream: Stream | None = None
        # Of the last answer that was read as a whole.
        self.headers: Mapping[str, str] = {}
        # Who was asked last: another server than ours where a redirect has led there.
        self.asked = ""
        self._buffer = memoryview(bytearray(READ_BYTES))
        # Where the addresses that were asked for have led, so that not every range is sent on.
        self._led: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def connected(self) -> bool:
        """Whether a connection has stood."""
        return self.line.connected

    def dial(self, url: str) -> None:
        """Connect to the server of ``url`` and send nothing. ServerError where it does not stand.

        https is agreed upon with the first request.
        """
        prepare()
        with translated(self.server):
            self.line.dial(url)

    def document(self, url: str, timeout_s: float = 3.0) -> Any:
        """A JSON document, within ``timeout_s`` seconds in all and `MAX_JSON_BYTES`.

        ServerError of every kind; ``bad-answer`` where it is not JSON. The call goes on after it.
        """
        self._finish()
        return parsed(self._within(timeout_s, lambda: self._small_body(url)), self.server)

    def post(self, url: str, document: object, timeout_s: float = 3.0) -> Any:
        """Say a JSON document; the JSON that is answered, None where that is empty (204).

        Bounds and errors are those of `document`. It is said once: not again where the connection
        breaks, and to nobody else where the server sends us on (``bad-redirect``).
        """
        self._finish()
        said = json.dumps(document, ensure_ascii=False).encode()
        body = self._within(timeout_s, lambda: self._said(url, said))
        return parsed(body, self.server) if body else None

    def stream(self, wanted: Wanted) -> Stream:
        """Ask for package bytes, and judge the headers of what comes; what was asked before ends.

        ServerError where it is no good, `RangeRefused` where ranges of this package cannot be had
        in this way.
        """
        self._finish()
        try:
            with translated(self.server):
                url = self._led.get(wanted.url, wanted.url)
                reply, source = self._follow(url, wanted)
                stream = self._judged(reply, source, wanted)
        except (ServerError, RangeRefused):
            self._forget(wanted.url)
            raise
        if source != wanted.url:
            self._led[wanted.url] = source
        stream.failed = lambda: self._forget(wanted.url)
        self._stream = stream
        return stream

    def cut(self) -> None:
        """End it now, from any thread: whatever waits on it returns with a ServerError."""
        self.line.cut()

    def end(self) -> None:
        """Close the connection and give everything back."""
        self._finish()
        if self._asker is not None:
            self._asker.close()
        self.line.cut()

    def _forget(self, url: str) -> None:
        """Who asks there next begins at that address itself, wherever it led before."""
        self._led.pop(url, None)

    def _finish(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.end()

    def _within(self, timeout_s: float, exchange: Callable[[], bytes]) -> bytes:
        """What ``exchange`` brings, in ``timeout_s`` seconds at most."""
        why: ServerError | None = None
        with self.line.within(timeout_s) as limit:
            try:
                with translated(self.server):
                    body = exchange()
            except ServerError as fault:
                why = fault
        if limit.expired:
            # What was cut off may look like an answer that is short.
            code = "silent" if self.line.connected else "connect-timeout"
            raise TransientError(code, server=self.server, seconds=timeout_s) from why
        if why is not None:
            raise why
        return body

    def _small_body(self, url: str) -> bytes:
        return self._read(self._follow(url)[0], (200,))

    def _said(self, url: str, body: bytes) -> bytes:
        asker = self._asker = self._asker or load()(self.line)
        reply = asker.say(url, body)
        if reply.status in REDIRECTS:
            reply.end()
            raise UnfitError("bad-redirect", server=self.server, why="what was said is not sent on")
        return self._read(reply, (200, 202, 204))

    def _read(self, reply: Reply, good: tuple[int, ...]) -> bytes:
        """The body of an answer, within bounds; ServerError where its status is another one."""
        try:
            if reply.status not in good:
                reply.drain()
                raise status_fault(reply.status, reply.headers, self.server)
            self.headers = reply.headers
            body = bytearray()
            while count := reply.take(self._buffer):
                body += self._buffer[:count]
                if len(body) > MAX_JSON_BYTES:
                    raise UnfitError("too-large", server=self.server, limit=MAX_JSON_BYTES)
            return bytes(body)
        finally:
            reply.end()

    def _judged(self, reply: Reply, source: str, wanted: Wanted) -> Stream:
        try:
            answer = judge(wanted.at(source), reply.status, reply.headers)
            if not answer.whole and wanted.source not in ("", source):
                raise RangeRefused(bad_answer(wanted, "its package is at another address now"))
        except RangeRefused:
            reply.drain()
            reply.end()
            raise
        except ServerError:
            reply.end()
            raise
        return Stream(answer, source, reply, self.server, self._buffer)

    def _follow(self, url: str, wanted: Wanted | None = None) -> tuple[Reply, str]:
        """The answer behind at most `MAX_HOPS` redirects, and whose it is.

        Each hop's connection is closed before the next is opened.
        """
        asker = self._asker = self._asker or load()(self.line)
        for _ in range(MAX_HOPS + 1):
            headers: Mapping[str, str] = wanted.headers(url) if wanted else {}
            self.asked = urlsplit(url).netloc
            reply = asker.ask(url, dict(headers))
            if reply.status not in REDIRECTS:
                return reply, url
            target = reply.headers.get("Location", "")
            reply.end()
            self.line.hang_up()
            url = redirected(url, target, self.server)
        raise UnfitError("bad-redirect", server=self.server, why=f"more than {MAX_HOPS} hops")


@functools.cache
def prepare() -> None:
    """Load the HTTP library in a thread, while somebody connects: it takes longer than that."""
    threading.Thread(target=load, name="prepare requests", daemon=True).start()


def load() -> type[Asker]:
    """What asks with requests; it is loaded once, whoever comes first."""
    from kiosk.fetch.asking import Asker

    return Asker


def get_json(url: str, server: str, timeout_s: float = 3.0, line: Line | None = None) -> Any:
    """A JSON document (`Call.document`) over a connection of its own.

    That is ``line``, where there is one; it serves no other exchange after it.
    """
    with Call(server, line) as call:
        return call.document(url, timeout_s)


def post_json(url: str, server: str, document: object, timeout_s: float = 3.0) -> Any:
    """Say a JSON document (`Call.post`) over a connection of its own; what is answered."""
    with Call(server) as call:
        return call.post(url, document, timeout_s)
