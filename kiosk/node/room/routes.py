"""What terminals, people and machines ask of the room (contract §3b)."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from kiosk import assets
from kiosk.errors import KioskError, UsageError
from kiosk.node.password import COOKIE, Password
from kiosk.node.room import Room
from kiosk.node.room.seats import MOST
from kiosk.node.room.table import table
from kiosk.node.visitors import machine_of

MAX_REPORT = 128 << 10
MAX_PASSWORD = 100
API = "/api/v1"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
STATUS = {"password-needed": 403, "wrong-password": 403}


def blueprint(room: Room, password: Password) -> Blueprint:
    """The routes of the room; the guard (`kiosk.node.guard`) stands before them."""
    routes = Blueprint("room", __name__, template_folder=str(assets.TEMPLATES))
    routes.register_error_handler(KioskError, _told)
    _reports(routes, room)
    _pages(routes, room, password)
    _deeds(routes, room, password)
    return routes


def _reports(routes: Blueprint, room: Room) -> None:
    @routes.post(f"{API}/terminals/report")
    def report() -> ResponseReturnValue:
        request.max_content_length = MAX_REPORT
        answer = jsonify(retry=room.report(_said(), machine_of(request)))
        return _fresh(answer)


def _pages(routes: Blueprint, room: Room, password: Password) -> None:
    @routes.get("/")
    def start() -> ResponseReturnValue:
        return redirect("/room")

    @routes.get("/room")
    def page() -> ResponseReturnValue:
        settings = room.node.settings
        secretary = "secretary" in current_app.blueprints
        html = render_template("room.html", secretary=secretary, **assets.told(settings))
        answer = make_response(html)
        answer.headers["Content-Security-Policy"] = POLICY.format(host=request.host)
        return _fresh(answer)

    @routes.get("/accent.css")
    def accent() -> ResponseReturnValue:
        rule = f":root{{--accent:{room.node.settings.accent}}}\n"
        return _fresh(Response(rule, mimetype="text/css"))

    @routes.get("/room.csv")
    def spreadsheet() -> ResponseReturnValue:
        password.check(password.may_look(request))
        answer = Response(table(room.rows()), content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="room.csv"'
        return _fresh(answer)


def _deeds(routes: Blueprint, room: Room, password: Password) -> None:
    @routes.post(f"{API}/room/retry")
    def retry() -> ResponseReturnValue:
        password.check(password.may_change(request))
        return _fresh(jsonify(seats=room.retry(_ids(_said()))))

    @routes.post(f"{API}/room/unlock")
    def unlock() -> ResponseReturnValue:
        said = _said()
        given = said.get("password") if isinstance(said, dict) else None
        if not isinstance(given, str) or len(given) > MAX_PASSWORD:
            raise UsageError("bad-request", why="password must be text")
        session = password.enter(given, machine_of(request))
        answer = _fresh(jsonify(unlocked=True))
        answer.set_cookie(COOKIE, session, httponly=True, samesite="Strict")
        return answer


def _said() -> Any:
    """The JSON document of a request; UsageError ``bad-request`` where there is none."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        document = request.get_json(silent=True, cache=False)
    except RecursionError:
        document = None
    if document is None:
        raise UsageError("bad-request", why="not JSON")
    return document


def _ids(said: Any) -> list[str] | None:
    """The seats that are meant; None: all."""
    only = said.get("only") if isinstance(said, dict) else None
    if only is None:
        return None
    if not isinstance(only, list) or len(only) > MOST:
        raise UsageError("bad-request", why="only must be a list of ids")
    return [one for one in only if isinstance(one, str)]


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(fault: KioskError) -> ResponseReturnValue:
    answer = jsonify(detail=fault.message, error=fault.to_json())
    answer.status_code = STATUS.get(fault.code, 400 if isinstance(fault, UsageError) else 500)
    if fault.code == "wrong-password":
        answer.headers["Retry-After"] = str(max(1, round(float(fault.details["seconds"]))))
    return _fresh(answer)
