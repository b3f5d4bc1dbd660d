"""One download from the first request to the published files, over real sockets and a real disk."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import events, worker
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Fault,
    HtmlPage,
    NoETag,
    NoLength,
    NoRanges,
    Origin,
    OriginMeeting,
    OriginPool,
    RedirectTo,
    ResetAt,
    Silent,
    Slow,
    SlowStart,
    Status,
    StopAt,
    WrongBytes,
    pool_of,
)
from kiosk.job import Job
from kiosk.lane import Lane
from kiosk.library import Library

FILES = {
    "01_工作报告/a1.pdf": b"%PDF-1.4\n" + os.urandom(300_000),
    "01_工作报告/a2.pdf": b"%PDF-1.4\n" + os.urandom(120_000),
    "02_预算/b1.txt": "预算草案\n".encode() * 5000,
}
DATA = {
    "id": "token-1",
    "meeting_id": "M1",
    "title": "经营工作会",
    "intro": None,
    "time": "2026-11-24 09:00",
    "status": "进行中",
    "agenda_items": [
        {
            "position": 1,
            "title": "工作报告",
            "files": [
                {"name": "a1.pdf", "display_name": "工作报告.pdf", "size": 300_009,
                 "temp_id": "a1", "agenda_folder": "01_工作报告", "total_pages": 12},
                {"name": "a2.pdf", "display_name": "附件.pdf", "size": 120_009,
                 "temp_id": "a2", "agenda_folder": "01_工作报告"},
            ],
        },
        {
            "position": 2,
            "title": "预算",
            "files": [
                {"name": "b1.txt", "display_name": "预算草案.txt", "size": 65_000,
                 "temp_id": "b1", "agenda_folder": "02_预算"},
            ],
        },
    ],
}  # fmt: skip


def package(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "x")
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


PACKAGE = package(FILES)
MEETINGS = {"M1": OriginMeeting(PACKAGE, DATA)}


class Download:
    """A job against a pool, run in this process; keeps what was emitted."""

    def __init__(self, servers: OriginPool, directory: Path) -> None:
        self.pool = servers
        self.directory = directory
        self.events: list[events.Event] = []
        self.stop = threading.Event()
        self.on_event: Callable[[events.Event], None] | None = None

    def run(self, **more: Any) -> int:
        servers = [f"http://{name}/api/v1" for name in self.pool.names]
        job = Job("M1", str(self.directory), servers, in_order=True, min_free_mb=0, **more)
        self.events.clear()
        return worker.run(job, self._heard, self.stop)

    def _heard(self, event: events.Event) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    @property
    def library(self) -> Library:
        return Library(self.directory)

    @property
    def ending(self) -> Any:
        endings = [event for event in self.events if isinstance(event, events.ENDINGS)]
        assert len(endings) == 1, "exactly one ending"
        assert self.events[-1] is endings[0]
        return endings[0]

    @property
    def switches(self) -> list[str]:
        return [event.reason for event in self.events if isinstance(event, events.ServerSwitch)]

    def materials(self) -> dict[str, bytes]:
        manifest = self.library.current("M1")
        assert manifest is not None
        return {
            one.name: self.library.object_path(one.sha256).read_bytes()
            for one in manifest.materials
            if one.sha256
        }


Start = Callable[..., Download]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A pool with these faults for each server, and a download from it."""
    pools: list[OriginPool] = []

    def begin(*servers: tuple[Fault, ...] | None, meetings: Any = None, **more: Any) -> Download:
        pools.append(pool_of(servers, MEETINGS if meetings is None else meetings, **more))
        return Download(pools[-1], tmp_path / "data")

    yield begin
    for one in pools:
        one.close()
        assert one.log.open_packages <= 1, "never two package requests at once"


def expect_whole(download: Download) -> None:
    assert download.materials() == {
        "工作报告.pdf": FILES["01_工作报告/a1.pdf"],
        "附件.pdf": FILES["01_工作报告/a2.pdf"],
        "预算草案.txt": FILES["02_预算/b1.txt"],
    }
    assert download.library.verify() == []
    assert list((download.directory / "download").iterdir()) == []


def test_a_healthy_server_delivers_and_the_agenda_is_as_the_master_says(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    expect_whole(download)
    manifest = download.library.current("M1")
    assert manifest is not None
    assert manifest.title == "经营工作会"
    assert [item.title for item in manifest.agenda] == ["工作报告", "预算"]
    assert download.ending.received_bytes == len(PACKAGE)
    assert download.ending.revision == manifest.revision


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (CLOSED, "refused"),
        ((Status(404),), "not-here"),
        ((Status(500),), "busy"),
        ((Status(503, retry_after=2),), "busy"),
        ((Status(403),), "forbidden"),
        ((HtmlPage(),), "not-a-package"),
        ((CutAt(0.5),), "cut-off"),
        ((CutAt(1),), "cut-off"),
        ((CutAt(0.99),), "cut-off"),
        ((CutAt(0.5), NoLength()), "cut-off"),
        ((CutAt(0.5), NoLength(chunked=False)), "wrong-content"),
        ((ResetAt(0.5),), "reset"),
        ((ResetAt(0.9),), "reset"),
        ((WrongBytes(at=0.3),), "wrong-content"),
        ((WrongBytes(at=2),), "not-a-package"),
        ((RedirectTo("http://127.0.0.1:1/x"),), "refused"),
        ((RedirectTo("file:///etc/passwd"),), "bad-redirect"),
        ((RedirectTo("{path}"),), "bad-redirect"),
    ],
    ids=str,
)  # fmt: skip
def test_the_next_server_is_asked_after(
    start: Start, faults: tuple[Fault, ...] | None, reason: str
) -> None:
    download = start(faults, ())
    assert download.run() == 0
    assert download.switches == [reason]
    assert download.ending.servers == {download.pool.names[1]: len(PACKAGE)}
    expect_whole(download)


@pytest.mark.parametrize(
    "faults",
    [
        AS_EXISTING_MASTER,
        (NoLength(chunked=False),),
        (NoRanges(), NoETag()),
        (SlowStart(1.0),),
        (Slow(2_000_000),),
    ],
    ids=str,
)
def test_a_server_with_less_still_delivers(start: Start, faults: tuple[Fault, ...]) -> None:
    download = start(faults)
    assert download.run() == 0
    assert download.switches == []
    expect_whole(download)


@pytest.mark.parametrize(("fault", "reason"), [(Silent(), "silent"), (StopAt(0.5), "stalled")])
def test_a_server_that_falls_silent_is_left(start: Start, fault: Fault, reason: str) -> None:
    download = start((fault,), ())
    assert download.run(timeout_s=1.0) == 0
    assert download.switches == [reason]
    expect_whole(download)


def test_a_redirect_to_another_node_is_followed(start: Start) -> None:
    with Origin(meetings=MEETINGS) as node:
        download = start((RedirectTo(f"http://{node.name}{{path}}"),))
        assert download.run() == 0
    expect_whole(download)


def test_a_plain_server_that_knows_only_the_package_is_enough(start: Start) -> None:
    download = start(CLOSED, CLOSED, CLOSED, CLOSED, (), plain=True)
    assert download.run() == 0
    manifest = download.library.current("M1")
    assert manifest is not None
    assert [item.title for item in manifest.agenda] == ["01_工作报告", "02_预算"]
    assert sorted(download.materials().values()) == sorted(FILES.values())


def test_all_dead_ends_as_failed_with_every_servers_reason(start: Start) -> None:
    download = start(CLOSED, CLOSED, (Status(500),), CLOSED, (HtmlPage(),))
    assert download.run() == 1
    ending = download.ending
    assert ending.status == "all_servers_failed"
    assert [row["server"] for row in ending.attempts] == download.pool.names
    assert [row["code"] for row in ending.attempts] == [
        "refused", "refused", "busy", "refused", "not-a-package",
    ]  # fmt: skip
    assert all(row["message"] and row["hint"] for row in ending.attempts)
    assert ending.kept is None
    asked = [request.server for request in download.pool.log.packages]
    assert asked.count(download.pool.names[4]) == 1, "a server that is out is not asked again"
    assert asked.count(download.pool.names[2]) == 3, "once a round"


def test_after_a_failure_the_old_revision_stays_readable(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    revision = download.ending.revision
    download.pool[0].faults = [Status(500)]
    assert download.run(retries=1, force=True) == 1
    assert download.ending.kept == revision
    expect_whole(download)


def test_no_server_at_all_says_so(tmp_path: Path) -> None:
    heard: list[events.Event] = []
    assert worker.run(Job("M1", str(tmp_path)), heard.append, threading.Event()) == 3
    assert isinstance(heard[-1], events.DownloadError)
    assert heard[-1].status == "no_servers"


def test_never_a_request_after_success(start: Start) -> None:
    download = start((), (), ())
    assert download.run() == 0
    time.sleep(0.5)
    assert len(download.pool.log.packages) == 1
    assert {request.server for request in download.pool.log[:]} == {download.pool.names[0]}


def test_what_is_here_already_is_not_fetched_again(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    revision = download.ending.revision
    assert download.run() == 0
    assert download.ending.revision == revision
    assert download.ending.received_bytes == 0
    assert len(download.pool.log.packages) == 1


def test_a_stored_file_that_rotted_is_fetched_again(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    manifest = download.library.current("M1")
    assert manifest is not None
    rotten = download.library.object_path(manifest.materials[0].sha256 or "")
    rotten.chmod(0o644)
    rotten.write_bytes(b"rot" + rotten.read_bytes()[3:])
    assert download.library.verify() != []
    assert download.run() == 0
    expect_whole(download)


def test_progress_never_falls_and_never_passes_the_total(start: Start) -> None:
    download = start((CutAt(0.6), Slow(800_000)), (Slow(800_000),))
    assert download.run() == 0
    progress = [e for e in download.events if isinstance(e, events.DownloadProgress)]
    counts = [event.received_bytes + event.reused_bytes for event in progress]
    percents = [event.percent for event in progress]
    assert counts == sorted(counts)
    assert percents == sorted(percents)
    assert max(percents) <= 100
    assert all(
        count <= (event.total_bytes or count) for count, event in zip(counts, progress, strict=True)
    )
    assert {event.server_index for event in progress} == {1, 2}
    assert any(event.bytes_per_second > 0 and event.seconds_left for event in progress)


def test_a_cut_transfer_resumes_on_the_same_server(start: Start) -> None:
    download = start((CutAt(0.5, times=1),))
    assert download.run() == 0
    expect_whole(download)
    whole, rest = download.pool.log.packages
    assert whole.range is None
    assert rest.range == f"bytes={whole.sent}-"
    assert rest.headers["if-range"]
    assert whole.sent + rest.sent == len(PACKAGE)


def test_a_cancelled_transfer_resumes_in_the_next_run(start: Start) -> None:
    download = start((Slow(400_000),))
    download.on_event = lambda event: (
        download.stop.set()
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 100_000
        else None
    )
    assert download.run() == 130
    assert isinstance(download.ending, events.DownloadCancelled)
    kept = download.ending.received_bytes
    assert kept > 100_000
    download.stop.clear()
    download.on_event = None
    download.pool[0].faults = []
    assert download.run() == 0
    assert download.ending.reused_bytes == kept
    assert download.pool.log.packages[-1].range == f"bytes={kept}-"
    expect_whole(download)


def test_a_package_that_changed_meanwhile_is_fetched_whole(start: Start) -> None:
    download = start((CutAt(0.5),))
    assert download.run(retries=1) == 1
    newer = {**FILES, "02_预算/b1.txt": "新预算\n".encode() * 6000}
    download.pool[0].meetings = {"M1": OriginMeeting(package(newer), DATA)}
    download.pool[0].faults = []
    assert download.run() == 0
    assert download.materials()["预算草案.txt"] == newer["02_预算/b1.txt"]
    assert download.library.verify() == []


@pytest.mark.parametrize(
    ("faults", "phase"),
    [((Silent(),), "connecting"), ((Slow(200_000),), "downloading"), (CLOSED, "waiting")],
)
def test_cancel_closes_the_connection_within_a_second(
    start: Start, faults: tuple[Fault, ...] | None, phase: str
) -> None:
    download = start(faults)
    cancelled_at: list[float] = []

    def cancel_in_phase(event: events.Event) -> None:
        if isinstance(event, events.DownloadProgress) and event.phase == phase:
            if not cancelled_at:
                cancelled_at.append(time.monotonic())
            download.stop.set()

    download.on_event = cancel_in_phase
    assert download.run() == 130
    ended = time.monotonic()
    assert ended - cancelled_at[0] < 1.0
    for request in download.pool.log.packages:
        assert download.pool.log.wait_for(lambda log: log.packages[0].closed_at is not None)
        assert request.closed_at is not None
        assert request.closed_at - cancelled_at[0] < 1.0
        assert request.client_left


def test_the_deadline_ends_it_in_time(start: Start) -> None:
    download = start((Silent(),))
    assert download.run(deadline_s=0.5) == 1
    assert download.ending.status == "deadline_exceeded"


def test_a_package_with_an_unsafe_name_is_refused_and_nothing_is_written(
    start: Start, tmp_path: Path
) -> None:
    evil = OriginMeeting(package({"../../evil.pdf": b"%PDF-"}), {})
    download = start((), (), meetings={"M1": evil})
    assert download.run() == 5
    assert download.ending.status == "package_refused"
    assert download.library.current("M1") is None
    assert not list(tmp_path.rglob("evil*"))
    assert len(download.pool.log.packages) == 1, "every server holds the same package"


def test_a_package_larger_than_allowed_is_not_begun(start: Start) -> None:
    big = OriginMeeting(package({"a/b.bin": os.urandom(2 << 20)}), {})
    download = start((), meetings={"M1": big})
    assert download.run(max_package_mb=1) == 1
    assert download.ending.attempts[0]["code"] == "too-large"


def test_too_little_space_is_said_before_anything_is_fetched(start: Start) -> None:
    download = start((), ())
    servers = [f"http://{name}/api/v1" for name in download.pool.names]
    job = Job("M1", str(download.directory), servers, min_free_mb=10**9)
    heard: list[events.Event] = []
    assert worker.run(job, heard.append, threading.Event()) == 4
    ending = heard[-1]
    assert isinstance(ending, events.DownloadError)
    assert ending.status == "disk_full"
    assert ending.attempts == []
    assert "needs" in ending.message
    assert len(download.pool.log.packages) == 1


def test_nodes_that_the_master_names_join_the_pool(start: Start) -> None:
    with Origin(meetings=MEETINGS) as node, Origin(meetings=MEETINGS) as master:
        master.nodes = [node.name, "nonsense:port", "u@h"]
        download = start(CLOSED)
        master.faults = [Status(404)]
        assert download.run(master=master.url) == 0
        assert len(node.log.packages) == 1
    expect_whole(download)


def test_a_closed_lane_cannot_harm_what_the_next_one_writes(start: Start) -> None:
    download = start((StopAt(0.5),), ())
    lanes: list[Lane] = []
    download.on_event = lambda _: lanes.extend(
        thread for thread in threading.enumerate() if isinstance(thread, Lane)
    )
    assert download.run(timeout_s=1.0) == 0
    for lane in lanes:
        lane.join(5)
        assert not lane.is_alive()
    expect_whole(download)


def test_the_static_copy_on_the_same_server_is_preferred(start: Start) -> None:
    static = OriginMeeting(PACKAGE, DATA, package_url="/static/packages/第 1 次.zip")
    download = start((), meetings={"M1": static})
    assert download.run() == 0
    assert [request.path for request in download.pool.log.packages] == [static.package_url]
    expect_whole(download)


# The worker as a process of its own


def spawn(job: Job, **more: Any) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(job.encode() + "\n")
    process.stdin.flush()
    return process


@pytest.mark.parametrize("how", ["close", "term"])
def test_the_worker_ends_when_told_or_left_alone(start: Start, how: str) -> None:
    download = start((Slow(200_000),))
    job = Job("M1", str(download.directory), [download.pool[0].url], min_free_mb=0)
    with spawn(job) as process:
        assert process.stdout is not None and process.stdin is not None
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("receivedBytes", 0) > 20_000:
                break
        if how == "close":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        lines += [json.loads(line) for line in process.stdout]
        assert process.wait(5) == 130
    assert lines[-1]["event"] == "downloadCancelled"


def test_a_killed_worker_costs_at_most_what_was_not_journalled(start: Start) -> None:
    big = {"a/one.bin": os.urandom(24 << 20)}
    download = start((Slow(30_000_000),), meetings={"M1": OriginMeeting(package(big), {})})
    job = Job("M1", str(download.directory), [download.pool[0].url], min_free_mb=0)
    with spawn(job) as process:
        assert process.stdout is not None
        seen = 0
        for line in process.stdout:
            seen = json.loads(line).get("receivedBytes", 0)
            if seen > 18 << 20:
                break
        process.kill()
    download.pool[0].faults = []
    assert download.run() == 0
    assert seen - download.ending.reused_bytes <= 10 << 20
    assert download.ending.reused_bytes > 0
    assert download.library.verify() == []


def test_a_job_that_makes_no_sense_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.worker"], input="{}\n", text=True, capture_output=True
    )
    assert done.returncode == 2
    assert "bad-job" in done.stderr


def test_without_a_length_the_listed_sizes_tell_how_far_it_is(start: Start) -> None:
    download = start((*AS_EXISTING_MASTER, Slow(300_000)))
    assert download.run() == 0
    progress = [e for e in download.events if isinstance(e, events.DownloadProgress)]
    on_the_way = [event for event in progress if event.phase == "downloading"]
    assert any(5 < event.percent < 95 for event in on_the_way)
    assert all(event.total_bytes is None for event in on_the_way)
    expect_whole(download)
