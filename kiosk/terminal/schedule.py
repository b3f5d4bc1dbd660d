"""Automatic downloads: when a meeting that is on has files that are not here.

The master's token only says when to look; whether there is something to fetch is decided by the
fingerprint of the files. A start waits a random time, so that a room of terminals does not storm
the servers. A version that somebody cancelled is left alone; one that failed is tried again, with
growing pauses, or as soon as the servers have something new.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from kiosk import events
from kiosk.manifest import Manifest
from kiosk.terminal import shown
from kiosk.upstream import Listed

AGAIN_S = 3.0
FIRST_RETRY_S = 60.0
LONGEST_RETRY_S = 1800.0


@dataclass
class _Past:
    """What became of the version with this fingerprint."""

    fingerprint: str
    token: str = ""
    running: bool = False
    failures: int = 0
    not_before: float = 0.0
    not_at_once: float = 0.0
    declined: bool = False


class Schedule:
    """Decides; it starts nothing itself. Times are monotonic seconds, given by the caller."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()
        self._past: dict[str, _Past] = {}

    def due(self, listed: Listed, local: Manifest | None, now: float, token: str = "") -> bool:
        """Whether this meeting should be downloaded without being asked for.

        Another ``token`` of the server that lists it ends a pause: it has something new.
        """
        theirs = shown.fingerprint(listed)
        if not theirs or (local is not None and theirs == local.fingerprint):
            return False
        past = self._past.get(listed.id)
        if past is None or past.fingerprint != theirs:
            self._past[listed.id] = _Past(theirs, token, running=True)
            return True
        is_new = token != past.token and now >= past.not_at_once and not past.running
        if past.declined or not (is_new or now >= past.not_before):
            return False
        if not past.running:  # what is new meanwhile is new afterwards, too
            past.token, past.running = token, True
        return True

    def delay(self, longest_s: float) -> float:
        """A random pause before a start."""
        return self._chance.uniform(0.0, longest_s)

    def settled(self, ending: events.Event, now: float) -> None:
        """Remember how a download ended."""
        past = self._past.get(ending.meeting_id)
        if past is None:
            return
        past.running = False
        if isinstance(ending, events.DownloadCancelled):
            past.declined = True
        else:
            # Also after a success: where the servers still have the old files, asking at once again
            # would bring the same.
            pause = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2**past.failures)
            past.failures = min(past.failures + 1, 10)
            past.not_at_once = now + AGAIN_S
            past.not_before = now + pause * self._chance.uniform(0.5, 1.0)
