"""The password of a node's pages: who has entered it, and who may do what.

Where none is set, anybody on the network may look, and only somebody at the node itself may change
something. Sessions live in memory. Each wrong password makes the next try wait, for that machine
and a little for all, so that guessing from many machines is slow, too, and nobody can lock another
one out.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable

from flask import Request

from kiosk import secret
from kiosk.errors import UsageError
from kiosk.node.visitors import machine_of
from kiosk.sessions import Sessions
from kiosk.settings import Settings

COOKIE = "kiosk_node"
IDLE_S = 12 * 3600.0
MAX_SESSIONS = 200
MAX_MACHINES = 500
FREE_TRIES = 2
LONGEST_WAIT_S = 60.0
BETWEEN_S = 0.25


class Password:
    """``clock`` gives monotonic seconds."""

    def __init__(
        self, settings: Callable[[], Settings], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions = Sessions(IDLE_S, MAX_SESSIONS)
        self._wrong: dict[str, tuple[int, float]] = {}
        self._next_at = float("-inf")

    @property
    def is_set(self) -> bool:
        """Whether there is one."""
        return bool(self._settings().node_password)

    def enter(self, password: str, machine: str) -> str:
        """A new session; UsageError ``wrong-password`` (also, unlooked at, when it came early)."""
        with self._lock:
            now = self._clock()
            count, not_before = self._wrong.get(machine, (0, now))
            early = max(not_before, self._next_at) - now
            if early > 0:
                raise UsageError("wrong-password", seconds=round(early, 1))
            self._next_at = now + BETWEEN_S
            if not secret.matches(password, self._settings().node_password):
                wait = min(LONGEST_WAIT_S, 2.0 ** max(0, count + 1 - FREE_TRIES))
                self._wrong.pop(machine, None)
                while len(self._wrong) >= MAX_MACHINES:
                    self._wrong.pop(next(iter(self._wrong)))
                self._wrong[machine] = (count + 1, now + wait)
                raise UsageError("wrong-password", seconds=wait)
            self._wrong.pop(machine, None)
            return self._sessions.begin(now)

    def may_look(self, request: Request) -> bool:
        """Whether who asks may see the pages."""
        return not self.is_set or self._is_open(request)

    def may_change(self, request: Request) -> bool:
        """Whether who asks may have something done."""
        return self._is_open(request) if self.is_set else _is_here(machine_of(request))

    def check(self, allowed: bool) -> None:
        """UsageError ``password-needed`` where it is not."""
        if not allowed:
            raise UsageError("password-needed")

    def _is_open(self, request: Request) -> bool:
        with self._lock:
            return self._sessions.is_open(request.cookies.get(COOKIE, ""), self._clock())


def _is_here(machine: str) -> bool:
    """Whether that is this machine itself."""
    try:
        address = ipaddress.ip_address(machine.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
