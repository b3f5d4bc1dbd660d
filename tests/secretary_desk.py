"""The secretary's page for tests: an origin over a folder with its page, on a port of its own."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Self

import requests
from flask import Flask, Response
from folders import Origin
from werkzeug.serving import WSGIRequestHandler, make_server

from kiosk import assets
from kiosk.node.folder import secretary
from kiosk.node.guard import Guard
from kiosk.node.password import Password
from kiosk.settings import Settings

LOOK_S = 0.02


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nobody reads it."""


class Desk:
    """A running origin and its page; use it as a context manager."""

    def __init__(self, folder: Path, data_dir: Path, **settings: Any) -> None:
        self.folder = folder
        self.origin = Origin(folder, data_dir)
        self.url = ""
        self._settings = Settings.load(settings, {})
        self._source = threading.Thread(target=self.origin.source.run)

    def open(self, port: int = 0) -> None:
        """Answer, on that port."""
        app = Flask("desk", static_folder=str(assets.STATIC), static_url_path="/static")
        app.config["MAX_CONTENT_LENGTH"] = 256 << 10  # as a node has it
        password = Password(lambda: self._settings)
        app.register_blueprint(secretary.blueprint(self.origin.source, password, self._settings))
        app.add_url_rule("/accent.css", view_func=lambda: Response("", mimetype="text/css"))
        app.wsgi_app = Guard(app.wsgi_app)  # type: ignore[method-assign]
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
        self._answering = threading.Thread(target=self._server.serve_forever, args=(LOOK_S,))
        self._answering.start()
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> int:
        """Answer no more; the port that it was on."""
        port = int(self._server.port)
        self._server.shutdown()
        self._answering.join()
        self._server.server_close()
        return port

    def __enter__(self) -> Self:
        self._source.start()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.origin.source.stop()
        self._source.join()

    def secretary(self, path: str = "") -> str:
        """An address of the page."""
        return f"{self.url}/secretary{path}"

    def states(self) -> list[str]:
        """The state of each meeting that has a revision."""
        told = requests.get(self.secretary("/api/meetings"), timeout=10).json()
        return [one["status"] for one in told["meetings"] if one["published"]]
