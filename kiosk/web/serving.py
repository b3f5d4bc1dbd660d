"""Runs the web server of a terminal until somebody ends the process.

On eventlet (patched in by ``python -m kiosk``) or on ordinary threads; both listen in a thread of
their own, while the main thread waits for SIGTERM or SIGINT and then ends the terminal in order.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from kiosk import listening
from kiosk.errors import UsageError
from kiosk.readiness import Supervisor
from kiosk.terminal import Terminal
from kiosk.web import create_app

log = logging.getLogger("kiosk.serving")

IDLE_S = 30
KEEP_ALIVE_S = 30
MAX_CONNECTIONS = 4096
MAX_URL = 8192
LISTEN_S = 10.0


def serve(terminal: Terminal, host: str, port: int, mode: str) -> None:
    """Serve until SIGTERM or SIGINT; prints the address to open once it answers there.

    UsageError ``bad-setting`` where the address cannot be had.
    """
    supervisor = Supervisor()
    listening.raise_file_limit()
    port = listening.free_port(host, port)
    terminal.start()
    try:
        app = create_app(terminal, port)
        listen = _eventlet if mode == "eventlet" else _threads
        server = threading.Thread(target=listen, args=(app, host, port), daemon=True)
        with _signalled() as wait:
            server.start()
            _wait_until_open(server, host, port)
            print(f"http://{listening.shown(host)}:{port}/", flush=True)  # noqa: T201 - what to open
            supervisor.ready()
            with supervisor.pulse():
                wait()
        log.info("stopping")
    finally:
        terminal.stop()


def _eventlet(app: Flask, host: str, port: int) -> None:
    server: Any = app.extensions["socketio"]
    server.run(
        app,
        host=host,
        port=port,
        log_output=False,
        debug=False,
        use_reloader=False,
        log=logging.getLogger("kiosk.wsgi"),
        socket_timeout=IDLE_S,
        keepalive=KEEP_ALIVE_S,
        max_size=MAX_CONNECTIONS,
        url_length_limit=MAX_URL,
    )


def _threads(app: Flask, host: str, port: int) -> None:
    make_server(host, port, app, threaded=True, request_handler=_Handler).serve_forever()


class _Handler(WSGIRequestHandler):
    """Says nothing about itself, and leaves a client that says nothing."""

    timeout = IDLE_S

    def send_header(self, keyword: str, value: str) -> None:
        if keyword.lower() != "server":
            super().send_header(keyword, value)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        log.debug("wsgi " + message.rstrip(), *args)


def _wait_until_open(server: threading.Thread, host: str, port: int) -> None:
    deadline = time.monotonic() + LISTEN_S
    while time.monotonic() < deadline and server.is_alive():
        if listening.is_open(host, port):
            return
        time.sleep(0.01)
    raise UsageError("bad-setting", name="host", why=f"cannot listen on {host}:{port}")


class _signalled:  # noqa: N801 - reads as a word
    """Gives a function that waits for SIGTERM or SIGINT, in both modes.

    The handler itself does nothing: under eventlet it may run inside the hub, where nothing may
    wait. The interpreter writes the signal's number to a socket, and reading that is what waits.
    """

    def __enter__(self) -> Callable[[], None]:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        return self._wait

    def _wait(self) -> None:
        wanted = {int(signal.SIGTERM), int(signal.SIGINT)}
        while not wanted & set(self._reader.recv(64)):
            continue

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._reader.close()
        self._writer.close()
