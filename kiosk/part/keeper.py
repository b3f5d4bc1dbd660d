"""Writing the journal of a part while it grows."""

from __future__ import annotations

import threading
import time

from kiosk.errors import LocalError
from kiosk.part.partly import Part

TELL_S = 0.25
SECURE_S = 2.0


class Keeper(threading.Thread):
    """Says what is here every `TELL_S` seconds, and every `SECURE_S` syncs it.

    A thread, because a slow disk may take seconds over it, and nobody else should wait for that.
    ``fault`` is what the disk said, if it refused.
    """

    def __init__(self, part: Part) -> None:
        super().__init__(name="keeper", daemon=True)
        self.fault: LocalError | None = None
        self._part = part
        self._ended = threading.Event()

    def end(self) -> None:
        """Stop; what is under way is finished first."""
        self._ended.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """The thread's life."""
        secured = time.monotonic()
        while not self._ended.wait(TELL_S) and self.fault is None:
            try:
                self._part.tell()
                if self._part.unsafe and time.monotonic() - secured >= SECURE_S:
                    self._part.secure()
                    secured = time.monotonic()
            except LocalError as fault:
                self.fault = fault
