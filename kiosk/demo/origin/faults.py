"""What a scripted server does wrong, one small dataclass per fault.

A fault says which requests it strikes (`Fault.path`), how often (`Fault.times`) and from which of
them on (`Fault.after`). Faults of different kinds combine; of one kind the first that is due and
not used up strikes, so a list reads as a script: ``[Status(503, times=1), CutAt(0.5)]`` answers 503
once, and cuts every later answer short.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from kiosk.demo.origin.meeting import OriginMeeting

Kind = Literal[
    "delay", "answer", "package", "length", "ranges", "etag", "bytes", "end", "pace", "hold"
]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Strikes ``times`` requests (None: all) for ``path`` (an ending; empty: package bytes).

    The first ``after`` of them, counted from when the script was put in, are spared.
    """

    times: int | None = None
    path: str = ""
    after: int = 0
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
class Gzip(Fault):
    """200 and everything, ``Content-Encoding: gzip``, though identity was asked for.

    With ``zeros`` a bomb: so many zero bytes instead of the package, of which a thousandth is sent.
    """

    zeros: int = 0


@dataclass(frozen=True)
class EmptyBody(Fault):
    """200 and nothing; with ``told=False`` no Content-Length says so, the connection just ends."""

    told: bool = True


@dataclass(frozen=True)
class Endless(Fault):
    """200, the package, and then zeros without end: without a length, or in chunks."""

    chunked: bool = False


@dataclass(frozen=True)
class OtherPackage(Fault):
    """Answers with what ``meeting`` has instead: its bytes, its ETag, its size."""

    meeting: OriginMeeting
    kind: ClassVar[Kind] = "package"


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
class WrongLength(Fault):
    """Lies in Content-Length; the body is right.

    ``long``: 1,000 bytes more than come before the connection ends. ``short``: a byte less, and the
    connection is kept. ``negative``, ``twice`` (two that differ), ``garbage`` (``12abc``): and the
    connection ends the body.
    """

    wrong: Literal["long", "short", "negative", "twice", "garbage"]
    kind: ClassVar[Kind] = "length"


@dataclass(frozen=True)
class WrongRange(Fault):
    """Answers a Range wrongly; without one, only ``200`` makes a difference.

    ``start``: the part begins a byte late, and says so. ``total``: the package is said to be a byte
    longer. ``none``: 206 without Content-Range. ``multipart``: the part as multipart/byteranges.
    ``200``: the right part, but with that status.
    """

    wrong: Literal["start", "total", "none", "multipart", "200"]
    kind: ClassVar[Kind] = "ranges"


@dataclass(frozen=True)
class ChangingETag(Fault):
    """Gives another strong ETag with each answer, so that no If-Range ever holds."""

    kind: ClassVar[Kind] = "etag"


@dataclass(frozen=True)
class WeakETag(Fault):
    """Gives a weak ETag, which no If-Range may hold against (RFC 9110 §13.1.5)."""

    kind: ClassVar[Kind] = "etag"


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
class HangUp(Fault):
    """Answers rightly, and then closes the connection that it did not say it would close."""

    kind: ClassVar[Kind] = "end"


@dataclass(frozen=True)
class Slow(Fault):
    """Sends the body at ``bytes_per_second``."""

    bytes_per_second: float
    kind: ClassVar[Kind] = "pace"


@dataclass(frozen=True)
class Drip(Fault):
    """Sends ``bytes`` of the body, then nothing for ``every_s`` seconds, and so on."""

    bytes: int
    every_s: float
    kind: ClassVar[Kind] = "pace"


@dataclass(frozen=True)
class HoldAt(Fault):
    """Sends nothing from that position of the package on (int: bytes; float: a share of it) before
    ``until`` is set; then goes on."""

    at: int | float
    until: threading.Event
    kind: ClassVar[Kind] = "hold"


AS_EXISTING_MASTER: tuple[Fault, ...] = (
    NoLength(path="/download-package"),
    NoRanges(path="/download-package"),
    NoETag(path="/download-package"),
)
"""How the master in the field delivers: chunked, and nothing to resume by (contract.md §3a)."""


class _Turn:
    """One fault of a script: how many requests it still spares, and how many it may strike."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._spared, self._left = fault.after, fault.times

    def is_due(self) -> bool:
        """Whether it strikes a request that it is about; one that it spares is counted."""
        if self._spared:
            self._spared -= 1
            return False
        return self._left != 0

    def use(self) -> None:
        """It has struck."""
        if self._left is not None:
            self._left -= 1


class Script:
    """Hands out each request's faults and counts how often each has struck."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._turns = [_Turn(fault) for fault in faults]
        self._lock = threading.Lock()

    def take(self, path: str, package: bool) -> dict[Kind, Fault]:
        """The faults that strike this request, at most one of a kind; they are counted as used."""
        with self._lock:
            struck: dict[Kind, _Turn] = {}
            for turn in self._turns:
                if turn.fault.strikes(path, package) and turn.is_due():
                    struck.setdefault(turn.fault.kind, turn)
            if "answer" in struck:
                struck = {kind: struck[kind] for kind in struck if kind in ("delay", "answer")}
            for turn in struck.values():
                turn.use()
            return {kind: turn.fault for kind, turn in struck.items()}


def position(at: int | float, size: int) -> int:
    """``at`` in bytes: an int is bytes already, a float is a share of ``size``."""
    return at if isinstance(at, int) else int(at * size)
