"""The course of a download: progress, cancel, deadline, and what is here already."""

from __future__ import annotations

import threading
import time

import pytest
from downloads import AT_ONCE_S, NEEDED, Start, expect_whole

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Fault,
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
    revision, requests = download.ending.revision, len(download.pool.log.packages)
    assert download.run() == 0
    assert download.ending.revision == revision
    assert download.ending.received_bytes == 0
    assert len(download.pool.log.packages) == requests


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
    progress = download.progress
    counts = [event.received_bytes + event.reused_bytes for event in progress]
    percents = [event.percent for event in progress]
    assert counts == sorted(counts)
    assert percents == sorted(percents)
    assert max(percents) <= 100
    assert all(
        count <= (event.total_bytes or count) for count, event in zip(counts, progress, strict=True)
    )
    assert counts[-1] == progress[-1].total_bytes == NEEDED
    assert {event.server_index for event in progress} == {1, 2}
    assert any(event.bytes_per_second > 0 and event.seconds_left for event in progress)


@pytest.mark.parametrize(
    ("faults", "phase"),
    [((Silent(),), "connecting"), ((Slow(200_000),), "downloading"), (CLOSED, "waiting")],
)
def test_cancel_closes_the_connection_at_once(
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
    assert ended - cancelled_at[0] < AT_ONCE_S
    for request in download.pool.log.packages:
        assert download.pool.log.wait_for(lambda log, one=request: one.closed_at is not None)
        assert request.closed_at is not None
        assert request.closed_at - cancelled_at[0] < AT_ONCE_S
    assert all(request.client_left for request in download.pool.log.packages[-1:])


def test_the_deadline_ends_it_in_time(start: Start) -> None:
    download = start((Silent(),))
    assert download.run(deadline_s=0.5) == 1
    assert download.ending.status == "deadline_exceeded"


def test_without_a_length_the_listed_sizes_tell_how_far_it_is(start: Start) -> None:
    download = start((*AS_EXISTING_MASTER, Slow(300_000)))
    assert download.run() == 0
    on_the_way = [event for event in download.progress if event.phase == "downloading"]
    assert any(5 < event.percent < 95 for event in on_the_way)
    assert all(event.total_bytes is None for event in on_the_way)
    expect_whole(download)


@pytest.mark.parametrize("path", ["/data", "/download-nodes-info"])
def test_cancel_works_before_the_first_request_for_the_package_too(start: Start, path: str) -> None:
    download = start(())
    assert download.run() == 0
    requests = len(download.pool.log.packages)
    download.pool[0].faults = [Silent(path=path)]
    threading.Timer(0.3, download.stop.set).start()
    began = time.monotonic()
    assert download.run(master=download.pool[0].url, force=path != "/data") == 130
    assert time.monotonic() - began < AT_ONCE_S
    assert isinstance(download.ending, events.DownloadCancelled)
    assert len(download.pool.log.packages) == requests
