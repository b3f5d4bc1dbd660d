"""The JSON interface of marks: what readers wrote on the pages of a material (contract §4)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from kiosk.terminal import Terminal
from kiosk.terminal.marking import Asked

MAX_BODY = 2 << 20  # a page that is full


def blueprint(terminal: Terminal) -> Blueprint:
    """The routes; they name a material as the addresses of its bytes do."""
    marks = Blueprint("marks", __name__, url_prefix="/api/meetings/<meeting_id>/materials/<int:n>")
    marks.after_request(_never_stored)

    @marks.get("/marks")
    def shown(meeting_id: str, n: int) -> Response:
        return jsonify(terminal.marking.shown(_asked(meeting_id, n)))

    @marks.put("/marks/<int:page>")
    def save(meeting_id: str, n: int, page: int) -> Response:
        request.max_content_length = MAX_BODY
        if request.mimetype != "application/json":
            raise UnsupportedMediaType
        return jsonify(terminal.marking.save(_asked(meeting_id, n), page, request.get_json()))

    return marks


def _asked(meeting_id: str, n: int) -> Asked:
    return Asked(meeting_id, n, request.args.get("r"), request.args.get("sha256"))


def _never_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
