"""Role 1's face: pages, JSON interface, live events and the guard in front of all of them."""

from __future__ import annotations

from flask import Flask

from kiosk import assets
from kiosk.terminal import Terminal
from kiosk.web import api, contained, faults, files, live, marks, pages
from kiosk.web.access import Access
from kiosk.web.guard import Address, Guard

MAX_BODY = 64 << 10


def create_app(terminal: Terminal, port: int | None = None) -> Flask:
    """The web application of a terminal, served on ``port`` (default: the one that is set).

    ``app.extensions["socketio"]`` is its Socket.IO server.
    """
    settings = terminal.settings
    app = Flask(
        "kiosk.web",
        template_folder=str(assets.TEMPLATES),
        static_folder=str(assets.STATIC),
        static_url_path="/static",
    )
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    files.know_types()
    faults.handle(app)
    access = Access(lambda: terminal.settings)
    app.register_blueprint(pages.blueprint(terminal))
    app.register_blueprint(api.blueprint(terminal, access))
    app.register_blueprint(marks.blueprint(terminal))
    app.register_blueprint(files.blueprint(terminal))
    app.register_blueprint(contained.blueprint())
    live.attach(app, terminal, settings.async_mode)
    address = Address.of(
        settings.host, settings.port if port is None else port, settings.allowed_hosts
    )
    app.wsgi_app = Guard(app.wsgi_app, address)  # type: ignore[method-assign]
    return app
