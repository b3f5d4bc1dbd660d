"""The texts of documents, read and indexed in the background as they arrive."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterable
from pathlib import Path

from kiosk import search
from kiosk.library.layout import SHA256

# Few at once, so that the first ones are found early and an ended terminal leaves soon.
BATCH = 8

log = logging.getLogger("kiosk.texts")


class Texts:
    """A queue of objects to index; ``read()`` is called when some are ready."""

    def __init__(self, data_dir: Path, read: Callable[[], None]) -> None:
        self._data_dir = data_dir
        self._read = read
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._queued: set[str] = set()
        self._stopping = False

    def want(self, objects: Iterable[str | None]) -> None:
        """Index those of these objects (SHA-256) that have no index, or one of something worse."""
        for sha256 in filter(None, objects):
            if SHA256.fullmatch(sha256) and sha256 not in self._queued:
                self._queued.add(sha256)
                self._queue.put(sha256)

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        while (first := self._queue.get()) is not None:
            batch, goes_on = self._more(first)
            try:
                self._index(batch)
            except OSError as fault:
                log.warning("not-indexed objects=%d why=%r", len(batch), str(fault))
            self._queued.difference_update(batch)
            if not goes_on:
                return

    def stop(self) -> None:
        """End the thread, and what reads for it."""
        self._stopping = True
        self._queue.put(None)

    def _more(self, first: str) -> tuple[list[str], bool]:
        """A batch of what is wanted now, and whether the thread goes on after it."""
        batch = [first]
        while len(batch) < BATCH:
            try:
                wanted = self._queue.get_nowait()
            except queue.Empty:
                break
            if wanted is None:
                return batch, False
            batch.append(wanted)
        return batch, True

    def _index(self, batch: list[str]) -> None:
        left = [sha256 for sha256 in batch if not search.is_current(self._data_dir, sha256)]
        if left:
            search.index_all(self._data_dir, left, goes_on=lambda: not self._stopping)
            self._read()
