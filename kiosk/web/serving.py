"""Runs the web server of a terminal until somebody ends the process.

On eventlet (patched in by ``python -m kiosk``) or on ordinary threads; both listen in a thread of
their own, while the main thread waits for SIGTERM or SIGINT and then ends the terminal in order.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from kiosk.errors import UsageError
from kiosk.terminal import Terminal
from kiosk.web import create_app

log = logging.getLogger("kiosk.serving")

IDLE_S = 30
KEEP_ALIVE_S = 30
MAX_CONNECTIONS = 4096
MAX_URL = 8192
LISTEN_S = 10.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}


def serve(terminal: Terminal, host: str, port: int, mode: str) -> None:
    """Serve until SIGTERM or SIGINT; prints the address to open once it answers there.

    UsageError ``bad-setting`` where the address cannot be had.
    """
    _raise_file_limit()
    port = _free_port(host, port)
    terminal.start()
    try:
        app = create_app(terminal, port)
        listen = _eventlet if mode == "eventlet" else _threads
        server = threading.Thread(target=listen, args=(app, host, port), daemon=True)
        with _signalled() as wait:
            server.start()
            _wait_until_open(server, host, port)
            print(f"http://{_shown(host)}:{port}/", flush=True)  # noqa: T201 - what to open
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


def _free_port(host: str, port: int) -> int:
    """``port``, or a free one for 0. Eventlet shares a port that is taken; so it is tried first."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as fault:
        name = "port" if fault.errno == errno.EADDRINUSE else "host"
        why = f"{host}:{port}: {fault.strerror}"
        raise UsageError("bad-setting", name=name, why=why) from fault


def _wait_until_open(server: threading.Thread, host: str, port: int) -> None:
    deadline = time.monotonic() + LISTEN_S
    while time.monotonic() < deadline and server.is_alive():
        with contextlib.suppress(OSError), socket.create_connection((_shown(host), port), 1.0):
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


def _raise_file_limit() -> None:
    """A connection is a file: take as many as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65536) if hard != resource.RLIM_INFINITY else 65536
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _shown(host: str) -> str:
    host = ANYWHERE.get(host, host)
    return f"[{host}]" if ":" in host else host
