"""The site's token: what a node gives to machines it gives to those only who say it (RFC 6750).

Health, figures and what browsers come for stay open, or have their own password.
"""

from __future__ import annotations

import hmac

from flask import Request, Response, jsonify

from kiosk.errors import UnfitError
from kiosk.node import wire

HELD = (f"{wire.API}/", f"{wire.PACKAGES}/", "/_part/", "/_whole/", "/status")
OPEN = (f"{wire.API}/room",)


def refusal(request: Request, token: str) -> Response | None:
    """The answer (401) to whoever does not say ``token``, where it is wanted; else None."""
    if not token or not request.path.startswith(HELD) or request.path.startswith(OPEN):
        return None
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    right = hmac.compare_digest(said.strip().encode(), token.encode())
    if right and scheme.lower() == "bearer":
        return None
    fault = UnfitError("token-needed", server=request.host[:100])
    answer = jsonify(detail=fault.message, error=fault.to_json())
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
