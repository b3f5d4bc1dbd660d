"""A process that is waited for, for a limited time, and ended together with all that it started."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence

log = logging.getLogger("kiosk.render")

POLL_S = 0.05


def run(
    command: Sequence[str], limit_s: float, meanwhile: Callable[[], bool] = lambda: True
) -> int:
    """Run it in a group of its own for ``limit_s`` at most; its status. OSError at a bad start.

    Its status is that of a signal, negative, where it had to be ended. ``meanwhile()`` is called
    all the time; once it is false, the process is asked to leave.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, limit_s, meanwhile)
    finally:
        end_group(process)
    return process.returncode


def _wait(process: subprocess.Popen[bytes], limit_s: float, meanwhile: Callable[[], bool]) -> None:
    """Polls, because that way a green thread lets others have their turn."""
    give_up = time.monotonic() + limit_s
    is_asked = False
    while process.poll() is None and time.monotonic() < give_up:
        if not is_asked and not meanwhile():
            is_asked = True
            process.terminate()
        time.sleep(POLL_S)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a group of its own, and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        log.debug("process-group-gone pid=%d", process.pid)
    process.wait()
