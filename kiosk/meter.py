"""How far a download is and how fast it goes: one progress, whatever happens below. Pure.

Bytes and percent never fall, not even when a server is left and its bytes are dropped: the count
stands still until the new stream has overtaken it.
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

        ``here`` are bytes of the package on the disk, ``arrived`` all bytes that came over the
        network so far, of which a restart may have dropped some.
        """
        self._bytes = max(self._bytes, here)
        size = None if total is None else max(total, self._bytes)
        self._percent = max(self._percent, self._percent_of(size))
        speed = self._speed(arrived, now)
        left = None
        if size is not None and speed > 0:
            left = max(0.0, (total or 0) - here) / speed
        return Reading(self._bytes, size, self._percent, speed, left)

    def _percent_of(self, size: int | None) -> float:
        if size:
            return min(100.0, 100.0 * self._bytes / size)
        if self.estimate:
            return min(99.0, 100.0 * self._bytes / self.estimate)
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
