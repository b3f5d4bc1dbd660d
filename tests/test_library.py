"""The library: what is published is whole, what is purged is gone, whatever lies on the disk."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meetings import files_in, publish, shown

from kiosk.errors import LocalError, PackageError, UsageError
from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.library.export import safe_name
from kiosk.library.layout import folder_name
from kiosk.store import turn


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def test_what_is_published_is_there_for_another_library_on_the_same_directory(
    library: Library,
) -> None:
    made = publish(library, {"议程.pdf": b"%PDF-1.7", "b.txt": b"words"}, title="经营工作会")
    other = Library(library.data_dir)
    assert other.current("M1") == made
    assert shown(other) == {"议程.pdf": b"%PDF-1.7", "b.txt": b"words"}
    assert other.meetings() == [made]
    assert other.verify() == []


def test_objects_are_plain_readable_files(library: Library) -> None:
    made = publish(library, {"run.sh": b"#!/bin/sh"})
    (sha256,) = made.objects
    mode = library.object_path(sha256).stat().st_mode
    assert stat.S_ISREG(mode)
    assert stat.S_IMODE(mode) == 0o644


def test_equal_files_are_stored_once_over_meetings(library: Library) -> None:
    publish(library, {"a": b"same", "b": b"same"}, "M1")
    publish(library, {"c": b"same"}, "M2")
    assert sum(name.startswith("objects/") for name in files_in(library)) == 1


def test_the_revision_names_the_content_and_not_the_download() -> None:
    one = Manifest("M1", "t", published_at="2026-01-01", servers={"a": 1}, status="ongoing")
    same = Manifest("M1", "t", published_at="2027-01-01", servers={"b": 2}, status="ended")
    assert one.revision == same.revision
    assert one.revision != Manifest("M1", "other").revision


def test_a_replaced_revision_stays_readable_until_the_next_start(library: Library) -> None:
    old = publish(library, {"a": b"old"})
    publish(library, {"a": b"new"})
    assert shown(library) == {"a": b"new"}
    assert library.manifest("M1", old.revision) == old
    (kept,) = old.objects
    assert library.object_path(kept).read_bytes() == b"old"
    library.collect()
    assert library.manifest("M1", old.revision) is None
    assert not library.object_path(kept).exists()
    assert shown(library) == {"a": b"new"}


def test_what_was_added_and_never_published_is_dropped(library: Library) -> None:
    library.add_object([b"half"])
    library.drop_pending()
    assert files_in(library) == set()


def test_an_object_whose_source_fails_leaves_nothing(library: Library) -> None:
    def source() -> Any:
        yield b"half"
        raise PackageError("damaged", why="in the middle")

    with pytest.raises(PackageError):
        library.add_object(source())
    assert files_in(library) == set()


def test_a_manifest_without_its_objects_is_not_published(library: Library) -> None:
    absent = Material("a", "a", 1, "0" * 64)
    with pytest.raises(ValueError, match="not here"):
        library.publish(Manifest("M1", agenda=(AgendaItem("", materials=(absent,)),)))
    assert library.current("M1") is None
    assert files_in(library) == set()


def test_a_second_kiosk_on_the_same_directory_is_refused(library: Library) -> None:
    with library.lock():
        with pytest.raises(LocalError) as caught:
            Library(library.data_dir).lock()
        assert caught.value.code == "directory-in-use"
        code = f"from kiosk.library import Library; Library({str(library.data_dir)!r}).lock()"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "directory-in-use" in other.stderr or "another kiosk" in other.stderr
    with library.lock():
        pass


def test_too_little_room_is_told_with_its_numbers(library: Library) -> None:
    library.require_room(1)
    with pytest.raises(LocalError) as caught:
        library.require_room(1 << 60)
    assert caught.value.code == "disk-full"
    assert caught.value.details["needed"] == 1 << 60
    assert 0 < caught.value.details["free"] < 1 << 60


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_any_meeting_id_has_a_folder_of_its_own(one: str, other: str) -> None:
    root = Path("/data/meetings")
    for meeting in (one, other):
        assert (root / folder_name(meeting)).resolve().parent == root
    assert (folder_name(one) == folder_name(other)) == (one == other)


@pytest.mark.parametrize("meeting", ["../up", "会议 1", "a/b", ".", "x" * 200, "\udcff", "CON."])
def test_meetings_with_strange_ids_are_published_and_purged(library: Library, meeting: str) -> None:
    publish(library, {"a": b"words"}, meeting)
    assert shown(library, meeting) == {"a": b"words"}
    assert [one.meeting for one in library.meetings()] == [meeting]
    library.purge(meeting)
    assert files_in(library) == set()


# Export


def test_an_export_has_every_file_under_its_shown_name(library: Library, tmp_path: Path) -> None:
    publish(library, {"议程.pdf": b"1", "sub/b.txt": b"2"})
    written = library.export("M1", tmp_path / "out")
    found = {str(path.relative_to(tmp_path / "out")): path.read_bytes() for path in written}
    assert found == {"报告/议程.pdf": b"1", "报告/sub/b.txt": b"2"}


def test_an_export_writes_over_nothing_and_never_leaves_its_folder(
    library: Library, tmp_path: Path
) -> None:
    names = ["../../up.txt", "/etc/x", "..", "a\0b", "a" * 300 + ".txt"]
    publish(library, {name: name.encode() for name in names})
    out = tmp_path / "out"
    first, second = library.export("M1", out), library.export("M1", out)
    assert len(set(first + second)) == 2 * len(names)
    for path in first + second:
        assert out in path.resolve().parents
    assert {path.read_bytes() for path in first} == {name.encode() for name in names}


def test_a_meeting_that_is_not_here_cannot_be_exported(library: Library, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        library.export("M1", tmp_path)


@given(st.text(max_size=400))
def test_any_shown_name_makes_a_file_name(shown_name: str) -> None:
    name = safe_name(shown_name)
    assert name not in ("", ".", "..")
    assert not set(name) & {"/", "\\", "\0"}
    assert len(name.encode("utf-8", "replace")) <= 200


# Purge


def test_a_purge_removes_what_only_that_meeting_used_and_says_so(library: Library) -> None:
    publish(library, {"a": b"only here", "b": b"shared"}, "M1")
    publish(library, {"c": b"shared"}, "M2")
    receipt = library.purge("M1")
    assert (receipt.meetings, receipt.objects, receipt.bytes) == (["M1"], 1, len(b"only here"))
    assert receipt.shared == 1
    assert library.current("M1") is None
    assert shown(library, "M2") == {"c": b"shared"}
    assert library.verify() == []


def test_a_purged_meeting_leaves_no_byte_behind(library: Library) -> None:
    publish(library, {"a": b"top secret, old"}, title="secret title")
    made = publish(library, {"a": b"top secret"}, title="secret title")
    (sha256,) = made.objects
    rendition = library.data_dir / "renditions" / sha256
    rendition.mkdir(parents=True)
    (rendition / "page1.webp").write_bytes(b"secret picture")
    part = library.part_path("M1")
    part.parent.mkdir()
    part.write_bytes(b"secret part")
    part.with_name(part.name + ".journal").write_bytes(b"secret journal")
    assert library.purge("M1").objects == 2
    assert files_in(library) == set()
    with pytest.raises(UsageError):
        library.purge("M1")


def test_a_meeting_that_is_only_half_fetched_can_be_purged(library: Library) -> None:
    part = library.part_path("M1")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    assert library.purge("M1").objects == 0
    assert files_in(library) == set()


def test_purging_everything_leaves_nothing_readable_or_not(library: Library) -> None:
    publish(library, {"a": b"1"}, "M1")
    made = publish(library, {"b": b"22"}, "M2")
    (library.data_dir / f"meetings/M2/{made.revision}.json").write_bytes(b"broken")
    library.collect()
    publish(library, {"c": b"333"}, "M3")
    library.part_path("M4").parent.mkdir()
    library.part_path("M4").write_bytes(b"part")
    receipt = library.purge_all()
    assert sorted(receipt.meetings) == ["M1", "M3"]
    assert files_in(library) == set()


def test_a_purge_waits_until_a_publish_is_through(library: Library) -> None:
    publish(library, {"a": b"words"})
    purger = threading.Thread(target=library.purge, args=("M1",))
    with turn(library.data_dir / "turn"):
        purger.start()
        purger.join(0.2)
        assert purger.is_alive()
        assert shown(library) == {"a": b"words"}
    purger.join(30)
    assert library.current("M1") is None
