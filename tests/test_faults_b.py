"""A server is gone or busy: the next one is asked, for what is missing only, and all of it ends."""

from __future__ import annotations

import email.utils
import itertools
import time

import pytest
from bundles import PAPERS, SLACK, Bundle
from downloads import Download, Start
from faulty import EITHER, asked, expect, nothing_published, run, sent

from kiosk import events
from kiosk.demo.origin import (
    CLOSED,
    CutAt,
    Fault,
    OriginMeeting,
    RedirectTo,
    ResetAt,
    Silent,
    Slow,
    Status,
)

BLOCK = 256 << 10
"""What was received and not yet written when a connection broke."""
TEN_YEARS_S = 10 * 365 * 86400
MEETINGS = {"M1": PAPERS.origin}
SMALL = Bundle({"a.txt": b"a" * 5000, "b.bin": b"b" * 5000})


def waits(download: Download) -> list[float]:
    switches = [event for event in download.events if isinstance(event, events.ServerSwitch)]
    return [event.wait_seconds for event in switches]


@pytest.mark.fault("B1")
@pytest.mark.parametrize("dead", [1, 4])
def test_a_refused_connection_costs_no_wait(start: Start, dead: int) -> None:
    download = start(*[CLOSED] * dead, (), meetings=MEETINGS)
    assert download.run() == 0
    expect(download, PAPERS)
    assert download.switches == ["refused"] * dead
    assert waits(download) == [0.0] * dead


@pytest.mark.fault("B6")
@EITHER
@pytest.mark.parametrize("at", [0.01, 0.5, 0.99])
@pytest.mark.parametrize("how", [CutAt, ResetAt])
def test_after_a_cut_the_next_is_asked_for_the_rest(
    start: Start, bundle: Bundle, how: type[CutAt] | type[ResetAt], at: float
) -> None:
    download = start((how(at),), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert set(download.switches) <= {"cut-off", "reset"}
    size = len(bundle.package)
    assert sent(download) <= size + BLOCK + 2 * SLACK


@pytest.mark.fault("B6")
@EITHER
def test_many_cuts_in_a_row_are_one_download_in_the_end(start: Start, bundle: Bundle) -> None:
    cut = [(CutAt(0.2),), (ResetAt(0.2),), (CutAt(0.2),), (ResetAt(0.2),), ()]
    download = start(*cut, meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert sent(download) <= len(bundle.package) + 4 * BLOCK + 5 * SLACK


@pytest.mark.fault("B7")
@pytest.mark.parametrize(
    ("status", "code", "times"),
    [
        (404, "not-here", 2), (410, "not-here", 2), (401, "token-needed", 1), (403, "forbidden", 1),
        (408, "busy", 2), (429, "busy", 2), (500, "busy", 2), (502, "busy", 2), (503, "busy", 2),
        (504, "busy", 2), (400, "rejected", 1), (418, "rejected", 1), (451, "rejected", 1),
    ],
)  # fmt: skip
def test_a_status_says_whether_that_server_is_asked_again(
    start: Start, status: int, code: str, times: int
) -> None:
    download = start((Status(status),), meetings=MEETINGS)
    assert run(download, retries=2) == 1
    (row,) = download.ending.attempts
    assert row["code"] == code
    # That a token is needed says it already.
    assert row["details"].get("status", 401) == status
    assert len(asked(download, 0)) == times
    assert nothing_published(download)


@pytest.mark.fault("B7")
@pytest.mark.parametrize("status", [404, 401, 429, 418])
def test_whatever_the_status_the_next_one_is_asked_at_once(start: Start, status: int) -> None:
    download = start((Status(status),), (), meetings=MEETINGS)
    assert download.run() == 0
    expect(download, PAPERS)
    assert waits(download) == [0.0]
    assert len(asked(download, 0)) == 1


def in_a_while() -> str:
    return email.utils.formatdate(time.time() + TEN_YEARS_S, usegmt=True)


@pytest.mark.fault("B8")
@pytest.mark.parametrize("wait", [3, TEN_YEARS_S, "a date", "soon", -5])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_up_nobody_but_its_server(
    start: Start, status: int, wait: str | int
) -> None:
    wait = in_a_while() if wait == "a date" else wait
    download = start((Status(status, retry_after=wait),), (), meetings=MEETINGS)
    assert download.run() == 0
    expect(download, PAPERS)
    assert waits(download) == [0.0]
    assert len(asked(download, 0)) == 1


@pytest.mark.fault("B8")
def test_a_server_alone_is_asked_again_when_it_said_and_not_before(start: Start) -> None:
    download = start((Status(503, retry_after=1, times=1),), meetings={"M1": SMALL.origin})
    assert download.run() == 0
    expect(download, SMALL)
    first, second, *_ = download.pool.log.packages
    assert second.opened_at - first.opened_at >= 1.0


@pytest.mark.fault("B8")
@pytest.mark.parametrize("wait", [TEN_YEARS_S, "a date"])
def test_a_wait_of_ten_years_is_capped_and_ends_with_the_deadline(
    start: Start, wait: str | int
) -> None:
    wait = in_a_while() if wait == "a date" else wait
    download = start((Status(503, retry_after=wait),), meetings=MEETINGS)
    assert download.run(deadline_s=0.5) == 1
    assert download.ending.status == "deadline_exceeded"
    assert all(seconds <= 3600 for seconds in waits(download))


@pytest.mark.fault("B9")
@EITHER
def test_one_server_that_fails_now_and_then_is_enough(start: Start, bundle: Bundle) -> None:
    faults = (Status(500, times=1), CutAt(0.4))
    download = start(faults, meetings={"M1": bundle.origin})
    assert download.run(retries=5) == 0
    expect(download, bundle)
    assert download.switches[0] == "busy"
    assert set(download.switches[1:]) == {"cut-off"}
    limits = [1.0, 2.0, 4.0, 8.0]
    assert all(seconds <= limit for seconds, limit in zip(waits(download), limits, strict=False))
    assert sent(download) <= len(bundle.package) + 4 * (BLOCK + SLACK)


@pytest.mark.fault("B9")
def test_as_many_rounds_as_were_set_and_no_more(start: Start) -> None:
    for rounds in (1, 2, 3):
        download = start((Status(500),), (Status(502),), meetings=MEETINGS)
        assert run(download, retries=rounds) == 1
        assert [len(asked(download, server)) for server in (0, 1)] == [rounds, rounds]


@pytest.mark.fault("B9")
def test_the_pauses_between_rounds_are_not_the_same_everywhere(start: Start) -> None:
    seen = set()
    for _ in range(4):
        download = start((Status(500),), meetings=MEETINGS)
        assert run(download, retries=2) == 1
        seen |= set(waits(download))
    assert len(seen - {0.0}) > 1


@pytest.mark.fault("B10")
def test_with_all_dead_the_old_revision_stays_and_each_reason_is_told(start: Start) -> None:
    download = start((), (), (), meetings=MEETINGS)
    assert download.run() == 0
    revision = download.ending.revision
    download.pool[0].faults = [Status(500)]
    download.pool[1].close()
    download.pool[2].faults = [Status(403)]
    newer = PAPERS.changed(notes=b"new words\n" * 900)
    assert download.run(retries=2, data=newer.data) == 1
    ending = download.ending
    assert ending.status == "all_servers_failed"
    assert ending.kept == revision
    told = {row["server"]: row["code"] for row in ending.attempts}
    assert told == dict(zip(download.pool.names, ["busy", "refused", "forbidden"], strict=True))
    assert all(row["message"] and row["hint"] for row in ending.attempts)
    expect(download, PAPERS)


DEADLINES: dict[str, tuple[Fault, ...] | None] = {
    "refused": CLOSED,
    "silent": (Silent(),),
    "silent about the agenda": (Silent(path="/data"), Silent()),
    "silent about the manifest": (Silent(path="/manifest"), Silent()),
    "receiving": (Slow(400_000),),
    "redirected": (RedirectTo("{path}"), Status(500)),
    "told to wait": (Status(503, retry_after=60),),
}


@pytest.mark.fault("B12")
@pytest.mark.parametrize("state", DEADLINES)
def test_the_deadline_strikes_in_every_state(start: Start, state: str) -> None:
    meeting = OriginMeeting(PAPERS.package, PAPERS.data)
    download = start(DEADLINES[state], meetings={"M1": meeting})
    assert run(download, deadline_s=1.0, retries=20) == 1
    statuses = {"deadline_exceeded"} | ({"all_servers_failed"} if state == "redirected" else set())
    assert download.ending.status in statuses
    assert nothing_published(download)


@pytest.mark.fault("B12")
@EITHER
def test_what_the_deadline_cut_off_is_kept_for_the_next_try(start: Start, bundle: Bundle) -> None:
    download = start((Slow(500_000),), meetings={"M1": bundle.origin})
    tries = 0
    for tries in itertools.count(1):
        if run(download, deadline_s=1.5) == 0:
            break
        assert download.ending.status == "deadline_exceeded"
        assert tries < 12
    assert tries > 1
    expect(download, bundle)
    assert download.ending.reused_bytes > 0
    assert sent(download) <= len(bundle.package) + tries * (BLOCK + SLACK)
