"""One download at a time; the others wait their turn, some of them for their start time.

A meeting is in here at most once, however often its download is asked for. The thread `run` takes
the first that is due, runs its engine to the end, and takes the next.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from kiosk import events
from kiosk.errors import UsageError
from kiosk.job import Job
from kiosk.progress import Snapshot
from kiosk.terminal.engine import Engine
from kiosk.terminal.feed import Feed, rfc3339
from kiosk.terminal.wanted import Wanted

log = logging.getLogger("kiosk.downloads")

LEAVING_S = 4.0

T = TypeVar("T")


@dataclass
class _Place:
    """A place in the queue; ``due`` is a monotonic time, ``front`` a material wanted first."""

    due: float = 0.0
    automatic: bool = False
    front: int | None = None


class Downloads:
    """The queue. ``job_of(meeting_id)`` makes a job when its turn has come.

    ``heard(event)`` hears of each ending, and of each material that is ready, before anybody else,
    so that whoever then asks is told what is true; ``wanted`` outlives a restart.
    """

    def __init__(
        self,
        feed: Feed,
        job_of: Callable[[str], Job],
        heard: Callable[[events.Event], None],
        wanted: Wanted,
    ) -> None:
        self._feed = feed
        self._wanted = wanted
        self._job_of = job_of
        self._heard = heard
        self._changed = threading.Condition(threading.RLock())
        self._queue: dict[str, _Place] = {}
        self._engine: Engine | None = None
        self._stopping = False

    def start(self, meeting_id: str) -> tuple[Snapshot, bool]:
        """Download now; the snapshot, and whether it is a new download.

        One that waits for its start time starts now instead; one that was cancelled, and whose
        process is on its way out, is followed by another.
        """
        with self._changed:
            place = self._queue.get(meeting_id)
            self._wanted.add(meeting_id)
            if place is None and not self._under_way(meeting_id):
                return self._enqueue(meeting_id, _Place()), True
            if place is None and self._engine is not None and self._engine.cancelled:
                # It is told to be queued when the ending of the one before was told.
                self._queue[meeting_id] = _Place()
                return self._snapshot(meeting_id), True
            if place is not None and place.due > time.monotonic():
                self._enqueue(meeting_id, replace(place, due=0.0))
            return self._snapshot(meeting_id), False

    def start_later(self, meeting_id: str, delay_s: float) -> None:
        """An automatic download after ``delay_s``; nothing where there is one already."""
        with self._changed:
            if meeting_id not in self._queue and not self._under_way(meeting_id):
                self._enqueue(meeting_id, _Place(time.monotonic() + delay_s, automatic=True))

    def cancel(self, meeting_id: str) -> Snapshot | None:
        """End it, waiting or running; its snapshot, None where there is none."""
        with self._changed:
            engine = self._engine
            running = self._under_way(meeting_id)
            waited = self._queue.pop(meeting_id, None) is not None
            if waited or running:
                self._wanted.discard(meeting_id)
        if running and engine is not None:
            engine.cancel()
        elif waited:
            self._tell(events.DownloadCancelled(meeting_id))
        return self._feed.snapshot(meeting_id)

    def front(self, meeting_id: str, index: int) -> Snapshot | None:
        """Material ``index`` (from 1) is wanted before the others; the snapshot of its download.

        None where none runs or waits. Nothing to do where it is ready already.
        """
        with self._changed:
            place = self._queue.get(meeting_id)
            engine = self._engine if self._under_way(meeting_id) else None
            if place is None and engine is None:
                return None
            snapshot = self._snapshot(meeting_id)
            if index in snapshot["ready"]:
                return snapshot
            if place is not None:
                place.front = index
            self._feed.publish(events.MaterialWanted(meeting_id, index))
        if engine is not None:
            engine.front(index)
        return self._feed.snapshot(meeting_id)

    def exclusively(self, meeting_id: str, action: Callable[[], T]) -> T:
        """``action()`` while no worker writes; the meeting's own download is cancelled for it.

        UsageError ``download-running`` while that of another meeting goes on.
        """
        self.cancel(meeting_id)
        with self._changed:
            engine = self._engine
            other = engine is not None and engine.meeting_id != meeting_id
            if engine is not None and other and self._under_way(engine.meeting_id):
                raise UsageError("download-running")
            # Its process is on its way out.
            if not self._changed.wait_for(lambda: self._engine is None, LEAVING_S):
                raise UsageError("download-running")
            return action()

    def run(self) -> None:
        """The life of the queue, until `stop`."""
        while (engine := self._next()) is not None:
            engine.run()
            with self._changed:
                self._engine = None
                self._changed.notify_all()

    def stop(self, timeout_s: float) -> None:
        """Forget what waits, cancel what runs, and wait for its end."""
        with self._changed:
            self._stopping = True
            self._queue.clear()
            self._changed.notify_all()
            engine = self._engine
        if engine is not None:
            engine.cancel()
            with self._changed:
                self._changed.wait_for(lambda: self._engine is None, timeout_s)

    def _next(self) -> Engine | None:
        """Waits for the first place that is due; None at the end."""
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                for meeting_id, place in self._queue.items():
                    if place.due <= now:
                        del self._queue[meeting_id]
                        self._engine = self._engine_for(meeting_id, place)
                        return self._engine
                soonest = min((place.due for place in self._queue.values()), default=None)
                self._changed.wait(None if soonest is None else soonest - now)
        return None

    def _engine_for(self, meeting_id: str, place: _Place) -> Engine:
        engine = Engine(meeting_id, lambda: self._job_of(meeting_id), self._tell)
        if place.front is not None:
            engine.front(place.front)
        return engine

    def _enqueue(self, meeting_id: str, place: _Place) -> Snapshot:
        self._queue[meeting_id] = place
        left = place.due - time.monotonic()
        starts_at = None
        if left > 0:
            wall = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=left)
            starts_at = rfc3339(wall)
        self._feed.publish(events.DownloadQueued(meeting_id, starts_at, place.automatic))
        self._changed.notify_all()
        return self._snapshot(meeting_id)

    def _under_way(self, meeting_id: str) -> bool:
        snapshot = self._feed.snapshot(meeting_id)
        running = self._engine is not None and self._engine.meeting_id == meeting_id
        return running and snapshot is not None and snapshot["ending"] is None

    def _snapshot(self, meeting_id: str) -> Snapshot:
        snapshot = self._feed.snapshot(meeting_id)
        if snapshot is None:
            raise RuntimeError("a download without a snapshot")
        return snapshot

    def _tell(self, event: events.Event) -> None:
        if isinstance(event, (events.MaterialReady, *events.ENDINGS)):
            try:
                self._heard(event)
            except Exception:
                # Whatever it was: the page must not wait for an ending that never comes.
                log.exception("not-heard meeting=%r", event.meeting_id)
        if not isinstance(event, events.ENDINGS):
            self._feed.publish(event)
            return
        with self._changed:
            again = self._queue.get(event.meeting_id)
            if again is None and not self._stopping:
                self._wanted.discard(event.meeting_id)
            self._feed.publish(event)
            if again is not None:
                self._enqueue(event.meeting_id, again)
        self._feed.publish(events.MeetingsChanged(event.meeting_id))
