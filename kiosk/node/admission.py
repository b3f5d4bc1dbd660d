"""How many packages are sent at once: the rest is asked to come again, not all at the same time."""

from __future__ import annotations

import random
import threading

SOONEST_S, LATEST_S = 1, 5


class Admission:
    """Counts the streams; at most ``streams`` at once are let in."""

    def __init__(self, streams: int) -> None:
        self.streams = streams
        self.turned_away = 0
        self._sending = 0
        self._lock = threading.Lock()

    @property
    def sending(self) -> int:
        """How many are being sent now."""
        return self._sending

    def enter(self) -> bool:
        """Whether one more may be sent; whoever was let in has to `leave`."""
        with self._lock:
            if self._sending >= self.streams:
                self.turned_away += 1
                return False
            self._sending += 1
            return True

    def leave(self) -> None:
        """One has been sent, or its client has left."""
        with self._lock:
            self._sending -= 1

    @staticmethod
    def retry_after() -> int:
        """Seconds after which to ask again: different ones, so that a room comes bit by bit."""
        return random.randint(SOONEST_S, LATEST_S)
