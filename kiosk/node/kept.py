"""A program beside a node: it runs as long as that is wanted, and ends with it, however it ends."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Sequence

from kiosk import tether

log = logging.getLogger("kiosk.node")

END_S = 3.0


class Kept:
    """Started, and started again ``again_s`` after it ended by itself; `stop` asks it to leave."""

    def __init__(self, name: str, program: Sequence[str], again_s: float) -> None:
        self._name = name
        self._command = tether.command(program)
        self._again_s = again_s
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        # The kernel ends it with the thread that starts it, so that one has to live as long.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def stop(self) -> None:
        """End it. May be called again."""
        self._ended.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        self._thread.join(END_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
            if self._ended.is_set():
                self._process.terminate()
            status = self._process.wait()
            if not self._ended.wait(self._again_s):
                log.error("%s-ended status=%d", self._name, status)
