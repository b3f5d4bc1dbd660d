"""A terminal tells its node how it stands, at once and from time to time, and nobody else."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from scripted_node import ScriptedNode

from kiosk.demo.origin import OriginPool, Status, pool_of
from kiosk.node.room.report import parsed
from kiosk.settings import TABLE
from kiosk.terminal.identity import identity
from kiosk.terminal.reporting import _retries

MEETING = meeting_of({"报告.txt": b"x" * 3000})
Json = dict[str, Any]


@pytest.fixture
def origins() -> Iterator[OriginPool]:
    """One server that fails; a test may bring it to life."""
    with pool_of([(Status(503),)], {"M1": MEETING}) as origins:
        yield origins


def terminal(node: ScriptedNode, origins: OriginPool, data_dir: Path, mode: str = "threading",
             **more: Any) -> KioskProcess:  # fmt: skip
    servers = [one.url for one in origins]
    settings = {"master": node.url, "servers": servers, "retries": 1, "seat": "主席台 1", **more}
    return KioskProcess(data_dir, mode, **settings)


def latest(node: ScriptedNode) -> Json:
    return node.heard[-1] if node.heard else {"meetings": []}


def phases(node: ScriptedNode) -> list[str]:
    return [held["phase"] for held in latest(node)["meetings"]]


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_failure_is_told_at_once_and_tried_again_where_the_node_asks_for_it(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    with ScriptedNode(MEETING.data) as node:
        with terminal(node, origins, tmp_path / "data", mode) as kiosk:
            eventually(lambda: phases(node) == ["absent"])
            first = latest(node)
            assert first["seat"] == "主席台 1" and first["freeBytes"] > 0
            kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: phases(node) == ["failed"])
            error = latest(node)["meetings"][0]["error"]
            assert (error["status"], error["code"]) == ("all_servers_failed", "busy")
            origins[0].faults = []
            node.retry = ["M1"]
            eventually(lambda: phases(node) == ["ready"])
            assert latest(node)["meetings"][0]["revision"] == kiosk.meeting()["local"]["revision"]
        assert len({said["id"] for said in node.heard}) == 1
        for said in node.heard:
            parsed(said)


def test_an_existing_master_is_told_nothing(origins: OriginPool, tmp_path: Path) -> None:
    with ScriptedNode(MEETING.data, ours=False) as node:
        with terminal(node, origins, tmp_path / "data", interval_s=1) as kiosk:
            eventually(lambda: kiosk.json("/api/meetings")["online"])
            kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: kiosk.json("/api/downloads/M1")["ending"])
            eventually(lambda: len(node.asked) > 6)
        assert node.heard == []
        assert not [path for path in node.asked if "report" in path]


@pytest.mark.fault("R5")
def test_a_node_that_refuses_is_left_in_peace_for_longer_and_longer(
    origins: OriginPool, tmp_path: Path
) -> None:
    with ScriptedNode(MEETING.data) as node:
        node.status = 503
        with terminal(node, origins, tmp_path / "data") as kiosk:
            eventually(lambda: "/api/v1/terminals/report" in node.asked)
            asked = len(node.asked)
            for n in range(8):
                kiosk.send("PUT", "/api/settings", {"seat": f"座位 {n}"})
                eventually(lambda n=n: len(node.asked) > asked + n)
            assert node.asked.count("/api/v1/terminals/report") <= 4
            assert kiosk.json("/api/meetings")["online"]


@pytest.mark.fault("R5")
def test_what_has_not_failed_here_is_not_begun_because_a_node_says_so(
    origins: OriginPool, tmp_path: Path
) -> None:
    with ScriptedNode(MEETING.data) as node:
        node.retry = ["M1", "M9", 5, None, {"x": 1}] + [f"M{n}" for n in range(1000)]
        with terminal(node, origins, tmp_path / "data") as kiosk:
            eventually(lambda: phases(node) == ["absent"])
            kiosk.send("PUT", "/api/settings", {"seat": "列席 2"})
            eventually(lambda: latest(node)["seat"] == "列席 2")
            assert kiosk.get("/api/downloads/M1").status_code == 404
            assert kiosk.get("/api/downloads/M9").status_code == 404


def test_a_seat_without_a_name_has_that_of_its_machine(origins: OriginPool, tmp_path: Path) -> None:
    with ScriptedNode(MEETING.data) as node:
        with terminal(node, origins, tmp_path / "data", seat=""):
            eventually(lambda: node.heard)
        assert latest(node)["seat"] == socket.gethostname()[:80]


def test_the_seat_is_a_setting_of_the_options_page() -> None:
    assert TABLE["seat"].on_page and TABLE["seat"].default == ""


@pytest.mark.parametrize(
    "answer", [None, [], "x", {}, {"retry": None}, {"retry": "M1"}, {"retry": {"M1": 1}}]
)
def test_an_answer_that_is_none_asks_for_nothing(answer: object) -> None:
    assert _retries(answer) == []


def test_an_answer_asks_for_a_few_meetings_at_most() -> None:
    assert len(_retries({"retry": [f"M{n}" for n in range(1000)]})) == 20


# The id


def cards(root: Path, **addresses: str) -> Path:
    for name, address in addresses.items():
        (root / name / "device").mkdir(parents=True)
        (root / name / "address").write_text(address + "\n")
    return root


def test_the_id_stays_over_restarts_and_when_a_card_is_added(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    first = identity(path, cards(tmp_path / "net", eth0="02:00:00:00:00:01"))
    assert identity(path, tmp_path / "net") == first
    cards(tmp_path / "net", wlan0="02:00:00:00:00:02")
    assert identity(path, tmp_path / "net") == first


@pytest.mark.fault("R3")
def test_a_machine_that_was_set_up_from_the_image_of_another_is_another_seat(
    tmp_path: Path,
) -> None:
    path = tmp_path / "terminal.json"
    first = identity(path, cards(tmp_path / "a", eth0="02:00:00:00:00:01"))
    second = identity(path, cards(tmp_path / "b", eth0="02:00:00:00:00:02"))
    assert second != first
    assert identity(path, tmp_path / "b") == second


def test_where_no_card_can_be_seen_the_id_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    first = identity(path, tmp_path / "nothing")
    assert identity(path, tmp_path / "nothing") == first
    assert identity(path, cards(tmp_path / "a", eth0="02:00:00:00:00:01")) == first


@pytest.mark.fault("C5")
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b'{"id": 5, "cards": []}', b'{"id": "x", "cards": []}',
     b'{"id": "' + b"a" * 32 + b'", "cards": 5}', b"[" * 60_000],
)  # fmt: skip
def test_a_damaged_id_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "terminal.json"
    path.write_bytes(content)
    made = identity(path, tmp_path / "nothing")
    assert identity(path, tmp_path / "nothing") == made
    assert json.loads(path.read_bytes())["id"] == made


def test_a_disk_that_refuses_does_not_keep_a_terminal_from_having_an_id(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert len(identity(tmp_path / "file" / "terminal.json", tmp_path / "nothing")) == 32
