"""Nodes in a row, and terminals that read from them: the same bytes, whatever happens (N6)."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from existing_master import ExistingMaster, Meeting
from kiosk_process import KioskProcess, eventually
from node_process import FRONTS, NodeProcess, fetched, files_in

from kiosk.listening import is_open

FIRST = {"报告.pdf": b"%PDF-1.4 first " * 9000, "预算.pdf": b"%PDF-1.4 budget " * 20_000}


@pytest.fixture
def master() -> Iterator[ExistingMaster]:
    with ExistingMaster(Meeting("M1", "经营工作会", dict(FIRST))) as master:
        yield master


def test_a_terminal_reads_a_masters_meeting_through_the_node(
    master: ExistingMaster, tmp_path: Path
) -> None:
    with NodeProcess(tmp_path / "node", master.url, front="nginx") as node:
        node.wait_until_served()
        ending = fetched(node, tmp_path / "seat")
        assert ending["event"] == "downloadComplete"
        settings = {"servers": [node.url], "master": node.url, "interval_s": 1}
        with KioskProcess(tmp_path / "page", "threading", **settings) as kiosk:
            eventually(lambda: kiosk.json("/api/meetings")["meetings"])
            kiosk.send("POST", "/api/downloads", {"meetingId": "M1", "now": True})
            eventually(lambda: kiosk.json("/api/meetings")["meetings"][0]["local"])
            agenda = kiosk.meeting()["agenda"]
            assert [one["name"] for one in agenda[0]["materials"]] == list(FIRST)
            first = kiosk.get(agenda[0]["materials"][0]["url"])
            assert first.content == FIRST["报告.pdf"]


def test_a_node_behind_a_node_has_the_same_bytes_and_only_what_changed_moves(
    master: ExistingMaster, tmp_path: Path
) -> None:
    with (
        NodeProcess(tmp_path / "node", master.url) as near,
        NodeProcess(tmp_path / "far", near.url) as far,
    ):
        etag = near.wait_until_served()
        assert far.wait_until_served() == etag
        assert far.package().content == near.package().content
        assert far.manifest() == near.manifest()
        assert far.data()["agenda_items"] == near.data()["agenda_items"]
        seat = tmp_path / "seat"
        first = fetched(far, seat)
        assert first["receivedBytes"] >= sum(map(len, FIRST.values()))
        small = b"%PDF-1.4 replaced"
        master.edit("M1", "报告.pdf", small)
        etag = near.wait_until_served(not_etag=etag)
        eventually(lambda: far.wait_until_served() == etag)
        assert far.package().content == near.package().content
        assert files_in(far.package().content)[0] == small
        again = fetched(far, seat)
        assert again["revision"] == far.manifest()["revision"]
        assert again["reusedBytes"] > 250_000 > 100_000 > again["receivedBytes"]


def is_gone(pid: int) -> bool:
    """Whether a process has ended; who is to reap it may not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("front", FRONTS)
def test_a_node_that_is_killed_goes_on_where_it_was(
    master: ExistingMaster, tmp_path: Path, front: str
) -> None:
    with NodeProcess(tmp_path / "node", master.url, front=front) as node:
        etag = node.wait_until_served()
        first = node.serving_process()
        node.kill(first)
        eventually(lambda: node.serving_process() != first)

        def answers() -> str:
            try:
                answer = node.package()
            except requests.ConnectionError:
                return ""
            return answer.headers.get("ETag", "") if answer.status_code == 200 else ""

        assert eventually(answers) == etag
        port, second = node.port, node.serving_process()
        node.kill()
        node.stop()
        eventually(lambda: is_gone(second) and not is_open("127.0.0.1", port))
        node.start(port)
        assert node.wait_until_served() == etag
        assert files_in(node.package().content) == list(FIRST.values())


@pytest.mark.fault("N6")
@pytest.mark.parametrize("front", FRONTS)
def test_a_hundred_at_once_are_all_served_right_in_turns(
    master: ExistingMaster, tmp_path: Path, front: str
) -> None:
    with NodeProcess(tmp_path / "node", master.url, front=front, streams=10) as node:
        node.wait_until_served()
        whole, wrong = node.package().content, []

        def read() -> None:
            def came() -> bool:
                answer = node.package()
                if answer.status_code == 503:
                    wrong.extend([] if "Retry-After" in answer.headers else ["no time to come"])
                    time.sleep(random.uniform(0.1, 0.3))
                    return False
                wrong.extend([answer.status_code] if answer.content != whole else [])
                return True

            try:
                eventually(came)
            except AssertionError as fault:
                wrong.append(repr(fault))

        readers = [threading.Thread(target=read) for _ in range(100)]
        for reader in readers:
            reader.start()
        assert node.health()["status"] == "ok"
        for reader in readers:
            reader.join()
        assert wrong == []


def test_one_directory_has_one_node(master: ExistingMaster, tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "node", master.url) as node:
        command = [sys.executable, "-m", "kiosk", "node", "--upstream", master.url, "--port", "0"]
        other = subprocess.run(
            [*command, "--data-dir", str(node.data_dir)], capture_output=True, timeout=20
        )
        assert other.returncode == 4
        assert b"another kiosk uses" in other.stderr
        taken = subprocess.run(
            [*command[:-1], str(node.port), "--host", "127.0.0.1", "--data-dir",
             str(tmp_path / "other")],
            capture_output=True, timeout=20,
        )  # fmt: skip
        assert (taken.returncode, b"port" in taken.stderr) == (2, True)
    nobody = subprocess.run(
        [sys.executable, "-m", "kiosk", "node", "--data-dir", str(tmp_path / "x")],
        capture_output=True, timeout=20,
    )  # fmt: skip
    assert nobody.returncode == 3
