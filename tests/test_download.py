"""One download over real sockets and a real disk: which servers are asked, and what comes out."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from downloads import (
    BLOCK,
    DATA,
    FILES,
    MEETINGS,
    NEEDED,
    PACKAGE,
    TAIL,
    Start,
    begin_of,
    expect_whole,
    package,
    span_of,
)
from faulty import asked, sent

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
    RedirectTo,
    ResetAt,
    Silent,
    Slow,
    SlowStart,
    Status,
    StopAt,
    WrongBytes,
)
from kiosk.job import Job
from kiosk.lane import Lane
from kiosk.package import TAIL_BYTES


def test_a_healthy_server_delivers_and_the_agenda_is_as_the_master_says(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    expect_whole(download)
    manifest = download.library.current("M1")
    assert manifest is not None
    assert manifest.title == "经营工作会"
    assert [item.title for item in manifest.agenda] == ["工作报告", "预算"]
    assert download.ending.revision == manifest.revision


def test_it_asks_for_the_end_first_and_then_for_just_what_the_meeting_needs(start: Start) -> None:
    download = start(())
    assert download.run() == 0
    first, _ = span_of(PACKAGE, "01_工作报告/a1.pdf")
    known_from = len(PACKAGE) - TAIL_BYTES
    assert asked(download, 0) == [TAIL, f"bytes={first}-{known_from - 1}"]
    assert sent(download) == len(PACKAGE) - first
    ending = download.ending
    assert (ending.received_bytes, ending.reused_bytes) == (NEEDED, 0)
    assert ending.servers == {download.pool.names[0]: NEEDED}
    assert {event.total_bytes for event in download.progress[1:]} == {NEEDED}


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (CLOSED, "refused"),
        ((Status(404),), "not-here"),
        ((Status(500),), "busy"),
        ((Status(503, retry_after=2),), "busy"),
        ((Status(403),), "forbidden"),
        ((HtmlPage(),), "not-a-package"),
        ((CutAt(1),), "cut-off"),
        ((ResetAt(1),), "reset"),
        ((WrongBytes(at=2), *AS_EXISTING_MASTER), "not-a-package"),
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
    assert download.ending.servers == {download.pool.names[1]: NEEDED}
    assert len(asked(download, 0)) <= 1 + isinstance((faults or [None])[0], RedirectTo) * 5
    expect_whole(download)


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ((CutAt(0.5),), "cut-off"),
        ((CutAt(0.8),), "cut-off"),
        ((CutAt(0.5), NoLength()), "cut-off"),
        ((CutAt(0.5), NoLength(chunked=False)), "cut-off"),
        ((ResetAt(0.5),), "reset"),
        ((ResetAt(0.8),), "reset"),
    ],
    ids=str,
)
def test_the_next_server_goes_on_at_the_byte_where_one_broke_off(
    start: Start, faults: tuple[Fault, ...], reason: str
) -> None:
    download = start(faults, ())
    assert download.run() == 0
    assert download.switches == [reason]
    broken, rest = (download.pool.log.packages[number] for number in (1, -1))
    came = begin_of(broken.range) + broken.sent
    assert came - BLOCK * (reason == "reset") <= begin_of(rest.range) <= came
    assert asked(download, 1) == [TAIL, rest.range]
    assert sent(download) <= len(PACKAGE) + TAIL_BYTES + BLOCK * (reason == "reset")
    assert set(download.ending.servers) == set(download.pool.names)
    assert sum(download.ending.servers.values()) == download.ending.received_bytes == NEEDED
    expect_whole(download)


def test_a_wrong_byte_costs_its_file_and_the_server_its_place(start: Start) -> None:
    download = start((WrongBytes(at=0.3),), ())
    assert download.run() == 0
    assert download.switches == ["wrong-content"]
    first, until = span_of(PACKAGE, "01_工作报告/a1.pdf")
    assert asked(download, 1) == [TAIL, f"bytes={first}-{until - 1}"]
    servers = download.ending.servers
    assert servers == {
        download.pool.names[0]: NEEDED - (until - first),
        download.pool.names[1]: until - first,
    }
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


def test_a_server_that_keeps_silent_about_the_agenda_delivers_all_the_same(start: Start) -> None:
    download = start((Silent(path="/data"),))
    assert download.run(timeout_s=1.0) == 0
    assert download.switches == []
    assert sent(download) <= len(PACKAGE)
    assert sorted(download.materials().values()) == sorted(FILES.values())


@pytest.mark.parametrize("faults", [(), (NoRanges(), NoLength())], ids=["ranges", "a stream"])
def test_an_agenda_that_comes_late_still_gives_the_names(
    start: Start, faults: tuple[Fault, ...]
) -> None:
    download = start((SlowStart(1.2, path="/data"), *faults))
    assert download.run(timeout_s=1.0) == 0
    assert download.switches == []
    expect_whole(download)
    shares = [one.percent for one in download.progress]
    assert shares == sorted(shares)


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


def test_no_server_at_all_says_so(tmp_path: Path) -> None:
    heard: list[events.Event] = []
    assert worker.run(Job("M1", str(tmp_path)), heard.append, threading.Event()) == 3
    assert isinstance(heard[-1], events.DownloadError)
    assert heard[-1].status == "no_servers"


def test_never_a_request_after_success(start: Start) -> None:
    download = start((), (), ())
    assert download.run() == 0
    requests = len(download.pool.log)
    time.sleep(0.5)
    assert len(download.pool.log) == requests
    assert {request.server for request in download.pool.log[:]} == {download.pool.names[0]}


def test_a_package_with_an_unsafe_name_is_refused_and_nothing_is_written(
    start: Start, tmp_path: Path
) -> None:
    evil = OriginMeeting(package({"../../evil.pdf": b"%PDF-"}), {})
    download = start((), (), (), meetings={"M1": evil})
    assert download.run() == 5
    assert download.ending.status == "package_refused"
    assert download.library.current("M1") is None
    assert not list(tmp_path.rglob("evil*"))
    asked_of = [asked(download, server) for server in range(3)]
    assert asked_of == [[TAIL], [TAIL], []], "what two servers say alike is the package's fault"


def test_a_package_is_not_refused_for_what_one_copy_says(start: Start, tmp_path: Path) -> None:
    download = start((), ())
    evil = package({"../../evil.pdf": b"%PDF-"})
    download.pool[0].meetings = {"M1": OriginMeeting(evil, DATA)}
    assert download.run() == 0
    assert download.switches == ["wrong-content"]
    assert asked(download, 0) == [TAIL]
    assert not list(tmp_path.rglob("evil*"))
    expect_whole(download)


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
        assert download.ending.servers == {node.name: NEEDED}
    expect_whole(download)


def test_a_closed_lane_cannot_harm_what_the_next_one_writes(start: Start) -> None:
    download = start((StopAt(0.5),), ())
    lanes: list[Lane] = []
    download.on_event = lambda _: lanes.extend(
        thread for thread in threading.enumerate() if isinstance(thread, Lane)
    )
    assert download.run(timeout_s=1.0) == 0
    for lane in lanes:
        lane.join(30)
        assert not lane.is_alive()
    expect_whole(download)


def test_the_static_copy_on_the_same_server_is_preferred(start: Start) -> None:
    static = OriginMeeting(PACKAGE, DATA, package_url="/static/packages/第 1 次.zip")
    download = start((), meetings={"M1": static})
    assert download.run() == 0
    assert {request.path for request in download.pool.log.packages} == {static.package_url}
    expect_whole(download)


def test_a_material_is_said_to_be_ready_when_it_can_be_opened(start: Start) -> None:
    download = start((Slow(600_000),))
    opened: dict[str, bytes | None] = {}

    def look(event: events.Event) -> None:
        if isinstance(event, events.MaterialReady):
            assert download.library.current("M1") is None, "before there is a revision"
            opened[event.name] = download.opened(event.sha256)

    download.on_event = look
    assert download.run() == 0
    assert opened == download.materials()
    assert [len(opened[event.name] or b"") for event in download.ready] == [
        event.bytes for event in download.ready
    ]
    manifest = download.library.current("M1")
    assert manifest is not None
    said = {event.index: (event.name, event.sha256) for event in download.ready}
    assert said == {
        place: (one.name, one.sha256) for place, one in enumerate(manifest.materials, 1)
    }
    expect_whole(download)


def test_half_characters_in_the_masters_document_stop_nothing(start: Start) -> None:
    download = start(())
    document = {**DATA, "title": "会\ud800议", "package_url": "/static/\udfff.zip", "x": "\udfff"}
    job = Job.decode(Job("M1", "", data=document).encode().encode())
    assert job.data == document
    assert download.run(data=job.data) == 0
    expect_whole(download)
