"""Who has entered a PIN or a password: sessions in memory, so that a restart ends all of them."""

from __future__ import annotations

import secrets


class Sessions:
    """At most ``most`` of them; one that is not used for ``idle_s`` seconds is over.

    Times are monotonic seconds, given by the caller, who also holds the lock.
    """

    def __init__(self, idle_s: float, most: int) -> None:
        self._idle_s = idle_s
        self._most = most
        self._used: dict[str, float] = {}

    def begin(self, now: float) -> str:
        """A new one, in the place of the oldest where there are too many."""
        self._expire(now)
        while len(self._used) >= self._most:
            self._used.pop(next(iter(self._used)))
        session = secrets.token_urlsafe(32)
        self._used[session] = now
        return session

    def is_open(self, session: str, now: float) -> bool:
        """Whether it goes on, which counts as a use of it."""
        self._expire(now)
        if session not in self._used:
            return False
        self._used[session] = now
        return True

    def end(self, session: str) -> None:
        """It is over; fine where it was already."""
        self._used.pop(session, None)

    def end_all_but(self, session: str) -> None:
        """This one alone goes on, if there is one."""
        self._used = {key: at for key, at in self._used.items() if key == session}

    def _expire(self, now: float) -> None:
        self._used = {key: at for key, at in self._used.items() if now - at < self._idle_s}
