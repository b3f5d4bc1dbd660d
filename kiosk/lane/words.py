"""What a lane is told, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.errors import KioskError
from kiosk.package import Package
from kiosk.part import BuildId
from kiosk.plan import Span


@dataclass(frozen=True)
class Copy:
    """What a server has: its build, and the bytes that came along with learning of it."""

    package: Package
    notice: str = ""
    held: tuple[int, bytes] = (0, b"")

    @property
    def build(self) -> BuildId:
        """Which archive it is."""
        return BuildId.of(self.package)

    @property
    def promises(self) -> bool:
        """Whether a manifest told the SHA-256 of its files."""
        return any(entry.sha256 is not None for entry in self.package.entries)


@dataclass(frozen=True)
class Report:
    """What a lane says. ``crash`` is a bug, told as it is."""

    lane: int


@dataclass(frozen=True)
class Stood(Report):
    """The connection stands; nothing has been sent."""


@dataclass(frozen=True)
class Learned(Report):
    """The server has ``copy`` and serves ranges of it."""

    copy: Copy


@dataclass(frozen=True)
class Streaming(Report):
    """The server sends everything from the first byte; ``total`` bytes, if it said. It waits."""

    total: int | None


@dataclass(frozen=True)
class Fetched(Report):
    """The range that was asked for has come."""


@dataclass(frozen=True)
class Streamed(Report):
    """The stream has come to its end, and this is what it brought."""

    copy: Copy


@dataclass(frozen=True)
class Failed(Report):
    """It is over, for this reason."""

    fault: KioskError | None = None
    crash: BaseException | None = None


@dataclass(frozen=True)
class Learn:
    """Find out what the server has."""


@dataclass(frozen=True)
class Fetch:
    """Bring these bytes."""

    span: Span


@dataclass(frozen=True)
class Flow:
    """Read on: the stream is wanted."""


Order = Learn | Fetch | Flow
