"""What a node says of the meetings in progress (contract §3a, §3b)."""

from __future__ import annotations

import datetime
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify

from kiosk.node import Node, wire


def blueprint(node: Node) -> Blueprint:
    """The routes under ``/api/v1/meetings`` that answer with documents."""
    routes = Blueprint("meetings", __name__, url_prefix=f"{wire.API}/meetings")

    @routes.get("/status/token")
    def token() -> Response:
        rows = [
            {"id": one.id, "title": one.title or one.id, "time": one.time}
            for one in node.source.offered()
        ]
        answer = jsonify(id=node.token(), meetings=rows)
        answer.headers["Poll-Interval"] = str(node.pollers.asked())
        return _fresh(answer)

    @routes.get("/status/node")
    def state() -> Response:
        rows = [{"id": one.id, "title": one.title or one.id} for one in node.source.offered()]
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return _fresh(jsonify(id=node.token(), active_meetings=rows, timestamp=now))

    @routes.get("/<meeting_id>/data")
    def data(meeting_id: str) -> Response:
        document = node.document(meeting_id)
        if document is None:
            _not_here(meeting_id)
        return _fresh(jsonify(document))

    @routes.get("/<meeting_id>")
    def details(meeting_id: str) -> Response:
        document = node.document(meeting_id)
        if document is None:
            _not_here(meeting_id)
        record = node.record(meeting_id)
        return _fresh(jsonify(_detailed(document, meeting_id, record.manifest if record else None)))

    @routes.get("/<meeting_id>/manifest")
    def manifest(meeting_id: str) -> Response:
        document = node.manifest(meeting_id)
        if document is None:
            _not_here(meeting_id)
        return _fresh(jsonify(document))

    return routes


def _detailed(
    document: dict[str, Any], meeting_id: str, manifest: dict[str, Any] | None
) -> dict[str, Any]:
    """The document as ``/meetings/ID`` has it: the meeting's own id in the place of the token, and
    where each file can be had.
    """
    return {**wire.with_addresses(document, manifest), "id": meeting_id}


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _not_here(meeting_id: str) -> NoReturn:
    abort(404, f"no meeting {meeting_id[:80]} is in progress here")
