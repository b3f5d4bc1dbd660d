"""How far a download is and how fast it goes: one progress, whatever happens below. Pure.

What counts are the bytes of the package that need not come any more, whoever sent them and when.
They may become fewer: a damaged file is fetched again, or another build of the package is planned,
with another size. What is shown never falls, neither bytes nor percent: it stands still until it is
overtaken. Percent are those of the build that is planned, so nothing says 100 while bytes of it
have yet to come for the first time. The time left is counted from what is really missing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_S = 3.0
MIN_WINDOW_S = 0.3


@dataclass(frozen=True)
class Reading:
    """What a person is shown. Bytes of the package; ``seconds_left`` None while unknown."""

    bytes: int
    total: int | None
    percent: float
    bytes_per_second: float
    seconds_left: float | None


class Meter:
    """Smooths the speed over the last `WINDOW_S` seconds and holds the high-water mark.

    ``estimate`` is the size that is expected while no server has told the real one; it may become
    known on the way.
    """

    def __init__(self, estimate: int | None = None) -> None:
        self.estimate = estimate
        self._bytes = 0
        self._percent = 0.0
        self._arrived = 0
        self._samples: deque[tuple[float, int]] = deque()

    def read(self, here: int, arrived: int, total: int | None, now: float) -> Reading:
        """The reading at ``now`` (monotonic seconds).

        ``here`` are the bytes of the package that are on the disk or need not come, so that
        ``total - here`` is what is missing; ``arrived`` all bytes that came over the network so
        far, of which some may have been dropped.
        """
        self._bytes = max(self._bytes, here)
        self._percent = max(self._percent, self._percent_of(here, total))
        speed = self._speed(arrived, now)
        if total is None:
            return Reading(self._bytes, None, self._percent, speed, None)
        left = max(0, total - here) / speed if speed > 0 else None
        return Reading(self._bytes, max(total, self._bytes), self._percent, speed, left)

    def _percent_of(self, here: int, total: int | None) -> float:
        if total:
            return min(100.0, 100.0 * here / total)
        if total is None and self.estimate:
            return min(99.0, 100.0 * here / self.estimate)
        return 0.0

    def _speed(self, arrived: int, now: float) -> float:
        if self._samples and now < self._samples[-1][0]:
            self._samples.clear()
        self._samples.append((now, arrived))
        while len(self._samples) > 2 and now - self._samples[1][0] > WINDOW_S:
            self._samples.popleft()
        then, before = self._samples[0]
        span = now - then
        return max(0.0, (arrived - before) / span) if span >= MIN_WINDOW_S else 0.0
