"""What a scripted server was asked, and what became of it; several servers can share one log.

A package request is open from when it was read until its answer was sent wholly or its client left.
The number of those open at once is exact on one machine. Before a new one is counted, every open
connection is asked whether its client has left, and an answer whose last bytes are just being
handed over is given a moment to be noted as sent. A client that closes one connection and then
opens the next, or reads one answer to its end and then asks for the next, here or elsewhere, is
therefore never seen with two, however slowly our own threads wake up.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import overload

HANDING_OVER_S = 0.05
_GONE = select.POLLRDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL


class ClientLeft(Exception):
    """The client closed the connection before its answer was sent."""


@dataclass
class Request:
    """One request; times are ``time.monotonic()`` seconds, which all processes here share.

    ``sent`` counts body bytes. ``closed_at`` is None while it is open, then when its answer was
    sent wholly or its client left (``client_left``), whichever came first. ``ending``: the last
    bytes of its answer are being handed over.
    """

    server: str
    peer: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    package: bool = False
    opened_at: float = field(default_factory=time.monotonic)
    closed_at: float | None = None
    client_left: bool = False
    status: int = 0
    sent: int = 0
    ending: bool = False

    @property
    def range(self) -> str | None:
        """The Range header, if there was one."""
        return self.headers.get("range")


def client_left(connection: socket.socket, within_s: float = 0.0) -> bool:
    """Whether the other side has closed, waiting up to ``within_s`` for it to do so."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return any(happened & _GONE for _, happened in poll.poll(within_s * 1000))


class Log(Sequence[Request]):
    """The requests in the order in which they came."""

    def __init__(self) -> None:
        self.open_packages = 0
        """The most package requests that were ever open at once."""
        self._requests: list[Request] = []
        self._open: list[tuple[Request, socket.socket]] = []
        self._changed = threading.Condition()

    @overload
    def __getitem__(self, index: int) -> Request: ...
    @overload
    def __getitem__(self, index: slice) -> list[Request]: ...
    def __getitem__(self, index: int | slice) -> Request | list[Request]:
        with self._changed:
            return self._requests[index]

    def __len__(self) -> int:
        with self._changed:
            return len(self._requests)

    @property
    def packages(self) -> list[Request]:
        """The requests for a package's bytes."""
        return [request for request in self[:] if request.package]

    def wait_for(self, happened: Callable[[Log], bool], timeout_s: float = 10.0) -> bool:
        """Waits until ``happened(log)``, which is asked after every request and ending."""
        with self._changed:
            return self._changed.wait_for(lambda: happened(self), timeout_s)

    def opened(self, request: Request, connection: socket.socket) -> None:
        """Notes that ``request`` came in over ``connection``."""
        with self._changed:
            if request.package:
                self._changed.wait_for(lambda: not self._handed_over(), HANDING_OVER_S)
            self._requests.append(request)
            self._open.append((request, connection))
            # A client may have left before its request was looked at.
            now = sum(1 for other, its in self._open if other.package and not client_left(its))
            self.open_packages = max(self.open_packages, now)
            self._changed.notify_all()

    def closed(self, request: Request, client_left: bool) -> None:
        """Notes its end; call it before the connection is closed. Only the first call counts."""
        with self._changed:
            self._close(request, client_left)

    def _handed_over(self) -> bool:
        """Whether an answer for a package is about to have been sent."""
        for other, its_connection in list(self._open):
            if client_left(its_connection):
                self._close(other, client_left=True)
        return any(other.package and other.ending for other, _ in self._open)

    def _close(self, request: Request, client_left: bool) -> None:
        if request.closed_at is None:
            request.closed_at, request.client_left = time.monotonic(), client_left
            self._open = [pair for pair in self._open if pair[0] is not request]
            self._changed.notify_all()
