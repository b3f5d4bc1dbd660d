"""The servers of one download: who was tried, with what outcome, and whose turn it is.

A *round* gives each server that is not out its turn, in order. A server is in the queue of the
round, or has a lane, or is *out*, or was left as too *slow* (it can be gone back to), or was lost:
then its next turn is in the next round. Only where a lane below the floor or an empty place beside
busy lanes has no other taker, a lost one comes back earlier, after a pause of its own.

Rounds are counted that bring nothing: as long as a package grows, nobody gives it up.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.errors import ServerError, TransientError, UnfitError
from kiosk.transfer.policy import Policy

# A round that brought so many bytes that were not here before is none of those that are counted.
WORTH_BYTES = 1 << 20
# So much faster must be whoever was left as too slow, to be gone back to.
BETTER = 1.5


@dataclass(eq=False)
class Record:
    """What this download knows of a server; times are monotonic seconds.

    ``tries`` are turns, ``fails`` those that ended in a transient fault. ``not_before`` is its own
    wish (Retry-After), ``again_at`` the end of our pause after its last fault. Of this round are
    ``slow``, ``returned`` (to, in the place of a slower one) and ``passed`` (over, for one that
    connected sooner).
    """

    name: str
    index: int
    tries: int = 0
    fails: int = 0
    fault: ServerError | None = None
    rate: float | None = None
    not_before: float = -math.inf
    again_at: float = -math.inf
    busy: bool = False
    out: bool = False
    slow: bool = False
    returned: bool = False
    passed: bool = False


class Roster:
    """Hands out servers, takes them back with an outcome, and counts the rounds."""

    def __init__(self, names: Sequence[str], policy: Policy, chance: random.Random) -> None:
        self.round = 1
        self._held = self._held_before = 0
        self._policy = policy
        self._chance = chance
        self._records = {name: Record(name, i) for i, name in enumerate(names, 1)}
        self._queue = list(self._records.values())

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __getitem__(self, name: str) -> Record:
        return self._records[name]

    # Whose turn it is

    def next(self, now: float, *, again: bool, beats: float | None = None) -> Record | None:
        """Who could be connected to now; `take` makes it so.

        ``beats`` is the pace of the lane that is to be relieved, None for an empty place; ``again``
        lets lost ones come back within the round.
        """
        for record in self._queue:
            if record.not_before <= now:
                return record
        slow = [r for r in self if self._goes_back(r, now, beats)]
        if slow:
            return max(slow, key=lambda r: r.rate or 0.0)
        back = [r for r in self if again and self._comes_back(r, now)]
        return min(back, key=lambda r: r.again_at) if back else None

    def _goes_back(self, record: Record, now: float, beats: float | None) -> bool:
        if not record.slow or record.busy or record.not_before > now:
            return False
        rate = record.rate or 0.0
        return beats is None or (not record.returned and 0.0 < rate >= BETTER * beats)

    def _comes_back(self, record: Record, now: float) -> bool:
        idle = not (record.busy or record.out or record.slow or record in self._queue)
        due = max(record.again_at, record.not_before) <= now
        return idle and due and 0 < record.fails < self._policy.rounds

    def take(self, record: Record) -> None:
        """It is connected to."""
        if record in self._queue:
            self._queue.remove(record)
        record.busy = True
        record.tries += 1

    def ask(self, name: str, *, relief: bool) -> None:
        """It is asked, in an empty place or (``relief``) in that of another."""
        record = self._records[name]
        record.returned = record.returned or (record.slow and relief)
        record.slow = False

    # How a turn ended

    def give_back(self, name: str, *, tried: bool) -> None:
        """Without blame, to the front of the queue; ``tried`` where it was asked."""
        record = self._records[name]
        record.busy = False
        record.tries -= not tried
        if not record.slow:
            self._queue.insert(0, record)

    def pass_over(self, name: str, fault: ServerError) -> None:
        """Another one connected sooner: to the end of the queue."""
        record = self._records[name]
        record.busy, record.fault, record.passed, record.slow = False, fault, True, False
        self._queue.append(record)

    def leave(self, name: str, fault: ServerError, rate: float) -> None:
        """It is too slow: it may be gone back to."""
        record = self._records[name]
        record.busy, record.fault, record.slow, record.rate = False, fault, True, rate

    def lose(self, name: str, fault: ServerError, now: float) -> None:
        """It failed: its class decides whether it has another turn."""
        record = self._records[name]
        record.busy, record.fault, record.slow = False, fault, False
        if isinstance(fault, UnfitError):
            record.out = True
            return
        record.fails += 1
        record.again_at = now + self._jitter(record.fails)
        after = fault.details.get("retry_after", 0)
        if isinstance(fault, TransientError) and isinstance(after, int | float):
            record.not_before = now + min(max(0.0, after), self._policy.retry_after_cap_s)

    def rule_out(self, name: str, fault: ServerError) -> None:
        """It is not asked again, wherever it stood."""
        record = self._records[name]
        record.busy, record.fault, record.slow, record.out = False, fault, False, True
        if record in self._queue:
            self._queue.remove(record)

    # Rounds

    def hold(self, held: int) -> None:
        """So many bytes of the package are here; what was here once does not count again."""
        self._held = max(self._held, held)

    @property
    def _worthwhile(self) -> bool:
        """Whether this round brought something; who wants one round only gets one round only."""
        return self._policy.rounds > 1 and self._held - self._held_before >= WORTH_BYTES

    def rest(self, now: float) -> tuple[str, float] | None:
        """Who is next and when, where nobody can be asked now; None where all is over.

        The next round begins with the end of the pause, or sooner if one who wants to be left alone
        for a while has its turn sooner.
        """
        spoken = min((r.not_before for r in self._queue), default=math.inf)
        start = now + self._jitter(1 if self._worthwhile else self.round)
        if start < spoken and (fresh := self._due()):
            self._open(fresh)
        elif not self._queue:
            return None
        else:
            start = now
        best = min(self._queue, key=lambda r: max(start, r.not_before))
        self._queue.remove(best)
        self._queue.insert(0, best)
        return best.name, max(start, best.not_before)

    def _due(self) -> list[Record]:
        if self._worthwhile:
            return [r for r in self if not r.out]
        if self.round >= self._policy.rounds:
            return []
        return [
            r for r in self if not r.out and (r.fails < self._policy.rounds or r in self._queue)
        ]

    def _open(self, queue: list[Record]) -> None:
        if self._worthwhile:
            for record in self:
                record.fails = 0
        else:
            self.round += 1
        self._held_before = self._held
        self._queue = queue
        for record in queue:
            record.slow = record.returned = record.passed = False

    def _jitter(self, count: int) -> float:
        return self._chance.uniform(0, self._policy.pause_ceiling(count))
