"""The room: terminals report to their node, and its page shows every seat (contract §3b).

`Room` holds what the seats said (`seats`, pure) and tells pages what has changed: at most every
`TICK_S` seconds, and only what has. Everything else here puts it before people and machines: the
routes (`routes`), the live line (`live`), the table for a spreadsheet (`table`), the figures for
Prometheus (`figures`); `face` puts all of it in front of a node.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from kiosk.errors import UsageError
from kiosk.node import Node
from kiosk.node.room.report import MAX_MEETINGS, parsed
from kiosk.node.room.seats import Change, Row, Seats

log = logging.getLogger("kiosk.node.room")

TICK_S = 0.4
IDLE_S = 5.0
STOP_S = 2.0

Json = dict[str, Any]
Tell = Callable[[Json], None]


class Room:
    """Every seat of ``node``. `start` and `stop` it with the node; any thread may call the rest."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.reports = self.refused = 0
        self._seats = Seats()
        self._listeners: list[tuple[Tell, Callable[[], None]]] = []
        # Held while pages are told: whoever takes a snapshot under it misses nothing afterwards.
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._told: Json = {}
        self._thread = threading.Thread(target=self._run, name="room", daemon=True)
        node.heard.append(self._wake.set)

    def start(self) -> None:
        """Begin to watch for seats that fall silent, and to tell pages."""
        self._thread.start()

    def stop(self) -> None:
        """End that, and let all pages go. May be called again."""
        self._stopping.set()
        self._wake.set()
        for _, close in self._listeners:
            close()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def report(self, document: object, address: str) -> list[str]:
        """Take in what a seat said: the meetings that it is to try again.

        UsageError ``bad-request`` where it is no report.
        """
        try:
            said = parsed(document)
        except UsageError:
            self.refused += 1
            raise
        with self._lock:
            self.reports += 1
            wanted = self._seats.report(said, address, time.monotonic(), self._now())
        self._wake.set()
        return wanted[:MAX_MEETINGS]

    def retry(self, only: Iterable[str] | None) -> int:
        """Have the red ones, or ``only`` those of these ids, try again; how many that are."""
        with self._lock:
            count = self._seats.retry(only)
        log.info("retry seats=%d", count)
        self._wake.set()
        return count

    def rows(self) -> list[Row]:
        """Every seat as it stands now, red ones first."""
        with self._lock:
            self._seats.look(time.monotonic())
            return self._seats.rows()

    def counts(self) -> dict[str, int]:
        """How many seats have each colour now."""
        with self._lock:
            self._seats.look(time.monotonic())
            return self._seats.counts()

    def listen(self, tell: Tell, close: Callable[[], None]) -> None:
        """``tell`` hears from now on what changes, `stop` calls ``close``; neither may wait."""
        with self._lock:
            self._listeners.append((tell, close))

    def open(self, show: Tell) -> None:
        """``show`` gets the whole room; nobody is told anything until it returns."""
        with self._lock:
            show({"rows": self.rows(), "node": self.standing()})

    def standing(self) -> Json:
        """How the node itself stands, as the page says it."""
        state = self.node.source.state()
        meetings = []
        for one in self.node.source.offered():
            record = self.node.shelf.record(one.id)
            revision = record.revision if record else None
            meetings.append({"id": one.id, "title": one.title or one.id, "revision": revision})
        heard = None if state.heard_at is None else round(state.heard_at)
        return {
            "online": state.online,
            "source": state.asked,
            # While it answers, when it did last is no news.
            "heardAt": None if state.online else heard,
            "meetings": meetings,
        }

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(IDLE_S)
            self._wake.clear()
            self._tick()
            self._stopping.wait(TICK_S)

    def _tick(self) -> None:
        with self._lock:
            self._seats.look(time.monotonic())
            change = self._seats.change()
            standing = self.standing()
            news = _news(change, standing if standing != self._told else None)
            self._told = standing
            if news:
                for tell, _ in self._listeners:
                    tell(news)

    def _now(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _news(change: Change, standing: Json | None) -> Json:
    """What pages are told; empty where there is nothing to tell."""
    news: Json = {}
    if change:
        news |= {"rows": change.rows, "gone": change.gone}
    if standing is not None:
        news["node"] = standing
    return news
