"""Servers without ranges, as the existing master is one: the whole package in one answer."""

from __future__ import annotations

import io
import threading
import zipfile

import pytest
from bundles import PAPERS, VOLUMES
from downloads import BLOCK, PACKAGE, TAIL, Start, begin_of, expect_whole, needed, span_of
from faulty import asked, expect, sent, told

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CutAt,
    Fault,
    HoldAt,
    NoRanges,
    OriginMeeting,
    Slow,
    StopAt,
    WrongBytes,
)
from kiosk.package import TAIL_BYTES

MEETINGS = {"M1": PAPERS.origin}
SIZE = len(PAPERS.package)
REGION = {name: span_of(PAPERS.package, PAPERS.path(name)) for name in PAPERS.files}


class Piped(io.BytesIO):
    """A place to write an archive to where nothing can be corrected afterwards."""

    def tell(self) -> int:
        raise OSError("a pipe has no place")


def piped(method: int) -> bytes:
    """The papers as a server packs them while it sends: sizes follow the data (4.4.4, bit 3)."""
    out = Piped()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in PAPERS.files.items():
            archive.writestr(PAPERS.path(name), content)
    return out.getvalue()


@pytest.mark.parametrize("faults", [AS_EXISTING_MASTER, (NoRanges(),)], ids=["chunked", "length"])
def test_one_answer_is_asked_for_and_read_to_its_end(
    start: Start, faults: tuple[Fault, ...]
) -> None:
    download = start(faults)
    assert download.run() == 0
    assert asked(download, 0) == [TAIL]
    assert sent(download) == len(PACKAGE)
    assert download.ending.servers == {download.pool.names[0]: len(PACKAGE)}
    assert download.switches == []
    expect_whole(download)


@pytest.mark.parametrize(
    ("packed", "early"),
    [
        (PAPERS.package, ["report.pdf", "plan.bin", "notes.txt"]),
        (piped(zipfile.ZIP_DEFLATED), ["report.pdf", "plan.bin", "notes.txt"]),
        (piped(zipfile.ZIP_STORED), []),
    ],
    ids=["sizes told before", "sizes told after", "nothing told, nothing to unpack"],
)
def test_its_files_are_ready_while_the_rest_still_comes(
    start: Start, packed: bytes, early: list[str]
) -> None:
    held, rest = len(packed) - 200_000, threading.Event()  # in the last file
    meeting = OriginMeeting(packed, PAPERS.data)
    download = start((*AS_EXISTING_MASTER, HoldAt(held, rest)), meetings={"M1": meeting})
    ready: list[str] = []
    opened: dict[str, bytes] = {}

    def look(event: events.Event) -> None:
        if isinstance(event, events.MaterialReady):
            opened[event.name] = download.opened(event.sha256) or b""
            if not rest.is_set():
                ready.append(event.name)
        come = any(one.received_bytes > held - 100_000 for one in download.progress)
        if come and len(ready) == len(early):
            rest.set()

    download.on_event = look
    assert download.run() == 0
    assert ready == early
    assert any(event.streamed for event in download.progress), "nothing can be put first"
    assert told(opened) == told(PAPERS.files)
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4]
    expect(download, PAPERS)


def test_a_stream_that_breaks_off_leaves_its_whole_files_to_a_server_with_ranges(
    start: Start,
) -> None:
    download = start((*AS_EXISTING_MASTER, CutAt(0.75)), (), meetings=MEETINGS)
    assert download.run() == 0
    assert download.switches == ["cut-off"]
    assert not download.progress[-1].streamed
    whole = [name for name, (_, until) in REGION.items() if until < 0.75 * SIZE]
    assert whole == ["report.pdf", "plan.bin"]
    here = REGION[whole[-1]][1]
    assert asked(download, 1) == [TAIL, f"bytes={here}-{SIZE - TAIL_BYTES - 1}"]
    assert sent(download, 1) == SIZE - here
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4], "each is told once"
    expect(download, PAPERS)


def test_a_stream_that_breaks_off_leaves_its_whole_files_to_the_next_stream(start: Start) -> None:
    seen = threading.Event()
    broken, hold = CutAt(0.75, times=1), HoldAt(0.74, seen)
    download = start((*AS_EXISTING_MASTER, broken, hold), meetings=MEETINGS)
    before: list[str] = []

    def look(event: events.Event) -> None:
        if isinstance(event, events.MaterialReady) and len(asked(download, 0)) == 1:
            before.append(event.name)
        if len(before) == 2:
            seen.set()

    download.on_event = look
    assert download.run() == 0
    assert before == ["report.pdf", "plan.bin"]
    assert asked(download, 0) == [TAIL, TAIL]
    assert sorted(event.index for event in download.ready) == [1, 2, 3, 4], "each is told once"
    expect(download, PAPERS)


def test_the_next_run_has_the_whole_files_of_a_stream_that_was_cancelled(start: Start) -> None:
    download = start((*AS_EXISTING_MASTER, Slow(1_500_000)), meetings=MEETINGS)
    download.on_event = lambda _: download.stop.set() if len(download.ready) == 2 else None
    assert download.run() == 130
    kept = len(PAPERS.files["report.pdf"]) + len(PAPERS.files["plan.bin"])
    assert download.ending.received_bytes >= kept
    download.stop.clear()
    download.on_event = None
    download.pool[0].faults = []
    before = sent(download)
    assert download.run() == 0
    brought, reused = sent(download) - before, download.ending.reused_bytes
    assert brought <= SIZE - REGION["plan.bin"][1]
    assert brought + reused == SIZE - REGION["report.pdf"][0]
    assert sum(download.ending.servers.values()) == download.ending.received_bytes
    expect(download, PAPERS)


def test_what_a_server_with_ranges_left_is_brought_by_one_without(start: Start) -> None:
    download = start((StopAt(0.5),), AS_EXISTING_MASTER, meetings=MEETINGS)
    assert download.run() == 0
    assert download.switches == ["stalled"]
    assert sent(download, 1) == SIZE
    assert sent(download) <= SIZE + SIZE // 2 + TAIL_BYTES + BLOCK
    expect(download, PAPERS)


def test_a_file_that_a_stream_brought_damaged_is_fetched_elsewhere(start: Start) -> None:
    wrong = WrongBytes(sum(REGION["plan.bin"]) // 2)
    download = start((*AS_EXISTING_MASTER, wrong), (), meetings=MEETINGS)
    assert download.run() == 0
    assert download.switches == ["wrong-content"]
    first, _ = REGION["plan.bin"]
    ranges = asked(download, 1)
    assert ranges[0] == TAIL
    assert begin_of(ranges[1]) == first
    assert sent(download, 1) <= SIZE - first, "what came whole before it is kept"
    expect(download, PAPERS)


def test_one_answer_that_brings_everything_is_left_for_nobody(start: Start) -> None:
    pace = Slow(10_000_000)
    download = start((*AS_EXISTING_MASTER, pace), (pace,), meetings={"M1": VOLUMES.origin})
    assert download.run(parallel=2) == 0
    assert asked(download, 1) == []
    assert asked(download, 0) == [TAIL]
    expect(download, VOLUMES)


def test_a_server_without_ranges_is_of_no_use_beside_another(start: Start) -> None:
    pace = Slow(10_000_000)
    download = start((pace,), (*AS_EXISTING_MASTER, pace), meetings={"M1": VOLUMES.origin})
    assert download.run(parallel=2) == 0
    assert set(download.switches) == {"cannot-join"}
    streams = [one for one in download.pool.log.packages if one.status == 200]
    assert all(one.client_left for one in streams)
    assert sum(one.sent for one in streams) < len(VOLUMES.package) // 2
    assert download.ending.servers == {download.pool.names[0]: needed(VOLUMES.package)}
    expect(download, VOLUMES)
