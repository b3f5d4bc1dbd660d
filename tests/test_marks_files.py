"""Marks on the disk: kept through faults, bounded, never another meeting's, gone with the purge."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from failing import OPERATIONS, Trouble, trouble
from meetings import files_in, publish

from kiosk.errors import LocalError, UsageError
from kiosk.library import Library
from kiosk.marks import Document, PageMarks, Print, Shelf, parse
from kiosk.marks import files as marks_files

SHA = "a" * 64
LINE = {"tool": "pen", "ink": "red", "width": 2.5, "points": [0.1, 0.2, 0.3, 0.4]}
ONE = parse({"strokes": [LINE]})
TWO = parse({"strokes": [LINE, LINE], "notes": [{"x": 0.5, "y": 0.5, "text": "核对"}]})
REPORT = Document(SHA, "报告.pdf", 0, (Print("1", "2"), Print("3")))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


@pytest.fixture
def shelf(library: Library) -> Shelf:
    return library.marks("M1")


def path_of(library: Library, meeting: str = "M1", sha256: str = SHA) -> Path:
    return library.data_dir / "marks" / meeting / f"{sha256}.json"


def on_page(shelf: Shelf, page: int = 1) -> PageMarks | None:
    for document in shelf.documents():
        if page in document.pages:
            return document.pages[page].marks
    return None


def test_what_was_saved_is_there_afterwards(library: Library, shelf: Shelf) -> None:
    assert shelf.save(REPORT, 1, 0, ONE).version == 1
    assert shelf.save(REPORT, 1, 1, TWO).version == 2
    assert shelf.save(REPORT, 2, 0, ONE).version == 1
    (document,) = library.marks("M1").documents()
    assert (document.name, document.prints) == (REPORT.name, REPORT.prints)
    assert {page: one.marks for page, one in document.pages.items()} == {1: TWO, 2: ONE}


def test_a_version_that_is_not_there_any_more_is_refused_and_changes_nothing(shelf: Shelf) -> None:
    shelf.save(REPORT, 1, 0, ONE)
    for version in (0, 2, 99):
        with pytest.raises(UsageError) as caught:
            shelf.save(REPORT, 1, version, TWO)
        assert (caught.value.code, caught.value.details["version"]) == ("marks-changed", 1)
    assert on_page(shelf) == ONE


def test_documents_stand_in_the_order_of_their_first_marks(shelf: Shelf) -> None:
    for letter in "cab":
        shelf.save(Document(letter * 64, "x", 0), 1, 0, ONE)
    assert [one.sha256[0] for one in shelf.documents()] == ["c", "a", "b"]


def test_marks_belong_to_one_meeting(library: Library, shelf: Shelf) -> None:
    shelf.save(REPORT, 1, 0, ONE)
    assert library.marks("M2").documents() == []
    there = path_of(library, "M2")
    there.parent.mkdir()
    there.write_bytes(path_of(library).read_bytes())
    assert library.marks("M2").documents() == []


def test_prints_are_noted_later_and_marks_stay(shelf: Shelf) -> None:
    shelf.save(Document(SHA, "报告.pdf", 0), 1, 0, ONE)
    shelf.keep_prints(SHA, [Print("1")])
    (document,) = shelf.documents()
    assert document.prints == (Print("1"),)
    assert document.pages[1].marks == ONE
    shelf.keep_prints("b" * 64, [Print("1")])
    assert len(shelf.documents()) == 1


@pytest.mark.parametrize("name", ["", "..", "a" * 63, "A" * 64, f"../{'a' * 61}"])
def test_no_name_leaves_the_folder(shelf: Shelf, name: str) -> None:
    with pytest.raises(ValueError):
        shelf.save(Document(name, "x", 0), 1, 0, ONE)


# Damage (C5)


def damaged(what: str) -> bytes:
    whole = json.loads(marks_files.encode(Document(SHA, "x", 1, (), {}), "M1"))
    changes: dict[str, Any] = {
        "format": 2, "meeting": "M2", "object": "b" * 64, "serial": 0, "prints": [["g", ""]],
        "pages": {"0": {}}, "name": 1,
    }  # fmt: skip
    return json.dumps({**whole, what: changes[what]}).encode()


FIELDS = ("format", "meeting", "object", "serial", "prints", "pages", "name")
RUBBISH = [b"", b"{", b"\0" * 100, b"[]", b"null", b"[" * 99_999, b"\xff\xfe", b'{"pages": 1}']


@pytest.mark.fault("C5", "C13")
@pytest.mark.parametrize(
    "content", [*RUBBISH, *map(damaged, FIELDS)], ids=[*map(repr, range(len(RUBBISH))), *FIELDS]
)
def test_a_damaged_file_is_set_aside_and_keeps_nothing_from_starting(
    library: Library, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    publish(library, {"a": b"words"})
    shelf = library.marks("M1")
    shelf.save(Document("b" * 64, "b", 0), 1, 0, TWO)
    path_of(library).write_bytes(content)
    assert [one.sha256[0] for one in shelf.documents()] == ["b"]
    library.collect()
    assert "marks-set-aside" in caplog.text or "marks-damaged" in caplog.text
    shelf.save(REPORT, 1, 0, ONE)
    assert len(shelf.documents()) == 2
    aside = path_of(library).with_name(f".damaged-{SHA}.json")
    assert aside.read_bytes() == content


def test_a_page_that_makes_no_sense_spoils_its_file_alone(library: Library, shelf: Shelf) -> None:
    shelf.save(Document("b" * 64, "b", 0), 1, 0, ONE)
    shelf.save(REPORT, 1, 0, ONE)
    content = path_of(library).read_bytes()
    path_of(library).write_bytes(content.replace(b'"pen"', b'"axe"'))
    assert [one.sha256[0] for one in shelf.documents()] == ["b"]


def test_a_damaged_file_that_is_in_the_way_is_not_written_over(
    library: Library, shelf: Shelf
) -> None:
    shelf.save(REPORT, 1, 0, TWO)
    path_of(library).write_bytes(b"precious, but cut off")
    shelf.save(REPORT, 1, 0, ONE)
    assert on_page(shelf) == ONE
    aside = path_of(library).with_name(f".damaged-{SHA}.json")
    assert aside.read_bytes() == b"precious, but cut off"


def test_strange_things_in_the_directory_do_no_harm(library: Library) -> None:
    publish(library, {"a": b"words"})
    folder = library.data_dir / "marks"
    (folder / "M1").mkdir(parents=True)
    (folder / "file").write_bytes(b"")
    (folder / "loop").symlink_to(folder)
    (folder / "M1" / f"{SHA}.json").mkdir()
    assert library.marks("M1").documents() == []
    library.collect()
    assert sorted(path.name for path in folder.iterdir()) == ["M1"]


# The disk refuses (C3, C4)


@pytest.mark.fault("C4", "C13")
@pytest.mark.parametrize(
    ("operation", "code"), [(name, code) for name, codes in OPERATIONS.items() for code in codes]
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_refused_write_leaves_the_old_marks(
    library: Library, shelf: Shelf, operation: str, code: int, number: int
) -> None:
    shelf.save(REPORT, 1, 0, ONE)
    with trouble(operation, number, code) as made:
        fault = refused(shelf, made)
    assert fault in (None, "disk-full", "storage-failed")
    assert fault != "disk-full" or code == errno.ENOSPC
    assert on_page(shelf) == TWO if fault is None else on_page(shelf) in (ONE, TWO)
    assert sorted(path.name for path in path_of(library).parent.iterdir()) == [f"{SHA}.json"]


def refused(shelf: Shelf, made: Trouble) -> str | None:
    """What became of writing in this trouble."""
    try:
        shelf.save(REPORT, 1, 1, TWO)
    except LocalError as fault:
        return fault.code
    finally:
        made.armed = False
    return None


@pytest.mark.fault("C3", "C13")
def test_a_full_disk_is_said_and_keeps_the_old_marks(shelf: Shelf) -> None:
    shelf.save(REPORT, 1, 0, ONE)
    with trouble("write", 1, errno.ENOSPC), pytest.raises(LocalError) as caught:
        shelf.save(REPORT, 1, 1, TWO)
    assert caught.value.code == "disk-full"
    assert on_page(shelf) == ONE
    assert shelf.save(REPORT, 1, 1, TWO).version == 2


@pytest.mark.fault("C4", "C13")
def test_what_cannot_be_read_now_is_not_written_over(library: Library, shelf: Shelf) -> None:
    shelf.save(REPORT, 1, 0, ONE)
    with trouble("open", 1, errno.EMFILE), pytest.raises(LocalError):
        shelf.save(REPORT, 2, 0, TWO)
    assert on_page(shelf) == ONE
    assert on_page(shelf, 2) is None


# Limits


def test_a_meeting_has_its_limit(
    library: Library, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_files, "MEETING_BYTES", 3000)
    shelf.save(REPORT, 1, 0, ONE)
    fits = [fits_in(shelf, number) for number in range(20)]
    assert fits == sorted(fits, reverse=True) and not fits[-1]
    assert sum(path.stat().st_size for path in path_of(library).parent.iterdir()) <= 3000
    assert on_page(shelf) == ONE


def fits_in(shelf: Shelf, number: int) -> bool:
    try:
        shelf.save(Document(f"{number:064x}", "x", 0), 1, 0, TWO)
    except UsageError as fault:
        return fault.code != "too-many-marks"
    return True


def test_a_document_has_its_limit_of_pages(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks_files, "MOST_MARKED", 2)
    for page in (1, 2):
        shelf.save(REPORT, page, 0, ONE)
    with pytest.raises(UsageError) as caught:
        shelf.save(REPORT, 3, 0, ONE)
    assert caught.value.code == "too-many-marks"
    assert shelf.save(REPORT, 2, 1, TWO).version == 2


# The purge


def test_a_purge_takes_the_marks_and_says_so(library: Library, shelf: Shelf) -> None:
    publish(library, {"a": b"one"})
    publish(library, {"b": b"two"}, "M2")
    shelf.save(REPORT, 1, 0, ONE)
    path_of(library).with_name(f".damaged-{SHA}.json").write_bytes(b"old")
    other = library.marks("M2")
    other.save(REPORT, 1, 0, TWO)
    receipt = library.purge("M1")
    assert (receipt.meetings, receipt.marks) == (["M1"], 1)
    assert not path_of(library).parent.exists()
    assert on_page(other) == TWO
    assert library.purge_all().marks == 1
    assert files_in(library) == set()


def test_marks_alone_are_enough_to_purge(library: Library, shelf: Shelf) -> None:
    shelf.save(REPORT, 1, 0, ONE)
    assert library.purge("M1").marks == 1
    assert files_in(library) == set()
    with pytest.raises(UsageError):
        library.purge("M1")


def test_what_a_cut_off_purge_left_goes_at_the_next_start(library: Library, shelf: Shelf) -> None:
    publish(library, {"a": b"one"})
    shelf.save(REPORT, 1, 0, ONE)
    (library.data_dir / "meetings" / "M1" / "current").unlink()
    library.collect()
    assert files_in(library) == set()


def test_marks_stay_while_their_meeting_is_here_damaged_or_on_its_way(library: Library) -> None:
    publish(library, {"a": b"one"})
    made = publish(library, {"b": b"two"}, "M2")
    for meeting in ("M1", "M2", "M3", "M4"):
        library.marks(meeting).save(REPORT, 1, 0, ONE)
    (library.data_dir / "meetings" / "M2" / f"{made.revision}.json").write_bytes(b"{")
    part = library.part_path("M3")
    part.parent.mkdir()
    part.write_bytes(b"")
    part.with_name(part.name + ".journal").write_bytes(b"")
    path_of(library).with_name(f".new-{SHA}.json").write_bytes(b"half")
    library.collect()
    library.collect()
    here = [meeting for meeting in ("M1", "M2", "M3", "M4") if library.marks(meeting).documents()]
    assert here == ["M1", "M2", "M3"]
    assert not list(library.data_dir.rglob(".new-*"))
