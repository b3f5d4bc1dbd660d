"""The snapshot of a download: everything a page needs that opens in the middle of it. Pure.

`reduce` takes the snapshot before an event and gives the one after it; it changes nothing in place.
The page does the same in static/js/state.js, and tests/vectors/downloads.json holds both to the
same answers. Rules: a download begins with ``downloadQueued`` or ``downloadStart``; the first of
complete, error and cancelled ends it, and whatever comes after that is not listened to until the
next one begins; bytes and percent never fall and never pass the total; the segments tell whose
bytes are on the disk, and begin anew where some have to be fetched again; ``ready`` are the numbers
of the materials that can be opened, ``front`` is the one that somebody waits for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Snapshot = dict[str, Any]

TIMELINE_LENGTH = 200
MOST_SEGMENTS = 12
PHASES = ("waiting", "connecting", "downloading", "verifying", "publishing")
TAKEN = (
    "server", "serverIndex", "serverCount", "attempt", "bytesPerSecond", "secondsLeft", "streamed",
)  # fmt: skip
ENDED = {
    "downloadComplete": "complete",
    "downloadError": "failed",
    "downloadCancelled": "cancelled",
}


def reduce(snapshot: Snapshot | None, name: str, payload: Mapping[str, Any]) -> Snapshot | None:
    """The snapshot after event ``name``; None while there never was a download."""
    if name == "downloadQueued":
        return _queued(snapshot, payload)
    if name == "downloadStart":
        return _started(snapshot, payload)
    if snapshot is None or snapshot["ending"] is not None:
        return snapshot
    if name in ENDED:
        return _ended(snapshot, name, payload)
    step = {
        "downloadProgress": _progressed,
        "serverSwitch": _switched,
        "materialReady": _material_ready,
        "materialWanted": _material_wanted,
    }.get(name)
    return step(snapshot, payload) if step else snapshot


def _fresh(meeting_id: str) -> Snapshot:
    return {
        "meetingId": meeting_id,
        "state": "connecting",
        "phase": "connecting",
        "server": None,
        "serverIndex": 0,
        "serverCount": 0,
        "attempt": 0,
        "receivedBytes": 0,
        "reusedBytes": 0,
        "heldBytes": 0,
        "totalBytes": None,
        "percent": 0.0,
        "bytesPerSecond": 0.0,
        "secondsLeft": None,
        "servers": [],
        "startsAt": None,
        "automatic": False,
        "timeline": [],
        "segments": [],
        "ready": [],
        "front": None,
        "ending": None,
    }


def _queued(snapshot: Snapshot | None, payload: Mapping[str, Any]) -> Snapshot:
    waiting = {"state": "waiting", "phase": "waiting", "front": _kept(snapshot, "front")}
    told = {"startsAt": payload.get("startsAt"), "automatic": payload.get("automatic", False)}
    return _fresh(payload["meetingId"]) | waiting | told


def _started(snapshot: Snapshot | None, payload: Mapping[str, Any]) -> Snapshot:
    after = _fresh(payload["meetingId"])
    after["automatic"] = _kept(snapshot, "automatic") or False
    after["front"] = _kept(snapshot, "front")
    after["servers"] = list(payload.get("servers", []))
    after["serverCount"] = len(after["servers"])
    after["totalBytes"] = payload.get("totalBytes")
    return _with_line(after, {"kind": "start", "at": payload.get("at")})


def _kept(snapshot: Snapshot | None, name: str) -> Any:
    """What was said of a download that waited, and holds when it begins."""
    return snapshot[name] if snapshot is not None and snapshot["ending"] is None else None


def _progressed(snapshot: Snapshot, payload: Mapping[str, Any]) -> Snapshot:
    phase = payload.get("phase")
    after = snapshot | {key: payload[key] for key in TAKEN if key in payload}
    if phase in PHASES:
        after |= {"phase": phase, "state": phase}
    if payload.get("totalBytes") is not None:
        after["totalBytes"] = payload["totalBytes"]
    for key in ("receivedBytes", "reusedBytes"):
        after[key] = max(snapshot[key], payload.get(key, 0))
    after["percent"] = min(100.0, max(snapshot["percent"], payload.get("percent", 0.0)))
    return after | _held(after, payload)


def _held(after: Snapshot, payload: Mapping[str, Any]) -> Snapshot:
    """Who delivered what is on the disk; it begins anew where some of it is lost again."""
    held = payload.get("heldBytes", after["receivedBytes"] + after["reusedBytes"])
    segments, reused = after["segments"], after["reusedBytes"]
    if payload.get("delivered"):
        return {"segments": _by_server(segments, payload["delivered"]), "heldBytes": held}
    if held < reused + _delivered(segments):
        segments, reused = [], payload.get("reusedBytes", 0)
    arrived = held - reused - _delivered(segments)
    credited = _credited(segments, after["server"], arrived)
    return {"segments": credited, "reusedBytes": reused, "heldBytes": held}


def _delivered(segments: list[Snapshot]) -> int:
    return sum(segment["bytes"] for segment in segments)


def _by_server(segments: list[Snapshot], delivered: Mapping[str, int]) -> list[Snapshot]:
    """The segments that lead to ``delivered``; anew where a server has less than before.

    Of servers that send at the same time each has one segment, which grows.
    """
    before = {segment["server"]: 0 for segment in segments}
    for segment in segments:
        before[segment["server"]] += segment["bytes"]
    if any(delivered.get(server, 0) < count for server, count in before.items()):
        segments, before = [], {}
    more = {server: count - before.get(server, 0) for server, count in delivered.items()}
    together = sum(count > 0 for count in more.values()) > 1
    for server, count in more.items():
        segments = _credited(segments, server, count, MOST_SEGMENTS if not together else 0)
    return segments


def _credited(
    segments: list[Snapshot], server: str | None, arrived: int, most: int = MOST_SEGMENTS
) -> list[Snapshot]:
    """The segments with ``arrived`` more bytes from ``server`` at their end.

    From ``most`` segments on they are added to its latest one.
    """
    if arrived <= 0 or server is None:
        return segments
    places = [at for at, segment in enumerate(segments) if segment["server"] == server]
    latest = places[-1] if places else -1
    if not places or (latest < len(segments) - 1 and len(segments) < most):
        return [*segments, {"server": server, "bytes": arrived}]
    grown = {"server": server, "bytes": segments[latest]["bytes"] + arrived}
    return [*segments[:latest], grown, *segments[latest + 1 :]]


def _switched(snapshot: Snapshot, payload: Mapping[str, Any]) -> Snapshot:
    line = {"kind": "switch", "at": payload.get("at")}
    told = ("from", "to", "reason", "message", "details", "waitSeconds")
    line |= {key: payload[key] for key in told if key in payload}
    phase = "waiting" if payload.get("waitSeconds") else "connecting"
    still = {"bytesPerSecond": 0.0, "secondsLeft": None, "state": phase, "phase": phase}
    return _with_line(snapshot | still | {"server": payload.get("to")}, line)


def _material_ready(snapshot: Snapshot, payload: Mapping[str, Any]) -> Snapshot:
    index = payload["index"]
    front = None if snapshot["front"] == index else snapshot["front"]
    return snapshot | {"ready": sorted({*snapshot["ready"], index}), "front": front}


def _material_wanted(snapshot: Snapshot, payload: Mapping[str, Any]) -> Snapshot:
    index = payload["index"]
    return snapshot if index in snapshot["ready"] else snapshot | {"front": index}


def _ended(snapshot: Snapshot, name: str, payload: Mapping[str, Any]) -> Snapshot:
    ending = {"event": name, **payload}
    kind = {"complete": "complete", "failed": "error", "cancelled": "cancelled"}[ENDED[name]]
    line = {"kind": kind, "at": payload.get("at")}
    told = ("status", "message", "receivedBytes", "reusedBytes", "seconds", "servers")
    line |= {key: payload[key] for key in told if key in payload}
    after = snapshot | {"state": ENDED[name], "ending": ending, "startsAt": None}
    after |= {"bytesPerSecond": 0.0, "secondsLeft": None}
    if name == "downloadComplete":
        after |= _whole(snapshot, payload)
    return _with_line(after, line)


def _whole(snapshot: Snapshot, payload: Mapping[str, Any]) -> Snapshot:
    """The numbers at the end: the last progress may have been told before the last bytes came."""
    received = max(snapshot["receivedBytes"], payload.get("receivedBytes", 0))
    reused = max(snapshot["reusedBytes"], payload.get("reusedBytes", 0))
    segments = snapshot["segments"]
    if payload.get("servers"):
        segments = _by_server(segments, payload["servers"])
    else:
        arrived = received - _delivered(segments)
        segments = _credited(segments, snapshot["server"], arrived)
    return {
        "percent": 100.0,
        "receivedBytes": received,
        "reusedBytes": reused,
        "totalBytes": snapshot["totalBytes"] or received + reused,
        "segments": segments,
    }


def _with_line(snapshot: Snapshot, line: Snapshot) -> Snapshot:
    return snapshot | {"timeline": [*snapshot["timeline"], line][-TIMELINE_LENGTH:]}
