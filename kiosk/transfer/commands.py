"""What the machine wants done, and what it tells people."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.errors import ServerError


@dataclass(frozen=True)
class Connect:
    """Open lane ``lane`` to ``server``, the ``index``-th of the pool (from 1); send nothing."""

    lane: int
    server: str
    index: int


@dataclass(frozen=True)
class Ask:
    """This lane stands and may have package requests open from now on."""

    lane: int


@dataclass(frozen=True)
class Close:
    """End this lane now; nothing it still says counts."""

    lane: int


@dataclass(frozen=True)
class Check:
    """Every byte is here: verify and publish."""


Command = Connect | Ask | Close | Check


@dataclass(frozen=True)
class Switch:
    """A server was lost, left or passed over. ``to`` has its place, or gets it after ``wait_s``."""

    left: str
    to: str
    fault: ServerError
    wait_s: float
