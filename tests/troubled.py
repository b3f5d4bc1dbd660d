"""A process that runs the command line under a trouble of its own making.

``troubled.py HOW VALUE ARGUMENT…``: the arguments are those of ``kiosk``, and how is lookup HOST
(its name server never answers for that one), clock SECONDS (the time of day jumps by so much, again
and again), disk OPERATION:NUMBER:ERRNO (the disk refuses that call, see failing.py), or writes FILE
(every place that is written to, made, renamed or removed is noted).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate")
BELOW = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink")
"""Those whose last arguments are the folders that their paths are below, or -1."""
JUMP_S = 0.1
KEPT: list[Any] = []
"""What must not be collected as long as the process lives."""


def lookup(host: str) -> None:
    """Who asks for that name waits for ever, as for a name server that swallows questions."""

    def wait(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo" and arguments[0] in (host, host.encode()):
            threading.Event().wait()

    sys.addaudithook(wait)


def clock(seconds: str) -> None:
    """The time of day is that much ahead (or behind) for a moment, right for the next, and so on.

    This machine's own clock stays as it is.
    """
    right = time.time
    jumps = [0.0, float(seconds)]
    time.time = lambda: right() + jumps[int(time.monotonic() / JUMP_S) % 2]


def disk(how: str) -> None:
    """That call of that operation fails, for as long as the process lives."""
    from failing import trouble

    operation, number, code = how.split(":")
    lasting = trouble(operation, int(number), int(code))
    lasting.__enter__()
    KEPT.append(lasting)


def writes(file: str) -> None:
    """What is changed on the disk, one path a line."""
    notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            written = (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        else:
            written = event in CHANGES
        count = 2 if event in ("os.rename", "os.link") else 1
        folders = arguments[-count:] if event in BELOW else (-1, -1)
        for place, folder in zip(arguments[:count], folders, strict=False) if written else ():
            if not isinstance(place, int):
                base = Path.cwd() if folder == -1 else Path(f"/proc/self/fd/{folder}").readlink()
                os.write(notes, f"{base / os.fsdecode(place)}\n".encode())

    sys.addaudithook(note)


def main(how: str, value: str, *arguments: str) -> None:
    from kiosk.__main__ import main as kiosk

    {"lookup": lookup, "clock": clock, "disk": disk, "writes": writes}[how](value)
    sys.argv[1:] = arguments
    kiosk()


if __name__ == "__main__":
    main(*sys.argv[1:])
