"""Foreign exceptions get a name of ours here, and nowhere else.

What raised them is imported only once there is one: loading requests takes longer than a connect.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from typing import Self

from kiosk.errors import KioskError, ServerError, TransientError, UnfitError

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


def translated(server: str, received: int = 0) -> Translation:
    """The one place where exceptions of requests, urllib3, http.client and sockets get a name.

    A context manager; ``received`` counts the bytes of the body that came before the fault.
    """
    return Translation(server, received)


class Translation:
    """Turns what is raised inside into a ServerError. May be entered again and again."""

    def __init__(self, server: str, received: int = 0) -> None:
        self.received = received
        self._server = server
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        return self

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if fault is not None and _is_foreign(fault):
            seconds = time.monotonic() - self._began
            raise _named(fault, self._server, self.received, seconds) from fault


def _is_foreign(fault: BaseException) -> bool:
    if isinstance(fault, KioskError) or not isinstance(fault, Exception):
        return False
    if isinstance(fault, OSError | ValueError):
        return True
    import http.client

    import urllib3

    return isinstance(fault, http.client.HTTPException | urllib3.exceptions.HTTPError)


def _named(fault: BaseException, server: str, received: int, seconds: float) -> ServerError:
    """An errno anywhere below says most; then the first row of the table that fits."""
    causes = list(_causes(fault))
    codes = (_BY_ERRNO.get(getattr(cause, "errno", None) or 0) for cause in reversed(causes))
    code = next((one for one in codes if one), "") or _by_type(causes)
    if code == "bad-answer":
        return UnfitError(code, server=server, why=f"{type(fault).__name__}: {fault}"[:160])
    if code in ("silent", "connect-timeout"):
        # Only the kernel gives up by itself, after minutes; a watchdog is there before it.
        code = "stalled" if received else code
        return TransientError(code, server=server, received=received, seconds=round(seconds, 1))
    return TransientError(code, server=server, received=received)


def _by_type(causes: list[BaseException]) -> str:
    import http.client
    import ssl

    import requests
    import urllib3

    table: tuple[tuple[type[BaseException], str], ...] = (
        (urllib3.exceptions.NameResolutionError, "unreachable"),
        (socket.gaierror, "unreachable"),
        (urllib3.exceptions.ReadTimeoutError, "silent"),
        (requests.ReadTimeout, "silent"),
        (requests.ConnectTimeout, "connect-timeout"),
        (urllib3.exceptions.InvalidChunkLength, "cut-off"),
        (http.client.IncompleteRead, "cut-off"),
        (http.client.RemoteDisconnected, "cut-off"),
        (ssl.SSLEOFError, "cut-off"),
        (http.client.HTTPException, "bad-answer"),
        (requests.exceptions.SSLError, "bad-answer"),
        (urllib3.exceptions.SSLError, "bad-answer"),
        (ssl.SSLError, "bad-answer"),
        (urllib3.exceptions.NewConnectionError, "unreachable"),
        (urllib3.exceptions.ConnectTimeoutError, "connect-timeout"),
        (TimeoutError, "silent"),
    )
    found = (code for kind, code in table if any(isinstance(one, kind) for one in causes))
    return next(found, "bad-answer")


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
