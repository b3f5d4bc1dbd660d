"""What a scripted server does wrong, one small dataclass per fault.

A fault says which requests it strikes (`Fault.path`) and how often (`Fault.times`). Faults of
different kinds combine; of one kind the first that is not used up strikes, so a list reads as a
script: ``[Status(503, times=1), CutAt(0.5)]`` answers 503 once, and cuts every later answer short.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["delay", "answer", "length", "ranges", "etag", "bytes", "end", "pace"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Strikes ``times`` requests (None: all) for ``path`` (an ending; empty: package bytes)."""

    times: int | None = None
    path: str = ""
    kind: ClassVar[Kind] = "answer"

    def strikes(self, path: str, package: bool) -> bool:
        """Whether a request for ``path`` is one that this fault is about."""
        return path.endswith(self.path) if self.path else package


@dataclass(frozen=True)
class SlowStart(Fault):
    """Waits so many seconds before it answers; then answers as it would have."""

    seconds: float
    kind: ClassVar[Kind] = "delay"


@dataclass(frozen=True)
class Silent(Fault):
    """Takes the request and says nothing, until the client leaves."""


@dataclass(frozen=True)
class DripHead(Fault):
    """Sends its status line and headers a byte at a time, ``seconds`` apart, and no end of them."""

    seconds: float = 0.4


@dataclass(frozen=True)
class Status(Fault):
    """Answers with an error status; ``retry_after`` goes into the header of that name as it is."""

    status: int
    retry_after: str | int | None = None


@dataclass(frozen=True)
class HtmlPage(Fault):
    """200 and a login page, as a captive portal answers everything."""


@dataclass(frozen=True)
class RedirectTo(Fault):
    """302 to ``url``; ``{path}`` in it stands for the path that was asked."""

    url: str
    status: int = 302


@dataclass(frozen=True)
class NoLength(Fault):
    """Does not tell the length: chunked, or, with ``chunked=False``, ended by the connection."""

    chunked: bool = True
    kind: ClassVar[Kind] = "length"


@dataclass(frozen=True)
class NoRanges(Fault):
    """Ignores Range: always 200 and everything."""

    kind: ClassVar[Kind] = "ranges"


@dataclass(frozen=True)
class NoETag(Fault):
    """Gives no ETag."""

    kind: ClassVar[Kind] = "etag"


@dataclass(frozen=True)
class WrongBytes(Fault):
    """Flips ``count`` package bytes from position ``at`` (int: bytes; float: a share of it)."""

    at: int | float
    count: int = 1
    kind: ClassVar[Kind] = "bytes"


@dataclass(frozen=True)
class CutAt(Fault):
    """Closes the connection after so much body (int: bytes; float: a share of the package)."""

    at: int | float
    kind: ClassVar[Kind] = "end"


@dataclass(frozen=True)
class ResetAt(Fault):
    """Resets the connection (RST) after so much body has arrived there."""

    at: int | float
    kind: ClassVar[Kind] = "end"


@dataclass(frozen=True)
class StopAt(Fault):
    """Stops in mid-body and keeps the connection open, until the client leaves."""

    at: int | float
    kind: ClassVar[Kind] = "end"


@dataclass(frozen=True)
class Slow(Fault):
    """Sends the body at ``bytes_per_second``."""

    bytes_per_second: float
    kind: ClassVar[Kind] = "pace"


AS_EXISTING_MASTER: tuple[Fault, ...] = (
    NoLength(path="/download-package"),
    NoRanges(path="/download-package"),
    NoETag(path="/download-package"),
)
"""How the master in the field delivers: chunked, and nothing to resume by (contract.md §3a)."""


class Script:
    """Hands out each request's faults and counts how often each has struck."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._left = [(fault, [fault.times]) for fault in faults]
        self._lock = threading.Lock()

    def take(self, path: str, package: bool) -> dict[Kind, Fault]:
        """The faults that strike this request, at most one of a kind; they are counted as used."""
        with self._lock:
            struck: dict[Kind, tuple[Fault, list[int | None]]] = {}
            for fault, left in self._left:
                if left[0] != 0 and fault.strikes(path, package):
                    struck.setdefault(fault.kind, (fault, left))
            if "answer" in struck:
                struck = {kind: struck[kind] for kind in struck if kind in ("delay", "answer")}
            for _, left in struck.values():
                if left[0] is not None:
                    left[0] -= 1
            return {kind: fault for kind, (fault, _) in struck.items()}


def position(at: int | float, size: int) -> int:
    """``at`` in bytes: an int is bytes already, a float is a share of ``size``."""
    return at if isinstance(at, int) else int(at * size)
