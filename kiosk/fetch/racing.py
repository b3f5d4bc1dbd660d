"""Connecting to one server at whichever of its addresses accepts first (RFC 8305 §5).

The addresses are tried in order, `STAGGER_S` after each other, or at once where one has failed.
Shutting a socket down while it connects ends its try: that is how a race is called off.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import sys
import time
from collections.abc import Callable, Sequence

from kiosk.fetch.addresses import Address

STAGGER_S = 0.25
# An unheard-of end of the other side is noticed by the kernel within a minute.
OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
)
# On a short line a larger buffer brings nothing, and what lies in it is lost when the server is
# left: up to 32 MB were. 1 MiB (Linux doubles what is asked for) in 2 ms are 500 MB/s; a longer
# line has what the kernel finds right.
NEAR_US = 2000
NEAR_BUFFER = (socket.SOL_SOCKET, socket.SO_RCVBUF, 512 << 10)
RTT_AT = 68  # of tcpi_rtt (microseconds) in the kernel's struct tcp_info
UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


class Race:
    """One connect. ``begun(socket)`` hears of every try once it is under way, and may raise."""

    def __init__(
        self, addresses: Sequence[Address], begun: Callable[[socket.socket], None]
    ) -> None:
        self._waiting = list(addresses)
        self._begun = begun
        self._fault = OSError(errno.EHOSTUNREACH, "no address")
        self._due = 0.0

    def run(self) -> socket.socket:
        """The connection that stands first; OSError of the last try where none does."""
        with selectors.DefaultSelector() as running:
            try:
                while self._waiting or running.get_map():
                    if self._waiting and self._is_due(running):
                        self._start(running)
                    winner = self._look(running)
                    if winner is not None:
                        return winner
            finally:
                for key in list(running.get_map().values()):
                    running.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
        raise self._fault

    def _is_due(self, running: selectors.BaseSelector) -> bool:
        return not running.get_map() or time.monotonic() >= self._due

    def _start(self, running: selectors.BaseSelector) -> None:
        family, address = self._waiting.pop(0)
        self._due = time.monotonic() + STAGGER_S
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            for option in OPTIONS:
                sock.setsockopt(*option)
            outcome = sock.connect_ex(address)
            if outcome not in UNDER_WAY:
                raise OSError(outcome, os.strerror(outcome))
            self._begun(sock)
            running.register(sock, selectors.EVENT_WRITE)
        except OSError as fault:
            sock.close()
            self._fault, self._due = fault, 0.0

    def _look(self, running: selectors.BaseSelector) -> socket.socket | None:
        """Wait until a try has ended or the next one is due."""
        if not running.get_map():
            return None
        wait_s = max(0.0, self._due - time.monotonic()) if self._waiting else None
        for key, _ in running.select(wait_s):
            sock = key.fileobj
            running.unregister(sock)
            assert isinstance(sock, socket.socket)
            outcome = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not outcome:
                _suit(sock)
                return sock
            sock.close()
            self._fault, self._due = OSError(outcome, os.strerror(outcome)), 0.0
        return None


def _suit(sock: socket.socket) -> None:
    """Bound the buffer of a connection to somebody near."""
    told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, RTT_AT + 4)
    if len(told) == RTT_AT + 4 and int.from_bytes(told[RTT_AT:], sys.byteorder) < NEAR_US:
        sock.setsockopt(*NEAR_BUFFER)
