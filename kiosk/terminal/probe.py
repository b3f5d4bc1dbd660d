"""Tests the servers of the pool: who answers, how fast, what each is and has."""

from __future__ import annotations

import email.utils
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kiosk import fetch
from kiosk.errors import ServerError
from kiosk.pool import Server
from kiosk.upstream import told_over

TIMEOUT_S = 3.0
AT_ONCE = 16
# A server that answers with one of these is there, though it does not speak of meetings.
ALIVE = ("not-here", "busy", "forbidden", "token-needed", "rejected")

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
    row: Row = {"server": server.name, "reachable": False, "ms": None, "ours": None}
    row |= {"hasMeeting": None, "revision": None, "code": None, "message": None}
    row["clockOffsetS"] = None
    began = time.monotonic()
    try:
        with fetch.Call(server.name) as call:
            _, meetings, poll_s = told_over(call, server, TIMEOUT_S)
            row |= {"ours": poll_s is not None, "clockOffsetS": _offset_s(call.headers)}
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


def _offset_s(headers: Mapping[str, str]) -> int | None:
    """By how many seconds its clock is ahead of ours (RFC 9110 §6.6.1); None where it says none."""
    try:
        told = email.utils.parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return round(told - time.time())


def _revision(server: Server, meeting_id: str) -> str | None:
    """The revision of a meeting, from servers that tell it (contract §3b)."""
    url = server.url(f"/meetings/{quote(meeting_id, safe='')}/manifest")
    try:
        manifest = fetch.get_json(url, server.name, TIMEOUT_S)
    except ServerError:
        return None
    revision = manifest.get("revision") if isinstance(manifest, dict) else None
    return revision[:64] if isinstance(revision, str) else None
