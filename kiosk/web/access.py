"""The PIN: who has entered it, and how long the next try must wait.

Sessions live in memory only: a restart locks the options. Wrong PINs slow down the next try, for
everybody, as there is one person at a terminal; the rest of the page is unaffected.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kiosk.errors import UsageError
from kiosk.sessions import Sessions
from kiosk.settings import Settings

IDLE_S = 600.0
MAX_SESSIONS = 100
FREE_TRIES = 2
LONGEST_WAIT_S = 300.0


class Access:
    """Answers whether a session may see the options. ``clock`` gives monotonic seconds."""

    def __init__(
        self, settings: Callable[[], Settings], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions = Sessions(IDLE_S, MAX_SESSIONS)
        self._wrong = 0
        self._not_before = 0.0

    def unlock(self, pin: str) -> str:
        """A new session; UsageError ``wrong-pin`` (also, unlooked at, when it came too soon)."""
        with self._lock:
            now = self._clock()
            if now < self._not_before:
                raise UsageError("wrong-pin", seconds=round(self._not_before - now, 1))
            if not self._settings().pin_matches(pin):
                self._wrong += 1
                wait = min(LONGEST_WAIT_S, 2.0 ** max(0, self._wrong - FREE_TRIES))
                self._not_before = now + wait
                raise UsageError("wrong-pin", seconds=wait)
            self._wrong, self._not_before = 0, 0.0
            return self._sessions.begin(now)

    def check(self, session: str | None) -> None:
        """UsageError ``pin-needed`` where a PIN is set and this session has not entered it."""
        if not self._settings().pin:
            return
        with self._lock:
            if not self._sessions.is_open(session or "", self._clock()):
                raise UsageError("pin-needed")

    def lock(self, session: str | None) -> None:
        """End a session."""
        with self._lock:
            self._sessions.end(session or "")

    def lock_all_but(self, session: str | None) -> None:
        """End the sessions that entered another PIN than the one that is set now."""
        with self._lock:
            self._sessions.end_all_but(session or "")
