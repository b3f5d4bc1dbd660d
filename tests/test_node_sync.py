"""A node behind a master: what it brings, keeps, serves and lets go (N1, N2, N4, N5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from existing_master import ExistingMaster, Meeting
from kiosk_process import eventually, meeting_of
from node_process import API, NodeProcess, files_in

from kiosk.demo.origin import Origin, Slow

FIRST = {"报告.pdf": b"%PDF-1.4 first " * 900, "预算.pdf": b"%PDF-1.4 budget " * 700}


@pytest.fixture
def master() -> Iterator[ExistingMaster]:
    with ExistingMaster(Meeting("M1", "经营工作会", dict(FIRST))) as master:
        yield master


def node_of(master: ExistingMaster | Origin, tmp_path: Path, **settings: Any) -> NodeProcess:
    where = master.url if isinstance(master, ExistingMaster) else f"http://{master.name}"
    return NodeProcess(tmp_path / "node", where, **settings)


# A master of the existing make


def test_what_is_on_is_brought_and_served_as_the_master_says(
    master: ExistingMaster, tmp_path: Path
) -> None:
    with node_of(master, tmp_path) as node:
        node.wait_until_served()
        assert files_in(node.package().content) == list(FIRST.values())
        data = node.data()
        assert [item["title"] for item in data["agenda_items"]] == ["工作报告"]
        assert data["agenda_items"][0]["reporter"] == "王芳"
        assert data["status"] == "进行中"
        listed = node.api("/meetings/status/token")
        assert listed.json()["meetings"] == [
            {"id": "M1", "title": "经营工作会", "time": "2026-11-24 09:00"}
        ]
        assert listed.json()["id"] == data["id"]
        assert listed.headers["Poll-Interval"] == "1"
        assert node.api("/meetings/M2/data").status_code == 404
        assert node.package("M2").status_code == 404
        assert node.api("/meetings/M1").json()["agenda_items"][0]["duration_minutes"] == 20


@pytest.mark.fault("N1")
def test_a_file_changed_between_an_end_and_a_start_within_one_poll_is_served_new(
    master: ExistingMaster, tmp_path: Path
) -> None:
    with node_of(master, tmp_path) as node:
        old = node.wait_until_served()
        master.token_delay_s = 600  # it says nothing of the start for as long as this lasts
        changed = FIRST["预算.pdf"].replace(b"budget", b"BUDGET")
        meeting = master.meetings["M1"]
        master.end("M1")
        meeting.files["预算.pdf"] = changed
        master.start(meeting)
        node.wait_until_served(not_etag=old)
        assert files_in(node.package().content) == [FIRST["报告.pdf"], changed]
        assert node.package(**{"If-None-Match": old}).status_code == 200


@pytest.mark.fault("N1")
def test_a_replaced_file_is_served_new_although_the_token_stays(
    master: ExistingMaster, tmp_path: Path
) -> None:
    with node_of(master, tmp_path) as node:
        old, token = node.wait_until_served(), node.data()["id"]
        master.edit("M1", "报告.pdf", b"%PDF-1.4 longer than before " * 900)
        node.wait_until_served(not_etag=old)
        assert files_in(node.package().content)[0].startswith(b"%PDF-1.4 longer")
        assert node.data()["id"] != token, "whoever polls the node is told"
        assert node.data()["agenda_items"][0]["files"][0]["size"] == 28 * 900


@pytest.mark.fault("N1")
def test_a_meeting_replaced_in_mid_sync_is_served_wholly_old_or_wholly_new(tmp_path: Path) -> None:
    old = {"a.pdf": b"old a " * 50_000, "b.pdf": b"old b " * 50_000}
    new = {"a.pdf": b"new a " * 50_000, "b.pdf": b"new b! " * 50_000}
    with (
        Origin(meetings={"M1": meeting_of(old)}, faults=[Slow(400_000)]) as origin,
        node_of(origin, tmp_path) as node,
    ):
        assert origin.log.wait_for(lambda log: len(log.packages) >= 2)
        origin.meetings["M1"] = meeting_of(new)
        origin.token = "token-2"
        origin.faults = []

        def seen() -> list[bytes]:
            answer = node.package()
            return files_in(answer.content) if answer.status_code == 200 else []

        while (found := eventually(seen)) != list(new.values()):
            assert found == list(old.values())


@pytest.mark.fault("N1")
@pytest.mark.parametrize("keep_ended_h", [0, 12])
def test_what_has_ended_is_not_served_and_goes_when_its_time_is_over(
    master: ExistingMaster, tmp_path: Path, keep_ended_h: int
) -> None:
    with node_of(master, tmp_path, keep_ended_h=keep_ended_h) as node:
        node.wait_until_served()
        address = node.data()["package_url"]
        master.end("M1")
        eventually(lambda: node.api("/meetings/status/token").json()["id"] == "none")
        for path in (f"{API}/meetings/M1/data", f"{API}/meetings/M1/manifest", address):
            assert node.get(path).status_code == 404
        assert node.package().status_code == 404

        def objects() -> list[Path]:
            return [path for path in (node.data_dir / "objects").rglob("*") if path.is_file()]

        if keep_ended_h:
            assert len(objects()) == len(FIRST)
        else:
            eventually(lambda: not objects())
        asked = len(master.asked)
        master.start(master.meetings["M1"])
        node.wait_until_served()
        assert files_in(node.package().content) == list(FIRST.values())
        assert len(master.asked) > asked


def test_files_that_a_package_lacks_are_told_of_and_come_when_they_are_there(
    master: ExistingMaster, tmp_path: Path
) -> None:
    meeting = master.meetings["M1"]
    meeting.lacking = frozenset({"预算.pdf"})
    meeting.build()
    with node_of(master, tmp_path) as node:
        old = node.wait_until_served()
        assert files_in(node.package().content) == [FIRST["报告.pdf"]]
        rows = node.manifest()["agenda"][0]["materials"]
        assert [row["sha256"] is None for row in rows] == [False, True]
        assert len(node.data()["agenda_items"][0]["files"]) == 2
        meeting.lacking = frozenset()
        meeting.build()
        node.wait_until_served(not_etag=old)
        assert files_in(node.package().content) == list(FIRST.values())


def test_a_master_that_could_not_build_its_package_is_asked_until_it_could(
    master: ExistingMaster, tmp_path: Path
) -> None:
    meeting = master.meetings["M1"]
    meeting.error = "转换失败"
    meeting.build()
    with node_of(master, tmp_path, retries=1) as node:
        eventually(lambda: "not-fetched" in node.log)
        answer = node.package()
        assert (answer.status_code, answer.json().keys()) == (503, {"detail"})
        assert 1 <= int(answer.headers["Retry-After"]) <= 5
        assert node.data()["title"] == "经营工作会"
        assert "package_url" not in node.data()
        meeting.error = ""
        meeting.build()
        node.wait_until_served()


def test_a_master_without_a_static_copy_is_enough(master: ExistingMaster, tmp_path: Path) -> None:
    master.static = False
    with node_of(master, tmp_path) as node:
        node.wait_until_served()
        assert files_in(node.package().content) == list(FIRST.values())


def test_the_master_knows_its_node_from_the_first_heartbeat_to_the_goodbye(
    master: ExistingMaster, tmp_path: Path
) -> None:
    master.meetings["M1"].title = 2026  # a number, as some masters have it; titles are told as text
    with node_of(master, tmp_path) as node:
        address = node.url.removeprefix("http://")
        eventually(lambda: master.heard("heartbeat"))
        registered, beat = master.heard("register")[0], master.heard("heartbeat")[0]
        assert registered["address"] == beat["address"] == address
        assert registered["status"] == "online"
        assert beat["active_meetings"] == [{"id": "M1", "title": "2026"}]
        node.wait_until_served()
    assert master.heard("unregister") == [{"node_id": registered["node_id"]}]
    with node_of(master, tmp_path):
        eventually(lambda: len(master.heard("register")) == 2)
    assert master.heard("register")[1]["node_id"] == registered["node_id"]


def test_a_title_that_no_encoding_can_write_stops_nothing(
    master: ExistingMaster, tmp_path: Path
) -> None:
    master.meetings["M1"].title = "会议 \ud83d"
    with node_of(master, tmp_path) as node:
        node.wait_until_served()
        assert node.api("/meetings/status/token").json()["meetings"][0]["title"].startswith("会议")
        assert node.data()["title"].startswith("会议")
        assert "会议" in node.get("/status").text
        eventually(lambda: master.heard("heartbeat"))
        assert master.heard("heartbeat")[0]["active_meetings"][0]["title"] == "会议 ?"


# On demand


@pytest.mark.fault("N2")
def test_who_asks_while_it_comes_is_told_to_come_again_and_it_comes_once(tmp_path: Path) -> None:
    files = {"a.pdf": b"a" * 300_000, "b.pdf": b"b" * 300_000}
    with (
        Origin(meetings={"M1": meeting_of(files)}, faults=[Slow(300_000)]) as origin,
        node_of(origin, tmp_path) as node,
    ):
        eventually(lambda: node.health()["meetings"])
        answers = [node.package() for _ in range(12)]
        assert {one.status_code for one in answers} == {503}
        assert all(1 <= int(one.headers["Retry-After"]) <= 5 for one in answers)
        assert all(b"PK" not in one.content[:4] for one in answers)
        node.wait_until_served()
        assert files_in(node.package().content) == list(files.values())
        assert origin.open_packages == 1
        assert sum(one.sent for one in origin.log.packages) < 700_000


# Upstream is away


@pytest.mark.fault("N4")
def test_the_last_good_one_is_served_with_its_age_while_upstream_is_away(tmp_path: Path) -> None:
    meeting = Meeting("M1", "经营工作会", dict(FIRST))
    master = ExistingMaster(meeting)
    port = master.port
    node = node_of(master, tmp_path)
    try:
        etag = node.wait_until_served()
        token = node.data()["id"]
        master.close()
        eventually(lambda: not node.health()["online"])
        assert node.health()["age_s"] >= 2, "since the last answer, not since it was given up"
        assert node.package().headers["ETag"] == etag
        assert node.health()["age_s"] > 0
        assert f"127.0.0.1:{port}: offline" in node.get("/status").text
        node.stop()
        node.start()
        assert node.wait_until_served() == etag
        assert node.data()["id"] == token
        assert files_in(node.package().content) == list(FIRST.values())
        assert node.health()["online"] is False
        meeting.files["报告.pdf"] = b"%PDF-1.4 new"
        with ExistingMaster(meeting, port=port):
            node.wait_until_served(not_etag=etag)
            assert files_in(node.package().content)[0] == b"%PDF-1.4 new"
    finally:
        node.stop()


# Full


@pytest.mark.fault("N5")
def test_what_ended_first_makes_room_and_what_is_on_stays(tmp_path: Path) -> None:
    def meeting(number: int) -> Meeting:
        return Meeting(f"M{number}", f"第{number}次", {"a.pdf": bytes([number]) * 300_000})

    with (
        ExistingMaster(meeting(1)) as master,
        node_of(master, tmp_path, store_mb=1, min_free_mb=0) as node,
    ):
        node.wait_until_served("M1")
        master.start(meeting(2))
        node.wait_until_served("M2")
        master.end("M1")
        eventually(lambda: node.package("M1").status_code == 404)
        here = node.data_dir / "meetings"
        assert {path.name for path in here.iterdir()} == {"M1", "M2"}
        master.start(meeting(3))
        node.wait_until_served("M3")
        assert {path.name for path in here.iterdir()} == {"M2", "M3"}
        assert node.package("M2").status_code == 200, "it is on, however full the store is"
        assert "store-full" in node.log
        assert "the store is full" in node.health()["note"]
