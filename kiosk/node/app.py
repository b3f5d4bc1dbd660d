"""The web application of a node: one blueprint a concern, and one shape for its faults.

Faults are told as the existing master tells them: ``{"detail": "…"}``. Who may come in by a
browser, and what every answer carries, is the guard's affair, which stands outside of all this.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kiosk import assets
from kiosk.errors import KioskError
from kiosk.node import Node, bearer, meetings, nodes, packages, renditions, status
from kiosk.node.guard import Guard

log = logging.getLogger("kiosk.node.app")

MAX_BODY = 256 << 10


def create_app(
    node: Node, blueprints: Iterable[Blueprint] = (), attach: Callable[[Flask], None] | None = None
) -> Flask:
    """The application of a node; ``blueprints`` are further ones (a room's, a folder's pages).

    ``attach`` puts what is no route in front of it (a live line), inside of the guard.
    """
    app = Flask("kiosk.node", static_folder=str(assets.STATIC), static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    # Escaped: what upstream says may hold halves of characters that no encoding can write.
    app.json.ensure_ascii = True  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.before_request(lambda: bearer.refusal(request, node.settings.node_token))
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(KioskError, _failed)
    app.register_error_handler(Exception, _broke)
    ours = (meetings.blueprint(node), packages.blueprint(node), nodes.blueprint(node))
    for blueprint in (*ours, renditions.blueprint(node), status.blueprint(node), *blueprints):
        app.register_blueprint(blueprint)
    if attach is not None:
        attach(app)
    guarded = Guard(app.wsgi_app, node.settings.allowed_hosts)
    app.wsgi_app = guarded  # type: ignore[method-assign]
    return app


def _refused(fault: HTTPException) -> ResponseReturnValue:
    if fault.response is not None:
        return fault.get_response()
    answer = jsonify(detail=fault.description or fault.name)
    answer.status_code = fault.code or 500
    kept = ("allow", "retry-after", "location")
    for name, value in fault.get_headers():
        if name.lower() in kept:
            answer.headers[name] = value
    return answer


def _failed(fault: KioskError) -> ResponseReturnValue:
    return jsonify(detail=fault.message, error=fault.to_json()), 400


def _broke(fault: Exception) -> ResponseReturnValue:
    log.error("request-broke", exc_info=fault)
    return jsonify(detail="internal fault"), 500
