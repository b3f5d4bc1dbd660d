"""Whether a meeting has to be fetched (again): decided by content, slowed by failure. Pure.

Times are monotonic seconds. There are three reasons: the document lists other files than are here;
the package, or the words around it, are others than were taken; the package lacked files that may
have come since. A
reason that is new counts at once. One that stays, because the fetch failed or upstream still has
the old, counts again after growing pauses. A server whose validators are others with every answer
is no reason to fetch all day: after packages that brought nothing new it has to wait, too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

from kiosk.manifest import Manifest

FAILED_S, LONGEST_FAILED_S = 1.0, 60.0
NOTHING_NEW_S, LONGEST_NOTHING_NEW_S = 10.0, 600.0
MOST_DOUBLINGS = 10

Reason = tuple[Literal["files", "package", "missing"], str]


@dataclass(frozen=True)
class Version:
    """What upstream has: the fingerprint of the files, the validators of the package, and a hash of
    the ``words`` around them (titles, names, order). Empty: nothing is known of it.
    """

    fingerprint: str = ""
    validator: str = ""
    words: str = ""

    def after(self, before: Version) -> Version:
        """What is known after ``before``: of what is not told now, that still counts."""
        return Version(
            self.fingerprint or before.fingerprint,
            self.validator or before.validator,
            self.words or before.words,
        )


@dataclass
class _Past:
    """What became of a reason."""

    reason: Reason
    tries: int = 0
    not_before: float = 0.0


@dataclass
class _Idle:
    """Packages one after another that were said to be new and were not."""

    count: int = 0
    not_before: float = 0.0


@dataclass
class Due:
    """Decides; it starts nothing itself."""

    chance: random.Random = field(default_factory=random.Random)
    _past: dict[str, _Past] = field(default_factory=dict)
    _idle: dict[str, _Idle] = field(default_factory=dict)

    def due(
        self, meeting_id: str, version: Version, local: Manifest | None, taken: Version, now: float
    ) -> bool:
        """Whether to fetch it now; ``taken`` is what the last fetch was started for."""
        reason = _reason(version, local, taken)
        if reason is None:
            self._past.pop(meeting_id, None)
            return False
        past = self._past.get(meeting_id)
        if past is not None and past.reason == reason:
            return now >= past.not_before
        idle = self._idle.get(meeting_id)
        if reason[0] == "package" and idle is not None and now < idle.not_before:
            return False
        self._past[meeting_id] = _Past(reason)
        return True

    def settled(self, meeting_id: str, now: float, *, came: bool, news: bool) -> None:
        """A fetch has ended: did a package come, and was it another revision?"""
        past = self._past.get(meeting_id)
        if news:
            self._idle.pop(meeting_id, None)
        if past is None:
            return
        past.not_before = now + self._pause(past.tries, failed=not came)
        past.tries += 1
        if came and not news and past.reason[0] == "package":
            idle = self._idle.setdefault(meeting_id, _Idle())
            # Once may be a package that was built again, of the same files.
            if idle.count:
                idle.not_before = now + self._pause(idle.count - 1, failed=False)
            idle.count += 1

    def _pause(self, tries: int, *, failed: bool) -> float:
        first, longest = (
            (FAILED_S, LONGEST_FAILED_S) if failed else (NOTHING_NEW_S, LONGEST_NOTHING_NEW_S)
        )
        pause: float = min(longest, first * 2 ** min(tries, MOST_DOUBLINGS))
        return pause * self.chance.uniform(0.5, 1.0)


def _reason(version: Version, local: Manifest | None, taken: Version) -> Reason | None:
    if local is None or version.fingerprint not in ("", local.fingerprint):
        return ("files", version.fingerprint)
    if version.validator not in ("", taken.validator) or version.words not in ("", taken.words):
        return ("package", f"{version.validator} {version.words}")
    return ("missing", "") if local.missing else None
