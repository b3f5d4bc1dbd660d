"""Thumbnails, page counts, and PDFs of Office files, made in the background one batch at a time.

Whatever somebody waits for comes first, and alone; what is in hand meanwhile is finished, and the
rest of its batch waits its turn again.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from kiosk import render

# Few at once, so that the first pictures are seen early and an ended terminal leaves soon.
BATCH = 8
TRIES = 2

log = logging.getLogger("kiosk.renditions")


class Renditions:
    """A queue of objects to draw, as `render.named`; ``drawn()`` is called when some are ready.

    Safe from any thread; ``drawn`` is called in the thread of `run`. ``converts()``: whether PDFs
    are made of Office files.
    """

    def __init__(
        self, data_dir: Path, drawn: Callable[[], None], converts: Callable[[], bool]
    ) -> None:
        self._data_dir = data_dir
        self._drawn = drawn
        self._converts = converts
        self._changed = threading.Condition()
        self._queue: list[str] = []
        self._urgent: str | None = None
        self._under_way: list[str] = []
        self._tries: Counter[str] = Counter()
        self._stopping = False

    def want(self, objects: Iterable[str]) -> None:
        """Draw those of these objects of which not all is known."""
        left = [token for token in dict.fromkeys(objects) if self._is_open(token)]
        with self._changed:
            known = {*self._queue, *self._under_way}
            self._queue += [token for token in left if token not in known]
            self._changed.notify_all()

    def front(self, token: str) -> bool:
        """Somebody waits for this one: it comes next; if it is under way alone, that goes on.

        False where there is nothing left to make of it.
        """
        if not self._is_open(token):
            return False
        with self._changed:
            self._queue = [token, *(other for other in self._queue if other != token)]
            if self._under_way != [token]:
                self._urgent = token
            self._changed.notify_all()
        return True

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        follower = render.Follower(seen=self._drawn, hurry=self._has_to_yield)
        while batch := self._next():
            try:
                convert_s = render.CONVERT_S if self._converts() else 0
                render.render_all(self._data_dir, batch, convert_s=convert_s, follower=follower)
            except OSError as fault:
                log.warning("not-drawn objects=%d why=%r", len(batch), str(fault))
            self._sort_out(batch)
            self._drawn()

    def stop(self) -> None:
        """End the thread after what it is drawing."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def _next(self) -> list[str]:
        """The next batch, when there is one; nothing at the end."""
        with self._changed:
            self._under_way = []
            while not (self._stopping or self._pending()):
                self._changed.wait()
            if self._stopping:
                return []
            alone = self._queue[0] == self._urgent
            self._urgent = None
            count = 1 if alone else BATCH
            self._under_way, self._queue = self._queue[:count], self._queue[count:]
            return self._under_way

    def _pending(self) -> bool:
        """Whether there is a next one; what is waited for may have been in hand, and be done."""
        while self._queue and not self._is_open(self._queue[0]):
            del self._queue[0]
        return bool(self._queue)

    def _has_to_yield(self) -> bool:
        with self._changed:
            return self._stopping or self._urgent is not None

    def _sort_out(self, batch: list[str]) -> None:
        """What nothing is known of was left for somebody else, or broke whatever looked at it."""
        left = [token for token in batch if render.info(self._data_dir, token[:64]) is None]
        with self._changed:
            if self._stopping:
                return
            if self._urgent is None:
                self._tries.update(left)
            again = [token for token in left if self._tries[token] < TRIES]
            place = 1 if self._urgent is not None else 0
            self._queue[place:place] = [token for token in again if token not in self._queue]
        for token in left:
            if token not in again:
                del self._tries[token]
                self._give_up(token[:64])

    def _give_up(self, sha256: str) -> None:
        try:
            render.give_up(self._data_dir, sha256)
        except OSError as fault:
            log.warning("not-written sha256=%s why=%r", sha256, str(fault))

    def _is_open(self, token: str) -> bool:
        known = render.info(self._data_dir, token[:64])
        if known is None or known.get("trouble") == "no-space" or render.is_outdated(known):
            return True
        if known.get("trouble") not in ("no-converter", "switched-off"):
            return False
        is_on = known.get("trouble") == "switched-off" and self._converts()
        return is_on or render.brought_path(self._data_dir, token[:64]).exists()
