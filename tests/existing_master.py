"""A master of the existing make, as contract §3a describes it: its shapes, its gaps, its timing."""

from __future__ import annotations

import hashlib
import io
import json
import re
import socket
import threading
import time
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote, unquote

API = "/api/v1"
STATIC = "/static/packages/"
ON, OVER = "进行中", "已结束"
KEEP_ALIVE_S = 5.0

Json = dict[str, Any]


@dataclass
class Meeting:
    """A meeting of the master. ``lacking`` are files that its packages are built without."""

    id: str
    title: Any
    files: dict[str, bytes]
    status: str = ON
    lacking: frozenset[str] = frozenset()
    error: str = ""
    builds: int = 0
    package: bytes = field(default=b"", repr=False)

    def build(self) -> None:
        """Pack it anew; every build has other bytes."""
        self.builds += 1
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            if self.error:
                archive.writestr("ERROR.txt", self.error)
            else:
                archive.writestr("README.txt", f"build {self.builds}")
                for number, (name, content) in enumerate(self.files.items(), 1):
                    if name not in self.lacking:
                        archive.writestr(f"01_议题/{self._temp_id(number)}.pdf", content)
        self.package = packed.getvalue()

    @property
    def etag(self) -> str:
        about = f"{self.id} {self.builds} {len(self.package)}"
        return f'"{hashlib.md5(about.encode(), usedforsecurity=False).hexdigest()}"'

    def _temp_id(self, number: int) -> str:
        return f"tmp{number}"

    def agenda(self) -> list[Json]:
        rows = [
            {"name": name, "display_name": name, "size": len(content),
             "temp_id": self._temp_id(number), "agenda_folder": "01_议题", "total_pages": 1}
            for number, (name, content) in enumerate(self.files.items(), 1)
        ]  # fmt: skip
        return [{"position": 1, "title": "工作报告", "files": rows}]


class ExistingMaster:
    """Listens from the moment it is made until `close`; ``asked`` are the requests it got.

    ``token_delay_s``: so long after a start the token is still the old one. ``sends_to``: the node
    (host:port) to which it sends on whoever asks for a package. ``delivered`` counts those that it
    gave out itself.
    """

    def __init__(self, *meetings: Meeting, port: int = 0, token_delay_s: float = 0.0) -> None:
        self.meetings = {meeting.id: meeting for meeting in meetings}
        self.token_delay_s = token_delay_s
        self.asked: list[str] = []
        self.said: list[tuple[str, Json]] = []
        self.static = True
        self.sends_to = ""
        self.delivered = 0
        self._token, self._next, self._turns_at = "token-1", "token-1", 0.0
        for meeting in meetings:
            meeting.build()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """One for the whole master; late after a start, the same after an edit or an end."""
        if not any(meeting.status == ON for meeting in self.meetings.values()):
            return "none"
        if time.monotonic() >= self._turns_at:
            self._token = self._next
        return self._token

    def start(self, meeting: Meeting) -> None:
        """A meeting begins, or begins again."""
        meeting.status = ON
        meeting.build()
        self.meetings[meeting.id] = meeting
        self._next = f"token-{time.monotonic_ns()}"
        self._turns_at = time.monotonic() + self.token_delay_s

    def end(self, meeting_id: str) -> None:
        self.meetings[meeting_id].status = OVER

    def edit(self, meeting_id: str, name: str, content: bytes) -> None:
        """Somebody replaces a file: the package is built anew, the token stays."""
        self.meetings[meeting_id].files[name] = content
        self.meetings[meeting_id].build()

    def heard(self, what: str) -> list[Json]:
        """What nodes have said under ``/nodes/…``."""
        return [said for kind, said in list(self.said) if kind == what]

    def close(self) -> None:
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], master: ExistingMaster) -> None:
        self.master = master
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is nothing to print."""

    def hang_up(self) -> None:
        for request in list(self._open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = KEEP_ALIVE_S
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_HEAD(self) -> None:
        self._json(405, {"detail": "Method Not Allowed"})

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        what = self.path.rpartition("/")[2]
        titles = [row["title"] for row in said.get("active_meetings", ())]
        if not all(isinstance(title, str) for title in titles):
            self._json(422, {"detail": "title is not a string"})
            return
        self.server.master.said.append((what, said))
        self._json(200, {"status": "ok"})

    def do_GET(self) -> None:
        master, path = self.server.master, unquote(self.path)
        master.asked.append(path)
        if path.startswith(STATIC):
            self._static(path.removeprefix(STATIC))
            return
        parts = path.removeprefix(f"{API}/meetings/").split("/")
        if parts == ["status", "token"]:
            rows = [
                {"id": one.id, "title": one.title, "time": "2026-11-24 09:00"}
                for one in master.meetings.values() if one.status == ON
            ]  # fmt: skip
            self._json(200, {"id": master.token, "meetings": rows})
            return
        meeting = master.meetings.get(parts[0])
        if meeting is None:
            self._json(404, {"detail": "Meeting not found"})
        elif parts[1:] == []:
            self._json(200, self._details(meeting))
        elif meeting.status != ON:
            self._json(503 if parts[1] == "download-package" else 404, {"detail": "not running"})
        elif parts[1] == "data":
            self._json(200, self._data(meeting))
        elif parts[1] == "download-package" and master.sends_to:
            self.send_response(302)
            where = f"{API}/meetings/{quote(meeting.id)}/download-package-direct"
            self.send_header("Location", f"http://{master.sends_to}{where}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts[1] in ("download-package", "download-package-direct"):
            master.delivered += 1
            self._chunked(meeting.package)
        elif parts[1] == "download-nodes-info":
            self._json(200, self._nodes(meeting))
        else:
            self._json(404, {"detail": "Not Found"})

    def _data(self, meeting: Meeting) -> Json:
        data = {
            "id": self.server.master.token, "meeting_id": meeting.id, "title": meeting.title,
            "intro": None, "time": "2026-11-24 09:00", "status": meeting.status,
            "agenda_items": meeting.agenda(),
        }  # fmt: skip
        if self.server.master.static:
            data["package_url"] = f"{STATIC}会议 {meeting.id}.zip"
        return data

    def _details(self, meeting: Meeting) -> Json:
        rows = [{**row, "reporter": "王芳", "duration_minutes": 20} for row in meeting.agenda()]
        return {**self._data(meeting), "id": meeting.id, "agenda_items": rows}

    def _nodes(self, meeting: Meeting) -> list[Json]:
        beats = self.server.master.heard("heartbeat")
        named = {said["address"] for said in beats if meeting.id in said["synced_meetings"]}
        here = f"127.0.0.1:{self.server.master.port}"
        path = f"{API}/meetings/{meeting.id}/download-package-direct"
        return [
            {"ip": one, "download_url": f"http://{one}{path}"} for one in [here, *sorted(named)]
        ]

    def _static(self, name: str) -> None:
        found = re.fullmatch(r"会议 (.+)\.zip", name)
        meeting = self.server.master.meetings.get(found[1]) if found else None
        if meeting is None or not self.server.master.static:
            self._json(404, {"detail": "Not Found"})
            return
        package, etag = meeting.package, meeting.etag
        start, stop, status = 0, len(package), 200
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range", etag) == etag:
            status = 206
            if asked[1]:
                start = int(asked[1])
                stop = min(stop, int(asked[2]) + 1) if asked[2] else stop
            else:
                start = max(0, stop - int(asked[2]))
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", str(stop - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(package)}")
        self.end_headers()
        self.wfile.write(package[start:stop])

    def _chunked(self, body: bytes) -> None:
        """As the master itself sends it: no length, no ETag, no ranges."""
        self.send_response(200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(body), 4096):
            piece = body[at : at + 4096]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
