"""How much a package may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much a package may be.

    ``max_ratio`` is bytes out per byte in; it is asked for files and packages that unpack to more
    than ``ratio_from_bytes``. Documents are below 30, blank scans reach a hundred.
    """

    max_entries: int = 100_000
    max_directory_bytes: int = 32 << 20
    max_total_bytes: int = 64 << 30
    max_ratio: int = 250
    ratio_from_bytes: int = 32 << 20

    def is_bomb(self, size: int, compressed: int) -> bool:
        """Whether so many bytes out of so many are more than any document gives."""
        return size > self.ratio_from_bytes and size > self.max_ratio * compressed
