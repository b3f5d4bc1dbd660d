"""An update moves what has changed and nothing else; until it is whole the old revision stays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from bundles import PAPERS, Bundle, noise
from downloads import BLOCK, TAIL, Download, Start, needed, span_of
from faulty import EITHER, MODERN, asked, expect, sent, told
from meetings import publish

from kiosk import events
from kiosk.demo.origin import AS_EXISTING_MASTER, CutAt, Slow, StopAt
from kiosk.library import AgendaItem, Manifest
from kiosk.package import TAIL_BYTES

PLAN = noise(520_000, 70)


def newer(bundle: Bundle) -> Bundle:
    """The next version: ``plan.bin`` is another one, and longer."""
    return bundle.changed(plan=PLAN)


def region(bundle: Bundle, name: str) -> tuple[int, int]:
    return span_of(bundle.package, bundle.path(name))


def put(download: Download, bundle: Bundle) -> Bundle:
    """Every server has this version now."""
    for origin in download.pool.origins:
        assert origin is not None
        origin.meetings = {"M1": bundle.origin}
    return bundle


def rot(download: Download, name: str) -> None:
    """Damage the stored file of that name."""
    manifest = download.library.current("M1")
    assert manifest is not None
    (sha256,) = (one.sha256 for one in manifest.materials if one.name == name)
    damage(download.library.object_path(sha256 or ""))


def damage(path: Path) -> None:
    """Same size, other bytes."""
    path.chmod(0o644)
    path.write_bytes(b"rot" + path.read_bytes()[3:])


def moved(download: Download, since: int) -> list[str | None]:
    """The Range of each package request since then."""
    return [request.range for request in download.pool.log.packages[since:]]


@EITHER
@pytest.mark.parametrize("parallel", [1, 3])
def test_one_changed_file_moves_alone(start: Start, bundle: Bundle, parallel: int) -> None:
    download = start((), (), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    before, spent = len(download.pool.log.packages), sent(download)
    new = put(download, newer(bundle))
    for origin in download.pool.origins:
        assert origin is not None
        origin.faults = [Slow(1_000_000)]
    assert download.run(data=new.data, parallel=parallel) == 0
    first, until = region(new, "plan.bin")
    ending = download.ending
    assert ending.received_bytes == until - first
    assert ending.reused_bytes == needed(new.package) - (until - first)
    assert sum(ending.servers.values()) == until - first
    tails = moved(download, before).count(TAIL)
    twice = 0 if parallel == 1 else 3 * BLOCK
    assert sent(download) - spent <= until - first + tails * TAIL_BYTES + twice
    if parallel == 1:
        assert moved(download, before) == [TAIL, f"bytes={first}-{until - 1}"]
    expect(download, new)


@EITHER
def test_what_an_update_shows_is_ready_at_its_end_and_not_before(
    start: Start, bundle: Bundle
) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    old = download.ending.revision
    new = put(download, newer(bundle))
    download.pool[0].faults = [Slow(1_000_000)]
    seen: list[tuple[str, str]] = []

    def look(event: events.Event) -> None:
        manifest = download.library.current("M1")
        assert manifest is not None, "there is something to read all the time"
        kind = "old" if manifest.revision == old else "new"
        if kind == "old":
            assert told(download.materials()) == told(bundle.files)
        seen.append((type(event).__name__, kind))

    download.on_event = look
    assert download.run(data=new.data) == 0
    ready = [kind for name, kind in seen if name == "MaterialReady"]
    assert ready == ["new"] * len(new.files)
    assert seen[-1] == ("DownloadComplete", "new")
    assert {kind for name, kind in seen if name == "DownloadProgress"} == {"old"}
    assert [event.index for event in download.ready] == [1, 2, 3, 4]
    expect(download, new)


@EITHER
def test_a_file_that_is_packed_otherwise_is_still_the_same(start: Start, bundle: Bundle) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    before = len(download.pool.log.packages)
    other = dataclasses.replace(newer(bundle), method=8, order=tuple(reversed(bundle.files)))
    put(download, other)
    assert download.run(data=other.data) == 0
    first, until = region(other, "plan.bin")
    assert moved(download, before) == [TAIL, f"bytes={first}-{until - 1}"]
    expect(download, other)


@EITHER
def test_an_update_with_nothing_to_fetch_asks_for_the_end_alone(
    start: Start, bundle: Bundle
) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    before = len(download.pool.log.packages)
    fewer = Bundle({name: PAPERS.files[name] for name in ("report.pdf", "plan.bin")})
    fewer = dataclasses.replace(fewer, more=bundle.more)
    put(download, fewer)
    assert download.run(data=fewer.data) == 0
    assert moved(download, before) == [TAIL]
    assert (download.ending.received_bytes, download.ending.servers) == (0, {})
    expect(download, fewer)


@EITHER
def test_files_that_have_rotted_are_fetched_with_the_changed_ones(
    start: Start, bundle: Bundle
) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    spent = sent(download)
    rot(download, "photo.jpg")
    new = put(download, newer(bundle))
    assert download.run(data=new.data, retries=1) == 0
    changed = [region(new, name) for name in ("plan.bin", "photo.jpg")]
    assert sent(download) - spent <= sum(b - a for a, b in changed) + 2 * TAIL_BYTES
    assert download.switches == []
    expect(download, new)


@EITHER
def test_files_that_have_rotted_are_fetched_though_nothing_has_changed(
    start: Start, bundle: Bundle
) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    spent = sent(download)
    rot(download, "plan.bin")
    assert download.run(retries=1) == 0
    first, until = region(bundle, "plan.bin")
    assert sent(download) - spent <= until - first + 2 * TAIL_BYTES
    expect(download, bundle)


@EITHER
def test_an_update_that_is_cut_off_goes_on_elsewhere(start: Start, bundle: Bundle) -> None:
    download = start((), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    spent = sent(download)
    new = put(download, newer(bundle))
    download.pool[0].faults = [CutAt(200_000, after=1)]
    assert download.run(data=new.data) == 0
    assert download.switches == ["cut-off"]
    first, until = region(new, "plan.bin")
    assert asked(download, 1) == [TAIL, f"bytes={first + 200_000}-{until - 1}"]
    assert sent(download) - spent == until - first + 2 * TAIL_BYTES
    expect(download, new)


@EITHER
def test_an_update_that_fails_leaves_the_old_revision_and_is_gone_on_with(
    start: Start, bundle: Bundle
) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    old = download.ending.revision
    new = put(download, newer(bundle))
    download.pool[0].faults = [StopAt(300_000)]
    assert download.run(data=new.data, retries=1, timeout_s=1.0) == 1
    assert download.ending.kept == old
    assert download.ready == []
    assert told(download.materials()) == told(bundle.files)
    download.pool[0].faults = []
    assert download.run(data=new.data) == 0
    first, until = region(new, "plan.bin")
    assert asked(download, 0)[-1] == f"bytes={first + 300_000}-{until - 1}"
    expect(download, new)


def test_a_server_without_ranges_sends_everything_and_the_update_is_right(start: Start) -> None:
    download = start(AS_EXISTING_MASTER, meetings={"M1": PAPERS.origin})
    assert download.run() == 0
    new = put(download, newer(PAPERS))
    assert download.run(data=new.data) == 0
    assert asked(download, 0) == [TAIL, TAIL]
    assert [event.index for event in download.ready] == [1, 2, 3, 4]
    expect(download, new)


def test_what_another_meeting_has_is_not_fetched_where_a_manifest_names_it(start: Start) -> None:
    download = start((), meetings={"M1": MODERN.origin})
    shared = {name: PAPERS.files[name] for name in ("report.pdf", "notes.txt")}
    publish(download.library, shared, "M2")
    assert download.run() == 0
    regions = [region(MODERN, name) for name in ("plan.bin", "photo.jpg")]
    assert download.ending.received_bytes == sum(until - first for first, until in regions)
    expect(download, MODERN)


def test_what_another_meeting_has_and_has_rotted_is_fetched_before_it_is_shown(
    start: Start,
) -> None:
    download = start((Slow(1_000_000),), meetings={"M1": MODERN.origin})
    shared = {name: PAPERS.files[name] for name in ("report.pdf", "notes.txt")}
    (material, _) = publish(download.library, shared, "M2").materials
    damage(download.library.object_path(material.sha256 or ""))
    shown: dict[str, bytes] = {}

    def look(event: events.Event) -> None:
        if isinstance(event, events.MaterialReady):
            shown[event.name] = download.opened(event.sha256) or b""

    download.on_event = look
    assert download.run(retries=1) == 0
    assert told(shown) == told(MODERN.files)
    expect(download, MODERN)


def test_a_revision_of_an_earlier_version_is_updated_by_what_a_manifest_names(
    start: Start,
) -> None:
    """Its manifest knows no CRC-32 by which a plain server's files could be recognised."""
    download = start((), meetings={"M1": MODERN.origin})
    assert download.run() == 0
    spent = sent(download)
    forget_sums(download)
    new = put(download, newer(MODERN))
    assert download.run(data=new.data) == 0
    first, until = region(new, "plan.bin")
    assert sent(download) - spent == until - first + TAIL_BYTES
    expect(download, new)


def test_a_revision_of_an_earlier_version_is_fetched_whole_from_a_plain_server(
    start: Start,
) -> None:
    download = start((), meetings={"M1": PAPERS.origin})
    assert download.run() == 0
    forget_sums(download)
    new = put(download, newer(PAPERS))
    assert download.run(data=new.data) == 0
    assert download.ending.received_bytes == needed(new.package)
    expect(download, new)


def forget_sums(download: Download) -> None:
    """The current revision becomes one as they were before CRC-32s were kept."""
    current = download.library.current("M1")
    assert current is not None
    materials = tuple(dataclasses.replace(one, crc32=None) for one in current.materials)
    item = AgendaItem("报告", materials=materials)
    download.library.publish(Manifest("M1", agenda=(item,), fingerprint=current.fingerprint))
