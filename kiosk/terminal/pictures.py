"""Pictures of single pages, as somebody looks at them: from the disk, or drawn while they wait.

There is one queue, and the newest wish comes first: whoever leafs through a document wants the page
that is before them, not the twenty that went by. The process that draws is ended when nobody has
looked for a while.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.render.painter import EACH_S, Painter
from kiosk.terminal.shelf import Shelf

log = logging.getLogger("kiosk.pictures")

MOST_WAITING = 6
MOST_FAILED = 1000
PATIENCE_S = 20.0
IDLE_S = 120.0

Key = tuple[str, int]
WARM: Key = ("", 0)


@dataclass(eq=False)
class _Wish:
    key: Key
    done: threading.Event = field(default_factory=threading.Event)
    picture: bytes | None = None


class Pictures:
    """Safe from any thread; `run` is the life of the one that draws, until `stop`."""

    def __init__(self, data_dir: Path, idle_s: float = IDLE_S, each_s: float = EACH_S) -> None:
        self._painter = Painter(data_dir, each_s)
        self._shelf = Shelf(data_dir / "renditions")
        self._idle_s = idle_s
        self._news = threading.Condition()
        self._waiting: OrderedDict[Key, _Wish] = OrderedDict()
        self._failed: OrderedDict[Key, None] = OrderedDict()
        self._stopped = False

    def get(self, sha256: str, page: int) -> bytes | None:
        """Page ``page`` (from 1) of an object as JPEG, waited for; None where there is none.

        None also where so many newer wishes came that nobody can be waiting for this one.
        """
        kept = self._shelf.get(sha256, page)
        if kept is not None:
            return kept
        wish = self._wish((sha256, page))
        if wish is None or not wish.done.wait(PATIENCE_S):
            return None
        return wish.picture

    def warm(self) -> None:
        """Somebody may soon look at pages: have the process ready."""
        self._wish(WARM)

    def run(self) -> None:
        """Fulfil wishes until `stop`."""
        try:
            while (wish := self._next()) is not None:
                try:
                    self._fulfil(wish)
                except OSError as fault:
                    log.warning("not-drawn why=%r", str(fault))
                finally:
                    wish.done.set()
        finally:
            self._painter.end()

    def stop(self) -> None:
        """End the thread after the page that it draws; whoever waits goes without."""
        with self._news:
            self._stopped = True
            for wish in self._waiting.values():
                wish.done.set()
            self._waiting.clear()
            self._news.notify()

    def _wish(self, key: Key) -> _Wish | None:
        with self._news:
            if self._stopped or key in self._failed:
                return None
            wish = self._waiting.setdefault(key, _Wish(key))
            self._waiting.move_to_end(key)
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)[1].done.set()
            self._news.notify()
            return wish

    def _next(self) -> _Wish | None:
        """The newest wish; None at the end. Without any for a while the process goes."""
        with self._news:
            while not self._waiting and not self._stopped:
                if not self._news.wait(self._idle_s):
                    self._painter.end()
            return None if self._stopped else self._waiting.popitem(last=True)[1]

    def _fulfil(self, wish: _Wish) -> None:
        if wish.key == WARM:
            self._painter.start()
            return
        # Wished twice while it was being drawn, it is here by now.
        wish.picture = self._shelf.get(*wish.key)
        if wish.picture is None:
            wish.picture = self._painter.draw(*wish.key)
            self._note(wish)

    def _note(self, wish: _Wish) -> None:
        """Keep what was drawn, and what cannot be drawn in mind."""
        if wish.picture is not None:
            self._shelf.put(*wish.key, wish.picture)
            return
        with self._news:
            self._failed[wish.key] = None
            while len(self._failed) > MOST_FAILED:
                self._failed.popitem(last=False)
