"""The JSON interface (contract §4). What a change must carry is in guard.py and `_body`."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from kiosk import pool
from kiosk.discovery.hearing import Hearing
from kiosk.errors import UsageError
from kiosk.setting import SECRETS
from kiosk.settings import SETTINGS, Settings
from kiosk.terminal import Terminal
from kiosk.terminal.reading import place_of
from kiosk.web.access import IDLE_S, Access

COOKIE = "kiosk_unlocked"

Json = Any


def blueprint(terminal: Terminal, access: Access) -> Blueprint:
    """All routes under /api."""
    api = Blueprint("api", __name__, url_prefix="/api")
    api.after_request(_never_stored)
    _meetings(api, terminal, access)
    _downloads(api, terminal)
    _settings(api, terminal, access)
    _locks(api, access)
    return api


def _meetings(api: Blueprint, terminal: Terminal, access: Access) -> None:
    @api.get("/meetings")
    def meetings() -> Json:
        return jsonify(terminal.meetings())

    @api.get("/meetings/<meeting_id>")
    def meeting(meeting_id: str) -> Json:
        return jsonify(terminal.meeting(meeting_id, request.args.get("revision")))

    @api.get("/meetings/<meeting_id>/search")
    def search(meeting_id: str) -> Json:
        asked = request.args
        return jsonify(terminal.search(meeting_id, asked.get("q", ""), asked.get("r")))

    @api.delete("/meetings/<meeting_id>")
    def purge(meeting_id: str) -> Json:
        _unlocked(access)
        return jsonify(dataclasses.asdict(terminal.purge(meeting_id)))

    @api.put("/meetings/<meeting_id>/reading")
    def keep_place(meeting_id: str) -> Json:
        body = _body()
        n, revision = body.get("n"), body.get("revision")
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise UsageError("bad-request", why="n must be the number of a material")
        if revision is not None and not isinstance(revision, str):
            raise UsageError("bad-request", why="revision must be text")
        terminal.keep_place(meeting_id, n, revision, place_of(body.get("place")))
        return jsonify({"kept": True})


def _downloads(api: Blueprint, terminal: Terminal) -> None:
    @api.post("/downloads")
    def start() -> Json:
        snapshot, new = terminal.download(meeting_id_of(_body()))
        return jsonify(snapshot), 202 if new else 200

    @api.get("/downloads/<meeting_id>")
    def download(meeting_id: str) -> Json:
        return jsonify(terminal.download_of(meeting_id))

    @api.delete("/downloads/<meeting_id>")
    def cancel(meeting_id: str) -> Json:
        return jsonify(terminal.cancel(meeting_id)), 202


def _settings(api: Blueprint, terminal: Terminal, access: Access) -> None:
    hearing = Hearing()

    @api.get("/settings")
    def settings() -> Json:
        _unlocked(access)
        return jsonify(_shown(terminal.settings))

    @api.put("/settings")
    def save() -> Json:
        _unlocked(access)
        changes = _body()
        terminal.save_settings(changes)
        if "pin" in changes:
            access.lock_all_but(request.cookies.get(COOKIE))
        return jsonify(_shown(terminal.settings))

    @api.get("/pool")
    def preview() -> Json:
        _unlocked(access)
        return jsonify(_preview(request.args.to_dict(), terminal.settings))

    @api.post("/servers/test")
    def test() -> Json:
        _unlocked(access)
        return jsonify({"servers": terminal.test_servers()})

    @api.post("/servers/hear")
    def hear() -> Json:
        _unlocked(access)
        return jsonify(hearing.now(terminal.settings.discovery_on).to_json())


def _locks(api: Blueprint, access: Access) -> None:
    @api.post("/unlock")
    def unlock() -> Json:
        pin = _body().get("pin")
        if not isinstance(pin, str) or len(pin) > 100:
            raise UsageError("bad-request", why="pin must be text")
        response = jsonify({"unlocked": True, "seconds": IDLE_S})
        session = access.unlock(pin)
        response.set_cookie(COOKIE, session, path="/api", httponly=True, samesite="Strict")
        return response

    @api.post("/lock")
    def lock() -> Json:
        access.lock(request.cookies.get(COOKIE))
        response = jsonify({"unlocked": False})
        response.delete_cookie(COOKIE, path="/api", httponly=True, samesite="Strict")
        return response


def meeting_id_of(body: object) -> str:
    """``meetingId`` of what a page sent; UsageError ``bad-request``."""
    meeting_id = body.get("meetingId") if isinstance(body, dict) else None
    if not isinstance(meeting_id, str) or not 0 < len(meeting_id) <= 200:
        raise UsageError("bad-request", why="meetingId must be text of at most 200 characters")
    return meeting_id


def _body() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    body = request.get_json()
    if not isinstance(body, dict):
        raise UsageError("bad-request", why="not an object")
    return body


def _unlocked(access: Access) -> None:
    access.check(request.cookies.get(COOKIE))


def _shown(settings: Settings) -> Json:
    """The table with its values; a secret is only ever set or not."""
    rows = [
        {
            "name": row.name,
            "type": row.type,
            "group": row.group,
            "value": "" if row.type in SECRETS else getattr(settings, row.name),
            "default": row.default,
            "source": settings.source(row.name),
            "unit": row.unit,
            "choices": list(row.choices),
            "minimum": row.minimum,
            "maximum": row.maximum,
            "locked": settings.locked(row.name),
        }
        for row in SETTINGS
        if row.on_page
    ]
    return {"settings": rows, "pinSet": bool(settings.pin)}


def _preview(typed: dict[str, str], settings: Settings) -> Json:
    """The pool that these values would make; ``note`` names what is wrong with them."""
    values: dict[str, Any] = {}
    for row in SETTINGS:
        if row.name in ("server_ip", "server_port", "server_count"):
            try:
                values[row.name] = row.read(typed.get(row.name, getattr(settings, row.name)))
            except UsageError as fault:
                return {"servers": [], "note": fault.code, "error": fault.to_json()}
    servers = pool.generate(values["server_ip"], values["server_port"], values["server_count"])
    note = None if servers else "no-servers"
    return {"servers": [server.name for server in servers], "note": note, "error": None}


def _never_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
