"""Terminals that know one address and no pool: who is behind it they are told, or sent to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from existing_master import ExistingMaster, Meeting
from folders import fill
from kiosk_process import KioskProcess, eventually, meeting_of
from node_process import NodeProcess
from origin_process import OriginProcess

from kiosk import events, worker
from kiosk.demo.origin import CutAt, EmptyBody, Fault, HtmlPage, Origin, Status
from kiosk.job import Job
from kiosk.library import Library

FIRST = {"报告.pdf": b"%PDF-1.4 first " * 9000, "预算.pdf": b"%PDF-1.4 budget " * 20_000}
SECOND = b"%PDF-1.4 the second one, of another size"


@pytest.fixture
def master() -> Iterator[ExistingMaster]:
    with ExistingMaster(Meeting("M1", "经营工作会", dict(FIRST))) as master:
        master.static = False
        yield master


def terminal(data_dir: Path, port: int) -> KioskProcess:
    """One that knows this one address, and fetches by itself."""
    one = {"server_ip": "127.0.0.1", "server_port": port, "interval_s": 1, "in_order": True}
    return KioskProcess(data_dir, "threading", **one, auto_download=True, start_delay_s=0)


def first_material(kiosk: KioskProcess, content: bytes) -> Any:
    """The first file of the meeting, as soon as it has that content."""

    def shown() -> bool:
        if not any(row["local"] for row in kiosk.json("/api/meetings")["meetings"]):
            return False
        material = kiosk.meeting()["agenda"][0]["materials"][0]
        return bool(kiosk.get(material["url"]).content == content)

    return eventually(shown)


def brought_by(kiosk: KioskProcess) -> dict[str, int]:
    """Bytes by server, of the latest download."""
    return dict(kiosk.json("/api/downloads/M1")["ending"]["servers"])


def test_a_terminal_follows_the_master_to_its_node_and_comes_back_when_that_is_dead(
    master: ExistingMaster, tmp_path: Path
) -> None:
    with NodeProcess(tmp_path / "node", master.url) as node:
        node.wait_until_served()
        eventually(lambda: master.heard("heartbeat")[-1:] and master.heard("heartbeat"))
        master.sends_to, master.delivered = f"127.0.0.1:{node.port}", 0
        with terminal(tmp_path / "seat", master.port) as kiosk:
            first_material(kiosk, FIRST["报告.pdf"])
            assert master.delivered == 0, "every byte came from the node"
            node.stop()
            master.edit("M1", "报告.pdf", SECOND)
            first_material(kiosk, SECOND)
            assert "/api/v1/meetings/M1/download-package-direct" in master.asked
            assert master.delivered > 0


@pytest.mark.fault("A14")
@pytest.mark.parametrize(
    "wrong",
    [None, HtmlPage(), Status(401), Status(503), CutAt(0), EmptyBody()],
    ids=["dead", "a page", "401", "503", "cut", "empty"],
)
def test_wherever_a_redirect_leads_the_one_server_is_asked_for_its_own(
    master: ExistingMaster, tmp_path: Path, wrong: Fault | None
) -> None:
    other = {"M1": meeting_of({"x.txt": b"another package"})}
    with Origin(meetings=other, faults=[wrong] if wrong else []) as node:
        master.sends_to = node.name
        if wrong is None:
            node.close()
        server = f"{master.url}/api/v1"
        job = Job("M1", str(tmp_path), [server], master=server, min_free_mb=0)
        heard: list[events.Event] = []
        assert worker.run(job, heard.append, threading.Event()) == 0, heard[-1]
    manifest = Library(tmp_path).current("M1")
    assert manifest is not None
    assert [one.bytes for one in manifest.materials] == [len(one) for one in FIRST.values()]
    assert master.delivered == 1


def test_behind_one_address_of_ours_a_terminal_finds_the_nodes(tmp_path: Path) -> None:
    folder = fill(tmp_path / "meetings", {"M1/01_报告/a.bin": b"a" * 3_000_000})
    with (
        OriginProcess(folder, tmp_path / "origin") as origin,
        NodeProcess(tmp_path / "node", origin.url) as node,
    ):
        node.wait_until_served()
        info = "/api/v1/meetings/M1/download-nodes-info"
        here, there = f"127.0.0.1:{origin.port}", f"127.0.0.1:{node.port}"
        eventually(lambda: [row["ip"] for row in origin.json(info)] == [here, there])
        with terminal(tmp_path / "seat", origin.port) as kiosk:
            first_material(kiosk, b"a" * 3_000_000)
            assert set(brought_by(kiosk)) <= {here, there}
            node.kill()
            node.stop()
            fill(folder, {"M1/01_报告/a.bin": b"b" * 2_000_000})
            first_material(kiosk, b"b" * 2_000_000)
            assert brought_by(kiosk) == {here: brought_by(kiosk)[here]}
