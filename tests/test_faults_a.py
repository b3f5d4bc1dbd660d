"""A server delivers the wrong thing: something else, damaged, older, or another meeting's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from bundles import PAPERS, SLACK, Bundle, noise
from downloads import Start
from faulty import EITHER, asked, expect, holding, leftovers, nothing_published, run, sent, told

from kiosk import events
from kiosk.demo.origin import CutAt, HtmlPage, OriginMeeting, Slow, WrongBytes

BLOCK = 256 << 10
"""What may be on its way when a server is left."""
PAGE = b"<!doctype html><title>Login</title>" + b"<p>Please log in</p>" * 9000
NEWER = PAPERS.changed(plan=noise(510_000, 7))


@pytest.mark.fault("A1")
@pytest.mark.parametrize("typed", [True, False], ids=["as HTML", "as a package"])
@EITHER
def test_a_login_page_is_known_and_not_a_byte_of_it_is_kept(
    start: Start, bundle: Bundle, typed: bool
) -> None:
    download = start((HtmlPage(),) if typed else (), (), meetings={"M1": bundle.origin})
    if not typed:
        download.pool[0].meetings = {"M1": OriginMeeting(PAGE, bundle.data)}
    kept: list[Path] = []
    download.on_event = lambda _: kept.extend(holding(download.directory, b"Please log in"))
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches[0] in ("not-a-package", "wrong-content")
    assert len(download.switches) == 1
    assert kept == []
    assert len(asked(download, 0)) == 1, "one look is enough"
    assert sent(download, 1) <= len(bundle.package) + SLACK


@pytest.mark.fault("A1")
def test_where_every_address_is_a_portal_nothing_is_published(start: Start) -> None:
    download = start((HtmlPage(),), (HtmlPage(),), meetings={"M1": PAPERS.origin})
    assert download.run() == 1
    assert {row["code"] for row in download.ending.attempts} == {"not-a-package"}
    assert nothing_published(download)
    assert leftovers(download) == []


@pytest.mark.fault("A2")
@EITHER
@pytest.mark.parametrize("name", PAPERS.files)
def test_one_wrong_byte_costs_the_entry_it_is_in(start: Start, bundle: Bundle, name: str) -> None:
    first, stop = bundle.span(name)
    faults = (WrongBytes((first + stop) // 2), Slow(5_000_000))
    download = start(faults, (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert download.switches == ["wrong-content"]
    (switch,) = [event for event in download.events if isinstance(event, events.ServerSwitch)]
    assert download.pool.names[0] in switch.message
    assert sent(download) <= len(bundle.package) + stop - first + 2 * SLACK + BLOCK
    assert set(download.ending.servers) == set(download.pool.names)


@pytest.mark.fault("A2")
@EITHER
@pytest.mark.parametrize("where", ["a header", "the directory", "the end record"])
def test_wrong_bytes_between_the_files_never_get_through(
    start: Start, bundle: Bundle, where: str
) -> None:
    size = len(bundle.package)
    at = {"a header": bundle.span("plan.bin")[0] - 30, "the directory": size - 150}
    download = start((WrongBytes(at.get(where, size - 20)),), (), meetings={"M1": bundle.origin})
    assert download.run() == 0
    expect(download, bundle)
    assert len(download.switches) == 1
    assert sent(download) <= 2 * size + 2 * SLACK


@pytest.mark.fault("A2")
@EITHER
def test_where_all_copies_are_damaged_nothing_is_published(start: Start, bundle: Bundle) -> None:
    wrong = (WrongBytes(sum(bundle.span("plan.bin")) // 2),)
    download = start(wrong, wrong, meetings={"M1": bundle.origin})
    assert download.run() in (1, 5)
    assert download.library.current("M1") is None
    named = {row["server"]: row["code"] for row in download.ending.attempts}
    assert named == dict.fromkeys(download.pool.names, "wrong-content")


@pytest.mark.fault("A3")
@EITHER
def test_a_server_with_the_older_version_is_lagging_and_not_bad(
    start: Start, bundle: Bundle
) -> None:
    newer = dataclasses.replace(NEWER, more=bundle.more)
    download = start((), (), meetings={"M1": newer.origin})
    download.pool[0].meetings = {"M1": bundle.origin}
    assert download.run(data=newer.data) == 0
    expect(download, newer)
    assert download.switches == ["lagging"]


@pytest.mark.fault("A3")
@EITHER
def test_an_older_package_takes_the_place_of_nothing_newer(start: Start, bundle: Bundle) -> None:
    newer = dataclasses.replace(NEWER, more=bundle.more)
    download = start((), meetings={"M1": newer.origin})
    assert download.run() == 0
    revision = download.ending.revision
    download.pool[0].meetings = {"M1": bundle.origin}
    assert download.run(data=newer.data, force=True, retries=1) == 1
    (row,) = download.ending.attempts
    assert row["server"] == download.pool.names[0]
    assert row["code"] == "lagging"
    assert download.ending.kept == revision
    expect(download, newer)


@pytest.mark.fault("A4")
@EITHER
def test_a_package_that_is_replaced_meanwhile_is_planned_anew(start: Start, bundle: Bundle) -> None:
    newer = dataclasses.replace(NEWER, more=bundle.more)
    download = start((CutAt(0.5),), meetings={"M1": bundle.origin})

    def replace(event: events.Event) -> None:
        if isinstance(event, events.ServerSwitch):
            download.pool[0].meetings = {"M1": newer.origin}
            download.pool[0].faults = []

    download.on_event = replace
    assert download.run() == 0
    assert download.materials() in (bundle.files, newer.files), "never a mixture"
    expect(download, newer)
    kept = len(bundle.files["report.pdf"])
    assert sent(download) <= len(bundle.package) // 2 + len(newer.package) - kept + 2 * SLACK


@pytest.mark.fault("A4")
def test_a_file_that_is_written_over_while_it_is_read_is_never_mixed(
    start: Start, tmp_path: Path
) -> None:
    place = tmp_path / "package.zip"
    place.write_bytes(PAPERS.package)
    other = PAPERS.changed(plan=noise(500_000, 8))
    meeting = OriginMeeting(place, PAPERS.data, etag="v1")
    download = start((Slow(2_000_000),), (), meetings={"M1": meeting})

    def overwrite(event: events.Event) -> None:
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 900_000:
            with open(place, "r+b") as file:
                file.write(other.package)

    download.on_event = overwrite
    assert download.run() == 0
    assert download.materials() in (PAPERS.files, other.files)
    assert download.library.verify() == []


@pytest.mark.fault("A5")
@EITHER
@pytest.mark.parametrize("folder", ["03_其他", PAPERS.folder])
def test_another_meetings_package_is_refused(start: Start, bundle: Bundle, folder: str) -> None:
    """Also where its only file has, by chance, the place of one of ours."""
    other = Bundle({"minutes.pdf": noise(300_000, 9)}, "M2", folder=folder, more=bundle.more)
    download = start((), (), meetings={"M1": bundle.origin})
    wrong = OriginMeeting(other.package, bundle.data, **bundle.more)
    download.pool[0].meetings = {"M1": wrong}
    assert download.run() == 0
    expect(download, bundle)
    assert len(download.switches) == 1
    assert sent(download, 0) <= len(other.package) + SLACK


@pytest.mark.fault("A5")
@pytest.mark.parametrize("folder", ["03_其他", PAPERS.folder])
def test_another_meetings_package_alone_is_not_published(start: Start, folder: str) -> None:
    other = Bundle({"minutes.pdf": noise(300_000, 9)}, "M2", folder=folder)
    download = start((), meetings={"M1": OriginMeeting(other.package, PAPERS.data)})
    assert run(download, retries=1) in (1, 5)
    assert nothing_published(download)


@pytest.mark.fault("A15")
@EITHER
def test_a_server_that_has_only_a_part_of_the_files_shows_what_it_has(
    start: Start, bundle: Bundle
) -> None:
    """The contract of the master in the field: a package may lack files; those are missing."""
    less = Bundle({name: PAPERS.files[name] for name in ("report.pdf", "plan.bin")})
    download = start((), meetings={"M1": OriginMeeting(less.package, bundle.data)})
    assert download.run() == 0
    assert told(download.materials()) == told(less.files)
    assert sorted(download.ending.missing) == ["notes.txt", "photo.jpg"]
