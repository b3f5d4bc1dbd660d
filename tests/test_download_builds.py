"""Servers with different packages of one meeting: packed twice, older, replaced, another's."""

from __future__ import annotations

import dataclasses

import pytest
from bundles import PAPERS, VOLUMES, Bundle, noise
from downloads import TAIL, Download, Start, begin_of, needed, span_of
from faulty import EITHER, asked, expect, leftovers, nothing_published, sent, told

from kiosk import events
from kiosk.demo.origin import (
    CutAt,
    NoETag,
    Origin,
    OriginMeeting,
    OtherPackage,
    Slow,
    Status,
    StopAt,
)
from kiosk.package import TAIL_BYTES


def packed_again(bundle: Bundle) -> Bundle:
    """The same files, in an archive in which they follow in another order."""
    return dataclasses.replace(bundle, order=("notes.txt", "photo.jpg", "report.pdf", "plan.bin"))


def newer(bundle: Bundle) -> Bundle:
    """The next version: ``plan.bin`` is another one, and shorter; the rest moves up."""
    return bundle.changed(plan=noise(480_000, 71))


def retouched(bundle: Bundle) -> Bundle:
    """The next version: ``plan.bin`` is another one of the same size, and all lies as before."""
    return bundle.changed(plan=noise(500_000, 72))


def place(download: Download, server: int, bundle: Bundle) -> None:
    """From now on this server has that package, and its document."""
    download.pool[server].meetings = {"M1": bundle.origin}


def span_length(bundle: Bundle, name: str) -> int:
    first, until = span_of(bundle.package, bundle.path(name))
    return until - first


@EITHER
def test_whole_files_of_one_packing_are_kept_when_the_next_server_has_another(
    start: Start, bundle: Bundle
) -> None:
    download = start((Slow(3_000_000), CutAt(0.6, after=1)), (), meetings={"M1": bundle.origin})
    second = packed_again(bundle)
    place(download, 1, second)
    assert download.run() == 0
    kept = span_length(second, "report.pdf")
    assert sent(download, 1) <= needed(second.package) - kept + TAIL_BYTES
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4], "each is told once"
    expect(download, bundle)


def test_the_one_that_packs_otherwise_takes_over_when_the_other_is_gone(start: Start) -> None:
    download = start((Slow(10_000_000), CutAt(5_000_000)), (), meetings={"M1": VOLUMES.origin})
    place(download, 1, volumes_again())
    assert download.run(parallel=2) == 0
    assert set(download.switches) == {"cannot-join", "cut-off"}
    assert set(download.ending.servers) <= set(download.pool.names)
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4], "each is told once"
    expect(download, VOLUMES)


def test_a_server_that_packs_otherwise_is_of_no_use_beside_one_at_work(start: Start) -> None:
    download = start((Slow(10_000_000),), (), meetings={"M1": VOLUMES.origin})
    place(download, 1, volumes_again())
    assert download.run(parallel=2) == 0
    assert set(download.switches) == {"cannot-join"}
    assert set(asked(download, 1)) == {TAIL}
    assert download.ending.servers == {download.pool.names[0]: needed(VOLUMES.package)}
    expect(download, VOLUMES)


def test_of_three_servers_the_two_that_pack_alike_are_joined(start: Start) -> None:
    pace = (Slow(6_000_000),)
    download = start(pace, pace, pace, meetings={"M1": VOLUMES.origin})
    place(download, 1, volumes_again())
    assert download.run(parallel=3) == 0
    assert set(download.switches) == {"cannot-join"}
    assert set(asked(download, 1)) == {TAIL}
    assert set(download.ending.servers) == {download.pool.names[0], download.pool.names[2]}
    expect(download, VOLUMES)


def volumes_again() -> Bundle:
    return dataclasses.replace(VOLUMES, order=tuple(reversed(VOLUMES.files)))


@EITHER
@pytest.mark.parametrize("parallel", [1, 3])
def test_servers_that_lag_behind_are_passed_over_and_named(
    start: Start, bundle: Bundle, parallel: int
) -> None:
    new = newer(bundle)
    pace = (Slow(2_000_000),)
    download = start(pace, pace, pace, meetings={"M1": bundle.origin})
    place(download, 2, new)
    assert download.run(data=new.data, parallel=parallel) == 0
    left = [one for one in download.events if isinstance(one, events.ServerSwitch)]
    assert {one.reason for one in left} == {"lagging"}
    assert {one.from_server for one in left} == set(download.pool.names[:2])
    assert set(asked(download, 0) + asked(download, 1)) == {TAIL}
    assert set(download.ending.servers) == {download.pool.names[2]}
    expect(download, new)


@EITHER
def test_one_that_lags_and_is_alone_replaces_nothing(start: Start, bundle: Bundle) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    revision, spent = download.ending.revision, sent(download)
    assert download.run(data=newer(bundle).data, retries=2) == 1
    assert download.ending.kept == revision
    assert [row["code"] for row in download.ending.attempts] == ["lagging"]
    assert sent(download) - spent == 2 * TAIL_BYTES, "asked again, for what it has"
    assert leftovers(download) == []
    expect(download, bundle)


@EITHER
def test_one_that_lags_and_is_alone_is_better_than_nothing(start: Start, bundle: Bundle) -> None:
    """Its files are shown, and the newer ones fetched as soon as anybody has them."""
    new = newer(bundle)
    download = start((), meetings={"M1": bundle.origin})
    assert download.run(data=new.data) == 0
    assert told(download.materials()) == told(bundle.files)
    spent = sent(download)
    place(download, 0, new)
    assert download.run(data=new.data) == 0
    assert sent(download) - spent == span_length(new, "plan.bin") + TAIL_BYTES
    expect(download, new)


@pytest.mark.parametrize("knows", ["its nodes", "no nodes"])
def test_the_masters_word_counts_and_not_that_of_a_server_that_lags(
    start: Start, knows: str
) -> None:
    new = newer(PAPERS)
    download = start((), (), meetings={"M1": PAPERS.origin})
    place(download, 1, new)
    faults = [Status(404, path="/download-nodes-info")] if knows == "no nodes" else []
    with Origin(meetings={"M1": new.origin}, faults=faults) as master:
        assert download.run(master=master.url) == 0
    assert download.switches == ["lagging"]
    expect(download, new)


@EITHER
def test_a_package_that_is_replaced_between_two_answers_is_never_mixed(
    start: Start, bundle: Bundle
) -> None:
    """The end of the archive was the old one's; all that comes after that is the new one's."""
    new = retouched(bundle)
    assert len(new.package) == len(bundle.package)
    download = start((OtherPackage(new.origin, after=1),), meetings={"M1": bundle.origin})
    assert download.run() == 0
    assert [one for one in asked(download, 0) if one == TAIL] == [TAIL] * 2
    assert sent(download) <= 2 * (len(new.package) + TAIL_BYTES)
    expect(download, new)


@EITHER
def test_a_package_that_is_replaced_where_nothing_tells_is_never_mixed(
    start: Start, bundle: Bundle
) -> None:
    """No ETag, the same length: what the old directory says does not fit what comes."""
    new = retouched(bundle)
    download = start((NoETag(), OtherPackage(new.origin, after=1)), meetings={"M1": bundle.origin})
    download.run(retries=1)
    assert download.library.current("M1") is None
    assert download.run() == 0
    expect(download, new)


@EITHER
def test_a_package_that_is_replaced_after_a_part_came_keeps_what_is_the_same(
    start: Start, bundle: Bundle
) -> None:
    new = newer(bundle)
    download = start((StopAt(0.6, after=1),), meetings={"M1": bundle.origin})

    def replace(event: events.Event) -> None:
        if isinstance(event, events.ServerSwitch):
            place(download, 0, new)
            download.pool[0].faults = []

    download.on_event = replace
    assert download.run(timeout_s=1.0) == 0
    rest = asked(download, 0)[2:]
    assert rest[0] == TAIL
    assert begin_of(rest[1]) == span_of(new.package, new.path("plan.bin"))[0]
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4]
    expect(download, new)


@EITHER
def test_what_was_begun_of_an_older_version_is_of_use_to_the_next_run(
    start: Start, bundle: Bundle
) -> None:
    new = newer(bundle)
    slowly = (Slow(3_000_000), CutAt(0.9, after=1))
    download = start(slowly, meetings={"M1": bundle.origin})
    assert download.run(retries=1) == 1
    spent = sent(download)
    place(download, 0, new)
    download.pool[0].faults = []
    assert download.run(data=new.data) == 0
    bound = sum(span_length(new, name) for name in ("plan.bin", "photo.jpg"))
    assert sent(download) - spent <= bound + TAIL_BYTES
    expect(download, new)


@EITHER
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with another"])
def test_another_meetings_package_is_refused_by_its_end(
    start: Start, bundle: Bundle, alone: bool
) -> None:
    other = Bundle({"minutes.pdf": noise(300_000, 9)}, "M2", more=bundle.more)
    download = start((), *([] if alone else [()]), meetings={"M1": bundle.origin})
    download.pool[0].meetings = {"M1": OriginMeeting(other.package, bundle.data, **bundle.more)}
    code = download.run(retries=1)
    assert asked(download, 0) == [TAIL], "its end says enough"
    if alone:
        assert code in (1, 5)
        assert nothing_published(download)
        assert leftovers(download) == []
    else:
        assert code == 0
        assert download.ending.servers == {download.pool.names[1]: needed(bundle.package)}
        expect(download, bundle)
