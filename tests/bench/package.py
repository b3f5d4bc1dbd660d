"""A large package of the benchmark, and the server that gives it: ``python package.py FILE``.

The server runs in a process of its own, as in the field; it prints its address and ends when its
standard input does.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

from kiosk.demo.origin import Origin, OriginMeeting

MEETING = "bench"
BLOCK = 1 << 20
FILES = 40


def make(path: Path, megabytes: int) -> None:
    """A package of that size: `FILES` stored files of incompressible bytes, all different."""
    block = os.urandom(BLOCK)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(FILES):
            name = hashlib.sha256(str(number).encode()).hexdigest()[:24]
            entry = zipfile.ZipInfo(f"agenda_{number // 5 + 1}/{name}.bin", (2026, 1, 1, 0, 0, 0))
            size = megabytes * BLOCK // FILES
            entry.file_size = size
            with archive.open(entry, "w") as target:
                target.write(number.to_bytes(8, "big"))
                for start in range(8, size, BLOCK):
                    target.write(block[: min(BLOCK, size - start)])


def serve(path: Path) -> None:
    """Give it until standard input ends."""
    with Origin(meetings={MEETING: OriginMeeting(path, {"title": "Benchmark"})}) as origin:
        print(origin.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
