"""Thumbnails and page counts, made in the background after a meeting has come."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterable
from pathlib import Path

from kiosk import render

# Few at once, so that the first pictures are seen early and an ended terminal leaves soon.
BATCH = 8

log = logging.getLogger("kiosk.renditions")


class Renditions:
    """A queue of objects to draw; ``drawn()`` is called when some are ready."""

    def __init__(self, data_dir: Path, drawn: Callable[[], None]) -> None:
        self._data_dir = data_dir
        self._drawn = drawn
        self._queue: queue.Queue[list[str] | None] = queue.Queue()

    def want(self, objects: Iterable[str | None]) -> None:
        """Draw those of these objects (SHA-256) that have not been drawn."""
        left = [sha256 for sha256 in objects if sha256 and not self._known(sha256)]
        distinct = list(dict.fromkeys(left))
        for start in range(0, len(distinct), BATCH):
            self._queue.put(distinct[start : start + BATCH])

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        while (objects := self._queue.get()) is not None:
            try:
                render.render_all(self._data_dir, objects)
            except OSError as fault:
                log.warning("not-drawn objects=%d why=%r", len(objects), str(fault))
            else:
                self._drawn()

    def stop(self) -> None:
        """End the thread after what it is drawing."""
        self._queue.put(None)

    def _known(self, sha256: str) -> bool:
        return render.info(self._data_dir, sha256) is not None
