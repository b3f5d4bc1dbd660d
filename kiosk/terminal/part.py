"""What every part of a terminal is that has a thread of its own."""

from __future__ import annotations

from typing import Protocol


class Part(Protocol):
    """Started once, stopped once."""

    def run(self) -> None:
        """The life of its thread."""

    def stop(self) -> None:
        """End `run` soon; does not wait for it."""
