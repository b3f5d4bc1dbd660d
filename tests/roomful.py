"""A room of simulated terminals: each reports to a real node as `kiosk.terminal.reporting` does."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import random
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 8
ALIVE_S = (10.0, 15.0)
PROGRESS_S = 2.0
REVISION = "5" * 64
PATH = "/api/v1/terminals/report"

Json = dict[str, Any]


def held(phase: str, percent: int = 0, meeting: str = "M1") -> Json:
    """A meeting on a seat."""
    details = {"server": "10.1.1.12:8001"}
    error = {"code": "refused", "status": "all_servers_failed", "details": details}
    revision = REVISION if phase == "ready" else None
    return {"meeting": meeting, "revision": revision, "phase": phase, "percent": percent,
            "update": False, "error": error if phase == "failed" else None}  # fmt: skip


def seat(n: int, phase: str = "ready", percent: int = 0) -> Json:
    """What seat ``n`` (from 1) says."""
    return {"id": f"{n:032x}", "seat": f"座位 {n}", "version": "0.1.0",
            "freeBytes": 50_000_000_000, "meetings": [held(phase, percent)]}  # fmt: skip


class Roomful:
    """``seats`` are what each says, by its number; `say` says it once, `alive` goes on with it.

    ``took_ms`` has the time of every report, ``retries`` the seats that were told to try again.
    """

    def __init__(self, url: str, count: int) -> None:
        parts = urlsplit(url)
        self._place = parts.hostname or "", parts.port or 80
        self.seats = {n: seat(n) for n in range(1, count + 1)}
        self.took_ms: list[float] = []
        self.retries: list[int] = []

    def say(self, numbers: Iterable[int] | None = None) -> None:
        """The seats (all of them) report once, over a few connections."""
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for n in self.seats if numbers is None else numbers:
            waiting.put(n)
        threads = [
            threading.Thread(target=self._empty, args=(waiting,)) for _ in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @contextlib.contextmanager
    def alive(self) -> Iterator[None]:
        """Every seat gives its sign of life, those that download their progress, until the end."""
        ended = threading.Event()
        threads = [
            threading.Thread(target=self._live, args=(at, ended)) for at in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def _empty(self, waiting: queue.SimpleQueue[int]) -> None:
        with contextlib.closing(self._connection()) as line, contextlib.suppress(queue.Empty):
            while True:
                self._post(line, waiting.get_nowait())

    def _live(self, at: int, ended: threading.Event) -> None:
        chance = random.Random(at)
        mine = [n for n in self.seats if n % CONNECTIONS == at]
        due = {n: time.monotonic() + chance.uniform(0, ALIVE_S[1]) for n in mine}
        with contextlib.closing(self._connection()) as line:
            while not ended.wait(0.01):
                now = time.monotonic()
                for n in [n for n in mine if due[n] <= now]:
                    self._move(n)
                    self._post(line, n)
                    going = self.seats[n]["meetings"][0]["phase"] == "downloading"
                    due[n] = now + (PROGRESS_S if going else chance.uniform(*ALIVE_S))

    def _move(self, n: int) -> None:
        meeting = self.seats[n]["meetings"][0]
        if meeting["phase"] == "downloading":
            meeting["percent"] = (meeting["percent"] + 3) % 100

    def _post(self, line: http.client.HTTPConnection, n: int) -> None:
        began = time.perf_counter()
        body = json.dumps(self.seats[n])
        line.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 200, told
        self.took_ms.append((time.perf_counter() - began) * 1000)
        if told["retry"]:
            self.retries.append(n)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self._place, timeout=10)
