"""A slow line to a server of this machine: passes on what is said, bounded in bytes a second."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self

STEP_S = 0.02


class SlowLine:
    """Listens on 127.0.0.1 and passes connections on to ``port``; ``carried`` counts answers.

    ``rate`` is bytes a second of all answers together; it may be changed while it runs.
    """

    def __init__(self, port: int, rate: float) -> None:
        self.rate = rate
        self.carried = 0
        self._target = port
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Break every connection, and take no more."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
                self._sockets.add(near)
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                continue
            far.settimeout(None)
            self._sockets |= {near, far}
            for target, pair in ((self._ask, (near, far)), (self._answer, (far, near))):
                thread = threading.Thread(target=target, args=pair)
                self._threads.append(thread)
                thread.start()

    def _ask(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(1 << 16):
                far.sendall(data)
        self._end(far)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(max(1, int(self.rate * STEP_S))):
                # One at a time: the rate is that of the line, however many share it.
                with self._lock:
                    self.carried += len(data)
                    if len(data) > 1000:
                        time.sleep(len(data) / self.rate)
                near.sendall(data)
        self._end(near)

    def _end(self, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
