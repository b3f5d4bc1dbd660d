"""Live lines of Socket.IO whose other end does not read: they are cut, and connect again."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Mapping
from typing import Any, cast


def drop_waiting(server: Any, most: int, log: logging.Logger) -> None:
    """Cut each line for which more than ``most`` messages wait."""
    for session, line in list(server.server.eio.sockets.items()):
        if line.queue.qsize() > most and not line.closing:
            log.warning("line-dropped waiting=%d", line.queue.qsize())
            _drop(server, session, line)


def drop_all(server: Any) -> None:
    """Cut every line."""
    for session, line in list(server.server.eio.sockets.items()):
        _drop(server, session, line)


def _drop(server: Any, session: str, line: Any) -> None:
    connection = _connection(server.server.environ.get(session, {}))
    line.close(wait=False, abort=True)
    if connection is not None:
        # Only this wakes whoever is in the middle of sending.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _connection(environ: Mapping[str, Any]) -> socket.socket | None:
    """The socket below a WebSocket, where the web server tells it."""
    if "eventlet.input" in environ:
        return cast(socket.socket, environ["eventlet.input"].get_socket())
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
