"""Who may come in by a browser: the outermost WSGI layer of a node.

It stands outside Socket.IO's layer, which believes the Host that a client sends. What machines ask
for (contract §3) they may ask for under any name. Pages, and what pages use, are given out only
under a name of ours, so that a page of another site that makes a browser take its own name for this
machine (DNS rebinding) gets nothing:

- Host is an address (a site's name never is), ``localhost``, the name of this machine, or one of
  ``allowed_hosts``.
- An Origin, where there is one, is that Host; a WebSocket has one.
- What changes something is not asked for by another site, by the browser's own word.

The live line takes a thread for each page, so there are at most `MOST_LIVE` of them, and from one
machine `MOST_LIVE_EACH`.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kiosk.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("kiosk.node.guard")

LIVE = "/socket.io"
PAGES = ("/room", "/secretary", "/static/", "/accent.css", "/api/v1/room", LIVE)
SAFE_METHODS = ("GET", "HEAD")
MOST_LIVE, MOST_LIVE_EACH = 32, 8
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)

Header = tuple[str, str]


class Guard:
    """Wraps ``app``; ``pages`` are the beginnings of the paths that browsers come for."""

    def __init__(
        self,
        app: WSGIApplication,
        allowed: Iterable[str] = (),
        pages: tuple[str, ...] = PAGES,
    ) -> None:
        self._app = app
        self._pages = pages
        self._names = {"localhost", socket.gethostname().lower(), *map(str.lower, allowed)}
        self._names |= {f"{socket.gethostname().lower()}.local"}
        self._live: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI interface."""

        def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
            return start_response(status, _complete(headers), exc_info)

        if why := self.fault(environ):
            log.warning("refused why=%s peer=%s", why, _machine(environ))
            return _refuse(start, "403 Forbidden", UsageError("wrong-host"))
        if not _path(environ).startswith(LIVE):
            return self._app(environ, start)
        return self._let_in(environ, start)

    def fault(self, environ: WSGIEnvironment) -> str:
        """Which rule a request breaks; empty where it breaks none."""
        path, host = _path(environ), str(environ.get("HTTP_HOST", "")).lower()
        if not path.startswith("/"):
            return "path"
        is_page = path == "/" or path.startswith(self._pages)
        if is_page and not self.is_ours(host):
            return "host"
        changes = environ["REQUEST_METHOD"] not in SAFE_METHODS
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and (is_page or changes):
            ours = self.is_ours(host) and origin.lower() in (f"http://{host}", f"https://{host}")
            return "" if ours else "origin"
        if is_page and path.startswith(LIVE):
            return "no-origin"
        site = environ.get("HTTP_SEC_FETCH_SITE", "none")
        return "site" if changes and site not in ("same-origin", "none") else ""

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine."""
        name = host
        if not host.endswith("]"):
            head, colon, port = host.rpartition(":")
            name = head if colon and port.isdigit() else host
        try:
            ipaddress.ip_address(name[1:-1] if name.startswith("[") else name)
        except ValueError:
            return name in self._names
        return True

    def _let_in(self, environ: WSGIEnvironment, start: Callable[..., Any]) -> Iterable[bytes]:
        """A live line, which lasts as long as its page, where there is room for it."""
        machine = _machine(environ)
        with self._lock:
            is_full = self._live.total() >= MOST_LIVE or self._live[machine] >= MOST_LIVE_EACH
            self._live[machine] += not is_full
        if is_full:
            log.warning("too-many-pages peer=%s", machine)
            return _refuse(start, "503 Service Unavailable", UsageError("too-many-pages"))
        try:
            return self._app(environ, start)
        except ValueError as fault:
            # A message that is none must not end more than its own line.
            log.warning("dropped why=%r peer=%s", str(fault)[:80], machine)
            if "gunicorn.socket" in environ:
                raise StopIteration from None
            raise ConnectionAbortedError("nonsense on the line") from None
        finally:
            with self._lock:
                self._live[machine] -= 1
                self._live += Counter()  # those without any are forgotten


def _machine(environ: WSGIEnvironment) -> str:
    """As `kiosk.node.visitors` has it: only our own nginx comes in without an address."""
    return str(environ.get("REMOTE_ADDR") or environ.get("HTTP_X_REAL_IP", ""))


def _path(environ: WSGIEnvironment) -> str:
    return str(environ.get("PATH_INFO", ""))


def _refuse(start: Callable[..., Any], status: str, why: UsageError) -> Iterable[bytes]:
    body = json.dumps({"detail": why.message, "error": why.to_json()}).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _complete(headers: list[Header]) -> list[Header]:
    there = {name.lower() for name, _ in headers}
    return headers + [(name, value) for name, value in HEADERS if name.lower() not in there]
