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

from kiosk.errors import KioskError
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

    def failed(fault: Exception) -> None:
        log.error("live-failed", exc_info=fault)

    server.on_event("connect", connected)
    server.on_event("startDownload", start)
    server.on_event("cancelDownload", cancel)
    server.on_error_default(failed)


def _acknowledged(action: Callable[[], Json]) -> Json:
    try:
        return {"ok": True, "download": action()}
    except KioskError as fault:
        return {"error": fault.to_json()}


def _tell_all(server: Any, name: str, payload: Json) -> None:
    server.emit(name, payload, to=ROOM)
    engine = server.server.eio
    for session, client in list(engine.sockets.items()):
        if client.queue.qsize() > MAX_WAITING:
            log.warning("client-dropped waiting=%d", client.queue.qsize())
            engine.start_background_task(_drop, engine, session)


def _drop(engine: Any, session: str) -> None:
    client = engine.sockets.get(session)
    if client is not None:
        client.close(wait=False, abort=True)
