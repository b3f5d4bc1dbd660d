"""What every part of a terminal is that has a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol


class Part(Protocol):
    """Started once, stopped once."""

    def run(self) -> None:
        """The life of its thread."""

    def stop(self) -> None:
        """End `run` soon; does not wait for it."""


def spawn(run: Callable[[], None]) -> threading.Thread:
    """A thread that does this, named after it; it does not keep the process."""
    thread = threading.Thread(target=run, name=run.__qualname__, daemon=True)
    thread.start()
    return thread
