"""Several scripted servers on consecutive addresses and one port, as a real pool stands there."""

from __future__ import annotations

import enum
import random
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from kiosk.demo.origin.faults import Fault
from kiosk.demo.origin.log import Log
from kiosk.demo.origin.meeting import OriginMeeting
from kiosk.demo.origin.server import Origin, PlainOrigin

CLOSED = None
"""In place of a server's faults: nobody listens there, connections are refused."""


class Instead(enum.Enum):
    """What can stand in a server's place besides nothing."""

    SWALLOW_SYN = "a host that is switched off"


SWALLOW_SYN = Instead.SWALLOW_SYN
"""In place of a server's faults: connections are neither accepted nor refused, as where a host is
switched off. A queue of length nought that is full: Linux then drops every further SYN."""

Slot = Iterable[Fault] | Instead | None


class OriginPool:
    """Servers on 127.0.0.x, x+1, … and one ``port``; ``origins[i]`` is None where there is none.

    ``base``, ``port`` and ``count`` are what a terminal's settings would say. Closed places are
    held by a socket that does not listen, so that nobody else can come to stand there.
    """

    def __init__(self, origins: list[Origin | None], held: list[socket.socket], base: str) -> None:
        self.origins = origins
        self.base, self.count = base, len(origins)
        self._held = held
        self.log = next((origin.log for origin in origins if origin), Log())
        ports = [origin.port for origin in origins if origin]
        self.port: int = (ports or [place.getsockname()[1] for place in held])[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getitem__(self, index: int) -> Origin:
        origin = self.origins[index]
        if origin is None:
            raise IndexError(f"there is no server {index} in the pool")
        return origin

    @property
    def names(self) -> list[str]:
        """``host:port`` of every place, closed ones too."""
        first = int(self.base.rpartition(".")[2])
        return [f"127.0.0.{first + i}:{self.port}" for i in range(self.count)]

    def close(self) -> None:
        """Ends all of them."""
        for origin in self.origins:
            if origin:
                origin.close()
        for held in self._held:
            held.close()


def pool_of(
    servers: Sequence[Slot],
    meetings: Mapping[str, OriginMeeting] | None = None,
    *,
    base: str | None = None,
    port: int = 0,
    plain: bool = False,
) -> OriginPool:
    """A running pool: for each server its faults, or `CLOSED`, or `SWALLOW_SYN`.

    ``plain``: all of them know nothing but the package. Without ``base`` and ``port`` it takes a
    free stretch of addresses and a free port. OSError where those asked for are taken, or, after
    many tries, none is free.
    """
    log, plans = Log(), [_plan(slot) for slot in servers]
    kind = PlainOrigin if plain else Origin
    for _ in range(50):
        first = base or f"127.0.0.{random.randint(11, 254 - len(plans))}"
        pool = _Building(first, port)
        try:
            for faults in plans:
                if faults is None:
                    pool.hold()
                elif isinstance(faults, Instead):
                    pool.swallow()
                else:
                    pool.add(kind(*pool.place(), meetings, faults, log=log))
            return OriginPool(pool.origins, pool.held, first)
        except OSError:
            OriginPool(pool.origins, pool.held, first).close()
            if base and port:
                raise
    raise OSError("no stretch of free addresses on 127.0.0.0/8")


def _plan(slot: Slot) -> tuple[Fault, ...] | Instead | None:
    return slot if slot is None or isinstance(slot, Instead) else tuple(slot)


class _Building:
    """A pool whose port is that of its first place."""

    def __init__(self, base: str, port: int) -> None:
        self.origins: list[Origin | None] = []
        self.held: list[socket.socket] = []
        self._first = int(base.rpartition(".")[2])
        self._port = port

    def place(self) -> tuple[str, int]:
        return f"127.0.0.{self._first + len(self.origins)}", self._port

    def add(self, origin: Origin) -> None:
        self.origins.append(origin)
        self._port = origin.port

    def hold(self) -> None:
        held = socket.socket()
        self.held.append(held)
        held.bind(self.place())
        self._port = held.getsockname()[1]
        self.origins.append(None)

    def swallow(self) -> None:
        self.hold()
        self.held[-1].listen(0)
        filler = socket.create_connection(self.held[-1].getsockname(), timeout=5)
        self.held.append(filler)
