"""The connection of one exchange after another with one server; `Line.cut` ends it at once.

A line has at most one connection: before another is made, the one that stands is closed, so that
two requests can never be under way on it. A connection is made without a word being sent (`dial`)
and taken over by the first request to that host and port.

Ending works from any thread and in every phase: shutting a socket down wakes whoever connects,
reads or writes on it, and a name that is being looked up is not waited for any longer.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from kiosk.fetch.addresses import NAMES
from kiosk.fetch.racing import Race

SLICE_S = 0.05
WORN_S = 0.5
PORTS = {"http": 80, "https": 443}

Place = tuple[str, int]


@dataclass
class _Standing:
    """A connection that stands: ``taken`` by a request; ``ours`` where nobody else closes it."""

    sock: socket.socket
    place: Place
    since: float
    taken: bool = False
    ours: bool = True


class Limit:
    """How long an exchange may take; ``expired`` once it took longer."""

    def __init__(self) -> None:
        self.expired = False


class Line:
    """One connection at a time. ``tries`` counts them; ``connected`` once the first stood."""

    def __init__(self) -> None:
        self.is_cut = False
        self.connected = False
        self.tries = 0
        self._lock = threading.Lock()
        self._standing: _Standing | None = None
        self._making: list[socket.socket] = []
        self._limit: Limit | None = None
        # Counts the endings: what was begun before one must not stand after it.
        self._endings = 0

    def dial(self, url: str) -> None:
        """Connect to the server of ``url`` and say nothing. OSError where that does not work."""
        self._connect(place_of(url))

    def take(self, place: Place) -> socket.socket:
        """A connection to ``place`` for a request: the one that was dialled, or a new one."""
        with self._lock:
            kept = self._standing
            if kept and not kept.taken and kept.place == place and not is_over(kept.sock):
                kept.taken, kept.ours = True, False
                return kept.sock
        made = self._connect(place)
        made.taken, made.ours = True, False
        return made.sock

    def worn(self) -> bool:
        """Whether what stands was used before, or long ago, and may be closed on the other side."""
        with self._lock:
            kept = self._standing
            return kept is not None and (kept.taken or time.monotonic() - kept.since > WORN_S)

    def guard(self, sock: socket.socket) -> None:
        """Hold the connection of ``sock`` by a descriptor of our own: TLS takes that one away."""
        with self._lock:
            if self._standing is None or self._standing.sock is not sock:
                raise _ended()
            self._standing.sock, self._standing.ours = sock.dup(), True

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Limit]:
        """Hang up, and connect no more, once this block has taken so long."""
        limit = self._limit = Limit()
        watchdog = threading.Timer(seconds, self._expire, [limit])
        watchdog.daemon = True
        watchdog.start()
        try:
            yield limit
        finally:
            with self._lock:
                self._limit = None
            watchdog.cancel()

    def cut(self) -> None:
        """End it for good: whatever waits on it returns, the other side sees it close."""
        with self._lock:
            self.is_cut = True
            self._end()

    def hang_up(self) -> None:
        """End the connection that stands or is being made; another may follow."""
        with self._lock:
            self._end()

    def _expire(self, limit: Limit) -> None:
        with self._lock:
            if self._limit is limit:
                limit.expired = True
                self._end()

    def _end(self) -> None:
        self._endings += 1
        kept, self._standing = self._standing, None
        for sock in [*self._making, *([kept.sock] if kept else [])]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        if kept and kept.ours:
            kept.sock.close()

    def _connect(self, place: Place) -> _Standing:
        with self._lock:
            self._end()
            number = self._endings
            self._check(number)
            self.tries += 1
        lookup = NAMES.look_up(*place)
        while not lookup.ready.wait(SLICE_S):
            with self._lock:
                self._check(number)
        try:
            sock = Race(lookup.addresses(), lambda made: self._begun(made, number)).run()
        except OSError:
            with self._lock:
                self._check(number)
            NAMES.forget(*place)
            raise
        finally:
            with self._lock:
                self._making.clear()
        return self._stands(sock, place, number)

    def _begun(self, sock: socket.socket, number: int) -> None:
        with self._lock:
            self._check(number)
            self._making.append(sock)

    def _stands(self, sock: socket.socket, place: Place, number: int) -> _Standing:
        with self._lock:
            try:
                self._check(number)
            except ConnectionAbortedError:
                sock.close()
                raise
            sock.settimeout(None)
            self.connected = True
            self._standing = _Standing(sock, place, time.monotonic())
            return self._standing

    def _check(self, number: int) -> None:
        if self.is_cut or self._endings != number or (self._limit and self._limit.expired):
            raise _ended()


def place_of(url: str) -> Place:
    """Host and port that a request for ``url`` goes to."""
    parts = urlsplit(url)
    return (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 80)


def is_over(sock: socket.socket) -> bool:
    """Whether the other side has closed an idle connection, or said something unasked."""
    sock.setblocking(False)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        sock.setblocking(True)
    return True


def _ended() -> ConnectionAbortedError:
    return ConnectionAbortedError(errno.ECONNABORTED, "the connection was given up")
