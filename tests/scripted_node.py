"""A node as a terminal sees it: one meeting, and an ear for reports. ``ours`` False: a master."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Json = dict[str, Any]


class ScriptedNode:
    """``heard`` are the reports; ``retry`` is for the next answer; ``asked`` are all paths."""

    def __init__(self, data: Json | None = None, *, ours: bool = True) -> None:
        self.data = data
        self.ours = ours
        self.heard: list[Json] = []
        self.retry: object = []
        self.status = 200
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def document(self, path: str) -> Json | None:
        """What a GET of ``path`` gives; None: nothing is there."""
        meetings = [self.data] if self.data else []
        if path.endswith("/status/token"):
            rows = [{"id": one["meeting_id"], "title": one["title"]} for one in meetings]
            return {"id": "T1" if rows else "none", "meetings": rows}
        found = [one for one in meetings if path.endswith(f"/{one['meeting_id']}/data")]
        return found[0] if found else None

    def report(self, body: bytes) -> Json:
        """Take a report in; what is answered."""
        self.heard.append(json.loads(body))
        retry, self.retry = self.retry, []
        return {"retry": retry}


def _handler(node: ScriptedNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            node.asked.append(self.path)
            self._answer(node.document(self.path), 200)

        def do_POST(self) -> None:
            node.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if node.status != 200:
                self._answer({"detail": "not now"}, node.status)
            else:
                self._answer(node.report(body), 200)

        def _answer(self, document: Json | None, status: int) -> None:
            content = json.dumps(document or {"detail": "not found"}).encode()
            self.send_response(404 if document is None else status)
            self.send_header("Content-Length", str(len(content)))
            if node.ours:
                self.send_header("Poll-Interval", "1")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """What was asked is in ``asked``."""

    return Handler
