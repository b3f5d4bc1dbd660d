"""The pages: one shell for all of them; what is shown is decided in the browser."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from kiosk import assets
from kiosk.errors import UsageError
from kiosk.terminal import Terminal
from kiosk.web import faults

ROUTES = (
    "/",
    "/options",
    "/meetings/<meeting_id>",
    "/meetings/<meeting_id>/materials/<int:n>",
    "/meetings/<meeting_id>/search",
)
NOT_PAGES = ("/api", "/static", "/socket.io")


def blueprint(terminal: Terminal) -> Blueprint:
    """Page routes and what the shell needs."""
    pages = Blueprint("pages", __name__)

    def shell(**_: object) -> Response:
        settings = terminal.settings
        html = render_template(
            "shell.html",
            idle_minutes=f"{settings.idle_minutes:g}",
            dim_minutes=f"{settings.dim_minutes:g}",
            **assets.told(settings),
        )
        response = make_response(html)
        response.headers["Cache-Control"] = "no-store"
        return response

    for route in ROUTES:
        pages.add_url_rule(route, view_func=shell, endpoint="shell", methods=["GET"])

    @pages.app_errorhandler(NotFound)
    def nowhere(_: NotFound) -> Response:
        if request.path.startswith(NOT_PAGES):
            return faults.answer(UsageError("not-found"))
        response = shell()
        response.status_code = 404
        return response

    @pages.get("/accent.css")
    def accent() -> Response:
        response = Response(f":root{{--accent:{terminal.settings.accent}}}\n", mimetype="text/css")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @pages.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return pages
