"""The snapshot of a download, by the vectors that the page's own reducer is held to as well."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.progress import TIMELINE_LENGTH, reduce

VECTORS = json.loads((Path(__file__).parent / "vectors" / "downloads.json").read_text("utf-8"))


def after(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    snapshot = None
    for event in events:
        before = copy.deepcopy(snapshot)
        payload = {key: value for key, value in event.items() if key != "event"}
        following = reduce(snapshot, event["event"], payload)
        assert snapshot == before, "a snapshot that was given out must not change"
        snapshot = following
    return snapshot


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_events_lead_to_the_snapshot(vector: dict[str, Any]) -> None:
    assert after(vector["events"]) == vector["snapshot"]


def test_timeline_keeps_only_the_latest_lines() -> None:
    start = {"event": "downloadStart", "meetingId": "M", "servers": ["a"]}
    switches = [
        {"event": "serverSwitch", "meetingId": "M", "from": str(i), "to": "b", "reason": "reset"}
        for i in range(TIMELINE_LENGTH + 50)
    ]
    snapshot = after([start, *switches])
    assert snapshot is not None
    assert len(snapshot["timeline"]) == TIMELINE_LENGTH
    assert snapshot["timeline"][-1]["from"] == str(TIMELINE_LENGTH + 49)
