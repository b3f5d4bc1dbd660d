"""Which addresses a host name has, asked once, by a thread that nobody has to wait for.

The system's resolver cannot be interrupted: behind a dead name server it hangs for half a minute.
So it runs in a thread of its own, and who asked may leave. What it said is kept for `KEPT_S`; who
asks for a name that is being looked up joins the one who waits already.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

KEPT_S = 300.0
MAX_KEPT = 1000
MAX_ADDRESSES = 8

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class Lookup:
    """One name's addresses, as soon as they are known; ``ready`` is set then."""

    def __init__(self, host: str, port: int) -> None:
        self.ready = threading.Event()
        self._host, self._port = host, port
        self._began = time.monotonic()
        self._found: list[Address] = []
        self._fault: OSError | UnicodeError | None = socket.gaierror("not asked")

    @property
    def serves(self) -> bool:
        """Whether it is under way, or was successful a short while ago."""
        if not self.ready.is_set():
            return True
        return self._fault is None and time.monotonic() - self._began < KEPT_S

    def addresses(self) -> list[Address]:
        """What was found, in the system's order. ``socket.gaierror`` where there is none."""
        if self._fault is not None:
            raise self._fault
        return self._found

    def run(self) -> None:
        """Ask the system, however long it takes."""
        try:
            self._found, self._fault = ask_system(self._host, self._port), None
        except (OSError, UnicodeError) as fault:
            self._fault = fault
        finally:
            self.ready.set()


class Names:
    """The lookups of one process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Lookup] = {}
        self._lock = threading.Lock()

    def look_up(self, host: str, port: int) -> Lookup:
        """The lookup of ``host``: a kept one, one under way, or a new one."""
        with self._lock:
            kept = self._kept.get((host, port))
            if kept is not None and kept.serves:
                return kept
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            lookup = self._kept[host, port] = Lookup(host, port)
        if is_literal(host):
            lookup.run()
        else:
            threading.Thread(target=lookup.run, name=f"resolve {host}", daemon=True).start()
        return lookup

    def forget(self, host: str, port: int) -> None:
        """None of its addresses was of use: the next one who wants the name asks anew."""
        with self._lock:
            kept = self._kept.get((host, port))
            if kept is not None and kept.ready.is_set():
                del self._kept[host, port]


def ask_system(host: str, port: int) -> list[Address]:
    """The addresses of ``host``, each once and at most `MAX_ADDRESSES`; may take very long."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = dict.fromkeys((socket.AddressFamily(row[0]), row[4]) for row in rows)
    return list(found)[:MAX_ADDRESSES]


def is_literal(host: str) -> bool:
    """Whether ``host`` is an address already, so that nobody has to be asked."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False


NAMES = Names()
