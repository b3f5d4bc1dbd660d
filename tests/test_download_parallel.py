"""Several servers at once, and what somebody waits for before the rest."""

from __future__ import annotations

import time

import pytest
from bundles import PAPERS, VOLUMES, Bundle
from downloads import BLOCK, TAIL, Start, begin_of, needed, span_of
from faulty import EITHER, asked, expect, sent

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Fault,
    OriginMeeting,
    Silent,
    Slow,
    Status,
    StopAt,
    WrongBytes,
)
from kiosk.package import TAIL_BYTES

PACE = Slow(6_000_000)
MEETINGS = {"M1": VOLUMES.origin}
SIZE = len(VOLUMES.package)
NEEDED = needed(VOLUMES.package)
IN_SOCKETS = 4 << 20
"""What a server that was closed may have sent into buffers that nobody read."""


def test_three_servers_bring_one_package_between_them(start: Start) -> None:
    download = start((PACE,), (PACE,), (PACE,), meetings=MEETINGS)
    assert download.run(parallel=3) == 0
    assert download.switches == []
    servers = download.ending.servers
    assert set(servers) == set(download.pool.names)
    assert sum(servers.values()) == download.ending.received_bytes == NEEDED
    assert min(servers.values()) > NEEDED // 6
    assert download.pool.log.open_packages > 1, "they were asked at the same time"
    assert sent(download) <= SIZE + 3 * TAIL_BYTES + 3 * BLOCK
    expect(download, VOLUMES)


@pytest.mark.parametrize("others", [0, 4], ids=["alone", "four are dead"])
def test_where_one_server_is_there_it_has_one_request_at_a_time(start: Start, others: int) -> None:
    download = start(*[CLOSED] * others, (), meetings=MEETINGS)
    assert download.run(parallel=4) == 0
    assert download.pool.log.open_packages == 1
    assert download.ending.servers == {download.pool.names[-1]: NEEDED}
    assert sent(download) <= SIZE
    expect(download, VOLUMES)


def test_for_a_small_package_one_server_is_enough(start: Start) -> None:
    download = start((), (), (), meetings={"M1": PAPERS.origin})
    assert download.run(parallel=3) == 0
    assert {request.server for request in download.pool.log[:]} == {download.pool.names[0]}


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (CutAt(1_000_000, after=1), {"cut-off"}),
        (StopAt(1_000_000, after=1), {"stalled"}),
        (Silent(after=1), {"stalled"}),
        (Status(500, after=2), {"busy"}),
        (Status(403), {"forbidden"}),
    ],
    ids=str,
)
def test_the_others_bring_what_one_of_three_leaves(
    start: Start, fault: Fault, reasons: set[str]
) -> None:
    # Silence is one after a second: until then the others must not have brought everything.
    pace = Slow(3_000_000) if reasons == {"stalled"} else PACE
    download = start((pace,), (fault, pace), (pace,), meetings=MEETINGS)
    assert download.run(parallel=3) == 0
    assert set(download.switches) == reasons
    assert sum(download.ending.servers.values()) == NEEDED
    assert sent(download, 0, 2) >= NEEDED - sent(download, 1)
    expect(download, VOLUMES)


@EITHER
def test_a_wrong_byte_costs_its_sender_its_place_beside_others(
    start: Start, bundle: Bundle
) -> None:
    first, stop = VOLUMES.span("volume2.bin")
    meeting = OriginMeeting(VOLUMES.package, VOLUMES.data, **bundle.more)
    wrong = WrongBytes(first, count=stop - first)
    download = start((wrong, PACE), (PACE,), (PACE,), meetings={"M1": meeting})
    assert download.run(parallel=3) == 0
    left = [event for event in download.events if isinstance(event, events.ServerSwitch)]
    assert {one.from_server for one in left} <= {download.pool.names[0]}, "no sound one is blamed"
    assert {one.reason for one in left} <= {"wrong-content"}
    expect(download, VOLUMES)


def test_nobody_waits_for_the_last_piece_of_a_slow_server(start: Start) -> None:
    download = start((Slow(20_000_000),), (Slow(400_000),), meetings=MEETINGS)
    assert download.run(parallel=2) == 0
    slow = download.ending.servers.get(download.pool.names[1], 0)
    assert slow < NEEDED // 4
    assert sent(download) <= SIZE + 2 * TAIL_BYTES + IN_SOCKETS
    expect(download, VOLUMES)


def test_an_etag_stays_with_its_server_beside_others(start: Start) -> None:
    download = start((PACE,), (PACE,), (PACE,), meetings=MEETINGS)
    tags = {name: f"tag-{place}" for place, name in enumerate(download.pool.names)}
    for origin in download.pool.origins:
        assert origin is not None
        etag = tags[origin.name]
        origin.meetings = {"M1": OriginMeeting(VOLUMES.package, VOLUMES.data, etag=etag)}
    assert download.run(parallel=3) == 0
    for request in download.pool.log.packages:
        given = None if request.range == TAIL else f'"{tags[request.server]}"'
        assert request.headers.get("if-range") == given
    assert set(download.ending.servers) == set(download.pool.names)
    expect(download, VOLUMES)


def test_cancel_closes_all_connections_within_a_second(start: Start) -> None:
    pace = Slow(1_000_000)
    download = start((pace,), (pace,), (pace,), meetings=MEETINGS)
    cancelled_at: list[float] = []

    def cancel(event: events.Event) -> None:
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 2_000_000:
            cancelled_at.append(time.monotonic())
            download.stop.set()

    download.on_event = cancel
    assert download.run(parallel=3) == 130
    assert time.monotonic() - cancelled_at[0] < 1.0
    requests = download.pool.log.packages
    assert download.pool.log.wait_for(lambda log: all(one.closed_at for one in log.packages))
    assert all((one.closed_at or 0) - cancelled_at[0] < 1.0 for one in requests)
    kept = download.ending.received_bytes
    assert kept > 2_000_000
    download.stop.clear()
    download.on_event = None
    before = sent(download)
    assert download.run(parallel=3) == 0
    assert download.ending.reused_bytes == kept
    assert sent(download) - before <= NEEDED - kept + 3 * TAIL_BYTES + 3 * BLOCK
    expect(download, VOLUMES)


def test_progress_over_several_servers_never_falls_and_never_passes_the_total(
    start: Start,
) -> None:
    cut = CutAt(1_500_000, after=1)
    download = start((PACE,), (cut, PACE), (PACE,), meetings=MEETINGS)
    assert download.run(parallel=3) == 0
    counts = [event.received_bytes + event.reused_bytes for event in download.progress]
    percents = [event.percent for event in download.progress]
    assert counts == sorted(counts)
    assert percents == sorted(percents)
    assert {event.total_bytes for event in download.progress if event.total_bytes} == {NEEDED}
    assert counts[-1] == NEEDED


# What comes first


@pytest.mark.parametrize("servers", [1, 3])
def test_files_come_in_the_order_of_the_agenda_however_they_are_packed(
    start: Start, servers: int
) -> None:
    backwards = Bundle(VOLUMES.files, order=tuple(reversed(VOLUMES.files)))
    download = start(*[(PACE,)] * servers, meetings={"M1": backwards.origin})
    assert download.run(parallel=servers) == 0
    order = [event.index for event in download.ready]
    if servers == 1:
        assert order == [1, 2, 3, 4]
    # Several at once end in the order of their lines; the last one is not begun before the first.
    assert max(order.index(1), order.index(2)) < order.index(4)
    expect(download, backwards)


@pytest.mark.parametrize("servers", [1, 3])
def test_what_somebody_waits_for_comes_first(start: Start, servers: int) -> None:
    download = start(*[(PACE,)] * servers, meetings=MEETINGS)
    download.fronts.want(4)
    assert download.run(parallel=servers) == 0
    assert download.ready[0].index == 4
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4]
    expect(download, VOLUMES)


@pytest.mark.parametrize("servers", [1, 3])
def test_what_somebody_begins_to_wait_for_on_the_way_comes_next(start: Start, servers: int) -> None:
    download = start(*[(Slow(3_000_000),)] * servers, meetings=MEETINGS)
    before: list[int] = []

    def tap(event: events.Event) -> None:
        come = isinstance(event, events.DownloadProgress) and event.received_bytes > 1_000_000
        if come and not before:
            before.append(len(download.pool.log.packages))
            download.fronts.want(4)

    download.on_event = tap
    assert download.run(parallel=servers) == 0
    first, _ = span_of(VOLUMES.package, VOLUMES.path("volume4.bin"))
    assert begin_of(download.pool.log.packages[before[0]].range) == first
    order = [event.index for event in download.ready]
    assert order.index(4) < order.index(3)
    if servers == 1:
        assert order == [4, 1, 2, 3]
    assert sum(download.ending.servers.values()) == NEEDED
    assert sent(download) <= SIZE + servers * (TAIL_BYTES + BLOCK) + IN_SOCKETS
    expect(download, VOLUMES)


@pytest.mark.parametrize("index", [0, -1, 5, 10**9])
def test_a_wish_for_what_is_not_there_changes_nothing(start: Start, index: int) -> None:
    download = start((), meetings={"M1": PAPERS.origin})
    download.fronts.want(index)
    assert download.run() == 0
    assert len(asked(download, 0)) == 2
    expect(download, PAPERS)


def test_a_stream_comes_in_its_own_order_whatever_somebody_waits_for(start: Start) -> None:
    download = start((*AS_EXISTING_MASTER, PACE), meetings=MEETINGS)
    download.fronts.want(4)
    assert download.run() == 0
    assert [event.index for event in download.ready] == [1, 2, 3, 4]
    assert asked(download, 0) == [TAIL]
    expect(download, VOLUMES)
