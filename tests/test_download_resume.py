"""What came once is not fetched again: after a cut, on another server, in the next run."""

from __future__ import annotations

import pytest
from downloads import (
    BLOCK,
    DATA,
    FILES,
    NEEDED,
    PACKAGE,
    TAIL,
    Download,
    Start,
    begin_of,
    expect_whole,
    package,
    span_of,
)
from faulty import asked, sent

from kiosk import events
from kiosk.demo.origin import (
    CLOSED,
    CutAt,
    NoETag,
    Origin,
    OriginMeeting,
    RedirectTo,
    Slow,
    Status,
)
from kiosk.package import TAIL_BYTES

REST = f"bytes={{}}-{len(PACKAGE) - TAIL_BYTES - 1}"
"""The Range of everything from a byte on; the tail is here already."""


def cancel_at(download: Download, count: int) -> None:
    """Have it cancelled when so many bytes have come."""
    download.on_event = lambda event: (
        download.stop.set()
        if isinstance(event, events.DownloadProgress) and event.received_bytes > count
        else None
    )


def go_on(download: Download) -> None:
    """What was cancelled or failed is begun anew, with servers that are well."""
    download.stop.clear()
    download.on_event = None
    for origin in download.pool.origins:
        if origin is not None:
            origin.faults = []


def test_a_cut_transfer_resumes_on_the_same_server(start: Start) -> None:
    download = start((CutAt(0.5, times=1, after=1),))
    assert download.run() == 0
    expect_whole(download)
    _, cut, again, rest = download.pool.log.packages
    assert again.range == TAIL, "it may have another package by now"
    assert rest.range == REST.format(begin_of(cut.range) + cut.sent)
    assert rest.headers["if-range"]
    assert sent(download) <= len(PACKAGE) + TAIL_BYTES
    assert sum(download.ending.servers.values()) == NEEDED


def test_after_many_cuts_each_byte_has_come_once(start: Start) -> None:
    download = start(*[(CutAt(0.2),)] * 4, ())
    assert download.run() == 0
    assert download.switches == ["cut-off"] * 4
    ranges = [one for one in download.pool.log.packages if one.range != TAIL]
    ends = [begin_of(one.range) + one.sent for one in ranges]
    assert [begin_of(one.range) for one in ranges[1:]] == ends[:-1]
    assert sent(download) <= len(PACKAGE) + 4 * TAIL_BYTES
    assert list(download.ending.servers) == download.pool.names
    assert sum(download.ending.servers.values()) == NEEDED
    expect_whole(download)


def test_a_cancelled_transfer_resumes_in_the_next_run(start: Start) -> None:
    download = start((Slow(400_000),))
    cancel_at(download, 100_000)
    assert download.run() == 130
    assert isinstance(download.ending, events.DownloadCancelled)
    kept = download.ending.received_bytes
    assert kept > 100_000
    before = sent(download)
    go_on(download)
    assert download.run() == 0
    assert download.ending.reused_bytes == kept
    assert download.ending.received_bytes == NEEDED - kept
    first, _ = span_of(PACKAGE, "01_工作报告/a1.pdf")
    behind = NEEDED - (len(PACKAGE) - TAIL_BYTES - first)
    assert asked(download, 0)[-2:] == [TAIL, REST.format(first + kept - behind)]
    assert sent(download) - before == NEEDED - kept + TAIL_BYTES
    assert download.ending.servers == {download.pool.names[0]: NEEDED - kept}
    expect_whole(download)


def test_another_server_goes_on_with_what_the_last_run_left(start: Start) -> None:
    download = start((Slow(400_000),), CLOSED, ())
    cancel_at(download, 100_000)
    assert download.run() == 130
    kept = download.ending.received_bytes
    go_on(download)
    download.pool[0].faults = [Status(500)]
    assert download.run() == 0
    assert download.switches == ["busy", "refused"]
    assert download.ending.reused_bytes == kept
    assert sent(download, 2) == NEEDED - kept + TAIL_BYTES
    expect_whole(download)


def test_a_failed_download_is_gone_on_with(start: Start) -> None:
    download = start((CutAt(0.5),))
    assert download.run(retries=1) == 1
    assert [row["code"] for row in download.ending.attempts] == ["cut-off"]
    go_on(download)
    assert download.run() == 0
    assert sent(download) <= len(PACKAGE) + 2 * TAIL_BYTES + BLOCK
    expect_whole(download)


def test_files_that_are_whole_are_ready_before_the_rest_in_the_next_run(start: Start) -> None:
    download = start((Slow(400_000),))
    download.on_event = lambda _: download.stop.set() if len(download.ready) == 2 else None
    assert download.run() == 130
    before = [event.name for event in download.ready]
    assert sorted(before) == ["工作报告.pdf", "预算草案.txt"]
    go_on(download)
    download.pool[0].faults = [Slow(100_000, after=1)]
    assert download.run() == 0
    # They are read again first, and that takes less than what has still to come.
    assert [event.name for event in download.ready][-1] == "附件.pdf"
    assert sorted(event.index for event in download.ready) == [1, 2, 3], "each is told once"
    expect_whole(download)


def test_a_transfer_behind_a_redirect_resumes_where_its_bytes_came_from(start: Start) -> None:
    download = start(())
    cut = CutAt(0.5, times=1, after=1)
    with Origin(meetings=download.pool[0].meetings, faults=[cut]) as node:
        download.pool[0].faults = [RedirectTo(f"http://{node.name}{{path}}")]
        assert download.run() == 0
        _, broken, again, rest = node.log.packages
        assert again.range == TAIL
        assert rest.range == REST.format(begin_of(broken.range) + broken.sent)
    assert all("if-range" not in one.headers for one in download.pool.log.packages)
    assert sum(one.sent for one in node.log.packages) <= len(PACKAGE) + TAIL_BYTES
    expect_whole(download)


def test_an_etag_is_shown_to_nobody_but_the_address_that_gave_it(start: Start) -> None:
    download = start((CutAt(0.3),), (CutAt(0.3),), (CutAt(0.3),), ())
    tags = {name: f"tag-{place}" for place, name in enumerate(download.pool.names)}
    for origin in download.pool.origins:
        assert origin is not None
        origin.meetings = {"M1": OriginMeeting(PACKAGE, DATA, etag=tags[origin.name])}
    assert download.run() == 0
    for request in download.pool.log.packages:
        given = None if request.range == TAIL else f'"{tags[request.server]}"'
        assert request.headers.get("if-range") == given
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
        before = len(download.pool.log.packages)
        assert download.run(retries=1) == 0
        later = [*download.pool.log.packages[before:], *other.log.packages]
    for name in {request.server for request in later}:
        first = next(request for request in later if request.server == name)
        assert first.range == TAIL
        assert "if-range" not in first.headers
    behind = [request for request in later if request.server != other.name]
    if elsewhere == "another node":
        assert all("if-range" not in request.headers for request in behind)
    assert download.materials()["预算草案.txt"] == twin["02_预算/b1.txt"]
    assert download.library.verify() == []


def test_without_etags_bytes_are_joined_all_the_same(start: Start) -> None:
    download = start((CutAt(0.4), NoETag()), (CutAt(0.4), NoETag()), (NoETag(),))
    assert download.run() == 0
    assert all("if-range" not in request.headers for request in download.pool.log.packages)
    assert sent(download) <= len(PACKAGE) + 2 * TAIL_BYTES
    expect_whole(download)
