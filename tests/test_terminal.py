"""Downloads as a terminal runs them: real processes, real servers, both async modes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from downloads import AT_ONCE_S
from kiosk_process import KioskProcess, Live, eventually, kiosk_on, meeting_of, progressing

from kiosk.demo.origin import (
    CLOSED,
    HoldAt,
    OriginMeeting,
    OriginPool,
    Silent,
    Slow,
    Status,
    pool_of,
)
from kiosk.terminal.engine import MEMORY_BYTES

MODES = ["eventlet", "threading"]
MODE = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
FILES = {"工作报告.pdf": b"%PDF-1.4\n" + os.urandom(400_000), "预算.txt": "预算\n".encode() * 900}
SLOW = Slow(150_000)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """For what lines, waits, signals and processes are: each way of serving has its own."""
    return str(request.param)


@pytest.fixture
def origins() -> Iterator[OriginPool]:
    """One server with two meetings; its faults are the test's business."""
    meetings = {"M1": meeting_of(FILES), "M2": meeting_of({"b.txt": b"b" * 9000}, "M2", "二号会")}
    with pool_of([()], meetings) as origins:
        yield origins


@pytest.mark.fault("P5")
def test_twenty_pages_press_download_and_one_transfer_serves_them_all(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    pressed = threading.Event()
    origins[0].faults = [HoldAt(0.5, pressed, after=1)]
    with kiosk_on(origins, tmp_path / "data", mode) as kiosk:
        pages = [Live(kiosk.url) for _ in range(20)]
        try:
            pressing = [
                threading.Thread(target=page.call, args=("startDownload", {"meetingId": "M1"}))
                for page in pages
            ]
            for press in pressing:
                press.start()
            for press in pressing:
                press.join()
            for _ in range(4):
                pages[0].wait("downloadProgress", lambda now: now["receivedBytes"] > 100_000)
            pressed.set()
            endings = [page.wait_for_ending() for page in pages]
        finally:
            for page in pages:
                page.close()
        package = origins[0].meetings["M1"].package
        assert isinstance(package, bytes)
        assert sum(request.sent for request in origins.log.packages) <= len(package)
        assert {name for name, _ in endings} == {"downloadComplete"}
        numbers = [
            [payload for name, payload in page.heard if name == "downloadProgress"]
            for page in pages
        ]
        assert len(numbers[0]) > 3
        assert all(heard == numbers[0] for heard in numbers)


@pytest.mark.fault("P2")
def test_page_opened_in_the_middle_has_the_right_state_at_once(
    origins: OriginPool, tmp_path: Path
) -> None:
    seen = threading.Event()
    origins[0].faults = [HoldAt(0.5, seen, after=1)]
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk:
        assert kiosk.send("POST", "/api/downloads", {"meetingId": "M1"}).status_code == 202
        eventually(lambda: progressing(kiosk, "downloading")["receivedBytes"] > 50_000)
        with kiosk.live() as page:
            snapshot = page.wait("snapshot")["downloads"][0]
            assert page.heard[0][0] == "snapshot"
            assert snapshot["meetingId"] == "M1"
            assert snapshot["receivedBytes"] > 50_000
            assert snapshot["segments"][0]["bytes"] == snapshot["receivedBytes"]
            seen.set()
            page.wait_for_ending()
            seqs = [payload["seq"] for _, payload in page.heard]
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "nothing lost or twice"


def test_asking_again_joins_the_download_under_way(origins: OriginPool, tmp_path: Path) -> None:
    origins[0].faults = [SLOW]
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk:
        first = kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        again = kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        assert (first.status_code, again.status_code) == (202, 200)
        assert again.json()["meetingId"] == "M1"


def test_second_meeting_waits_for_the_first(origins: OriginPool, tmp_path: Path) -> None:
    asked = threading.Event()
    origins[0].faults = [HoldAt(0.5, asked, after=1)]
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        second = page.call("startDownload", {"meetingId": "M2"})
        assert second["download"]["state"] == "waiting"
        assert second["download"]["startsAt"] is None
        asked.set()
        assert page.wait_for_ending("M1")[0] == "downloadComplete"
        assert page.wait_for_ending("M2")[0] == "downloadComplete"
        assert origins.log.open_packages == 1


@pytest.mark.parametrize(
    ("mode", "phase"),
    [("eventlet", "waiting"), ("threading", "connecting"), ("eventlet", "downloading"),
     ("threading", "downloading")],
)  # fmt: skip
def test_cancel_closes_the_connection_at_once(
    origins: OriginPool, tmp_path: Path, mode: str, phase: str
) -> None:
    origins[0].faults = [Silent() if phase == "connecting" else SLOW]
    with kiosk_on(origins, tmp_path / "data", mode) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        if phase == "waiting":
            page.call("startDownload", {"meetingId": "M2"})
        cancelled = "M2" if phase == "waiting" else "M1"
        progressing(kiosk, phase, cancelled)
        if phase != "waiting":
            assert origins.log.wait_for(lambda log: bool(log.packages))
        asked_at = time.monotonic()
        assert page.call("cancelDownload", {"meetingId": cancelled})["ok"]
        name, _ = page.wait_for_ending(cancelled)
        assert name == "downloadCancelled"
        if phase != "waiting":
            request = origins.log.packages[-1]
            assert origins.log.wait_for(lambda _: request.closed_at is not None)
            assert request.client_left
            assert request.closed_at is not None
            assert request.closed_at - asked_at < AT_ONCE_S


def test_download_that_is_wanted_again_right_after_a_cancel_comes(
    origins: OriginPool, tmp_path: Path
) -> None:
    origins[0].faults = [Slow(50_000, after=1, times=1)]
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        progressing(kiosk, "downloading")
        page.emit("cancelDownload", {"meetingId": "M1"})
        page.emit("startDownload", {"meetingId": "M1"})
        assert page.wait_for_ending()[0] == "downloadCancelled"
        assert page.wait_for_ending()[0] == "downloadComplete"
        told = [name for name, _ in page.heard if name.startswith("download")]
        assert told.count("downloadQueued") == 2
        assert told.index("downloadCancelled") < len(told) - 1 - told[::-1].index("downloadQueued")
        assert kiosk.meeting()["download"]["state"] == "complete"


@pytest.mark.fault("C9")
def test_killed_worker_ends_its_download_and_the_next_one_works(
    origins: OriginPool, tmp_path: Path, mode: str
) -> None:
    origins[0].faults = [Slow(150_000, after=1, times=1)]
    with kiosk_on(origins, tmp_path / "data", mode) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        progressing(kiosk, "downloading")
        os.kill(eventually(kiosk.workers)[0], signal.SIGKILL)
        name, payload = page.wait_for_ending()
        assert (name, payload["status"]) == ("downloadError", "worker_lost")
        assert "signal 9" in payload["message"]
        assert kiosk.get("/healthz").status_code == 200
        page.call("startDownload", {"meetingId": "M1"})
        assert page.wait_for_ending()[0] == "downloadComplete"


@pytest.mark.fault("C9")
def test_worker_that_gets_no_memory_ends_its_download_and_the_next_one_works(
    origins: OriginPool, tmp_path: Path
) -> None:
    origins[0].faults = [Status(503, retry_after=2)]
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        eventually(lambda: kiosk.json("/api/downloads/M1")["phase"] == "waiting")
        worker = eventually(kiosk.workers)[0]
        most, _ = resource.prlimit(worker, resource.RLIMIT_DATA)
        assert most == MEMORY_BYTES, "it cannot take all there is"
        resource.prlimit(worker, resource.RLIMIT_DATA, (1 << 20, 1 << 20))
        name, payload = page.wait_for_ending()
        assert (name, payload["status"]) == ("downloadError", "worker_lost")
        assert kiosk.get("/healthz").status_code == 200
        origins[0].faults = []
        page.call("startDownload", {"meetingId": "M1"})
        assert page.wait_for_ending()[0] == "downloadComplete"


def test_worker_stands_back_behind_the_page(origins: OriginPool, tmp_path: Path) -> None:
    origins[0].faults = [Silent()]
    with kiosk_on(origins, tmp_path / "data", "eventlet") as kiosk:
        kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        worker = eventually(kiosk.workers)[0]
        eventually(lambda: niceness(worker) > niceness(kiosk.pid))


def niceness(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


@pytest.mark.fault("B10")
def test_all_servers_dead_ends_with_each_reason_and_keeps_the_old_revision(tmp_path: Path) -> None:
    meetings = {"M1": meeting_of(FILES)}
    with (
        pool_of([(), CLOSED], meetings) as origins,
        kiosk_on(origins, tmp_path / "data", MODE) as kiosk,
        kiosk.live() as page,
    ):
        page.call("startDownload", {"meetingId": "M1"})
        revision = page.wait_for_ending()[1]["revision"]
        origins[0].meetings["M1"] = meeting_of({"new.txt": b"new"})
        origins[0].token = "token-2"
        eventually(lambda: kiosk.meeting()["update"])
        origins[0].close()
        page.call("startDownload", {"meetingId": "M1"})
        name, payload = page.wait_for_ending()
        assert (name, payload["status"]) == ("downloadError", "all_servers_failed")
        assert {row["code"] for row in payload["attempts"]} == {"refused"}
        assert len(payload["attempts"]) == 2
        assert payload["kept"] == revision
        shown = kiosk.meeting()
        assert shown["local"]["revision"] == revision
        url = shown["agenda"][0]["materials"][0]["url"]
        assert kiosk.get(url).content == FILES["工作报告.pdf"]


@pytest.mark.parametrize(
    ("mode", "number"), [("eventlet", signal.SIGTERM), ("threading", signal.SIGINT)]
)
@pytest.mark.fault("C8")
def test_ending_signal_leaves_in_order_and_the_next_start_goes_on_by_itself(
    origins: OriginPool, tmp_path: Path, mode: str, number: int
) -> None:
    origins[0].faults = [Slow(150_000, after=1, times=1)]
    kiosk = kiosk_on(origins, tmp_path / "data", mode)
    try:
        kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        eventually(lambda: progressing(kiosk, "downloading")["receivedBytes"] > 60_000)
        worker = kiosk.workers()[0]
        assert kiosk.stop(number) == 0
        assert not Path(f"/proc/{worker}").exists()
        kiosk.start()
        ending = eventually(lambda: kiosk.json("/api/downloads/M1")["ending"])
        assert ending["event"] == "downloadComplete"
        assert ending["reusedBytes"] > 50_000
    finally:
        kiosk.stop()


def test_download_that_a_crash_cut_off_goes_on_but_a_cancelled_one_does_not(
    origins: OriginPool, tmp_path: Path
) -> None:
    origins[0].faults = [Silent()]
    kiosk = kiosk_on(origins, tmp_path / "data", MODE)
    try:
        kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        kiosk.send("POST", "/api/downloads", {"meetingId": "M2"})
        kiosk.send("DELETE", "/api/downloads/M2")
        progressing(kiosk, "connecting")
        kiosk.stop(signal.SIGKILL)
        origins[0].faults = []
        kiosk.start()
        ending = eventually(lambda: kiosk.json("/api/downloads/M1")["ending"])
        assert ending["event"] == "downloadComplete"
        assert kiosk.get("/api/downloads/M2").status_code == 404
    finally:
        kiosk.stop()


@pytest.mark.fault("P3")
def test_open_page_is_right_again_after_a_restart(origins: OriginPool, tmp_path: Path) -> None:
    kiosk = kiosk_on(origins, tmp_path / "data", MODE)
    try:
        with kiosk.live() as page:
            page.call("startDownload", {"meetingId": "M1"})
            page.wait_for_ending()
        port = kiosk.port
        kiosk.stop(signal.SIGKILL)
        kiosk.start(port)
        with kiosk.live() as page:
            snapshot = page.wait("snapshot")
            assert snapshot["meetings"][0]["local"]["complete"] is True
    finally:
        kiosk.stop()


@pytest.mark.fault("C7")
def test_second_kiosk_on_one_directory_leaves_with_a_clear_line(tmp_path: Path) -> None:
    with KioskProcess(tmp_path / "data", "threading") as kiosk:
        command = [sys.executable, "-m", "kiosk", "serve", "--port", "0"]
        command += ["--data-dir", str(kiosk.data_dir)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert second.returncode == 4
        assert "another kiosk uses" in second.stderr
        assert "Traceback" not in second.stderr
        assert second.stdout == ""


def test_taken_port_is_said_and_not_shared(tmp_path: Path, mode: str) -> None:
    with KioskProcess(tmp_path / "data", mode) as kiosk:
        command = [sys.executable, "-m", "kiosk", "serve", "--port", str(kiosk.port)]
        command += ["--data-dir", str(tmp_path / "other"), "--async-mode", mode]
        second = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert second.returncode == 2
        assert f"{kiosk.port}" in second.stderr
        assert "Traceback" not in second.stderr


def test_purged_meeting_is_gone_with_its_addresses(origins: OriginPool, tmp_path: Path) -> None:
    del origins[0].meetings["M2"]
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        page.wait_for_ending()
        url = kiosk.meeting()["agenda"][0]["materials"][0]["url"]
        receipt = kiosk.send("DELETE", "/api/meetings/M1")
        assert receipt.status_code == 200
        assert receipt.json()["objects"] == 2
        assert kiosk.get(url).status_code == 404
        assert kiosk.meeting()["local"] is None
        assert not [path for path in (kiosk.data_dir / "objects").rglob("*") if path.is_file()]


def test_purge_waits_until_no_other_download_writes(origins: OriginPool, tmp_path: Path) -> None:
    with kiosk_on(origins, tmp_path / "data", MODE) as kiosk, kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M2"})
        page.wait_for_ending("M2")
        origins[0].faults = [SLOW]
        page.call("startDownload", {"meetingId": "M1"})
        progressing(kiosk, "downloading")
        refused = kiosk.send("DELETE", "/api/meetings/M2")
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "download-running"
        assert kiosk.meeting("M2")["local"] is not None


def test_meeting_of_a_plain_server_gets_its_agenda_from_the_folders(tmp_path: Path) -> None:
    meeting = OriginMeeting(meeting_of(FILES).package)
    with (
        pool_of([()], {"M9": meeting}, plain=True) as origins,
        kiosk_on(origins, tmp_path / "data", MODE) as kiosk,
        kiosk.live() as page,
    ):
        page.call("startDownload", {"meetingId": "M9"})
        assert page.wait_for_ending("M9")[0] == "downloadComplete"
        shown = kiosk.meeting("M9")
        assert shown["title"] == "M9"
        assert [item["title"] for item in shown["agenda"]] == ["01_item"]
        assert shown["status"] == "unknown"
