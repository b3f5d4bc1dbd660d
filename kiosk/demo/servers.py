"""The demo's servers in a process of their own: ``python -m kiosk.demo.servers CACHE``.

A master that is well, and a pool of three, of which one is dead, one cuts every package off half
way, and one is well; all slow enough that a person can see a download. Prints one JSON line that
says where they are, then serves until its standard input ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from kiosk.demo.origin import (
    CLOSED,
    CutAt,
    Fault,
    Origin,
    OriginMeeting,
    OriginPool,
    Slow,
    Status,
    pool_of,
)
from kiosk.demo.packages import sample_meetings

# In bytes a second: a package takes some ten seconds. All have the same package, so the server that
# is well goes on at the byte where the one before it stopped.
PACE = Slow(3_000_000)
POOL: tuple[tuple[Fault, ...] | None, ...] = (CLOSED, (CutAt(0.5), PACE), (PACE,))
# The pool is the three servers that are shown, so the master names no further ones.
MASTER = (Status(404, path="/download-nodes-info"), PACE)
BASE, PORT = "127.0.0.11", 8001


def start_pool(meetings: Mapping[str, OriginMeeting]) -> OriginPool:
    """The three servers, where a real pool would be if it is free there, or else anywhere."""
    try:
        return pool_of(POOL, meetings, base=BASE, port=PORT)
    except OSError:
        return pool_of(POOL, meetings)


def main(cache: Path) -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the terminal, which ends us
    meetings = sample_meetings(cache)
    with start_pool(meetings) as pool, Origin(meetings=meetings, faults=MASTER) as master:
        where = {
            "master": f"http://{master.name}",
            "server_ip": pool.base,
            "server_port": pool.port,
            "server_count": pool.count,
        }
        # Whoever started us may be gone already; there is nobody to tell that.
        with contextlib.suppress(BrokenPipeError):
            os.write(sys.stdout.fileno(), json.dumps(where).encode() + b"\n")
            sys.stdin.buffer.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
