"""Hostile bytes are read in a forked child with hard limits, so that the next file always works."""

from __future__ import annotations

import logging
import os
import resource
import signal
import time
from collections.abc import Callable

log = logging.getLogger("kiosk.render")

MOST_TOLD = 300
MEMORY_BYTES = 3 << 30
FILE_BYTES = 32 << 20
POLL_S = 0.01


def in_child(
    action: Callable[[], None], each_s: float, parent: int, file_bytes: int = FILE_BYTES
) -> str | None:
    """Do it in a child, for ``each_s`` seconds at most; a word for what went wrong, or None.

    It is given up, too, when ``parent`` is no longer who started this process. No file that it
    writes becomes larger than ``file_bytes``.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            limit(each_s, file_bytes)
            action()
            status = 0
        except MemoryError:
            status = 2
        except FileNotFoundError:
            status = 3
        except Exception as fault:  # noqa: BLE001 - whatever it is, who waits is told of it
            log.warning("look-broke why=%r", repr(fault)[:MOST_TOLD])
        finally:
            os._exit(status)
    ended = _await(child, each_s, parent)
    if ended is None:
        return "took-too-long"
    code = os.waitstatus_to_exitcode(ended)
    return {0: None, 2: "too-large", 3: "gone"}.get(code, "broken")


def _await(child: int, each_s: float, parent: int) -> int | None:
    """The child's wait status; None where it had to be ended."""
    give_up = time.monotonic() + each_s
    while time.monotonic() < give_up and os.getppid() == parent:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(POLL_S)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def limit(each_s: float, file_bytes: int) -> None:
    """From now on this process has so many seconds, so much memory and output, and no more."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, int(each_s) + 1),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
