"""The scripted fault server: a master or a node of contract.md §3a that misbehaves on demand.

Raw sockets and a thread for each connection: what a fault says is what happens on the wire. Used
by the tests, the benchmark and the demo. Linux only, as the terminal is.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from io import BufferedReader
from typing import Any, Self

from kiosk.demo.origin import faults as f
from kiosk.demo.origin.delivery import Delivery
from kiosk.demo.origin.log import ClientLeft, Log, Request, client_left
from kiosk.demo.origin.meeting import OriginMeeting
from kiosk.demo.origin.misbehaving import misbehave, send

API = "/api/v1"


class Origin:
    """A server on ``host:port`` (0: any free port) with ``meetings`` by id and a list of faults.

    ``nodes`` are what ``download-nodes-info`` lists, ``token`` what ``status/token`` says ("none"
    without meetings).
    ``faults``, ``meetings``, ``nodes`` and ``token`` may be replaced while it runs. It listens from
    the moment it is made until `close`; as a context manager it closes itself.
    """

    keep_alive_s = 5.0
    plain = False

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        meetings: Mapping[str, OriginMeeting] | None = None,
        faults: Iterable[f.Fault] = (),
        *,
        log: Log | None = None,
    ) -> None:
        self.meetings = dict(meetings or {})
        self.log = Log() if log is None else log
        self.nodes: list[str] = []
        self.token = "token-1"
        self._script = f.Script(faults)
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False
        self._listener = socket.create_server((host, port), backlog=256)
        self.host, self.port = self._listener.getsockname()[:2]
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Where its interface begins: ``http://host:port/api/v1``."""
        return f"http://{self.name}{API}"

    @property
    def open_packages(self) -> int:
        """The most package requests ever open at once, over all servers that share the log."""
        return self.log.open_packages

    @property
    def faults(self) -> None:
        """Write only: a new script, which begins from its start."""
        raise AttributeError("faults can be replaced, not read")

    @faults.setter
    def faults(self, faults: Iterable[f.Fault]) -> None:
        self._script = f.Script(faults)

    def close(self) -> None:
        """Stops listening and breaks off every connection; its port is free afterwards."""
        with self._lock:
            self._closed = True
            connections = list(self._connections)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name=f"origin {self.name}", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.add(connection)
            self._start(self._serve, connection, f"{peer[0]}:{peer[1]}")

    def _serve(self, connection: socket.socket, peer: str) -> None:
        reader = connection.makefile("rb")
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._one_request(connection, reader, peer):
                pass
        except OSError:
            pass  # the client is gone, and the log says so
        finally:
            with self._lock:
                self._connections.discard(connection)
            reader.close()
            connection.close()

    def _one_request(self, connection: socket.socket, reader: BufferedReader, peer: str) -> bool:
        connection.settimeout(self.keep_alive_s)
        request = read_request(reader, self.name, peer)
        if request is None:
            return False
        connection.settimeout(None)
        found = self._package_at(request.path)
        request.package = found is not None
        struck = self._script.take(request.path, request.package)
        self.log.opened(request, connection)
        left = True
        try:
            alive = self._answer(connection, request, struck, found)
            left = False
        except ClientLeft:
            return False
        finally:
            self.log.closed(request, client_left=left)
        if isinstance(struck.get("end"), f.HangUp):
            return False
        return alive and request.headers.get("connection", "").lower() != "close"

    def _answer(
        self,
        connection: socket.socket,
        request: Request,
        struck: dict[f.Kind, f.Fault],
        found: OriginMeeting | int | None,
    ) -> bool:
        delay = struck.get("delay")
        if isinstance(delay, f.SlowStart) and client_left(connection, delay.seconds):
            raise ClientLeft
        other = struck.get("package")
        if isinstance(other, f.OtherPackage) and isinstance(found, OriginMeeting):
            found = other.meeting
        if "answer" in struck:
            meeting = found if isinstance(found, OriginMeeting) else None
            return misbehave(connection, request, struck["answer"], meeting)
        if isinstance(found, OriginMeeting) and self._allowed(request):
            with contextlib.closing(found.source()) as source:
                return Delivery(connection, request, source, struck).send()
        if found is not None:
            status = found if isinstance(found, int) else 405
            return send(connection, request, status, {"detail": "no package"})
        if self.plain:
            return send(connection, request, 404, {"detail": "Not Found"})
        return send(connection, request, *self._document(request))

    def _allowed(self, request: Request) -> bool:
        """HEAD works on the static package only, as on the existing master."""
        return request.method == "GET" or (request.method == "HEAD" and API not in request.path)

    def _package_at(self, path: str) -> OriginMeeting | int | None:
        """The meeting whose package is at ``path``, the status if there should be one, or None."""
        found = re.fullmatch(rf"{API}/meetings/([^/]+)/download-package(-direct)?", path)
        if found:
            meeting = self.meetings.get(found.group(1))
            return 404 if meeting is None else meeting if meeting.ongoing else 503
        static = (m for m in self.meetings.values() if m.package_url and m.package_url == path)
        return None if self.plain else next(static, None)

    def _document(self, request: Request) -> tuple[int, Any]:
        """What the master's JSON interface answers: status and document."""
        parts = request.path.removeprefix(f"{API}/meetings/").split("/")
        ongoing = {key: value for key, value in self.meetings.items() if value.ongoing}
        rows = [meeting.listed(key) for key, meeting in ongoing.items()]
        if parts == ["status", "token"]:
            return 200, {"id": self.token if rows else "none", "meetings": rows}
        if parts == ["status", "node"]:
            short = [{"id": row["id"], "title": row["title"]} for row in rows]
            return 200, {"id": self.token, "active_meetings": short, "timestamp": ""}
        meeting = self.meetings.get(parts[0])
        if meeting is None or not request.path.startswith(API):
            return 404, {"detail": "Not Found"}
        if parts[1:] == ["download-nodes-info"]:
            path = f"{API}/meetings/{parts[0]}/download-package"
            names = [self.name, *self.nodes]
            return 200, [{"ip": name, "download_url": f"http://{name}{path}"} for name in names]
        if parts[1:] == ["manifest"] and meeting.modern and meeting.ongoing:
            return 200, meeting.manifest(parts[0])
        if parts[1:] == [] or (parts[1:] == ["data"] and meeting.ongoing):
            return 200, meeting.document(parts[0], self.token)
        return 404, {"detail": "Not Found"}


class PlainOrigin(Origin):
    """A server that knows nothing but ``/api/v1/meetings/ID/download-package``."""

    plain = True


def read_request(reader: BufferedReader, server: str, peer: str) -> Request | None:
    """The next request of a connection; None when there is none any more, or it is not one."""
    words = reader.readline(65536).decode("latin-1").split()
    if len(words) != 3:
        return None
    headers: dict[str, str] = {}
    while line := reader.readline(65536).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    reader.read(int(headers.get("content-length", "0")))
    path = urllib.parse.unquote(words[1].partition("?")[0])
    return Request(server, peer, words[0], path, headers)
