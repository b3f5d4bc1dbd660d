"""Ties a process to whoever started it, so that it ends with that one, however that one ends.

``python -P -m kiosk.tether PARENT PROGRAM ARGUMENT…``: asks the kernel for a SIGTERM at the end of
the thread that is its parent (prctl(2)), makes sure that process PARENT is still there, and becomes
the program.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_SET_DEATH_SIGNAL = 1
ORPHAN = 1


def command(program: Sequence[str]) -> list[str]:
    """The command line that runs ``program`` as a child of this process, tied to it."""
    return [sys.executable, "-P", "-m", "kiosk.tether", str(os.getpid()), *program]


def tie(number: int) -> None:
    """From now on this process gets that signal at the end of the thread that started it."""
    ctypes.CDLL(None, use_errno=True).prctl(_SET_DEATH_SIGNAL, number, 0, 0, 0)


def main(parent: str, program: Sequence[str]) -> int:
    """Become the program; comes back only where nobody is there to be tied to."""
    tie(signal.SIGTERM)
    if os.getppid() == int(parent):
        os.execv(program[0], list(program))  # noqa: S606 - what we were told to become
    return ORPHAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
