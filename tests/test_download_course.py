"""The course of a download: progress, cancel, deadline, resume, and what is here already."""

from __future__ import annotations

import threading
import time

import pytest
from downloads import DATA, FILES, PACKAGE, Start, expect_whole, package

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Fault,
    Origin,
    OriginMeeting,
    RedirectTo,
    Silent,
    Slow,
    Status,
)


def test_after_a_failure_the_old_revision_stays_readable(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    revision = download.ending.revision
    download.pool[0].faults = [Status(500)]
    assert download.run(retries=1, force=True) == 1
    assert download.ending.kept == revision
    expect_whole(download)


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


def test_a_transfer_behind_a_redirect_resumes_where_its_bytes_came_from(start: Start) -> None:
    download = start(())
    with Origin(meetings=download.pool[0].meetings, faults=[CutAt(0.5, times=1)]) as node:
        download.pool[0].faults = [RedirectTo(f"http://{node.name}{{path}}")]
        assert download.run() == 0
        whole, rest = node.log.packages
        assert rest.range == f"bytes={whole.sent}-"
    assert all("if-range" not in asked.headers for asked in download.pool.log.packages)
    expect_whole(download)


@pytest.mark.parametrize("elsewhere", ["another node", "the server itself"])
def test_an_etag_is_never_shown_to_whom_did_not_give_it(start: Start, elsewhere: str) -> None:
    """The others have packages of the same length and ETag, and of other bytes."""
    twin = {**FILES, "02_预算/b1.txt": FILES["02_预算/b1.txt"][::-1]}
    ours = OriginMeeting(package(FILES), DATA, etag="v1")
    theirs = OriginMeeting(package(twin), DATA, etag="v1")
    download = start((), meetings={"M1": theirs})
    with Origin(meetings={"M1": ours}, faults=[CutAt(0.5)]) as one:
        download.pool[0].faults = [RedirectTo(f"http://{one.name}{{path}}")]
        assert download.run(retries=1) == 1
    with Origin(meetings={"M1": theirs}) as other:
        to_other = RedirectTo(f"http://{other.name}{{path}}")
        download.pool[0].faults = [to_other] if elsewhere == "another node" else []
        assert download.run(retries=1) == 0
        asked = [*download.pool.log.packages, *other.log.packages]
    assert all("if-range" not in request.headers for request in asked)
    assert download.materials()["预算草案.txt"] == twin["02_预算/b1.txt"]


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


def test_without_a_length_the_listed_sizes_tell_how_far_it_is(start: Start) -> None:
    download = start((*AS_EXISTING_MASTER, Slow(300_000)))
    assert download.run() == 0
    progress = [e for e in download.events if isinstance(e, events.DownloadProgress)]
    on_the_way = [event for event in progress if event.phase == "downloading"]
    assert any(5 < event.percent < 95 for event in on_the_way)
    assert all(event.total_bytes is None for event in on_the_way)
    expect_whole(download)


@pytest.mark.parametrize("path", ["/data", "/download-nodes-info"])
def test_cancel_works_before_the_first_request_for_the_package_too(start: Start, path: str) -> None:
    download = start(())
    assert download.run() == 0
    download.pool[0].faults = [Silent(path=path)]
    threading.Timer(0.3, download.stop.set).start()
    began = time.monotonic()
    assert download.run(master=download.pool[0].url, force=path != "/data") == 130
    assert time.monotonic() - began < 1.3
    assert isinstance(download.ending, events.DownloadCancelled)
    assert len(download.pool.log.packages) == 1
