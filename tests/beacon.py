"""Servers on loopback that nobody may ask: they hear what a material gets out of the browser."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import Self

PLACES = (("127.0.0.1", socket.AF_INET), ("127.0.0.77", socket.AF_INET), ("::1", socket.AF_INET6))
WAIT_S = 0.1
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>x"


class Beacon:
    """Listens on some addresses of this machine, on one port; ``heard`` is what came.

    A connection alone counts, as from a preconnect; so does a datagram. ``names`` are ways to write
    it down that a browser understands: among them names below localhost, which it does not look
    up.
    """

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._ended = threading.Event()
        self.port = 0
        self._listeners = [self._listener(host, family) for host, family in PLACES]
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _listener(self, host: str, family: socket.AddressFamily) -> socket.socket:
        listener = socket.create_server((host, self.port), family=family, backlog=64)
        self.port = listener.getsockname()[1]
        return listener

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def names(self) -> list[str]:
        """Its address, written down in many ways, without a scheme."""
        hosts = ("127.0.0.1", "127.0.0.77", "localhost", "secret.localhost", "127.1",
                 "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]")  # fmt: skip
        return [f"{host}:{self.port}" for host in hosts]

    def _run(self) -> None:
        everything = [*self._listeners, self._datagrams]
        while not self._ended.is_set():
            for ready in select.select(everything, [], [], WAIT_S)[0]:
                if ready is self._datagrams:
                    self.heard.append(ready.recv(4096))
                else:
                    self.heard.append(_first_words(ready.accept()[0]))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        for listener in (*self._listeners, self._datagrams):
            listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _first_words(connection: socket.socket) -> bytes:
    """What a caller says; that somebody connected is worth noting even where nothing is said."""
    with connection:
        connection.settimeout(WAIT_S)
        with contextlib.suppress(OSError):
            if said := connection.recv(4096):
                connection.sendall(ANSWER)
                return said
    return b"connected"
