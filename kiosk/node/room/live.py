"""The room's page, live over Socket.IO: the whole room first, then what changes.

The line goes one way: a page that wants something asks for it by HTTP. A page that does not read
is dropped once `MAX_WAITING` messages wait for it; when it reads again it connects again.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO

from kiosk import lines
from kiosk.node.password import Password
from kiosk.node.room import Json, Room

log = logging.getLogger("kiosk.node.room.live")

# What it has to say are tracebacks about strangers' nonsense; our own faults go through `failed`.
wire_log = logging.getLogger("kiosk.node.room.wire")
wire_log.setLevel(logging.CRITICAL)

MAX_MESSAGE = 4 << 10
MAX_WAITING = 100
PING_INTERVAL_S = 10
PING_TIMEOUT_S = 10
PAGES = "room"


def attach(app: Flask, room: Room, password: Password) -> None:
    """Put Socket.IO in front of ``app``, and its pages behind the changes of ``room``."""
    server = SocketIO(
        app,
        async_mode="threading",
        async_handlers=False,
        always_connect=True,
        manage_session=False,
        max_http_buffer_size=MAX_MESSAGE,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        serve_client=False,
        transports=["websocket"],
        engineio_logger=wire_log,
    )

    def connected(_: object = None) -> None:
        session = request.sid  # type: ignore[attr-defined]
        if not password.may_look(request):
            server.emit("locked", {}, to=session)
            return
        rights = {"mayRetry": password.may_change(request), "locked": password.is_set}

        def show(whole: Json) -> None:
            server.emit("room", {**whole, **rights}, to=session)
            server.server.enter_room(session, PAGES)

        room.open(show)

    def failed(fault: Exception) -> None:
        log.error("live-failed", exc_info=fault)

    server.on_event("connect", connected)
    server.on_error_default(failed)
    # A page holds a thread of the server: it is let go when the node ends.
    room.listen(lambda news: _tell_all(server, news), lambda: lines.drop_all(server))


def _tell_all(server: Any, news: Json) -> None:
    server.emit("change", news, to=PAGES)
    lines.drop_waiting(server, MAX_WAITING, log)
