"""The benchmark of a room runs, in small; its figures are not judged here."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import room
from playwright.sync_api import Page


@pytest.mark.browser
def test_a_room_is_measured_and_every_update_seen(page: Page, tmp_path: Path) -> None:
    found = room.measure(tmp_path, page, seats=20, probes=2)
    assert found.lost == 0
    assert 0 < found.update[0] <= found.update[2] and found.report[0] > 0
    facts = {"date": "2026-11-27", "machine": "a machine", "memory": 8.0, "load": 0.5}
    told = room.told(facts, found)
    assert "updates that were not seen: 0" in told and "500 simulated terminals" in told
