"""Answers that lie about themselves: ranges, lengths, ETags, encodings, redirects, no end."""

from __future__ import annotations

import dataclasses

import pytest
from bundles import PAPERS, SLACK, Bundle, noise
from downloads import Start
from faulty import EITHER, asked, expect, leftovers, nothing_published, run, sent

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    ChangingETag,
    CutAt,
    EmptyBody,
    Endless,
    Fault,
    Gzip,
    HangUp,
    NoETag,
    NoLength,
    NoRanges,
    Origin,
    OriginMeeting,
    OtherPackage,
    RedirectTo,
    Slow,
    Status,
    WeakETag,
    WrongLength,
    WrongRange,
)

BLOCK = 256 << 10
MIB = 1 << 20


@pytest.mark.fault("A6")
@EITHER
@pytest.mark.parametrize("fault", [ChangingETag(), WeakETag(), NoETag()])
def test_a_download_is_resumed_whatever_the_etags_are(
    start: Start, bundle: Bundle, fault: Fault
) -> None:
    pace = Slow(4_000_000)
    download = start((fault, pace, CutAt(0.5)), (fault, pace), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert sent(download) <= len(bundle.package) + 5 * SLACK + 3 * BLOCK
    shown = [request.headers.get("if-range", "") for request in download.pool.log.packages]
    assert not any(etag.startswith("W/") for etag in shown)


@pytest.mark.fault("A6")
@EITHER
def test_equal_bytes_under_different_etags_are_joined(start: Start, bundle: Bundle) -> None:
    download = start((CutAt(0.5),), (), meetings={"M1": bundle.origin})
    other = dataclasses.replace(bundle.origin, etag="of-this-server-only")
    download.pool[1].meetings = {"M1": other}
    assert download.run() == 0
    expect(download, bundle)
    assert sent(download) <= len(bundle.package) + 2 * SLACK + BLOCK
    first, second = download.pool.names
    given = {request.server: request.headers.get("if-range") for request in download.pool.log[:]}
    assert given[first] is None or given[first] != '"of-this-server-only"'
    assert given[second] in (None, '"of-this-server-only"')


@pytest.mark.fault("A7")
@EITHER
@pytest.mark.parametrize("how", [(NoRanges(),), AS_EXISTING_MASTER], ids=["no ranges", "chunked"])
def test_a_server_that_ignores_ranges_is_read_as_one_stream(
    start: Start, bundle: Bundle, how: tuple[Fault, ...]
) -> None:
    download = start(how, meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches == []
    assert len(asked(download, 0)) == 1, "the first answer is the one that is read"
    assert sent(download) == len(bundle.package)


@pytest.mark.fault("A7")
@EITHER
def test_after_a_cut_a_server_without_ranges_sends_what_is_missing_only_once_more(
    start: Start, bundle: Bundle
) -> None:
    faults = (NoRanges(), CutAt(0.7, times=1))
    download = start(faults, meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert len(asked(download, 0)) == 2
    ready = [event.name for event in download.events if isinstance(event, events.MaterialReady)]
    assert sorted(ready) == sorted(bundle.files), "each is told once"


@pytest.mark.fault("A7")
@EITHER
def test_what_a_stream_brought_whole_is_not_asked_for_again(start: Start, bundle: Bundle) -> None:
    """The first file came by before the stream broke off; the next server knows ranges."""
    download = start((NoRanges(), CutAt(0.6)), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert sent(download, 1) <= len(bundle.package) - len(bundle.files["report.pdf"]) + SLACK


@pytest.mark.fault("A8")
@EITHER
@pytest.mark.parametrize("wrong", ["start", "total", "none", "multipart", "200"])
@pytest.mark.parametrize("after", [0, 1], ids=["first", "later"])
def test_a_part_that_is_not_the_one_asked_for_is_not_taken(
    start: Start, bundle: Bundle, wrong: str, after: int
) -> None:
    fault = WrongRange(wrong, after=after)  # type: ignore[arg-type]
    download = start((fault,), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert len(download.switches) == 1
    assert sent(download, 1) <= len(bundle.package) + SLACK


@pytest.mark.fault("A8")
@pytest.mark.parametrize("wrong", ["start", "total", "none", "multipart", "200"])
def test_where_all_answer_ranges_wrongly_nothing_is_published(start: Start, wrong: str) -> None:
    fault = WrongRange(wrong)  # type: ignore[arg-type]
    download = start((fault,), (fault,), meetings={"M1": PAPERS.origin})
    assert run(download, retries=1) == 1
    assert nothing_published(download)
    assert leftovers(download) == []


@pytest.mark.fault("A9")
@EITHER
@pytest.mark.parametrize("zeros", [0, 200 * MIB])
@pytest.mark.parametrize("after", [0, 1], ids=["first", "later"])
def test_an_encoding_that_nobody_asked_for_is_refused(
    start: Start, bundle: Bundle, zeros: int, after: int
) -> None:
    fault = Gzip(zeros, after=after)
    download = start((fault,), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches == ["bad-answer"]


@pytest.mark.fault("A9")
def test_a_bomb_in_place_of_the_agenda_stops_nothing(start: Start) -> None:
    download = start((Gzip(500 * MIB, path="/data"),), meetings={"M1": PAPERS.origin})
    assert download.run() == 0
    assert sorted(download.materials().values()) == sorted(PAPERS.files.values())


@pytest.mark.fault("A10")
@EITHER
@pytest.mark.parametrize("wrong", ["long", "negative", "twice", "garbage"])
@pytest.mark.parametrize("after", [0, 1], ids=["first", "later"])
def test_a_length_that_lies_is_never_believed(
    start: Start, bundle: Bundle, wrong: str, after: int
) -> None:
    fault = WrongLength(wrong, after=after)  # type: ignore[arg-type]
    download = start((fault,), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert len(download.switches) == 1


@pytest.mark.fault("A10", "A17")
@EITHER
@pytest.mark.parametrize("ranges", [True, False])
def test_a_byte_more_than_was_said_belongs_to_nothing(
    start: Start, bundle: Bundle, ranges: bool
) -> None:
    faults: tuple[Fault, ...] = (WrongLength("short"),)
    download = start(
        faults if ranges else (*faults, NoRanges()), (), meetings={"M1": bundle.origin}
    )
    assert download.run() == 0
    expect(download, bundle)


@pytest.mark.fault("A10")
@EITHER
@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("at", [0.0, 0.5, 0.9])
def test_a_body_without_a_length_that_breaks_off_is_never_whole(
    start: Start, bundle: Bundle, chunked: bool, at: float
) -> None:
    cut = (NoRanges(), NoLength(chunked=chunked), CutAt(at))
    download = start(cut, (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert len(download.switches) == 1
    kept = len(bundle.files["report.pdf"]) if at else 0
    assert sent(download, 1) <= len(bundle.package) - kept + SLACK


@pytest.mark.fault("A10")
def test_where_every_body_breaks_off_nothing_is_published(start: Start) -> None:
    cut = (NoRanges(), NoLength(chunked=False), CutAt(0.9))
    download = start(cut, cut, meetings={"M1": PAPERS.origin})
    assert run(download, retries=2) in (1, 5)
    assert download.library.current("M1") is None


@pytest.mark.fault("A11")
@EITHER
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("after", [0, 1], ids=["first", "later"])
def test_an_empty_answer_is_refused(start: Start, bundle: Bundle, told: bool, after: int) -> None:
    download = start((EmptyBody(told, after=after),), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert len(download.switches) == 1


@pytest.mark.fault("A12")
@EITHER
def test_416_and_its_body_never_get_into_a_file(start: Start, bundle: Bundle) -> None:
    download = start((Status(416, after=1, times=2),), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)


@pytest.mark.fault("A12")
@EITHER
def test_what_is_here_of_a_longer_package_does_not_stay(start: Start, bundle: Bundle) -> None:
    """The rest of what was begun cannot be had any more: the package is a shorter one now."""
    download = start((Slow(2_000_000),), meetings={"M1": bundle.origin})
    download.on_event = lambda event: (
        download.stop.set()
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 1_200_000
        else None
    )
    assert download.run() == 130
    download.stop.clear()
    download.on_event = None
    shorter = bundle.changed(plan=noise(40_000, 5), photo=noise(30_000, 6))
    download.pool[0].meetings = {"M1": shorter.origin}
    download.pool[0].faults = []
    before = sent(download)
    assert download.run() == 0
    expect(download, shorter)
    new = len(shorter.package) - len(shorter.files["report.pdf"])
    assert sent(download) - before <= new + SLACK, "the file that is equal in both was kept"


@pytest.mark.fault("A12")
@EITHER
def test_with_everything_here_nothing_is_asked_for_again(start: Start, bundle: Bundle) -> None:
    """The last bytes had come when the download was ended: only the check is left."""
    download = start((), meetings={"M1": bundle.origin})
    download.on_event = lambda event: (
        download.stop.set()
        if isinstance(event, events.MaterialReady) and event.index == 4
        else None
    )
    assert download.run() in (0, 130)
    download.stop.clear()
    before = sent(download)
    assert download.run() == 0
    expect(download, bundle)
    assert sent(download) - before <= SLACK


@pytest.mark.fault("A13")
@EITHER
@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("after", [0, 1], ids=["first", "later"])
def test_a_body_without_end_is_left(
    start: Start, bundle: Bundle, chunked: bool, after: int
) -> None:
    download = start((Endless(chunked, after=after),), (), meetings={"M1": bundle.origin})
    assert download.run(max_package_mb=8) == 0
    expect(download, bundle)
    assert sent(download, 0) < 40 * MIB, "8 MB, and what is under way in the sockets"


@pytest.mark.fault("A13")
def test_an_agenda_without_end_stops_nothing(start: Start) -> None:
    download = start((Endless(path="/data"),), meetings={"M1": PAPERS.origin})
    assert download.run() == 0
    assert sorted(download.materials().values()) == sorted(PAPERS.files.values())


@pytest.mark.fault("A14")
@EITHER
def test_a_redirect_to_a_dead_node_costs_one_try(start: Start, bundle: Bundle) -> None:
    download = start((), (), meetings={"M1": bundle.origin})
    with Origin() as gone:
        dead = gone.name
    download.pool[0].faults = [RedirectTo(f"http://{dead}{{path}}")]
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches == ["refused"]
    assert len(asked(download, 0)) == 1


@pytest.mark.fault("A14")
@EITHER
def test_a_redirect_to_a_node_is_followed_one_connection_at_a_time(
    start: Start, bundle: Bundle
) -> None:
    download = start(CLOSED, (), meetings={"M1": bundle.origin})
    with Origin(meetings={"M1": bundle.origin}, log=download.pool.log) as node:
        download.pool[1].faults = [RedirectTo(f"http://{node.name}{{path}}")]
        assert download.run() == 0
        delivered = [request for request in node.log.packages if request.server == node.name]
        assert sum(request.sent for request in delivered) <= len(bundle.package) + SLACK
    expect(download, bundle)


@pytest.mark.fault("A14")
@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "{path}", "//127.0.0.1:1{path}", "ftp://127.0.0.1/x", ""]
)
def test_a_redirect_to_nowhere_good_costs_one_try(start: Start, target: str) -> None:
    download = start((RedirectTo(target),), (), meetings={"M1": PAPERS.origin})
    assert download.run() == 0
    expect(download, PAPERS)
    assert len(download.switches) == 1
    assert len(asked(download, 0)) <= 6, "five hops"


LESS: dict[str, tuple[Fault, ...]] = {
    "master": AS_EXISTING_MASTER,
    "no length": (NoLength(),),
    "length by its end": (NoLength(chunked=False), NoRanges()),
    "nothing told": (NoRanges(), NoETag(), NoLength()),
    "no agenda": (Status(404, path="/data"), NoRanges()),
    "broken agenda": (Status(500, path="/data"),),
    "no manifest": (Status(404, path="/manifest"),),
    "hangs up": (HangUp(),),
}


@pytest.mark.fault("A15")
@EITHER
@pytest.mark.parametrize("how", LESS)
def test_a_server_that_knows_less_is_enough(start: Start, bundle: Bundle, how: str) -> None:
    download = start(LESS[how], meetings={"M1": bundle.origin})
    assert download.run() == 0
    assert sorted(download.materials().values()) == sorted(bundle.files.values())
    assert download.library.verify() == []
    assert download.switches == []


@pytest.mark.fault("A15")
def test_in_a_stream_each_material_is_ready_as_it_passes_by(start: Start) -> None:
    faults = (*AS_EXISTING_MASTER, Slow(1_500_000))
    download = start(faults, meetings={"M1": PAPERS.origin})
    order: list[str] = []
    download.on_event = lambda event: (
        order.append(getattr(event, "name", "")) if isinstance(event, events.MaterialReady) else
        order.append("more") if getattr(event, "phase", "") == "downloading" else None
    )  # fmt: skip
    assert download.run() == 0
    expect(download, PAPERS)
    assert "more" in order[order.index("report.pdf") :], "long before the end"
    assert "more" in order[order.index("plan.bin") :]


@pytest.mark.fault("A16")
@EITHER
@pytest.mark.parametrize("after", [0, 1])
def test_two_builds_behind_one_address_are_never_mixed(
    start: Start, bundle: Bundle, after: int
) -> None:
    """Equal files, packed in another order: equal length, different bytes."""
    order = tuple(reversed(bundle.files))
    other = dataclasses.replace(bundle, order=order).origin
    assert len(other.package) == len(bundle.package)  # type: ignore[arg-type]
    blind = dataclasses.replace(other, etag="same", modern=False)
    ours = OriginMeeting(bundle.package, bundle.data, etag="same", modern=bool(bundle.more))
    faults = (OtherPackage(blind, after=after, times=1),)
    download = start(faults, (), meetings={"M1": ours})
    assert download.run() == 0
    expect(download, bundle)
