"""Where a redirect may lead: over http or https to a server, and never from https to http."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from kiosk.errors import UnfitError

MAX_HOPS = 5
REDIRECTS = (301, 302, 303, 307, 308)


def redirected(url: str, target: str, server: str) -> str:
    """Where a redirect from ``url`` leads; UnfitError ``bad-redirect`` where it must not."""
    try:
        goal = urljoin(url, target) if target else ""
        parts = urlsplit(goal)
        named = parts.port != 0 and bool(parts.hostname)
    except ValueError:
        raise UnfitError("bad-redirect", server=server, why="an address that is none") from None
    if not named or parts.scheme not in ("http", "https"):
        raise UnfitError("bad-redirect", server=server, why=f"to {target[:80]!r}")
    if "@" in parts.netloc or re.match(r"169\.254\.|\[?fe80:", parts.hostname or "", re.I):
        raise UnfitError("bad-redirect", server=server, why="to an address that is no server's")
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise UnfitError("bad-redirect", server=server, why="from https to http")
    return goal
