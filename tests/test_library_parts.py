"""The library beside downloads under way: what they claim stays, what is of no use goes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from meetings import files_in, publish, shown
from underway import UnderWay
from zips import STORED, File, archive

from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.part import Part, claimed

CONTENT = b"words of a whole file" * 50
SHA256 = hashlib.sha256(CONTENT).hexdigest()
RAW = archive(File("a.txt", CONTENT, STORED), File("b.txt", b"more" * 90))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def half_fetched(library: Library, meeting: str = "M1") -> UnderWay:
    """One file of two is whole, then the process ended."""
    way = UnderWay(library.part_path(meeting), RAW)
    way.check()
    entry = way.entry("a.txt")
    way.bring(entry.offset, entry.until)
    way.found(1)
    way.end()
    way.part.close()
    return way


@pytest.mark.parametrize("meeting", ["M1", "minutes.part.2", "会议", "a.part"])
def test_a_download_under_way_outlives_a_start(library: Library, meeting: str) -> None:
    half_fetched(library, meeting)
    before = files_in(library)
    library.collect()
    assert files_in(library) == before
    assert claimed(library.data_dir / "download") == {SHA256}


def test_an_object_that_a_download_claims_stays_until_that_is_purged(library: Library) -> None:
    """The process ended between the object's arrival and the manifest that needs it."""
    way = half_fetched(library)
    target = library.object_path(SHA256)
    target.parent.mkdir(parents=True)
    (way.part.folder / SHA256).rename(target)
    publish(library, {"c": b"other"}, "M2")
    library.collect()
    library.purge("M2")
    assert target.read_bytes() == CONTENT
    again = Part(library.part_path("M1"), library.has)
    assert [one.sha256 for one in again.done.values()] == [SHA256]
    again.close()
    library.purge("M1")
    assert files_in(library) == set()


@pytest.mark.parametrize("lacking", [".journal", ".entries"])
def test_what_is_of_no_use_alone_goes_at_the_next_start(library: Library, lacking: str) -> None:
    way = half_fetched(library)
    part = way.part.path
    if lacking == ".journal":
        way.part.journal.unlink()
    else:
        (way.part.folder / SHA256).unlink()
        way.part.folder.rmdir()
        part.unlink()
    library.collect()
    assert files_in(library) == set()
    assert list(part.parent.iterdir()) == []


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b"\n" * 99])
def test_a_journal_that_makes_no_sense_claims_nothing(library: Library, rubbish: bytes) -> None:
    way = half_fetched(library)
    way.part.journal.write_bytes(rubbish)
    library.collect()
    assert claimed(library.data_dir / "download") == set()


def test_something_else_in_the_place_of_a_journal_stops_nothing(library: Library) -> None:
    way = half_fetched(library)
    way.part.journal.unlink()
    way.part.journal.mkdir()
    publish(library, {"c": b"other"}, "M2")
    library.collect()
    assert shown(library, "M2") == {"c": b"other"}


def test_a_purge_takes_everything_that_is_under_way(library: Library) -> None:
    for meeting in ("M1", "M2"):
        half_fetched(library, meeting)
    assert library.purge("M1").objects == 0
    assert files_in(library) and all("M2" in name for name in files_in(library))
    library.purge_all()
    assert files_in(library) == set()


# Taking over what somebody else wrote


def manifest() -> Manifest:
    one = Material("a.txt", "a.txt", len(CONTENT), SHA256)
    return Manifest("M1", agenda=(AgendaItem("", materials=(one,)),))


def test_a_file_is_taken_over_by_its_name_alone(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "data" / "download" / SHA256
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    number = path.stat().st_ino
    library.adopt(SHA256, len(CONTENT), path)
    library.adopt(SHA256, len(CONTENT), path)
    library.publish(manifest())
    assert library.object_path(SHA256).stat().st_ino == number
    assert shown(library) == {"a.txt": CONTENT}
    assert library.verify() == []


def test_a_file_that_is_not_published_stays_where_it_is(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "whole"
    path.write_bytes(CONTENT)
    library.adopt(SHA256, len(CONTENT), path)
    library.drop_pending()
    assert path.read_bytes() == CONTENT
    assert files_in(library) == set()


def test_a_rotten_object_is_replaced_by_the_one_that_is_taken_over(
    library: Library, tmp_path: Path
) -> None:
    publish(library, {"a.txt": CONTENT})
    library.object_path(SHA256).write_bytes(CONTENT[::-1])
    assert library.has(SHA256, len(CONTENT))
    assert not library.is_sound(SHA256, len(CONTENT))
    path = tmp_path / "whole"
    path.write_bytes(CONTENT)
    library.adopt(SHA256, len(CONTENT), path)
    library.publish(manifest())
    assert library.is_sound(SHA256, len(CONTENT))
    assert library.verify() == []


def test_an_object_that_is_here_need_not_come_again(library: Library, tmp_path: Path) -> None:
    publish(library, {"a.txt": CONTENT}, "M2")
    library.adopt(SHA256, len(CONTENT), tmp_path / "gone")
    library.publish(manifest())
    assert shown(library) == {"a.txt": CONTENT}
