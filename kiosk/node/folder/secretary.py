"""The secretary's page at /secretary: meetings, their start and end, files dropped in.

It is behind the password of the node's pages; where none is set, it answers to this very machine
only. That the Host is ours and a change comes from our own origin is the guard's affair
(`kiosk.node.guard`); besides, what changes something comes by PUT, or as JSON, and no form of
another site can send either.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import ClientDisconnected, HTTPException

from kiosk import assets
from kiosk.errors import KioskError, LocalError, UsageError
from kiosk.node.folder import FolderSource, told
from kiosk.node.folder.description import ENDED, IN_PROGRESS
from kiosk.node.password import COOKIE, Password
from kiosk.node.visitors import machine_of
from kiosk.settings import Settings

PREFIX = "/secretary"
MAX_JSON = 16 << 10
MAX_PASSWORD = 100
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STATUSES = {"in-progress": IN_PROGRESS, "ended": ENDED}
CODES = {
    "unknown-meeting": 404, "unknown-material": 404, "password-needed": 403,
    "wrong-password": 403, "only-here": 403, "file-exists": 409, "status-said": 409,
    "bad-file-name": 422, "upload-too-large": 413, "upload-busy": 503, "disk-full": 507,
}  # fmt: skip

Json = Any


def blueprint(source: FolderSource, password: Password, settings: Settings) -> Blueprint:
    """All routes under /secretary."""
    pages = Blueprint(
        "secretary", __name__, url_prefix=PREFIX, template_folder=str(assets.TEMPLATES)
    )
    pages.after_request(_never_stored)
    pages.register_error_handler(KioskError, _answer)
    pages.register_error_handler(HTTPException, _foreign)
    _page(pages, password, settings)
    # What follows is for those who may.
    inner = Blueprint("secretary-api", __name__, url_prefix="/api")
    inner.before_request(lambda: _let_in(password))
    _state(inner, source, password)
    _changes(inner, source)
    pages.register_blueprint(inner)
    return pages


def _page(pages: Blueprint, password: Password, settings: Settings) -> None:
    @pages.get("")
    def page() -> Response:
        html = render_template("secretary.html", **assets.told(settings))
        response = make_response(html)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @pages.post("/unlock")
    def unlock() -> Json:
        given = _body().get("password")
        if not isinstance(given, str) or len(given) > MAX_PASSWORD:
            raise UsageError("bad-request", why="password must be text")
        session = password.enter(given, machine_of(request))
        response = jsonify(unlocked=True)
        response.set_cookie(COOKIE, session, httponly=True, samesite="Strict")
        return response


def _state(pages: Blueprint, source: FolderSource, password: Password) -> None:
    @pages.get("/meetings")
    def meetings() -> Json:
        seen = source.seen
        if request.args.get("since") == str(seen.version):
            return Response(status=204)
        return jsonify(
            version=seen.version,
            folder=str(source.folder),
            fault=seen.fault,
            hears=seen.hears,
            locks=password.is_set,
            mostBytes=source.arrivals.most,
            meetings=[told.glance(view) for view in seen.views],
            refused=[{"path": one.path, "why": one.why} for one in seen.refused],
        )

    @pages.get("/meetings/<meeting_id>")
    def meeting(meeting_id: str) -> Json:
        view = source.seen.view(meeting_id)
        if view is None:
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return jsonify(told.whole(view))


def _changes(pages: Blueprint, source: FolderSource) -> None:
    @pages.post("/meetings")
    def make() -> Json:
        name = _body().get("name")
        if not isinstance(name, str) or len(name) > 200:
            raise UsageError("bad-request", why="name must be text")
        made = source.arrivals.make_meeting(name.strip())
        source.look_now()
        return jsonify(folder=made), 201

    @pages.put("/meetings/<meeting_id>/status")
    def say(meeting_id: str) -> Json:
        status = STATUSES.get(str(_body().get("status")))
        if status is None:
            raise UsageError("bad-request", why="status must be in-progress or ended")
        source.say(meeting_id, status)
        return jsonify(said=True)

    @pages.put("/meetings/<meeting_id>/files/<name>")
    def receive(meeting_id: str, name: str) -> Json:
        folder, size = source.name_of(meeting_id), request.content_length
        if size is None or request.mimetype != "application/octet-stream":
            raise UsageError("bad-request", why="a file comes as it is, with its length")
        request.max_content_length = size  # the arrivals know how much may come
        replace = request.args.get("replace") == "1"
        try:
            source.arrivals.receive(folder, name, request.stream, size, replace=replace)
        except ClientDisconnected:
            raise UsageError("upload-cut", name=name[:80], received="?", expected=size) from None
        source.look_now()
        return jsonify(name=name, bytes=size), 201

    @pages.delete("/meetings/<meeting_id>/files/<path:path>")
    def remove(meeting_id: str, path: str) -> Json:
        folder, view = source.name_of(meeting_id), source.seen.view(meeting_id)
        if path not in {row.path for row in view.rows if row.may_go} if view else ():
            raise UsageError("unknown-material")
        source.arrivals.remove(folder, path)
        source.look_now()
        return jsonify(path=path)


def _let_in(password: Password) -> None:
    """UsageError where whoever asks may not: only those who may change something may look."""
    if not password.may_change(request):
        raise UsageError("password-needed" if password.is_set else "only-here")


def _body() -> dict[str, Any]:
    request.max_content_length = MAX_JSON
    if request.mimetype != "application/json":
        raise UsageError("bad-request", why="JSON is expected")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise UsageError("bad-request", why="an object is expected")
    return body


def _answer(fault: KioskError) -> Response:
    response = jsonify(detail=fault.message, error=fault.to_json())
    response.status_code = CODES.get(fault.code, 500 if isinstance(fault, LocalError) else 400)
    if fault.code == "wrong-password":
        response.headers["Retry-After"] = str(max(1, round(float(fault.details["seconds"]))))
    return response


def _foreign(fault: HTTPException) -> Response:
    code = fault.code or 500
    is_ours = code >= 500
    response = _answer(
        LocalError("internal") if is_ours else UsageError("bad-request", why=fault.name)
    )
    response.status_code = code
    return response


def _never_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
