"""How often those who ask for the token should ask: often while they are few."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_S = 10.0
PER_SECOND = 100.0
SHORTEST_S = 1
MOST = 10_000


class Pollers:
    """Keeps the load by questions near `PER_SECOND`, whatever the number of those who ask.

    Who asks every S seconds makes 1/S questions a second; so the rate, times the pause that was
    told, is how many there are. Those who do not listen are counted for more than they are, which
    errs on the quiet side.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=MOST)
        self._told = SHORTEST_S
        self._judged_from = clock() + WINDOW_S
        self._lock = threading.Lock()

    def asked(self) -> int:
        """Somebody asks: after how many seconds they should ask again."""
        now = self._clock()
        with self._lock:
            self._times.append(now)
            while self._times[0] < now - WINDOW_S:
                self._times.popleft()
            if now >= self._judged_from:
                asking = len(self._times) / WINDOW_S * self._told
                # They hear of it when they ask next; only then does a whole window show it.
                self._judged_from = now + self._told + WINDOW_S
                self._told = max(SHORTEST_S, round(asking / PER_SECOND))
            return int(self._told)
