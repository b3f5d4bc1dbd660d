"""Downloads that nobody asked for: new meetings and new revisions, and what people see of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import KioskProcess, eventually, kiosk_on, meeting_of, progressing

from kiosk.demo.origin import OriginPool, pool_of

FILES = {"工作报告.pdf": b"%PDF-1.4\n" + b"r" * 40_000, "预算.txt": "预算\n".encode() * 900}


@pytest.fixture(params=["eventlet", "threading"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def origins() -> Iterator[OriginPool]:
    """One server with two meetings."""
    meetings = {"M1": meeting_of(FILES), "M2": meeting_of({"b.txt": b"b" * 9000}, "M2", "二号会")}
    with pool_of([()], meetings) as origins:
        yield origins


def automatic(origins: OriginPool, tmp_path: Path, mode: str, **more: Any) -> KioskProcess:
    return kiosk_on(origins, tmp_path / "data", mode, auto_download=True, **more)


def test_new_meeting_comes_by_itself_where_that_is_set(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    with automatic(origins, tmp_path, mode, start_delay_s=0) as kiosk:
        eventually(lambda: kiosk.json("/api/meetings")["meetings"])
        eventually(lambda: all(row["local"] for row in kiosk.json("/api/meetings")["meetings"]))
        assert kiosk.meeting()["download"]["automatic"] is True


@pytest.mark.fault("B14")
def test_start_delay_is_shown_and_can_be_skipped(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    del origins[0].meetings["M2"]
    with automatic(origins, tmp_path, mode, start_delay_s=3600) as kiosk, kiosk.live() as page:
        waiting = progressing(kiosk, "waiting")
        assert waiting["startsAt"].endswith("Z")
        assert waiting["automatic"] is True
        assert not origins.log.packages
        page.call("startDownload", {"meetingId": "M1", "now": True})
        assert page.wait_for_ending()[0] == "downloadComplete"


def test_cancelled_automatic_download_stays_cancelled(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    del origins[0].meetings["M2"]
    with automatic(origins, tmp_path, mode, start_delay_s=3600) as kiosk:
        progressing(kiosk, "waiting")
        assert kiosk.send("DELETE", "/api/downloads/M1").status_code == 202
        polls = len(origins.log)
        assert origins.log.wait_for(lambda log: len(log) > polls + 2)
        assert kiosk.json("/api/downloads/M1")["state"] == "cancelled"
        assert not origins.log.packages


def test_new_revision_comes_by_itself_and_the_old_one_stays_open(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    del origins[0].meetings["M2"]
    with automatic(origins, tmp_path, mode, start_delay_s=0) as kiosk:
        eventually(lambda: here(kiosk))
        old = kiosk.meeting()
        url = old["agenda"][0]["materials"][0]["url"]
        origins[0].meetings["M1"] = meeting_of({"新版.txt": b"new"})
        origins[0].token = "token-2"
        eventually(lambda: kiosk.meeting()["local"]["revision"] != old["local"]["revision"])
        new = kiosk.meeting()
        assert [one["name"] for one in new["agenda"][0]["materials"]] == ["新版.txt"]
        assert kiosk.get(url).content == FILES["工作报告.pdf"]
        before = kiosk.json(f"/api/meetings/M1?revision={old['local']['revision']}")
        assert before["agenda"][0]["materials"][0]["name"] == "工作报告.pdf"


def test_new_token_without_new_files_fetches_nothing(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    del origins[0].meetings["M2"]
    with automatic(origins, tmp_path, mode, start_delay_s=0) as kiosk:
        eventually(lambda: here(kiosk))
        packages, documents = len(origins.log.packages), data_requests(origins)
        origins[0].token = "token-2"
        assert origins.log.wait_for(lambda _: data_requests(origins) > documents)
        polls = len(origins.log)
        assert origins.log.wait_for(lambda log: len(log) > polls)
        assert len(origins.log.packages) == packages
        assert kiosk.meeting()["update"] is False


def here(kiosk: KioskProcess) -> bool:
    return any(row["local"] for row in kiosk.json("/api/meetings")["meetings"])


def data_requests(origins: OriginPool) -> int:
    return sum(request.path.endswith("/data") for request in origins.log[:])
