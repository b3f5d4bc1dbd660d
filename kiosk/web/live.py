"""Live events over Socket.IO: snapshot first, then every event of the feed.

An event is encoded once for all clients and put into each one's queue, which its own thread
empties; so a client that does not read holds up nobody. One whose queue grows past `MAX_WAITING`
is dropped: when it reads again it connects again, and a snapshot makes up for what it missed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO

from kiosk import lines
from kiosk.errors import KioskError, UsageError
from kiosk.terminal import Terminal
from kiosk.web.api import meeting_id_of

log = logging.getLogger("kiosk.live")

# What it has to say are tracebacks about strangers' nonsense; our own faults go through `failed`.
wire_log = logging.getLogger("kiosk.live.wire")
wire_log.setLevel(logging.CRITICAL)

MAX_MESSAGE = 64 << 10
MAX_WAITING = 500
PING_INTERVAL_S = 10
PING_TIMEOUT_S = 10
MAX_INDEX = 1_000_000
ROOM = "live"

Json = dict[str, Any]


def attach(app: Flask, terminal: Terminal, async_mode: str) -> None:
    """Put Socket.IO in front of ``app`` and on the feed of ``terminal``."""
    server = SocketIO(
        app,
        async_mode=async_mode,
        async_handlers=False,
        always_connect=True,
        manage_session=False,
        max_http_buffer_size=MAX_MESSAGE,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        serve_client=False,
        engineio_logger=wire_log,
    )
    terminal.feed.subscribe(lambda _, name, payload: _tell_all(server, name, payload))
    _listen(server, terminal)


def _listen(server: Any, terminal: Terminal) -> None:
    def connected(_: object = None) -> None:
        session = request.sid  # type: ignore[attr-defined]
        # Nothing is told between the snapshot and the first event after it.
        with terminal.feed.lock:
            server.emit("snapshot", terminal.snapshot(), to=session)
            server.server.enter_room(session, ROOM)

    def start(body: object = None) -> Json:
        return _acknowledged(lambda: terminal.download(meeting_id_of(body))[0])

    def cancel(body: object = None) -> Json:
        return _acknowledged(lambda: terminal.cancel(meeting_id_of(body)))

    def want(body: object = None) -> Json:
        return _acknowledged(
            lambda: terminal.want(meeting_id_of(body), _index_of(body), _revision_of(body))
        )

    def failed(fault: Exception) -> None:
        log.error("live-failed", exc_info=fault)

    server.on_event("connect", connected)
    server.on_event("startDownload", start)
    server.on_event("cancelDownload", cancel)
    server.on_event("wantMaterial", want)
    server.on_error_default(failed)


def _index_of(body: object) -> int:
    """``index`` of what a page sent; UsageError ``bad-request``."""
    index = body.get("index") if isinstance(body, dict) else None
    if isinstance(index, bool) or not isinstance(index, int) or not 0 < index <= MAX_INDEX:
        raise UsageError("bad-request", why="index must be the number of a material")
    return index


def _revision_of(body: object) -> str | None:
    """``revision`` of what a page sent, where it says one; UsageError ``bad-request``."""
    revision = body.get("revision") if isinstance(body, dict) else None
    if revision is not None and not (isinstance(revision, str) and len(revision) <= 64):
        raise UsageError("bad-request", why="revision must be a short text")
    return revision


def _acknowledged(action: Callable[[], Json | None]) -> Json:
    try:
        return {"ok": True, "download": action()}
    except KioskError as fault:
        return {"error": fault.to_json()}


def _tell_all(server: Any, name: str, payload: Json) -> None:
    server.emit(name, payload, to=ROOM)
    lines.drop_waiting(server, MAX_WAITING, log)
