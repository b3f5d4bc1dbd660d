"""The one who asks for single pages: starts the process that draws them, and ends it.

The process stays warm between pages, because starting it takes longer than drawing. A page that
takes too long, or an answer that makes no sense, ends it as a group; the next page gets a new one.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from kiosk.render.process import end_group
from kiosk.render.sheets import MOST_PICTURE_BYTES

log = logging.getLogger("kiosk.render")

COMMAND = (sys.executable, "-P", "-m", "kiosk.render.paint")
EACH_S = 8.0
START_S = 10.0
HEAD_BYTES = 4


class Painter:
    """Draws one page at a time; not for several threads. Ends with `end`."""

    def __init__(self, data_dir: Path, each_s: float = EACH_S) -> None:
        self._data_dir = data_dir
        self._each_s = each_s
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._is_warm = False

    @property
    def pid(self) -> int | None:
        """The process that is there now, if any."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Have the process ready; OSError where it cannot be started."""
        if self._process is not None:
            return
        ours, theirs = socket.socketpair()
        # Eventlet makes every socket non-blocking, which the other process would inherit.
        os.set_blocking(theirs.fileno(), True)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [*COMMAND, str(self._data_dir)],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise
        self._line, self._is_warm = ours, False

    def draw(self, sha256: str, page: int) -> bytes | None:
        """The picture of a page (from 1); None where there is none."""
        was_warm = self._is_warm
        try:
            return self._ask(sha256, page) or None
        except ConnectionError as fault:
            self._lost(sha256, page, fault)
        except OSError as fault:
            self._lost(sha256, page, fault)
            return None
        # One that had drawn before may have left after its last answer, because it had grown.
        try:
            return (self._ask(sha256, page) or None) if was_warm else None
        except OSError as fault:
            self._lost(sha256, page, fault)
            return None

    def end(self) -> None:
        """End the process; what it started goes with it."""
        process, line = self._process, self._line
        self._process = self._line = None
        self._is_warm = False
        if line is not None:
            line.close()
        if process is not None:
            end_group(process)

    def _ask(self, sha256: str, page: int) -> bytes:
        """What the process answers; OSError where it does not, or not in time."""
        self.start()
        assert self._line is not None
        give_up = time.monotonic() + self._each_s + (0 if self._is_warm else START_S)
        self._line.settimeout(self._each_s)
        self._line.sendall(f"{sha256} {page}\n".encode("ascii"))
        size = int.from_bytes(self._read(HEAD_BYTES, give_up), "big")
        if size > MOST_PICTURE_BYTES:
            raise ConnectionError(f"{size} bytes for a page")
        picture = self._read(size, give_up)
        self._is_warm = True
        return picture

    def _lost(self, sha256: str, page: int, fault: OSError) -> None:
        log.warning("page-not-drawn sha256=%s page=%d why=%r", sha256, page, str(fault))
        self.end()

    def _read(self, count: int, give_up: float) -> bytes:
        """Just so many bytes; OSError where they do not come in time."""
        assert self._line is not None
        parts: list[bytes] = []
        while count > 0:
            left = give_up - time.monotonic()
            if left <= 0:
                raise TimeoutError("took too long")
            self._line.settimeout(left)
            part = self._line.recv(min(count, 1 << 16))
            if not part:
                raise ConnectionError("the process ended")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)
