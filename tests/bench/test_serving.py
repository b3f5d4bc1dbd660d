"""The benchmark of a node that many ask at once runs, in small; its figures are not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench import serving

from kiosk.demo.origin import Origin, OriginMeeting

FACTS = {"date": "2026-11-28", "machine": "a machine", "memory": 8.0, "load": 0.5}


def test_every_server_has_its_turn_and_every_terminal_its_package(tmp_path: Path) -> None:
    turns = serving.measure(tmp_path, rounds=1, terminals=5, size=1_000_000)
    assert list(turns) == [serving.NODE, serving.BARE, serving.THREADS]
    for name, (turn,) in turns.items():
        assert len(turn.seconds) == 5 and turn.wrong == [], name
        assert bool(turn.health) == (name != serving.BARE) and turn.memory > 1
    told = serving.told(FACTS, turns, 5)
    assert (
        "of 1 MB each" in told and told.count("5 of 5") == 3 and "all of them right (met)" in told
    )


def test_a_terminal_of_the_fleet_sees_a_wrong_byte(tmp_path: Path) -> None:
    right = bytes(range(256)) * 2000
    (tmp_path / "package.zip").write_bytes(right)
    wrong = right[:300_000] + b"?" + right[300_001:]
    with Origin(meetings={"M1": OriginMeeting(wrong, {"title": "x"})}) as origin:
        host, _, port = origin.name.partition(":")
        script = Path(serving.__file__).with_name("fleet.py")
        path = "/api/v1/meetings/M1/download-package"
        command = [
            sys.executable,
            str(script),
            host,
            port,
            path,
            str(tmp_path / "package.zip"),
            "2",
        ]
        ran = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert json.loads(ran.stdout)["wrong"] == ["other bytes"] * 2
