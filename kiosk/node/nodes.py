"""Who else has a meeting's package: what other nodes say to this one, and what it says of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, jsonify, request

from kiosk.node import Node, wire
from kiosk.node.peers import Unbelievable
from kiosk.node.visitors import machine_of

_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def blueprint(node: Node) -> Blueprint:
    """The routes of contract §3a between a master and its nodes."""
    routes = Blueprint("nodes", __name__, url_prefix=wire.API)

    @routes.post("/nodes/register")
    @routes.post("/nodes/heartbeat")
    def heard() -> Response:
        try:
            peer = node.peers.heard(_said(), machine_of(request))
        except Unbelievable as fault:
            abort(422, f"not taken: {fault}")
        return jsonify(status="ok", node_id=peer.id)

    @routes.post("/nodes/unregister")
    def left() -> Response:
        node.peers.left(_said(), machine_of(request))
        return jsonify(status="ok")

    @routes.get("/meetings/<meeting_id>/download-nodes-info")
    def info(meeting_id: str) -> Response:
        if node.offered(meeting_id) is None:
            abort(404, f"no meeting {meeting_id[:80]} is in progress here")
        here = request.host if _HOST.fullmatch(request.host) else ""
        others = [peer.address for peer in node.peers.alive() if meeting_id in peer.synced]
        path = f"{wire.API}/meetings/{quote(meeting_id, safe='')}/download-package-direct"
        rows = [
            {"ip": address, "download_url": f"http://{address}{path}"}
            for address in dict.fromkeys([here, *others])
            if address
        ]
        answer = jsonify(rows)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return routes


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True, cache=False)
    if not isinstance(said, dict):
        abort(400, "a JSON object is expected")
    return said
