"""Asks the process that listens (`kiosk.discovery.listen`), and holds it to time and size."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kiosk import tether
from kiosk.discovery.heard import Node, nodes_of

log = logging.getLogger("kiosk.discovery")

COMMAND = (sys.executable, "-P", "-m", "kiosk.discovery.listen")
# Who has just answered somebody else waits for a second (RFC 6762 §6); and a packet may get lost.
LISTEN_S = 2.0
LATE_S = 8.0
MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Heard:
    """Who was heard; ``why`` says why nobody can be."""

    nodes: tuple[Node, ...] = ()
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a page gets it."""
        rows = [
            {
                "name": one.name,
                "server": one.server,
                "url": one.url,
                "role": one.role,
                "version": one.version,
            }
            for one in self.nodes
        ]
        return {"heard": rows, "deaf": bool(self.why)}


class Hearing:
    """Listens for several: one at a time, and whoever asks meanwhile gets what that one hears."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._last = Heard()
        self._ended = float("-inf")

    def now(self, on: Sequence[str]) -> Heard:
        """Who is heard; takes some seconds."""
        came = time.monotonic()
        with self._turn:
            if self._ended < came:
                self._last = hear(on)
                self._ended = time.monotonic()
            return self._last


def hear(on: Sequence[str], seconds: float = LISTEN_S) -> Heard:
    """Who announces itself, in the networks of the addresses ``on`` (none: all networks)."""
    try:
        said = json.loads(_said(on, seconds))
        rows, why = list(said["heard"]), str(said["why"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as fault:
        log.warning("not-heard why=%r", str(fault))
        return Heard(why=str(fault) or "nothing was said")
    return Heard(tuple(nodes_of(rows)), why)


def _said(on: Sequence[str], seconds: float) -> bytes:
    """All that the process prints; OSError where that does not come in time."""
    ours, theirs = socket.socketpair()  # eventlet can wait for a socket, and not for a pipe
    os.set_blocking(theirs.fileno(), True)
    with ours:
        with theirs:
            command = tether.command([*COMMAND, str(seconds), *on])
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs.fileno())
        try:
            return _read(ours, time.monotonic() + seconds + LATE_S)
        finally:
            process.kill()
            process.wait()


def _read(line: socket.socket, give_up: float) -> bytes:
    told = bytearray()
    while len(told) < MAX_BYTES:
        line.settimeout(max(0.001, give_up - time.monotonic()))
        part = line.recv(1 << 16)
        if not part:
            return bytes(told)
        told += part
    raise OSError("it said too much")
