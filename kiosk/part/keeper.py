"""Writing the journal of a part while it grows."""

from __future__ import annotations

import threading
import time

from kiosk.errors import LocalError
from kiosk.part.partly import Part

SOFT_BYTES = 8 << 20
SOFT_S = 0.25
SAFE_S = 2.0
LOOK_S = 0.05


class Keeper(threading.Thread):
    """Says what is here every `SOFT_S` seconds or `SOFT_BYTES`, and every `SAFE_S` syncs it first.

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
        soft = safe = time.monotonic()
        while not self._ended.wait(LOOK_S) and self.fault is None:
            now = time.monotonic()
            try:
                if now - safe >= SAFE_S and self._part.unsafe:
                    self._part.checkpoint(safe=True)
                    soft = safe = time.monotonic()
                elif self._part.untold >= SOFT_BYTES or (
                    self._part.untold and now - soft >= SOFT_S
                ):
                    self._part.checkpoint(safe=False)
                    soft = now
            except LocalError as fault:
                self.fault = fault
