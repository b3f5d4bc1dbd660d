"""Who may ask, and what every answer carries: the outermost WSGI layer.

It stands outside Socket.IO's layer, which trusts the Host that a client sends, and outside Flask's,
whose trusted hosts do not cover ``/socket.io/``. A page of another site that made a browser resolve
its own name to this machine (DNS rebinding) still sends its own name as Host, so:

- Host must be there once and be one of ours with our port; forwarded hosts count for nothing.
- An Origin, where there is one, must be one of ours. A WebSocket without an Origin is refused:
  every browser sends one, and nothing but a browser has business there.
- Without an Origin a browser's own word counts: Sec-Fetch-Site may be same-origin or none; a link
  from elsewhere may open a page (GET, navigate), nothing else. Programs that send neither header
  (curl) may use the JSON interface; a browser cannot pass for one, as it cannot leave these headers
  out of a cross-site POST, and the interface takes nothing but application/json anyway.
- Paths begin with a slash: a proxy request in absolute form is not for us.

Everything else is refused with 403 before any routing, and looks the same whatever was asked for.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

access_log = logging.getLogger("kiosk.access")

SAFE_METHODS = ("GET", "HEAD")
SOCKET_PATH = "/socket.io"
DEFAULT_PORT = 80
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self'; font-src 'self' data:; "
    "connect-src 'self' ws://{host}; worker-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    )
)  # fmt: skip
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-DNS-Prefetch-Control", "off"),
    ("Permissions-Policy", PERMISSIONS),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
# The server underneath sets Date itself; what software this is concerns nobody.
SET_BY_SERVER = ("date", "server")

Header = tuple[str, str]


@dataclass(frozen=True)
class Address:
    """Under which names and port this server is ours."""

    port: int
    names: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, host: str, port: int, allowed: Iterable[str] = ()) -> Address:
        """Loopback under all its names, the address that is served on, and ``allowed`` ones."""
        names = {"127.0.0.1", "localhost", "[::1]"}
        names |= {_as_in_header(name) for name in (host, *allowed) if name}
        return cls(port, frozenset(names))

    def is_host(self, value: str) -> bool:
        """Whether a Host header is ours."""
        return value.lower() in self._hosts

    def is_origin(self, value: str) -> bool:
        """Whether an Origin header is ours."""
        scheme, _, host = value.lower().partition("://")
        return scheme == "http" and host in self._hosts

    @property
    def _hosts(self) -> set[str]:
        hosts = {f"{name}:{self.port}" for name in self.names}
        return hosts | self.names if self.port == DEFAULT_PORT else hosts


class Guard:
    """Wraps ``app``; see the rules above."""

    def __init__(self, app: WSGIApplication, address: Address) -> None:
        self._app = app
        self._address = address

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI interface."""
        began = time.monotonic()
        host = str(environ.get("HTTP_HOST", ""))

        def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
            _log(environ, status, began)
            return start_response(status, _complete(headers, host), exc_info)

        why = self.fault(environ)
        if why:
            access_log.warning("refused why=%s peer=%s", why, environ.get("REMOTE_ADDR"))
            host = ""
            return _refuse(start)
        try:
            return self._app(environ, start)
        except ValueError as fault:
            if not _is_websocket(environ):
                raise
            # Socket.IO's layer lets a message that is none end the whole request.
            access_log.warning("dropped why=%r peer=%s", str(fault)[:80], environ["REMOTE_ADDR"])
            raise ConnectionAbortedError("nonsense on the line") from None

    def fault(self, environ: WSGIEnvironment) -> str:
        """Which rule a request breaks; empty where it breaks none."""
        if not self._address.is_host(environ.get("HTTP_HOST", "")):
            return "host"
        if not environ.get("PATH_INFO", "").startswith("/"):
            return "path"
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None:
            return "" if self._address.is_origin(origin) else "origin"
        if _is_websocket(environ):
            return "no-origin"
        return "" if _site_is_ours(environ) else "site"


def _is_websocket(environ: WSGIEnvironment) -> bool:
    return str(environ.get("HTTP_UPGRADE", "")).strip().lower() == "websocket"


def _site_is_ours(environ: WSGIEnvironment) -> bool:
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    if site in ("same-origin", "none"):
        return True
    followed = environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
    is_document = environ.get("HTTP_SEC_FETCH_DEST") == "document"
    is_page = not environ.get("PATH_INFO", "").startswith((SOCKET_PATH, "/api/"))
    return followed and is_document and is_page and environ["REQUEST_METHOD"] in SAFE_METHODS


def _refuse(start: Callable[[str, list[Header]], Any]) -> Iterable[bytes]:
    error = UsageError("wrong-host")
    body = json.dumps({"error": error.to_json()}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    # That somebody is here may be seen: static/starting.html waits for it. A refusal says no more.
    start("403 Forbidden", [*headers, ("Cross-Origin-Resource-Policy", "cross-origin")])
    return [body]


def _complete(headers: list[Header], host: str) -> list[Header]:
    """The headers with ours added, where the answer did not set its own."""
    there = {name.lower() for name, _ in headers}
    policy = POLICY.format(host=host) if host else "default-src 'none'; frame-ancestors 'none'"
    ours = (("Content-Security-Policy", policy), *HEADERS)
    kept = [(name, value) for name, value in headers if name.lower() not in SET_BY_SERVER]
    return kept + [(name, value) for name, value in ours if name.lower() not in there]


def _log(environ: WSGIEnvironment, status: str, began: float) -> None:
    path = str(environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace")
    access_log.info(
        "request method=%s path=%r status=%s ms=%d",
        environ.get("REQUEST_METHOD"),
        path,
        status[:3],
        (time.monotonic() - began) * 1000,
    )


def _as_in_header(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name.lower()
