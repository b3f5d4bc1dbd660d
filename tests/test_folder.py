"""A folder of meetings: what becomes of it, and when."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from folders import fill, origin_over
from kiosk_process import eventually

from kiosk import packing
from kiosk.errors import UsageError
from kiosk.node.folder.description import ENDED, IN_PROGRESS, PLANNED
from kiosk.node.folder.identity import meeting_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "meetings"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_folders_and_names_in_natural_order_are_the_agenda(folder: Path, data: Path) -> None:
    files = {"10 other/b.pdf": "b", "2 report/10.pdf": "x", "2 report/9.pdf": "y",
             "2 report/annex/a.xlsx": "z", "notice.pdf": "n"}  # fmt: skip
    fill(folder / "经营会", files)
    with origin_over(folder, data) as origin:
        made = origin.published("经营会", "notice.pdf", "9.pdf", "10.pdf", "annex/a.xlsx", "b.pdf")
        (offered,) = origin.source.offered()
    assert [item.title for item in made.agenda] == ["会议材料", "2 report", "10 other"]
    assert (made.title, offered.title, offered.status) == ("经营会", "经营会", IN_PROGRESS)
    assert offered.id == meeting_id("经营会") == made.meeting
    assert offered.manifest == made


def test_a_second_one_comes_after_the_first(folder: Path, data: Path) -> None:
    names = [
        "报告.pdf",
        "报告2.pdf",
        "报告10.pdf",
        "报告10.xlsx",
        "第2项 1.10",
        "第2项 1.11",
        "第十项.txt",
    ]
    fill(folder / "M1", dict.fromkeys(reversed(names), "x"))
    with origin_over(folder, data) as origin:
        origin.published("M1", *names)


def test_a_file_that_is_dropped_in_is_published(folder: Path, data: Path) -> None:
    fill(folder / "M1", {"a.txt": "a"})
    with origin_over(folder, data) as origin:
        before = origin.published("M1", "a.txt")
        fill(folder / "M1", {"b.txt": "b"})
        after = origin.published("M1", "a.txt", "b.txt")
        assert origin.text(after, "b.txt") == b"b"
    # What was there before lies where it lay, so nobody fetches it again.
    assert after.materials[0] == before.materials[0]


def test_a_replaced_file_of_the_same_size_is_another_for_every_terminal(
    folder: Path, data: Path
) -> None:
    fill(folder / "M1", {"a.txt": "old", "b.txt": "b"})
    with origin_over(folder, data) as origin:
        before = origin.published("M1", "a.txt", "b.txt")
        fill(folder / "M1", {"a.txt": "new"})
        eventually(lambda: origin.view("M1").published != before)
        after = origin.published("M1", "a.txt", "b.txt")
        assert origin.text(after, "a.txt") == b"new"
    assert after.fingerprint != before.fingerprint
    assert after.materials[1] == before.materials[1]


def package_of(origin: object, *shown: str) -> list[object]:
    """The layout of the package of the meeting ``M1``, piece by piece."""
    made = origin.published("M1", *shown)  # type: ignore[attr-defined]
    return list(packing.Layout(packing.files_of(made)).pieces())


def test_the_same_folder_has_the_same_package_wherever_and_whenever_it_was_copied(
    tmp_path: Path,
) -> None:
    files = {"meeting.toml": 'title = "T"\n[[agenda]]\ntitle = "一"\nfiles = ["b.pdf"]\n',
             "1/é.pdf": "one", "b.pdf": "two", "2/c.txt": "three"}  # fmt: skip
    shown = ("b.pdf", "é.pdf", "c.txt")
    fill(tmp_path / "one" / "M1", files)
    backwards = dict(reversed(files.items()))
    other = fill(tmp_path / "two" / "M1", backwards)
    for number, path in enumerate(sorted(other.rglob("*.*"))):
        os.utime(path, (1_000_000_000 + number, 900_000_000 + number))
        path.chmod(0o600)
    (other / "1" / "é.pdf").rename(other / "1" / "e\u0301.pdf")
    with origin_over(tmp_path / "one", tmp_path / "data1") as origin:
        first, revision = package_of(origin, *shown), origin.view("M1").published
    with origin_over(tmp_path / "two", tmp_path / "data2") as origin:
        second = package_of(origin, *shown)
        assert origin.view("M1").published is not None
        assert origin.view("M1").published.revision == revision.revision  # type: ignore[union-attr]
    assert first == second


def test_a_restart_reads_nothing_again(folder: Path, data: Path) -> None:
    fill(folder / "M1", {"a.txt": "a", "b.txt": "b"})
    with origin_over(folder, data) as origin:
        before = origin.published("M1", "a.txt", "b.txt")
    record = data / "origin" / "files" / "M1.json"
    written = record.stat().st_mtime_ns
    with origin_over(folder, data) as origin:
        eventually(lambda: [row.state for row in origin.view("M1").rows] == ["ready", "ready"])
        assert origin.view("M1").published == before
    # It is written whenever a file was read.
    assert record.stat().st_mtime_ns == written


def test_only_the_file_that_changed_is_read_again(folder: Path, data: Path) -> None:
    fill(folder / "M1", {"a.txt": "a", "b.txt": "b"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt", "b.txt")
        objects = {path: path.stat().st_ino for path in data.glob("objects/*/*")}
        fill(folder / "M1", {"c.txt": "c"})
        origin.published("M1", "a.txt", "b.txt", "c.txt")
    # What is read becomes an object anew, with an inode of its own.
    assert {path: path.stat().st_ino for path in objects} == objects


@pytest.mark.fault("F1")
def test_a_file_that_is_still_copied_in_is_waited_for(folder: Path, data: Path) -> None:
    fill(folder / "M1", {"a.txt": "a"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        with open(folder / "M1" / "b.txt", "wb", buffering=0) as copied:
            copied.write(b"half of it, ")
            eventually(lambda: "copying" in [row.state for row in origin.view("M1").rows])
            # It stands still for longer than a file has to, and yet somebody has it open.
            waited = origin.waits("M1", 1.0)
            assert [one.name for one in waited.materials] == ["a.txt"]
            copied.write(b"and the rest")
        made = origin.published("M1", "a.txt", "b.txt")
        assert origin.text(made, "b.txt") == b"half of it, and the rest"


@pytest.mark.fault("F1")
def test_a_file_that_never_stands_still_holds_nobody_up_for_long(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.node.folder.meeting.PATIENCE_S", 0.5)
    fill(folder / "M1", {"log.txt": "old log"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "log.txt")
        with open(folder / "M1" / "log.txt", "wb", buffering=0) as log:
            log.write(b"new ")
            fill(folder / "M1", {"z.txt": "z"})
            made = origin.published("M1", "log.txt", "z.txt")
            # Of what is being written anew, the version from before stays.
            assert origin.text(made, "log.txt") == b"old log"
            log.write(b"log")
        eventually(lambda: origin.view("M1").published != made)
        made = origin.published("M1", "log.txt", "z.txt")
        assert origin.text(made, "log.txt") == b"new log"


def test_a_folder_that_is_copied_in_becomes_one_revision(folder: Path, data: Path) -> None:
    with origin_over(folder, data) as origin:
        for number in range(20):
            fill(folder / "M1", {f"{number}.txt": "x" * number + "!"})
        origin.published("M1", *(f"{number}.txt" for number in range(20)))
    assert len(list(data.glob("meetings/M1/*.json"))) == 1


def test_a_folder_that_went_is_not_offered_any_more(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a", "M2/b.txt": "b"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        origin.published("M2", "b.txt")
        (folder / "M1").rename(folder.parent / "elsewhere")
        eventually(lambda: [one.id for one in origin.source.offered()] == ["M2"])
        # Put back in time, it is there again without being read.
        assert origin.library.current("M1") is not None


def test_what_a_meeting_left_goes_some_time_after_its_folder(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.node.folder.FORGET_S", 0.0)
    fill(folder, {"M1/a.txt": "a", "M2/b.txt": "b"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        origin.published("M2", "b.txt")
        (folder / "M1").rename(folder.parent / "elsewhere")
        eventually(lambda: origin.library.current("M1") is None)
        assert [one.meeting for one in origin.library.meetings()] == ["M2"]
    assert len(list(data.glob("objects/*/*"))) == 1


@pytest.mark.fault("F6")
def test_a_folder_that_is_away_as_a_whole_changes_nothing(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a"})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt")
        folder.rename(folder.parent / "elsewhere")
        origin.source.look_now()
        eventually(lambda: not origin.source.state().online)
        assert [one.manifest for one in origin.source.offered()] == [made]
        assert origin.source.seen.fault is not None
        (folder.parent / "elsewhere").rename(folder)
        origin.source.look_now()
        eventually(lambda: origin.source.state().online)
        # And what comes into it afterwards is heard of.
        fill(folder, {"M1/b.txt": "b"})
        origin.published("M1", "a.txt", "b.txt")


def test_started_and_ended_by_the_page_and_still_so_after_a_restart(
    folder: Path, data: Path
) -> None:
    fill(folder, {"M1/a.txt": "a"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        origin.source.say("M1", ENDED)
        eventually(lambda: not origin.source.offered())
    with origin_over(folder, data) as origin:
        eventually(lambda: origin.source.seen.views)
        assert origin.source.offered() == ()
        origin.source.say("M1", IN_PROGRESS)
        made = origin.published("M1", "a.txt")
        eventually(lambda: [one.manifest for one in origin.source.offered()] == [made])


def test_meeting_toml_has_the_last_word_on_the_status(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a", "M1/meeting.toml": 'status = "planned"'})
    with origin_over(folder, data) as origin:
        # Prepared, so that it is all here when it begins, and not offered.
        origin.published("M1", "a.txt")
        assert (origin.view("M1").status, origin.source.offered()) == (PLANNED, ())
        with pytest.raises(UsageError, match="says whether it is in progress"):
            origin.source.say("M1", IN_PROGRESS)
        fill(folder, {"M1/meeting.toml": 'status = "进行中"'})
        (offered,) = eventually(origin.source.offered)
        assert offered.manifest is not None
        assert offered.manifest.status == offered.status == IN_PROGRESS
        with pytest.raises(UsageError, match="there is no meeting"):
            origin.source.say("M9", ENDED)


@pytest.mark.fault("F5")
def test_a_broken_meeting_toml_is_said_and_the_old_revision_stays(folder: Path, data: Path) -> None:
    point = '[[agenda]]\ntitle = "一"\nreporter = "王芳"\nminutes = 5\nfiles = ["a.txt"]'
    good = 'title = "周会"\n' + point
    fill(folder, {"M1/a.txt": "a", "M1/meeting.toml": good})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt")
        (item,) = made.agenda
        assert (item.title, item.reporter, item.minutes) == ("一", "王芳", 5)
        fill(folder, {"M1/meeting.toml": 'title = "周', "M1/b.txt": "b"})
        fault = eventually(lambda: origin.view("M1").fault)
        assert fault["code"] == "bad-description"
        assert [one.manifest for one in origin.source.offered()] == [made]
        fill(folder, {"M1/meeting.toml": good})
        after = origin.published("M1", "a.txt", "b.txt")
        assert (after.title, origin.view("M1").fault) == ("周会", None)


@pytest.mark.fault("F5")
def test_a_broken_meeting_toml_at_the_start_keeps_what_the_last_revision_said(
    folder: Path, data: Path
) -> None:
    fill(folder, {"M1/a.txt": "a", "M1/meeting.toml": 'title = "周会"'})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
    broken = {"M1/meeting.toml": "title = 1", "M2/meeting.toml": "[", "M2/b.txt": "b"}
    fill(folder, broken)
    with origin_over(folder, data) as origin:
        eventually(lambda: [bool(one.fault) for one in origin.source.seen.views] == [True, True])
        # Of the other nothing was ever known: it is not given out in whatever state it may be.
        assert [(one.id, one.title) for one in origin.source.offered()] == [("M1", "周会")]


def test_what_meeting_toml_names_and_is_not_there_is_missing(folder: Path, data: Path) -> None:
    said = '[[agenda]]\ntitle = "一"\nfiles = ["b.txt", "../../secret", "annex"]'
    fill(folder, {"M1/annex/a.txt": "a", "M1/meeting.toml": said, "secret": "s"})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "b.txt", "secret", "a.txt")
        assert made.missing == ("b.txt", "secret")
        states = {row.path: row.state for row in origin.view("M1").rows}
        assert states == {"annex/a.txt": "ready", "b.txt": "missing", "secret": "missing"}
        fill(folder, {"M1/b.txt": "b"})
        eventually(lambda: origin.view("M1").published != made)
        assert origin.published("M1", "b.txt", "secret", "a.txt").missing == ("secret",)


def test_what_is_over_is_not_offered_for_a_moment_when_the_origin_starts(
    folder: Path, data: Path
) -> None:
    fill(folder, {"M1/a.txt": "a", "M1/meeting.toml": 'status = "ended"', "M2/b.txt": "b"})
    with origin_over(folder, data) as origin:
        origin.published("M2", "b.txt")
        assert [row.state for row in origin.view("M1").rows] == ["waiting"]
    with origin_over(folder, data) as origin:
        eventually(lambda: origin.source.seen.views)
        offers = origin.offers
    # All that was there is told of at once, and nothing else.
    assert offers[0] == ["M2"]
    assert set(map(tuple, offers)) == {("M2",)}
