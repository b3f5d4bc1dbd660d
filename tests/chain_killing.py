"""Kills of a chain (folder, origin, node, node, terminal) while its files change.

Each version of the meeting is known by the hashes of its files, so what the terminal shows is one
of them or a mixture. A thread looks all the time; who was killed is started again in its place.
"""

from __future__ import annotations

import hashlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import requests
from kiosk_process import KioskProcess, eventually
from node_process import NodeProcess
from origin_process import OriginProcess
from test_node_chain import is_gone

from kiosk.library import Library
from kiosk.listening import is_open

FILES = 4
HEALED_S = 40.0
LOOK_S = 0.05
LINKS = ("origin", "near", "far", "seat")

Hashes = tuple[str, ...]


@dataclass
class Tally:
    """How often each was killed, how often the terminal was looked at, and what it showed."""

    kills: dict[str, int] = field(default_factory=dict)
    looks: int = 0
    versions: set[Hashes] = field(default_factory=set)
    slowest_s: float = 0.0


class Chain:
    """The processes over one folder; ``size`` is that of each of its files, in bytes."""

    def __init__(self, place: Path, size: int, seed: int, front: str = "threads") -> None:
        self.tally = Tally()
        self._chance = random.Random(seed)
        self._size = size
        self._place = place
        self._folder = place / "meetings" / "M1"
        self._folder.mkdir(parents=True)
        self._files = [b""] * FILES
        self._known: list[Hashes] = []
        self._wrong: list[str] = []
        self._latest: Hashes | None = None
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look_on)
        self._running: dict[str, KioskProcess] = {}
        self._front = front

    def __enter__(self) -> Self:
        self._change(range(FILES))
        start = self._running.setdefault
        origin = start("origin", self._origin())
        near = start("near", NodeProcess(self._place / "near", origin.url, front=self._front))
        far = start("far", NodeProcess(self._place / "far", near.url, front=self._front))
        pool = {"servers": [far.url], "interval_s": 1, "start_delay_s": 0, "auto_download": True}
        start("seat", KioskProcess(self._place / "seat", "threading", **pool))
        self._looking.start()
        self._wait_until_healed()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._looking.ident is not None:
            self._looking.join()
        for process in reversed(self._running.values()):
            process.stop(signal.SIGKILL)

    def run(self, rounds: Iterable[Sequence[str]]) -> Tally:
        """Kill those of each round, files changing meanwhile; AssertionError for a mixture."""
        for victims in rounds:
            self._change(self._chance.sample(range(FILES), self._chance.randint(1, FILES)))
            for name in victims:
                time.sleep(self._chance.uniform(0, 1.2))
                self._kill(name)
                self.tally.kills[name] = self.tally.kills.get(name, 0) + 1
            if self._chance.random() < 0.5:
                self._change([self._chance.randrange(FILES)])
            for name in victims:
                self._revive(name)
            self._wait_until_healed()
            assert self._wrong == []
        for link in LINKS:
            assert Library(self._place / link).verify() == [], link
        return self.tally

    def rounds(self, count: int) -> Iterator[list[str]]:
        """So many rounds of one, two or three victims, by lot."""
        for _ in range(count):
            yield self._chance.sample(LINKS, self._chance.choice((1, 1, 2, 3)))

    def _origin(self) -> OriginProcess:
        return OriginProcess(self._folder.parent, self._place / "origin", self._front)

    def _change(self, which: Sequence[int]) -> None:
        """Other bytes for these files, in one go; each is there whole or not at all."""
        for number in which:
            head = f"{number} {len(self._known)} ".encode()
            self._files[number] = head + self._chance.randbytes(self._size)
        self._known.append(tuple(hashlib.sha256(one).hexdigest() for one in self._files))
        for number in which:
            aside = self._place / "aside"
            aside.write_bytes(self._files[number])
            aside.rename(self._folder / f"{number}.bin")

    def _kill(self, name: str) -> None:
        """kill -9, and nothing of it is left."""
        process = self._running[name]
        children = _children(process.pid)
        process.stop(signal.SIGKILL)
        eventually(lambda: all(map(is_gone, children)) and not is_open("127.0.0.1", process.port))

    def _revive(self, name: str) -> None:
        process = self._running[name]
        process.start(process.port)

    def _wait_until_healed(self) -> None:
        began = time.monotonic()
        eventually(lambda: self._latest == self._known[-1], HEALED_S)
        self.tally.slowest_s = max(self.tally.slowest_s, time.monotonic() - began)

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_S):
            shown = self._shown()
            self._latest = shown
            if shown is not None:
                self.tally.looks += 1
                self.tally.versions.add(shown)
                if shown not in list(self._known):
                    self._wrong.append(f"a mixture: {shown}")

    def _shown(self) -> Hashes | None:
        """The hashes of what the terminal shows; None while it is away, or has nothing yet."""
        seat = self._running["seat"]
        return _unless_away(lambda: _hashes(seat))


def _hashes(seat: KioskProcess) -> Hashes | None:
    answer = seat.get("/api/meetings/M1")
    meeting: Any = answer.json() if answer.status_code == 200 else {}
    if not meeting.get("local"):
        return None
    rows = [row for item in meeting["agenda"] for row in item["materials"]]
    bodies = [seat.get(row["url"]) for row in rows]
    if any(body.status_code != 200 for body in bodies):
        return None  # it was started anew meanwhile, and keeps no older revision then
    return tuple(hashlib.sha256(body.content).hexdigest() for body in bodies)


def _unless_away(look: Callable[[], Hashes | None]) -> Hashes | None:
    try:
        return look()
    except (requests.RequestException, ValueError):
        return None


def _children(pid: int) -> list[int]:
    """All that it has started, and they, as far as they still run."""
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (thread / "children").read_text().split()):
            found += [child, *_children(child)]
    return found
