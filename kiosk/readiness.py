"""Tells systemd that a service is ready, and that it lives (sd_notify(3)); else does nothing."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator

READY, ALIVE = b"READY=1", b"WATCHDOG=1"
LEAVE_S = 1.0


class Supervisor:
    """Whoever started this process, where that is systemd.

    It is taken out of the environment, so that nothing that is started from here speaks for us:
    gunicorn would say that it is ready before its worker is.
    """

    def __init__(self) -> None:
        place = os.environ.pop("NOTIFY_SOCKET", "")
        # An abstract socket's name begins with a NUL byte, which no variable can hold.
        self._place = "\0" + place[1:] if place.startswith("@") else place
        every = os.environ.pop("WATCHDOG_USEC", "")
        self._every_s = int(every) / 2e6 if every.isdecimal() else 0.0

    def ready(self) -> None:
        """Say that requests are answered from now on."""
        self._say(READY)

    @contextlib.contextmanager
    def pulse(self) -> Iterator[None]:
        """A sign of life, twice in the time after which systemd would start the service anew.

        It beats in a thread of this process: a green one where threads are green, so that it stops
        with a hub that hangs. Without a watchdog nothing happens.
        """
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(ended,), name="pulse", daemon=True)
        if self._every_s > 0:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            if self._every_s > 0:
                thread.join(LEAVE_S)

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self._every_s):
            self._say(ALIVE)

    def _say(self, word: bytes) -> None:
        if not self._place:
            return
        with (
            contextlib.suppress(OSError),  # whoever should hear it is gone
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line,
        ):
            line.sendto(word, self._place)
