"""JSON documents of other machines, within bounds of size and depth."""

from __future__ import annotations

import json
from typing import Any

from kiosk.errors import UnfitError

MAX_JSON_BYTES = 8 << 20
MAX_JSON_DEPTH = 50


def parsed(body: bytes, server: str) -> Any:
    """The document; UnfitError ``bad-answer`` where it is none, or nested without end."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise UnfitError("bad-answer", server=server, why="not JSON") from None
    if _is_deep(document):
        raise UnfitError("bad-answer", server=server, why="JSON nested without end")
    return document


def _is_deep(document: object) -> bool:
    """Whether it is nested deeper than what compares and writes it may be able to follow."""
    level = [document]
    for _ in range(MAX_JSON_DEPTH):
        nested = [one for one in level if isinstance(one, dict | list)]
        level = [
            inner for one in nested for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
