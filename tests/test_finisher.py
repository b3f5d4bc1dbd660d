"""Checking files while they come: what is finished is right, and what is not is told, once."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from underway import PATIENCE_S, UnderWay
from zips import DEFLATED, STORED, File, archive, deflated, streamed

from kiosk.delta import with_digests
from kiosk.package import Package
from kiosk.part import Broke, Damaged, Finished

MIB = 1 << 20
NOISE = os.urandom(12 * MIB)
TEXT = File("文/notes.txt", b"words " * 40_000)
PHOTO = File("photo.jpg", NOISE[: 3 * MIB], STORED)
EMPTY, HOLLOW = File("empty", b"", STORED), File("hollow", b"")
PIPED = streamed(File("piped.txt", b"piped " * 9_000))
FILES = (TEXT, PHOTO, EMPTY, HOLLOW, PIPED)

Begin = Callable[..., UnderWay]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Parts with their finisher, one after the other on the same path; all ended at the end."""
    begun: list[UnderWay] = []

    def begin(raw: bytes, package: Package | None = None) -> UnderWay:
        for one in begun:
            one.end()
        begun.append(UnderWay(tmp_path / "meeting_1.zip.part", raw, package))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()
        one.part.close()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def waits_until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.001)


def test_every_file_is_found_under_its_sha256_as_soon_as_it_is_whole(begin: Begin) -> None:
    way = begin(archive(*FILES))
    way.check()
    for number, file in enumerate(FILES, 1):
        name = file.name if isinstance(file.name, str) else ""
        entry = way.entry(name)
        way.bring(entry.offset, entry.until)
        assert way.found(number)[-1] == Finished(entry, sha256(file.content))
        assert way.content(name) == file.content
        assert stat.S_IMODE(way.part.done[entry.key].file.stat().st_mode) == 0o644
    assert set(way.files()) == {sha256(file.content) for file in FILES}


@examples(25)
@given(st.randoms(use_true_random=False))
def test_bytes_may_come_in_any_order_and_twice(
    tmp_path_factory: pytest.TempPathFactory, chance: object
) -> None:
    files = (TEXT, File("photo.jpg", NOISE[:300_000], STORED), EMPTY, PIPED)
    way = UnderWay(tmp_path_factory.mktemp("part") / "m.part", archive(*files))
    way.check()
    spans = [(at, at + 9_000) for at in range(0, len(way.raw), 7_000)]
    chance.shuffle(spans)  # type: ignore[attr-defined]
    for start, stop in spans:
        way.bring(start, min(stop, len(way.raw)))
    found = way.found(len(files))
    way.end()
    assert {type(one) for one in found} == {Finished}
    assert set(way.files()) == {sha256(file.content) for file in files}
    way.part.close()


def test_a_large_file_is_hashed_while_it_comes(begin: Begin) -> None:
    """What was hashed is not read again: so what is written over it afterwards is not seen."""
    way = begin(archive(File("big", NOISE, STORED)))
    way.check()
    way.bring(0, 9 * MIB)
    (task,) = way.finisher._tasks
    waits_until(lambda: task.at > 2 * MIB)
    (raw,) = way.part.folder.iterdir()
    with open(raw, "r+b") as file:
        file.write(b"not what came")
    way.bring(9 * MIB)
    assert way.found(1) == [Finished(way.entry("big"), sha256(NOISE))]


@pytest.mark.parametrize("damaged", [False, True])
def test_what_an_earlier_run_left_is_hashed_again(begin: Begin, damaged: bool) -> None:
    raw = archive(File("big", NOISE, STORED))
    way = begin(raw)
    way.check()
    way.bring(0, 10 * MIB)
    way.end()
    way.part.close()
    if damaged:
        (kept,) = way.part.folder.glob("*.raw")
        with open(kept, "r+b") as file:
            file.write(b"rotten")
    again = begin(raw)
    assert again.part.here == 10 * MIB
    again.check()
    again.bring(10 * MIB, server="b")
    (finding,) = again.found(1)
    assert isinstance(finding, Damaged if damaged else Finished)


def changed(raw: bytes, way: UnderWay, path: str, at: int = 100) -> bytes:
    """The archive with other bytes in the data of that file."""
    entry = way.entry(path)
    at += entry.until - entry.compressed - len(entry.header.raw_name) % 2
    return raw[:at] + bytes(byte ^ 0x55 for byte in raw[at : at + 50]) + raw[at + 50 :]


@pytest.mark.parametrize("path", ["文/notes.txt", "photo.jpg"])
def test_a_damaged_file_is_told_and_is_right_when_it_has_come_again(
    begin: Begin, path: str
) -> None:
    sound = archive(TEXT, PHOTO)
    way = begin(sound)
    way.check()
    way.raw = changed(sound, way, path)
    way.bring()
    found = {one.entry.path: one for one in way.found(2) if isinstance(one, Damaged | Finished)}
    assert {name for name, one in found.items() if isinstance(one, Damaged)} == {path}
    entry, way.raw = way.entry(path), sound
    assert not [name for name in way.files() if name.startswith(".new")]
    way.part.spoil(entry.offset, entry.until)
    way.finisher.want([entry])
    way.bring(entry.offset, entry.until, "b")
    assert isinstance(way.found(3)[2], Finished)
    assert way.content(path) == (TEXT if path == TEXT.name else PHOTO).content


LOCAL_LIES = {"crc32": 1, "method": DEFLATED, "name": b"photo.jpX", "size": 7}


@pytest.mark.parametrize("field", LOCAL_LIES)
def test_a_local_header_that_says_other_things_is_damage(begin: Begin, field: str) -> None:
    lie = File("photo.jpg", PHOTO.content, STORED, local={field: LOCAL_LIES[field]})
    way = begin(archive(lie))
    way.bring()
    way.check()
    assert isinstance(way.found(1)[0], Damaged)
    assert way.part.done == {}


BAD_DATA = {
    "too much inside": deflated(bytes(30 * MIB)),
    "too little inside": deflated(b"wor"),
    "cut": deflated(b"words")[:-2],
    "noise": NOISE[:99],
    "something behind": deflated(b"words") + b"more",
}


@pytest.mark.parametrize("data", BAD_DATA.values(), ids=BAD_DATA)
def test_what_does_not_unpack_to_what_was_told_leaves_nothing(begin: Begin, data: bytes) -> None:
    way = begin(archive(File("a.txt", b"words", data=data)))
    way.bring()
    way.check()
    assert isinstance(way.found(1)[0], Damaged)
    assert way.files() == {}
    assert way.part.done == {}


@pytest.mark.parametrize("file", [TEXT, PHOTO, EMPTY], ids=["deflated", "stored", "empty"])
@pytest.mark.parametrize("right", [True, False])
def test_a_sha256_that_was_promised_is_held_to(begin: Begin, file: File, right: bool) -> None:
    raw = archive(file)
    plain = begin(raw).package
    (entry,) = plain.entries
    promised = sha256(file.content if right else b"something else")
    way = begin(raw, with_digests(plain, {entry.path: (entry.size, promised)}))
    way.bring()
    way.check()
    assert isinstance(way.found(1)[0], Finished if right else Damaged)
    assert bool(way.part.done) is right


def test_files_of_the_same_content_are_both_done(begin: Begin) -> None:
    twin, packed = File("twin.jpg", PHOTO.content, STORED), File("packed.jpg", PHOTO.content)
    way = begin(archive(PHOTO, twin, packed))
    way.check()
    way.bring()
    assert {type(one) for one in way.found(3)} == {Finished}
    assert set(way.files()) == {sha256(PHOTO.content)}
    assert {way.content(one.path) for one in way.package.entries} == {PHOTO.content}


@pytest.mark.parametrize("file", [File("a", NOISE[: 6 * MIB], STORED), EMPTY], ids=["big", "empty"])
def test_a_file_whose_header_is_not_wholly_here_is_not_judged(begin: Begin, file: File) -> None:
    """Two servers may meet in the middle of it."""
    way = begin(archive(file, File("next", NOISE[: 6 * MIB], STORED)))
    first, after = way.package.entries
    way.check()
    way.bring(first.until - first.compressed - 1)
    assert [one.entry for one in way.found(1) if isinstance(one, Finished)] == [after]
    assert way.findings == [Finished(after, sha256(NOISE[: 6 * MIB]))]
    way.bring(0, first.until - first.compressed)
    assert way.found(2)[1] == Finished(first, sha256(file.content))


# Leaving off

BLANK = File("blank.bmp", bytes(400 * MIB))


@pytest.mark.parametrize("how", ["drop", "end"])
def test_unpacking_is_left_off_at_once_and_leaves_nothing(begin: Begin, how: str) -> None:
    way = begin(archive(BLANK, PHOTO))
    way.bring()
    way.check()
    waits_until(lambda: any(way.part.folder.glob(".new-*")))
    getattr(way.finisher, how)()
    assert not any(way.part.folder.glob(".new-*"))
    assert way.findings == []
    assert not way.finisher.waiting or how == "end"
    if how == "drop":
        way.finisher.want([way.entry("photo.jpg")])
        assert way.found(1) == [Finished(way.entry("photo.jpg"), sha256(PHOTO.content))]


def test_what_was_dropped_is_not_told_and_may_be_wanted_again(begin: Begin) -> None:
    way = begin(archive(File("big", NOISE, STORED)))
    for _ in range(20):
        way.check()
        way.bring(0, 9 * MIB)
        way.finisher.drop()
        assert not way.finisher.waiting
    way.check()
    way.bring()
    assert way.found(1) == [Finished(way.entry("big"), sha256(NOISE))]


def test_dropping_from_many_threads_while_bytes_come_hangs_nobody(begin: Begin) -> None:
    way = begin(archive(*FILES, File("big", NOISE, STORED)))
    way.check()
    threads = [threading.Thread(target=way.finisher.drop) for _ in range(8)]
    for thread in threads:
        thread.start()
        way.bring(0, 5 * MIB)
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    way.bring()
    way.check()
    waits_until(lambda: len(way.part.done) == len(FILES) + 1)


def test_it_waits_for_what_is_here_and_not_for_what_is_to_come(begin: Begin) -> None:
    way = begin(archive(PHOTO, TEXT))
    way.finisher.want(way.package.entries)
    assert not way.finisher.waiting
    photo = way.entry("photo.jpg")
    way.bring(photo.offset, photo.until)
    assert way.finisher.waiting
    way.check()
    way.found(1)
    waits_until(lambda: not way.finisher.waiting)


# Streams


def test_a_file_that_passed_in_a_stream_is_checked_at_once(begin: Begin) -> None:
    way = begin(archive(PHOTO, TEXT))
    way.finisher.start()
    photo = way.entry("photo.jpg")
    way.bring(0, photo.until)
    way.finisher.passed(photo)
    assert way.found(1) == [Finished(photo, sha256(PHOTO.content))]
    way.finisher.passed(photo)
    way.bring()
    way.check()
    assert [one.entry.path for one in way.found(2) if isinstance(one, Finished)] == [
        "photo.jpg", "文/notes.txt"
    ]  # fmt: skip


# The disk, and what must not grow


@pytest.mark.parametrize("file", [TEXT, PHOTO], ids=["deflated", "stored"])
def test_a_disk_that_refuses_is_told_and_nothing_more_is_checked(begin: Begin, file: File) -> None:
    way = begin(archive(file))
    way.bring()
    aside = way.part.folder.with_name("aside")
    way.part.folder.rename(aside)
    way.check()
    (finding,) = way.found(1)
    assert isinstance(finding, Broke)
    assert getattr(finding.fault, "code", None) == "storage-failed"
    way.finisher.join(PATIENCE_S)
    assert not way.finisher.is_alive()
    aside.rename(way.part.folder)


def test_a_package_file_that_vanished_is_told_as_a_fault_of_the_disk(begin: Begin) -> None:
    way = begin(archive(TEXT, PHOTO))
    way.bring()
    way.part.path.unlink()
    way.check()
    (finding,) = way.found(1)
    assert isinstance(finding, Broke)
    assert getattr(finding.fault, "code", None) == "storage-failed"


def test_data_that_were_cut_off_on_the_disk_are_damage(begin: Begin) -> None:
    way = begin(archive(PHOTO))
    way.bring()
    (raw,) = way.part.folder.glob("*.raw")
    os.truncate(raw, 1000)
    way.check()
    assert isinstance(way.found(1)[0], Damaged)


def test_thousands_of_small_files_leave_no_file_open(begin: Begin) -> None:
    files = [File(f"{n // 100}/{n}", b"%d" % n, STORED if n % 2 else DEFLATED) for n in range(3000)]
    way = begin(archive(*files))
    way.check()
    before = open_files()
    way.bring()
    assert {type(one) for one in way.found(len(files))} == {Finished}
    assert open_files() <= before + 18, "the package, and 16 that grow"
    way.end()
    way.part.close()
    assert open_files() <= before


def test_a_wrong_checksum_in_the_directory_is_damage(begin: Begin) -> None:
    wrong = {"crc32": zlib.crc32(b"other")}
    for method in (STORED, DEFLATED):
        way = begin(archive(File("a", b"words", method, local=wrong, central=wrong)))
        way.bring()
        way.check()
        assert isinstance(way.found(1)[0], Damaged)
