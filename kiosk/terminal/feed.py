"""One numbered stream of events, and the snapshots that it leads to.

Every event gets the next ``seq`` and the time ``at`` (RFC 3339, UTC) and reaches every subscriber
in the same order. Whoever takes a snapshot while holding `Feed.lock` and subscribes before letting
it go misses nothing and hears nothing twice.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

from kiosk import events
from kiosk.progress import Snapshot, reduce

Subscriber = Callable[[int, str, dict[str, Any]], None]


class Feed:
    """Subscribers are called while the lock is held: they must not wait for anything."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.seq = 0
        self._snapshots: dict[str, Snapshot] = {}
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        """``subscriber(seq, name, payload)`` hears every event from now on."""
        with self.lock:
            self._subscribers.append(subscriber)

    def publish(self, event: events.Event) -> None:
        """Number the event, take it into the snapshot, tell everybody."""
        name = events.name_of(event)
        with self.lock:
            self.seq += 1
            payload = {**events.payload(event), "seq": self.seq, "at": now()}
            after = reduce(self._snapshots.get(event.meeting_id), name, payload)
            if after is not None:
                self._snapshots[event.meeting_id] = after
            for subscriber in self._subscribers:
                subscriber(self.seq, name, payload)

    def snapshot(self, meeting_id: str) -> Snapshot | None:
        """The latest download of a meeting, ended or not; do not change it."""
        with self.lock:
            return self._snapshots.get(meeting_id)

    def snapshots(self) -> list[Snapshot]:
        """The latest download of every meeting that has one."""
        with self.lock:
            return list(self._snapshots.values())

    def forget(self, meeting_id: str) -> None:
        """Drop the ended download of a meeting that is gone."""
        with self.lock:
            self._snapshots.pop(meeting_id, None)


def now() -> str:
    """This moment, RFC 3339, UTC, to the millisecond."""
    return rfc3339(datetime.datetime.now(datetime.UTC))


def rfc3339(moment: datetime.datetime) -> str:
    """A moment as this program tells it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
