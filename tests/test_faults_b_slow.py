"""A server is slow, silent, or comes and goes: another takes over where there is one."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from io import BufferedReader
from pathlib import Path

import pytest
from bundles import PAPERS, SLACK, Bundle, noise
from downloads import Start
from faulty import EITHER, asked, expect, in_background, run, sent
from fetching import TROUBLED, fetch

from kiosk import events
from kiosk.demo.origin import (
    CLOSED,
    SWALLOW_SYN,
    CutAt,
    Drip,
    DripHead,
    Fault,
    Origin,
    OriginMeeting,
    Silent,
    Slow,
    StopAt,
    pool_of,
)
from kiosk.library import Library

MEETINGS = {"M1": PAPERS.origin}
BLOCK = 256 << 10
SMALL = Bundle({"a.txt": b"a" * 5000, "b.bin": noise(60_000)})
MIDDLE = Bundle({"a.bin": noise(500_000, 1), "b.bin": noise(400_000, 2)})


@pytest.mark.fault("B2")
@EITHER
@pytest.mark.parametrize("dead", [1, 4])
def test_a_machine_that_is_switched_off_costs_a_moment(
    start: Start, bundle: Bundle, dead: int
) -> None:
    download = start(*[SWALLOW_SYN] * dead, (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert set(download.switches) == {"connect-timeout"}
    assert len(download.switches) in (dead, max(1, dead - 1)), "the last may not have had its time"
    assert download.ending.seconds < 8.0, "nobody was waited for until he was given up"


@pytest.mark.fault("B2")
def test_the_next_package_remembers_who_was_switched_off(start: Start) -> None:
    download = start(*[SWALLOW_SYN] * 4, (), meetings=MEETINGS)
    assert download.run() == 0
    told = download.switches
    if len(told) == 3:  # the last had not had its time when another answered: it has it now
        assert run(download, force=True) == 0
        told = told + download.switches
    assert len(told) == 4
    for _ in range(3):
        assert run(download, in_order=False, force=True) == 0
        assert download.switches == []


@pytest.mark.fault("B2")
def test_where_every_machine_is_switched_off_it_ends(start: Start) -> None:
    download = start(SWALLOW_SYN, SWALLOW_SYN, meetings=MEETINGS)
    assert run(download, retries=1) == 1
    assert {row["code"] for row in download.ending.attempts} == {"connect-timeout"}


@pytest.mark.fault("B3")
@EITHER
@pytest.mark.parametrize("fault", [Silent(), DripHead(0.2)])
def test_another_takes_over_from_a_server_that_never_answers(
    start: Start, bundle: Bundle, fault: Fault
) -> None:
    download = start((fault,), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches == ["silent"]
    assert len(asked(download, 0)) == 1
    assert download.ending.seconds < 6.0, "the patience of one that is alone is not spent"


@pytest.mark.fault("B3")
@pytest.mark.parametrize("fault", [Silent(times=1), DripHead(0.1, times=1)])
def test_a_watchdog_ends_the_wait_for_a_server_that_is_alone(start: Start, fault: Fault) -> None:
    download = start((fault,), meetings=MEETINGS)
    assert download.run(timeout_s=1.0) == 0
    expect(download, PAPERS)
    assert download.switches == ["silent"]


@pytest.mark.fault("B4")
@EITHER
def test_another_goes_on_at_the_byte_where_one_stopped(start: Start, bundle: Bundle) -> None:
    download = start((StopAt(0.5),), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches == ["stalled"]
    size = len(bundle.package)
    assert sent(download, 1) <= size - size // 2 + SLACK
    assert sent(download) <= size + 2 * SLACK
    assert download.ending.seconds < 8.0, "the patience of one that is alone is not spent"


@pytest.mark.fault("B4")
@EITHER
def test_a_server_that_is_alone_and_stops_is_asked_for_the_rest(
    start: Start, bundle: Bundle
) -> None:
    download = start((StopAt(0.4),), meetings={"M1": bundle.origin})
    assert download.run(timeout_s=1.0) == 0
    expect(download, bundle)
    assert set(download.switches) == {"stalled"}
    assert sent(download) <= len(bundle.package) + 3 * SLACK


@pytest.mark.fault("B5")
@EITHER
@pytest.mark.parametrize("drip", [Slow(40_000), Drip(100, 0.2), Drip(1, 0.7)], ids=str)
def test_a_drip_is_left_for_another_server(start: Start, bundle: Bundle, drip: Fault) -> None:
    download = start((drip,), (), meetings={"M1": bundle.origin})
    assert download.run(deadline_s=20) == 0
    expect(download, bundle)
    assert download.switches == ["too-slow"]
    assert sent(download, 0) <= 500_000
    assert sent(download) <= len(bundle.package) + 2 * SLACK + BLOCK


@pytest.mark.fault("B5")
def test_slow_beats_none(start: Start) -> None:
    download = start((Slow(200_000),), CLOSED, meetings={"M1": MIDDLE.origin})
    assert run(download, retries=1) == 0
    expect(download, MIDDLE)
    assert "too-slow" not in download.switches


@pytest.mark.fault("B5")
def test_between_two_slow_ones_there_is_no_to_and_fro(start: Start) -> None:
    download = start((Slow(140_000),), (Slow(150_000),), meetings={"M1": MIDDLE.origin})
    assert download.run() == 0
    expect(download, MIDDLE)
    assert len(download.switches) <= 2
    assert sent(download) <= len(MIDDLE.package) + 3 * SLACK + BLOCK


LARGE = Bundle({"a.bin": noise(3_000_000, 5), "b.bin": noise(3_000_000, 6)})


@pytest.mark.fault("B13")
@pytest.mark.parametrize("last", [Slow(150_000), StopAt(200_000), Drip(1000, 0.1)])
@pytest.mark.parametrize("modern", [False, True])
def test_the_last_piece_of_a_slow_server_comes_from_another(
    start: Start, last: Fault, modern: bool
) -> None:
    meeting = OriginMeeting(LARGE.package, LARGE.data, modern=modern)
    download = start((last,), (Slow(4_000_000),), meetings={"M1": meeting})
    assert run(download, parallel=2) == 0
    expect(download, LARGE)
    assert download.ending.seconds < 14.0, "a piece of 2 MiB from that one takes fourteen"
    assert sent(download) <= 1.5 * len(LARGE.package)


@pytest.mark.fault("B14")
def test_terminals_that_start_together_spread_over_the_servers(start: Start) -> None:
    download = start((), (), (), (), (), meetings={"M1": SMALL.origin})
    delivered: Counter[str] = Counter()
    for number in range(40):
        download.directory = download.directory.with_name(f"terminal{number}")
        assert run(download, in_order=False) == 0
        delivered += Counter(download.ending.servers.keys())
    assert len(delivered) >= 4
    assert max(delivered.values()) <= 20


@pytest.mark.fault("B15")
def test_proxies_of_the_environment_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pool_of([()], MEETINGS) as pool:
        done = fetch(tmp_path / "data", pool.names)
    assert done.code == 0, done.errors
    assert [event["event"] for event in done.events].count("serverSwitch") == 0


@pytest.mark.fault("B15")
def test_a_name_server_that_never_answers_holds_up_nobody_else(tmp_path: Path) -> None:
    with pool_of([()], MEETINGS) as pool:
        servers = [f"lost.test:{pool.port}", *pool.names]
        trouble = [*TROUBLED, "lookup", "lost.test"]
        done = fetch(tmp_path / "data", servers, program=trouble)
    assert done.code == 0, done.errors
    assert done.ending["seconds"] < 6.0
    assert Library(tmp_path / "data").verify() == []


@pytest.mark.fault("B16")
@pytest.mark.parametrize("seconds", [315_360_000, -315_360_000])
def test_a_clock_that_jumps_disturbs_nothing(tmp_path: Path, seconds: int) -> None:
    with pool_of([(CutAt(0.5), Slow(1_500_000)), (Slow(1_500_000),)], MEETINGS) as pool:
        trouble = [*TROUBLED, "clock", str(seconds)]
        done = fetch(tmp_path / "data", pool.names, program=trouble)
        assert done.code == 0, done.errors
        again = fetch(tmp_path / "data", pool.names, program=trouble)
        assert again.code == 0, again.errors
    progress = [event for event in done.events if event["event"] == "downloadProgress"]
    assert all(event["bytesPerSecond"] >= 0 for event in progress)
    assert all((event["secondsLeft"] or 0) >= 0 for event in progress)
    assert 0 <= done.ending["seconds"] < 60
    assert all(0 <= event["waitSeconds"] < 60 for event in done.named("serverSwitch"))
    assert Library(tmp_path / "data").verify() == []


class Curt(Origin):
    """Closes its connection after each answer without having said so."""

    def _one_request(self, connection: socket.socket, reader: BufferedReader, peer: str) -> bool:
        super()._one_request(connection, reader, peer)
        return False


@pytest.mark.fault("B17")
@EITHER
def test_a_kept_connection_that_is_closed_meanwhile_is_nobodys_fault(
    start: Start, bundle: Bundle
) -> None:
    download = start(CLOSED, meetings={"M1": bundle.origin})
    with Curt(meetings={"M1": bundle.origin}) as curt:
        assert run(download, servers=[curt.url]) == 0
        assert curt.open_packages == 1
        assert sum(request.sent for request in curt.log.packages) <= len(bundle.package) + SLACK
    expect(download, bundle)
    assert download.switches == []


@pytest.mark.fault("B18")
@EITHER
def test_a_server_that_restarts_is_found_again(start: Start, bundle: Bundle) -> None:
    download = start(CLOSED, meetings={"M1": bundle.origin})
    first = Origin(meetings={"M1": bundle.origin}, faults=[Slow(2_000_000)])
    far = threading.Event()
    download.on_event = lambda event: (
        far.set()
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 600_000
        else None
    )
    running = in_background(download, servers=[first.url], retries=8)
    assert far.wait(30)
    first.close()
    time.sleep(0.3)
    with Origin("127.0.0.1", first.port, {"M1": bundle.origin}) as second:
        running.join(60)
        rest = sum(request.sent for request in second.log.packages)
    expect(download, bundle)
    assert download.ending.servers
    assert rest <= len(bundle.package) - 600_000 + BLOCK + SLACK
