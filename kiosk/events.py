"""What can happen during a download, as the page hears it.

Each event is a frozen dataclass; its docstring is its documentation and its class name, with a
small first letter, is its name on the wire. Field names become camelCase there. `encode` and
`decode` are the only two places that know the wire form: one JSON object, ``{"event": NAME, …}``.

Exactly one of `DownloadComplete`, `DownloadError`, `DownloadCancelled` ends a download.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that happened to the download of one meeting."""

    meeting_id: str


@dataclass(frozen=True)
class DownloadQueued(Event):
    """A download waits: for the one before it, or for its start at ``starts_at`` (RFC 3339).

    ``automatic``: nobody asked for it; a new version or a new meeting did.
    """

    starts_at: str | None = None
    automatic: bool = False


@dataclass(frozen=True)
class DownloadStart(Event):
    """A download begins: ``servers`` (``host:port``) in the order in which they will be asked."""

    servers: list[str] = field(default_factory=list)
    total_bytes: int | None = None


@dataclass(frozen=True)
class DownloadProgress(Event):
    """Where the download stands; at most ten a second.

    ``phase`` is waiting, connecting, downloading, verifying or publishing. ``server_index`` counts
    from 1 among ``server_count`` servers; ``attempt`` counts every request from 1. Bytes are bytes
    of the package; ``received_bytes + reused_bytes`` and ``percent`` never fall and never pass the
    total. ``held_bytes`` are the bytes on the disk now: they fall when some are fetched again, and
    the count above stands still until they have caught up. ``delivered`` are those of them that
    came in this download, by the server that sent them. ``seconds_left`` is None while it cannot
    be told. ``streamed``: the server sends everything in its own order, so nothing can come first.
    """

    phase: str = "connecting"
    server: str | None = None
    server_index: int = 0
    server_count: int = 0
    attempt: int = 0
    received_bytes: int = 0
    reused_bytes: int = 0
    held_bytes: int = 0
    delivered: dict[str, int] = field(default_factory=dict)
    total_bytes: int | None = None
    percent: float = 0.0
    bytes_per_second: float = 0.0
    seconds_left: float | None = None
    streamed: bool = False


@dataclass(frozen=True)
class ServerSwitch(Event):
    """``from_server`` was left because of ``reason`` (a code of errors.py).

    ``to_server`` is asked next; it may be the same one again. ``wait_seconds`` is the pause before
    it is asked, in a later round. ``details`` fill the fields of the reason's sentence.
    """

    from_server: str = ""
    to_server: str = ""
    reason: str = ""
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class MaterialReady(Event):
    """Material ``index`` (from 1, in agenda order) is whole, checked, and can be opened.

    ``sha256`` and ``bytes`` say which file that is.
    """

    index: int = 0
    name: str = ""
    sha256: str | None = None
    bytes: int = 0


@dataclass(frozen=True)
class MaterialWanted(Event):
    """Somebody waits for material ``index``: it is fetched before the others from now on.

    The terminal tells this to its pages; `kiosk fetch` never does.
    """

    index: int = 0


@dataclass(frozen=True)
class DownloadComplete(Event):
    """The revision is here, verified and published. ``servers`` maps server to bytes it sent."""

    revision: str = ""
    seconds: float = 0.0
    received_bytes: int = 0
    reused_bytes: int = 0
    servers: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class DownloadError(Event):
    """The download failed for good.

    ``status``: all_servers_failed, no_servers, package_refused, disk_full, storage_failed,
    deadline_exceeded or worker_lost. ``attempts`` has one ``{"server", "code", "message", "hint",
    "details"}`` per failed attempt, in order. ``kept`` is the revision that is still readable.
    """

    status: str = ""
    message: str = ""
    hint: str = ""
    attempts: list[dict[str, Any]] = field(default_factory=list)
    kept: str | None = None


@dataclass(frozen=True)
class DownloadCancelled(Event):
    """Somebody stopped it; ``received_bytes`` are kept for the next try."""

    received_bytes: int = 0


@dataclass(frozen=True)
class MeetingsChanged(Event):
    """Something else about the meetings changed: ask again. ``meeting_id`` may be empty."""


@dataclass(frozen=True)
class SettingsChanged(Event):
    """Settings were saved: title, language or colours may be others. ``meeting_id`` is empty."""


ENDINGS = (DownloadComplete, DownloadError, DownloadCancelled)

EVENTS: dict[str, type[Event]] = {
    kind.__name__[0].lower() + kind.__name__[1:]: kind
    for kind in (
        DownloadQueued,
        DownloadStart,
        DownloadProgress,
        ServerSwitch,
        MaterialReady,
        MaterialWanted,
        DownloadComplete,
        DownloadError,
        DownloadCancelled,
        MeetingsChanged,
        SettingsChanged,
    )
}

_WIRE_NAMES = {"from_server": "from", "to_server": "to"}


def name_of(event: Event) -> str:
    """The event's name on the wire, such as ``downloadProgress``."""
    kind = type(event).__name__
    return kind[0].lower() + kind[1:]


def payload(event: Event) -> dict[str, Any]:
    """The event's fields under their wire names."""
    return {_wire(field.name): getattr(event, field.name) for field in dataclasses.fields(event)}


def encode(event: Event) -> str:
    """One line of JSON, without its newline."""
    return json.dumps({"event": name_of(event), **payload(event)}, ensure_ascii=False)


def decode(line: str | bytes) -> Event:
    """The event of one line; ValueError where the line is not one."""
    document = json.loads(line)
    if not isinstance(document, dict) or document.get("event") not in EVENTS:
        raise ValueError("not an event")
    kind = EVENTS[document.pop("event")]
    names = {_wire(field.name): field.name for field in dataclasses.fields(kind)}
    known = {names[key]: value for key, value in document.items() if key in names}
    if not isinstance(known.get("meeting_id"), str):
        raise ValueError("an event without its meeting")
    return kind(**known)


def _wire(name: str) -> str:
    if name in _WIRE_NAMES:
        return _WIRE_NAMES[name]
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
