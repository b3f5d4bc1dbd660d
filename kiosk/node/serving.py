"""Runs a node until somebody ends it: gunicorn, one process with threads, nginx in front if any.

The node itself lives in gunicorn's one worker: its source, its shelf, its state. The process that
was started only watches over it: a worker that is killed is followed by another, which finds
everything where it was. nginx is tied to the worker, and so is everything else that was started:
whoever is announced says goodbye when the worker ends, however it ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from kiosk import listening, tether
from kiosk.errors import UsageError
from kiosk.library import Library
from kiosk.node import Node, nginx, presence
from kiosk.node.app import create_app
from kiosk.node.aside import Aside
from kiosk.node.kept import Kept
from kiosk.node.roles import Role
from kiosk.node.room import Room, face, routes
from kiosk.readiness import Supervisor
from kiosk.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("kiosk.node.serving")

HOST, PORT = "0.0.0.0", 8001
RUN = "kiosk-node-"
SPARE_THREADS = 24  # for those that ask and are answered at once
KEEP_ALIVE_S = 15
LEAVE_S = 4
STUCK_S = 60
CONNECTIONS = 4096


def serve(settings: Settings, role: Role) -> None:
    """Serve until SIGTERM or SIGINT; prints the address once it answers there. Does not return.

    UsageError ``bad-setting`` where the address cannot be had, LocalError ``directory-in-use``.
    """
    listening.raise_file_limit()
    settings = _placed(settings)
    with Library(settings.directory).lock():
        pass  # somebody else has it: said now, by the process that people look at
    with _front(settings) as front:
        _Server(settings, role, front).run()


def place_of(settings: Settings) -> tuple[str, int]:
    """A node listens on every address, and on the port that a pool is looked for at."""
    host = HOST if settings.source("host") == "default" else settings.host or HOST
    return host, PORT if settings.source("port") == "default" else settings.port


def _placed(settings: Settings) -> Settings:
    host, port = place_of(settings)
    return dataclasses.replace(settings, host=host, port=listening.free_port(host, port))


@contextlib.contextmanager
def _front(settings: Settings) -> Iterator[tuple[str, nginx.Place] | None]:
    """The nginx that is to stand in front, and its place; None where threads serve alone."""
    program = nginx.program() if settings.front != "threads" else None
    if program is None:
        if settings.front == "nginx":
            raise UsageError("bad-setting", name="front", why="there is no nginx here")
        yield None
        return
    _remove_left_over()
    owner = os.getpid()
    run = Path(tempfile.mkdtemp(prefix=f"{RUN}{owner}-"))
    try:
        packages = settings.directory / "packages"
        place = nginx.Place(run, packages, settings.host, settings.port, settings.streams)
        why = nginx.prepare(program, place)
        if why and settings.front == "nginx":
            raise UsageError("bad-setting", name="front", why=why)
        if why:
            log.warning("without-nginx why=%r", why)
        yield None if why else (program, place)
    finally:
        # gunicorn's worker comes by here, too, when it leaves.
        if os.getpid() == owner:
            shutil.rmtree(run, ignore_errors=True)


def _remove_left_over() -> None:
    """The folders of nodes that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{RUN}*-*"):
        pid = left.name.removeprefix(RUN).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


class _Worker(ThreadWorker):  # type: ignore[misc]
    """Tells the node to leave as soon as it is asked to itself, while it serves the last ones."""

    leaving = threading.Event()

    def handle_exit(self, sig: int, frame: object) -> None:
        """SIGTERM."""
        super().handle_exit(sig, frame)
        self.leaving.set()


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings; `load` and what follows run in its worker."""

    def __init__(
        self, settings: Settings, role: Role, front: tuple[str, nginx.Place] | None
    ) -> None:
        self._settings = settings
        self._role = role
        self._front = front
        self._supervisor = Supervisor()
        self._stop: Callable[[], None] | None = None
        self._ending = threading.Lock()
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn, in both processes."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Called by gunicorn in its worker: the node begins to work."""
        node = Node(self._settings, self._role.make_source)
        node.behind_nginx = self._front is not None
        node.start()
        room = Room(node)
        pages = (*self._role.blueprints(node), routes.blueprint(room, node.password))
        app = create_app(node, pages, partial(face.attach, room=room))
        room.start()
        beside = list(self._beside(app))

        def stop() -> None:
            for one in reversed(beside):
                one.stop()
            room.stop()
            node.stop()

        self._stop = stop
        threading.Thread(target=self._leave, name="leaving", daemon=True).start()
        for one in beside:
            one.start()
        return app

    def _beside(self, app: WSGIApplication) -> Iterator[Aside | Kept]:
        """What stands in front of the application; and who announces it, once it can be asked."""
        if self._front is not None:
            program, place = self._front
            yield Aside(place.aside, app)
            yield nginx.Nginx(program, place)
        announcement = presence.of(self._settings, self._role.name)
        if announcement is not None:
            yield announcement

    def _options(self) -> Mapping[str, Any]:
        host, port = self._settings.host, self._settings.port
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return {
            "bind": self._front[1].socket if self._front else address,
            "worker_class": _Worker,
            "workers": 1,
            "threads": self._settings.streams + SPARE_THREADS,
            "worker_connections": max(CONNECTIONS, 2 * self._settings.streams),
            "keepalive": KEEP_ALIVE_S,
            "graceful_timeout": LEAVE_S,
            "timeout": STUCK_S,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_fork": self._forked,
            "post_worker_init": self._ready,
            "worker_exit": self._exited,
        }

    def _forked(self, _server: object, _worker: object) -> None:
        tether.tie(signal.SIGKILL)

    def _ready(self, _worker: object) -> None:
        print(  # noqa: T201 - what to open
            f"http://{listening.shown(self._settings.host)}:{self._settings.port}/", flush=True
        )
        self._supervisor.ready()

    def _leave(self) -> None:
        _Worker.leaving.wait()
        self._end()

    def _exited(self, _server: object, _worker: object) -> None:
        self._end()

    def _end(self) -> None:
        with self._ending:  # whoever comes second waits until it is done
            stop, self._stop = self._stop, None
            if stop is not None:
                stop()
