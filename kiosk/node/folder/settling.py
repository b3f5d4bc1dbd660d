"""Whether a file stands still: one that is still being copied in is waited for.

A file stands still when its stamp has not changed for a while and nobody has it open for writing.
The kernel tells the latter by refusing a read lease (fcntl(2), F_SETLEASE) to whoever owns the
file. Of files of others the watch may have heard that they were closed (inotify(7),
IN_CLOSE_WRITE); where nothing tells (network shares), the while is longer.
"""

from __future__ import annotations

import errno
import fcntl
import signal
from collections.abc import Iterable

from kiosk.node.folder.tree import Found, Stamp

QUIET_S = 0.3
WARY_S = 2.0


class Settling:
    """Since when each file of a meeting has been as it is. Times are monotonic seconds, given."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[Stamp, float]] = {}

    def look(self, files: Iterable[Found], now: float) -> None:
        """Take in how the files are now; those that are not among them are forgotten."""
        before, self._since = self._since, {}
        for found in files:
            stamp, since = before.get(found.path, (found.stamp, now))
            same = stamp == found.stamp
            self._since[found.path] = (found.stamp, since if same else now)

    def quiet_s(self, found: Found, now: float) -> float:
        """How long the file has been as it is."""
        stamp, since = self._since.get(found.path, (found.stamp, now))
        return now - since if stamp == found.stamp else 0.0


def has_writer(handle: int) -> bool | None:
    """Whether somebody has this file open for writing; None where the kernel does not tell."""
    try:
        # A writer that came in this very instant would have us told by a signal. Of SIGIO, which it
        # is by default, a process dies; nobody minds SIGURG.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as fault:
        return True if fault.errno == errno.EAGAIN else None
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
