"""Every fault leaves in one shape: ``{"error": {"code", "message", "hint", "details"}}``.

Faults of our own carry their code; what Flask and Werkzeug raise is translated here and nowhere
else. (An address that leads nowhere is pages.py's: it shows the shell, which says so in words.)
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kiosk.errors import KioskError, LocalError, UsageError
from kiosk.settings import SettingsErrors

log = logging.getLogger("kiosk.web")

STATUS = {
    "unknown-meeting": 404,
    "unknown-material": 404,
    "not-found": 404,
    "not-allowed": 405,
    "wrong-host": 403,
    "pin-needed": 403,
    "wrong-pin": 403,
    "no-servers": 409,
    "download-running": 409,
    "marks-changed": 409,
    "too-many-marks": 413,
    "bad-setting": 422,
}


def handle(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(KioskError, _ours)
    app.register_error_handler(HTTPException, _foreign)
    app.register_error_handler(Exception, _unforeseen)


def answer(fault: KioskError, status: int | None = None) -> Response:
    """The JSON answer for a fault."""
    error: dict[str, Any] = fault.to_json()
    if isinstance(fault, SettingsErrors):
        error["fields"] = {name: one.to_json() for name, one in fault.fields.items()}
    response = jsonify({"error": error})
    unforeseen = 400 if isinstance(fault, UsageError) else 500
    response.status_code = status or STATUS.get(fault.code, unforeseen)
    response.headers["Cache-Control"] = "no-store"
    if fault.code == "wrong-pin":
        response.headers["Retry-After"] = str(max(1, round(float(fault.details["seconds"]))))
    return response


def _ours(fault: KioskError) -> Response:
    return answer(fault)


def _foreign(fault: HTTPException) -> ResponseReturnValue:
    code = fault.code or 500
    if code < 400:
        return fault.get_response()
    if code == 405:
        response = answer(UsageError("not-allowed"))
        response.headers["Allow"] = ", ".join(sorted(getattr(fault, "valid_methods", None) or []))
        return response
    if code == 416:
        return fault.get_response()
    if code < 500:
        return answer(UsageError("bad-request", why=fault.name), code)
    return answer(LocalError("internal"), code)


def _unforeseen(fault: Exception) -> Response:
    log.error("unforeseen path=%r", request.path, exc_info=fault)
    return answer(LocalError("internal"))
