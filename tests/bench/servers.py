"""The servers of a scenario, in a process of their own: ``python servers.py``, driven by `Servers`.

The first line of standard input is what is to stand there (JSON, see `Place`), the answer the
addresses. Each later line is a command with one line of answer: ``sent`` tells how many package
bytes were sent, ``mark`` forgets what was asked so far, ``later`` also puts the later package in
place of the first, ``log`` tells what was asked since the mark. It ends with its input.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.demo import origin
from kiosk.demo.origin import CLOSED, SWALLOW_SYN, Fault, Origin, OriginMeeting, OriginPool, pool_of
from kiosk.pool import API_BASE

LOOK_S = 0.001
SWALLOWS = "swallows"
REFUSES = "refuses"


@dataclass(frozen=True)
class Place:
    """A server: its faults as (name in kiosk.demo.origin, arguments), or what stands there instead.

    ``stale``: it still has the older package. ``dies_after``: bytes after which it is gone.
    """

    faults: tuple[tuple[str, dict[str, Any]], ...] = ()
    instead: str = ""
    stale: bool = False
    dies_after: int = 0


@dataclass(frozen=True)
class Asked:
    """What the servers saw since the mark; times in ``time.monotonic()`` seconds.

    ``sent`` are bytes of packages, ``documents`` of anything else.
    ``first_at`` is the first request of any kind, ``opened_at`` the first one for the package, and
    ``closed_at`` the last byte of the last one.
    """

    sent: int
    documents: int
    requests: int
    most_open: int
    first_at: float | None
    opened_at: float | None
    closed_at: float | None
    by_server: list[int]


class Servers:
    """The process, from outside; a context manager."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.urls: list[str] = self.ask(json.dumps(spec))

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def ask(self, command: str) -> Any:
        """What the process answers to ``command``."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the servers ended at {command[:200]!r}")
        return json.loads(line)

    def asked(self) -> Asked:
        """What they were asked since the mark."""
        return Asked(**self.ask("log"))


@dataclass(frozen=True)
class Held:
    """What the servers have of a meeting: ``now``, after the command ``later``, and where a place
    is ``stale``; None is the same as now. Each is what `meeting` gives."""

    now: dict[str, Any]
    later: dict[str, Any] | None = None
    stale: dict[str, Any] | None = None


def spec(places: Sequence[Place], meetings: dict[str, Held]) -> dict[str, Any]:
    """What `Servers` takes: who stands there, and the meetings by id."""
    held = {name: dataclasses.asdict(one) for name, one in meetings.items()}
    return {"places": [dataclasses.asdict(place) for place in places], "meetings": held}


def meeting(package: Path, document: dict[str, Any], modern: bool) -> dict[str, Any]:
    """A package with the master's document, on servers of ours or on existing ones."""
    return {"package": str(package), "data": document, "modern": modern}


class Scene:
    """The places as real servers, in this process."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._places = [Place(**place) for place in told["places"]]
        self._meetings = {name: Held(**held) for name, held in told["meetings"].items()}
        self._pool: OriginPool = pool_of([slot(place) for place in self._places])
        self._marked = 0
        self._dead = threading.Event()
        self.put(later=False)
        for place, server in zip(self._places, self._pool.origins, strict=True):
            if place.dies_after and server:
                threading.Thread(target=self._mortal, args=(place, server), daemon=True).start()

    @property
    def urls(self) -> list[str]:
        """Where each interface begins."""
        return [f"http://{name}{API_BASE}" for name in self._pool.names]

    def put(self, later: bool) -> bool:
        """The meetings as they are now, or as they are later."""
        for place, server in zip(self._places, self._pool.origins, strict=True):
            if server:
                server.meetings = {
                    name: _known(held, place.stale, later) for name, held in self._meetings.items()
                }
        return True

    def sent(self) -> int:
        """Package bytes sent since the mark."""
        return sum(one.sent for one in self._pool.log[self._marked :] if one.package)

    def mark(self) -> bool:
        """Forgets what was asked until now."""
        self._marked, self._pool.log.open_packages = len(self._pool.log), 0
        return True

    def log(self) -> dict[str, Any]:
        """What was asked since the mark, once all of it has ended (or a second later)."""
        log = self._pool.log
        log.wait_for(lambda log: all(request.closed_at for request in log[:]), timeout_s=1.0)
        asked = log[self._marked :]
        packages = [request for request in asked if request.package]
        now = time.monotonic()
        return {
            "sent": sum(request.sent for request in packages),
            "documents": sum(request.sent for request in asked if not request.package),
            "requests": len(packages),
            "most_open": log.open_packages,
            "first_at": min((request.opened_at for request in asked), default=None),
            "opened_at": min((request.opened_at for request in packages), default=None),
            "closed_at": max((request.closed_at or now for request in packages), default=None),
            "by_server": [
                sum(request.sent for request in packages if request.server == name)
                for name in self._pool.names
            ],
        }

    def close(self) -> None:
        """Ends all of them."""
        self._dead.set()
        self._pool.close()

    def _mortal(self, place: Place, server: Origin) -> None:
        while not self._dead.is_set():
            mine = [one.sent for one in self._pool.log.packages if one.server == server.name]
            if sum(mine) >= place.dies_after:
                server.close()
                return
            time.sleep(LOOK_S)


def _known(held: Held, stale: bool, later: bool) -> OriginMeeting:
    told = (held.stale if stale else held.later if later else None) or held.now
    return OriginMeeting(**told | {"package": Path(told["package"])})


def slot(place: Place) -> Iterable[Fault] | object:
    """What `pool_of` is told of that place."""
    if place.instead:
        return CLOSED if place.instead == REFUSES else SWALLOW_SYN
    return [getattr(origin, name)(**given) for name, given in place.faults]


def main() -> None:
    """Stands there until standard input ends."""
    with contextlib.closing(Scene(json.loads(sys.stdin.readline()))) as scene:
        print(json.dumps(scene.urls), flush=True)
        for line in sys.stdin:
            answer: object
            match line.split():
                case ["sent"]:
                    answer = scene.sent()
                case ["mark"]:
                    answer = scene.mark()
                case ["later"]:
                    answer = scene.mark() and scene.put(later=True)
                case _:
                    answer = scene.log()
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
