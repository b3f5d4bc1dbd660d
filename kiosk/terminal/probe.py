"""Tests the servers of the pool: who answers, how fast, and what each has."""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import quote

from kiosk import fetch
from kiosk.errors import ServerError
from kiosk.pool import Server
from kiosk.upstream import listing_of

TIMEOUT_S = 3.0
AT_ONCE = 16
# A server that answers with one of these is there, though it does not speak of meetings.
ALIVE = ("not-here", "busy", "forbidden", "rejected")

Row = dict[str, Any]


def test(servers: list[Server]) -> list[Row]:
    """One row a server, in order. What a server answers is judged, never passed on."""
    rows: list[Row] = [{} for _ in servers]
    places = iter(range(len(servers)))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                return
            rows[place] = _row(servers[place])

    threads = [threading.Thread(target=work, daemon=True) for _ in servers[:AT_ONCE]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return rows


def _row(server: Server) -> Row:
    row: Row = {"server": server.name, "reachable": False, "ms": None}
    row |= {"hasMeeting": None, "revision": None, "code": None, "message": None}
    began = time.monotonic()
    try:
        _, meetings = listing_of(server, TIMEOUT_S)
    except ServerError as fault:
        row |= {"reachable": fault.code in ALIVE, "code": fault.code, "message": fault.message}
        row |= {"hint": fault.hint, "details": dict(fault.details)}
    else:
        row |= {"reachable": True, "hasMeeting": bool(meetings)}
        if meetings:
            row["revision"] = _revision(server, meetings[0].id)
    if row["reachable"]:
        row["ms"] = round((time.monotonic() - began) * 1000)
    return row


def _revision(server: Server, meeting_id: str) -> str | None:
    """The revision of a meeting, from servers that tell it (contract §3b)."""
    url = server.url(f"/meetings/{quote(meeting_id, safe='')}/manifest")
    try:
        manifest = fetch.get_json(url, server.name, TIMEOUT_S)
    except ServerError:
        return None
    revision = manifest.get("revision") if isinstance(manifest, dict) else None
    return revision[:64] if isinstance(revision, str) else None
