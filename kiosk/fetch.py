"""HTTP to other machines: with upstream.py the only place that speaks it.

Rules of operation. Nothing here waits by a client library's timeout alone: every exchange runs over
a `Line`, which any thread can cut at once. Redirects are followed by hand (at most `MAX_HOPS`,
http and https only, never from https to http). Proxies of the environment are ignored; identity
encoding is asked for and anything else refused; HEAD is never sent. Foreign exceptions are turned
into `ServerError`s by `translated`, and nowhere else.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from kiosk import __version__
from kiosk.answers import Answer, Wanted, judge, status_fault
from kiosk.errors import ServerError, TransientError, UnfitError

READ_BYTES = 256 << 10
MAX_HOPS = 5
MAX_JSON_BYTES = 8 << 20
MAX_JSON_DEPTH = 50
REDIRECTS = (301, 302, 303, 307, 308)
FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
# Only a net below the watchdog: silence is judged by transfer.py.
BACKSTOP_S = 900.0


class Line:
    """The connections of one exchange; `cut` ends them from any thread, also while connecting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.is_cut = False
        self.connected = False

    def opened(self, sock: socket.socket) -> None:
        """A connection stands. It is dropped at once where the line was cut meanwhile."""
        with self._lock:
            self.connected = True
            if not self.is_cut:
                self._sockets.append(sock)
                return
        sock.close()
        raise ConnectionAbortedError("the line was cut")

    def cut(self) -> None:
        """End it now: a blocked read returns, the other side sees the connection close."""
        with self._lock:
            self.is_cut = True
        self.hang_up()

    def hang_up(self) -> None:
        """End the connections that stand; another may follow. A client library keeps idle ones."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Connections that tell their `Line` of themselves; no retries of its own."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        line = self._line

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                line.opened(self.sock)

        class Secure(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                line.opened(self.sock)

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


class Stream:
    """One package request under way."""

    def __init__(self, wanted: Wanted, line: Line) -> None:
        self._wanted = wanted
        self._line = line
        self._response: requests.Response | None = None
        self._received = 0
        self._expected: int | None = None
        # Who answered: the address behind all redirects.
        self.source = wanted.url

    def open(self) -> Answer:
        """Connect, ask, and judge the headers; ServerError where they are no good.

        `RangeRefused` where the server cannot serve the range: ask again from the start.
        """
        with translated(self._wanted.server):
            response, self.source = _follow(self._wanted, self._line)
            self._response = response
            wanted = self._wanted.at(self.source)
            answer = judge(wanted, response.status_code, response.raw.headers)
        self._expected = answer.length
        return answer

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes. ServerError ``cut-off`` where it ends before its length."""
        if self._response is None:
            raise RuntimeError("not open")
        raw = self._response.raw
        while True:
            with translated(self._wanted.server, self._received):
                data: bytes = raw.read1(READ_BYTES, decode_content=False)
            if not data:
                break
            self._received += len(data)
            yield data
        if self._expected is not None and self._received < self._expected:
            raise TransientError("cut-off", server=self._wanted.server, received=self._received)

    def end(self) -> None:
        """Give the connection up, read or not."""
        if self._response is not None:
            self._response.close()
            self._response = None
        self._line.hang_up()


def get_json(url: str, server: str, timeout_s: float = 3.0, line: Line | None = None) -> Any:
    """A JSON document, within ``timeout_s`` seconds in all and `MAX_JSON_BYTES`.

    It comes over ``line``, which serves no other exchange after it. ServerError of every kind;
    ``bad-answer`` where it is not JSON.
    """
    line = line or Line()
    watchdog = threading.Timer(timeout_s, line.cut)
    watchdog.daemon = True
    watchdog.start()
    began = time.monotonic()
    try:
        with translated(server):
            body = _small_body(Wanted(url, server), line, timeout_s)
    except ServerError as fault:
        if line.is_cut and time.monotonic() - began >= timeout_s * 0.9:
            code = "silent" if line.connected else "connect-timeout"
            raise TransientError(code, server=server, seconds=timeout_s) from fault
        raise
    finally:
        watchdog.cancel()
        line.cut()
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise UnfitError("bad-answer", server=server, why="not JSON") from None
    if _is_deep(document):
        raise UnfitError("bad-answer", server=server, why="JSON nested without end")
    return document


def _is_deep(document: object) -> bool:
    """Whether it is nested deeper than what compares and writes it may be able to follow."""
    level = [document]
    for _ in range(MAX_JSON_DEPTH):
        nested = [one for one in level if isinstance(one, dict | list)]
        level = [
            inner for one in nested for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _small_body(wanted: Wanted, line: Line, timeout_s: float) -> bytes:
    response, _ = _follow(wanted, line, timeout_s)
    with response:
        if response.status_code != 200:
            raise status_fault(response.status_code, response.raw.headers, wanted.server)
        body = bytearray()
        while data := response.raw.read1(READ_BYTES, decode_content=False):
            body += data
            if len(body) > MAX_JSON_BYTES:
                raise UnfitError("too-large", server=wanted.server, limit=MAX_JSON_BYTES)
        return bytes(body)


def _follow(
    wanted: Wanted, line: Line, timeout_s: float = BACKSTOP_S
) -> tuple[requests.Response, str]:
    """The answer behind at most `MAX_HOPS` redirects, and whose it is.

    Each is closed before the next is opened.
    """
    url = wanted.url
    for _ in range(MAX_HOPS + 1):
        response = _ask(url, wanted, line, timeout_s)
        if response.status_code not in REDIRECTS:
            return response, url
        target = response.headers.get("Location", "")
        response.close()
        line.hang_up()
        url = redirected(url, target, wanted.server)
    raise UnfitError("bad-redirect", server=wanted.server, why=f"more than {MAX_HOPS} hops")


def _ask(url: str, wanted: Wanted, line: Line, timeout_s: float) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    adapter = _Adapter(line)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers.clear()
    session.headers.update(
        {
            "User-Agent": f"kiosk/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **wanted.at(url).headers(),
        }
    )
    timeouts = (min(timeout_s, 30.0), timeout_s)
    return session.get(url, stream=True, allow_redirects=False, timeout=timeouts)


def redirected(url: str, target: str, server: str) -> str:
    """Where a redirect from ``url`` leads; UnfitError ``bad-redirect`` where it must not."""
    try:
        goal = urljoin(url, target) if target else ""
        parts = urlsplit(goal)
        named = parts.port != 0 and bool(parts.hostname)
    except ValueError:
        raise UnfitError("bad-redirect", server=server, why="an address that is none") from None
    if not named or parts.scheme not in ("http", "https"):
        raise UnfitError("bad-redirect", server=server, why=f"to {target[:80]!r}")
    if "@" in parts.netloc or re.match(r"169\.254\.|\[?fe80:", parts.hostname or "", re.I):
        raise UnfitError("bad-redirect", server=server, why="to an address that is no server's")
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise UnfitError("bad-redirect", server=server, why="from https to http")
    return goal


@contextlib.contextmanager
def translated(server: str, received: int = 0) -> Iterator[None]:
    """The one place where exceptions of requests, urllib3, http.client and sockets get a name."""
    try:
        yield
    except FOREIGN as fault:
        raise _named(fault, server, received) from fault


_BY_ERRNO = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ECONNABORTED: "reset",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTDOWN: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.ETIMEDOUT: "connect-timeout",
}
_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (urllib3.exceptions.NameResolutionError, "unreachable"),
    (socket.gaierror, "unreachable"),
    (urllib3.exceptions.ReadTimeoutError, "silent"),
    (requests.ReadTimeout, "silent"),
    (requests.ConnectTimeout, "connect-timeout"),
    (urllib3.exceptions.InvalidChunkLength, "cut-off"),
    (http.client.IncompleteRead, "cut-off"),
    (http.client.RemoteDisconnected, "cut-off"),
    (http.client.HTTPException, "bad-answer"),
    (requests.exceptions.SSLError, "bad-answer"),
    (urllib3.exceptions.SSLError, "bad-answer"),
    (ssl.SSLError, "bad-answer"),
    (urllib3.exceptions.NewConnectionError, "unreachable"),
    (urllib3.exceptions.ConnectTimeoutError, "connect-timeout"),
    (TimeoutError, "silent"),
)


def _named(fault: BaseException, server: str, received: int) -> ServerError:
    """An errno anywhere below says most; then the first row of the table that fits."""
    causes = list(_causes(fault))
    codes = [_BY_ERRNO.get(getattr(cause, "errno", None) or 0) for cause in reversed(causes)]
    codes += [code for kind, code in _BY_TYPE if any(isinstance(one, kind) for one in causes)]
    code = next((one for one in codes if one), "bad-answer")
    if code == "bad-answer":
        return UnfitError(code, server=server, why=f"{type(fault).__name__}: {fault}"[:160])
    seconds = {"seconds": BACKSTOP_S} if code in ("silent", "connect-timeout") else {}
    return TransientError(code, server=server, received=received, **seconds)


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The exception, and all that it was made from, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [fault]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
