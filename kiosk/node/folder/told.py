"""What the secretary's page is told: the folder at a glance, and one meeting with its files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kiosk.node.folder.description import ENDED, IN_PROGRESS, PLANNED
from kiosk.node.folder.view import View

STATUS = {IN_PROGRESS: "in-progress", ENDED: "ended", PLANNED: "planned"}

Json = dict[str, Any]


def glance(view: View) -> Json:
    """A meeting in the list: how many of its files are in which state."""
    states = Counter(row.state for row in view.rows)
    published = view.published
    return {
        "id": view.id,
        "folder": view.folder,
        "title": view.title,
        "time": view.time,
        "status": STATUS.get(view.status, "planned"),
        "said": view.said,
        "fault": view.fault,
        "states": dict(states),
        "published": {
            "revision": published.revision,
            "at": published.published_at,
            "materials": sum(one.sha256 is not None for one in published.materials),
            "bytes": sum(one.bytes for one in published.materials),
        }
        if published
        else None,
    }


def whole(view: View) -> Json:
    """A meeting with what each of its files became."""
    rows = [
        {"path": row.path, "bytes": row.bytes, "state": row.state, "why": row.why}
        for row in view.rows
    ]
    return {**glance(view), "rows": rows}
