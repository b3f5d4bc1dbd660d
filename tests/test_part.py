"""The partly-here package: what counts as here is on the disk, and stays what it was."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from underway import UnderWay, build_of
from zips import STORED, File, archive

from kiosk.package import read_directory
from kiosk.part import BuildId, Damaged, Dismissed, Finished, Part, partly
from kiosk.spans import Spans

NOISE = os.urandom(400_000)
FILES = (
    File("notes.txt", b"words " * 9_000),
    File("photo.jpg", NOISE[:200_000], STORED),
    File("empty", b"", STORED),
    File("plan.bin", NOISE[200_000:], STORED),
)
RAW = archive(*FILES)
PACKAGE = read_directory(io.BytesIO(RAW), len(RAW))
OTHER = archive(File("new.txt", b"new"), *FILES[::-1])

Begin = Callable[..., UnderWay]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "download" / "meeting_1.zip.part"


@pytest.fixture
def begin(path: Path) -> Iterator[Begin]:
    """Begins parts on the same path, as one run after the other does."""
    begun: list[UnderWay] = []

    def begin(raw: bytes = RAW) -> UnderWay:
        for one in begun:
            one.end()
        begun.append(UnderWay(path, raw))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()
        one.part.close()


def read(part: Part) -> bytes:
    with part.reader() as file:
        return file.read()


def test_bytes_lie_where_they_belong_whichever_file_that_is(begin: Begin) -> None:
    way = begin()
    way.bring()
    assert way.part.here == len(RAW)
    assert read(way.part) == RAW
    assert sorted(len(content) for content in way.files().values()) == [200_000, 200_000]
    blocks = way.part.path.stat().st_blocks * 512
    assert blocks < 100_000, "data of stored files are not written twice"


@examples(60)
@given(
    st.lists(
        st.tuples(st.integers(0, len(RAW)), st.integers(1, 150_000), st.sampled_from("ab")),
        max_size=14,
    )
)
def test_what_is_here_is_never_written_over_and_its_sender_is_known(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[int, int, str]]
) -> None:
    """Two servers send overlapping bytes; each writes its own letter."""
    way = UnderWay(tmp_path_factory.mktemp("part") / "m.part", RAW)
    expected = bytearray(len(RAW))
    for offset, count, server in writes:
        stop = min(offset + count, len(RAW))
        way.part.write(1, server, offset, memoryview(server.encode() * (stop - offset)))
        for gap in Spans(_runs(expected)).missing(stop, offset):
            expected[gap.start : gap.stop] = server.encode() * ((gap.stop or 0) - gap.start)
    here = way.part.spans_now()
    assert list(here) == _runs(expected)
    assert read(way.part).ljust(len(RAW), b"\0") == bytes(expected)
    sent = {name: expected.count(name.encode()) for name in "ab" if name.encode() in expected}
    assert way.part.bytes_by() == sent
    for start, stop in here:
        assert way.part.servers_of(start, stop) == {chr(one) for one in expected[start:stop]}
    way.part.close()


def _runs(content: bytes) -> list[tuple[int, int]]:
    """Where the content is not zero."""
    spans, at = [], 0
    while at < len(content):
        rest = content[at:].lstrip(b"\0")
        start = len(content) - len(rest)
        stop = content.find(b"\0", start)
        stop = len(content) if stop < 0 else stop
        if start < stop:
            spans.append((start, stop))
        at = stop + 1 if start < stop else len(content)
    return spans


def test_a_write_that_the_system_cuts_short_is_gone_on_with(begin: Begin, path: Path) -> None:
    """Seen from outside: a process whose files may only grow to a bound, which is then lifted."""
    code = (
        "import io, resource, signal, sys; from pathlib import Path; from kiosk.errors import *\n"
        "from kiosk.package import read_directory; from kiosk.part import *\n"
        "raw = sys.stdin.buffer.read(); p = read_directory(io.BytesIO(raw), len(raw))\n"
        "part = Part(Path(sys.argv[1])); part.admit(1)\n"
        "part.begin(BuildId(p.total, p.directory_sha256), p.entries)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); R = resource.RLIMIT_FSIZE\n"
        "resource.setrlimit(R, (100_000, resource.RLIM_INFINITY))\n"
        "try: part.write(1, 'a', 0, raw)\n"
        "except LocalError as fault: print(fault.code)\n"
        "resource.setrlimit(R, (resource.RLIM_INFINITY,) * 2)\n"
        "part.write(1, 'a', 0, raw); print(part.here == len(raw)); part.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], input=RAW, capture_output=True)
    assert done.stdout.decode().split() == ["storage-failed", "True"], done.stderr
    way = begin()
    assert (way.part.here, read(way.part)) == (len(RAW), RAW)


def test_bytes_that_were_spoilt_may_come_again_from_another_server(begin: Begin) -> None:
    way = begin()
    way.raw = bytes(len(RAW))
    way.bring()
    photo = way.entry("photo.jpg")
    way.part.spoil(photo.offset, photo.until)
    assert way.part.here == len(RAW) - (photo.until - photo.offset)
    assert way.part.servers_of(photo.offset, photo.until) == set()
    way.raw = RAW
    way.bring(server="b")
    assert read(way.part)[photo.offset : photo.until] == RAW[photo.offset : photo.until]
    assert way.part.servers_of(photo.offset, photo.until) == {"b"}
    assert way.part.servers_of(photo.offset - 1, photo.until) == {"a", "b"}


def test_a_lane_that_was_dismissed_changes_nothing(begin: Begin) -> None:
    way = begin()
    way.bring(0, 1000)
    way.part.dismiss(1)
    with pytest.raises(Dismissed):
        way.part.write(1, "a", 1000, b"evil")
    assert way.part.here == 1000


def test_lanes_that_write_the_same_bytes_at_once_agree(begin: Begin) -> None:
    way = begin()
    threads = [threading.Thread(target=way.bring, kwargs={"server": name}) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(way.part) == RAW
    assert sum(way.part.bytes_by().values()) == len(RAW)


# From one run to the next


def test_the_same_build_goes_on_where_it_was(begin: Begin) -> None:
    way = begin()
    way.bring(0, 250_000)
    way.part.close()
    again = begin()
    assert again.part.spans_now() == Spans([(0, 250_000)])
    assert again.part.bytes_by() == {}
    again.bring(250_000, server="b")
    assert again.part.servers_of(200_000, 300_000) == set(), "part of it came in an earlier run"
    assert read(again.part) == RAW


def test_another_build_keeps_files_that_are_whole_and_no_bytes(begin: Begin) -> None:
    way = begin()
    way.check()
    way.bring(0, way.entry("plan.bin").offset + 100_000)
    way.found(3)
    done = dict(way.part.done)
    way.end()
    way.part.begin(BuildId(9, "b" * 64))
    assert way.part.here == 0
    assert way.part.done == done
    assert {path.name for path in way.part.folder.iterdir()} == {x.sha256 for x in done.values()}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file were too large to be read when the part is opened."""
    monkeypatch.setattr(partly, "AT_ONCE_FILES", 0)


@pytest.mark.parametrize("rotten", [False, True])
def test_a_few_small_files_of_an_earlier_run_are_read_at_once(begin: Begin, rotten: bool) -> None:
    way = begin()
    way.check()
    way.bring()
    way.found(4)
    way.end()
    way.part.close()
    for path in way.part.folder.iterdir() if rotten else ():
        path.write_bytes(b"x" * path.stat().st_size)
    again = begin()
    assert {key[0] for key in again.part.done} == ({"empty"} if rotten else set(way.contents()))
    again.check()
    again.bring()
    again.found(3 if rotten else 0)
    assert again.contents() == {file.name: file.content for file in FILES}


@pytest.mark.usefixtures("later")
def test_whole_files_of_an_earlier_run_are_read_before_they_are_done(begin: Begin) -> None:
    way = begin()
    way.check()
    way.bring(0, way.entry("plan.bin").offset)
    way.found(3)
    way.end()
    way.part.close()
    again = begin(OTHER)
    photo = again.entry("photo.jpg")
    assert again.part.done == {}
    assert not again.part.spans_now().missing(photo.until, photo.offset), "it need not come"
    again.check()
    assert {one.entry.path for one in again.found(3) if isinstance(one, Finished)} == {
        "photo.jpg", "notes.txt", "empty"
    }  # fmt: skip
    assert again.content("photo.jpg") == NOISE[:200_000]


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("raw", [RAW, OTHER], ids=["the same build", "another"])
def test_a_whole_file_that_was_changed_meanwhile_comes_again(begin: Begin, raw: bytes) -> None:
    way = begin()
    way.check()
    way.bring()
    way.found(4)
    way.end()
    way.part.close()
    for path in way.part.folder.iterdir():
        if path.stat().st_size > 100_000:
            path.write_bytes(b"rotten" + path.read_bytes()[6:])
    again = begin(raw)
    again.check()
    found = [one for one in again.found(4) if isinstance(one, Damaged | Finished)]
    lost = [one.entry for one in found if isinstance(one, Damaged)]
    assert {entry.path for entry in lost} == {"photo.jpg", "plan.bin"}
    for entry in lost:
        assert again.part.servers_of(entry.offset, entry.until) == set(), "nobody is to blame"
        again.part.spoil(entry.offset, entry.until)
    again.finisher.want(lost)
    again.bring()
    again.found(len(again.package.entries) + 2)
    assert {again.content(str(file.name)) for file in FILES} == {file.content for file in FILES}


def test_a_file_is_not_done_for_an_entry_of_another_sha256(begin: Begin) -> None:
    way = begin()
    way.check()
    way.bring()
    way.found(4)
    way.end()
    false = [dataclasses.replace(one, sha256="0" * 64) for one in way.package.entries]
    way.part.begin(BuildId(9, "b" * 64), false)
    assert way.part.done == {}
    assert not any(way.part.known(one) for one in false)


def test_a_file_is_known_again_by_where_it_lay_in_a_stream(begin: Begin) -> None:
    """A single name may have been decoded otherwise than all of them together."""
    way = begin()
    way.check()
    way.bring()
    way.found(4)
    other = dataclasses.replace(way.entry("photo.jpg"), path="照片.jpg")
    assert way.part.known(other)
    assert way.part.done[other.key].sha256 == hashlib.sha256(NOISE[:200_000]).hexdigest()
    assert not way.part.known(dataclasses.replace(other, path="x", crc32=1))


@pytest.mark.parametrize("gone", ["*.raw", "*.part", "*"])
def test_bytes_that_the_disk_has_lost_are_not_here(begin: Begin, path: Path, gone: str) -> None:
    way = begin()
    way.bring()
    way.part.close()
    for one in path.parent.rglob(gone):
        if one.is_file() and one.suffix != ".journal":
            one.unlink()
    again = begin()
    again.bring()
    assert read(again.part) == RAW


def test_a_longer_file_that_came_back_does_not_make_an_object_longer(begin: Begin) -> None:
    way = begin()
    photo = way.entry("photo.jpg")
    (way.part.folder / f"{photo.begins}.raw").write_bytes(b"old" * 100_000)
    way.check()
    way.bring()
    way.found(4)
    assert way.content("photo.jpg") == NOISE[:200_000]


def test_what_cannot_be_added_to_later_is_kept_only_by_whole_files(begin: Begin) -> None:
    way = begin()
    way.part.begin(BuildId(None, ""))
    way.bring(0, 300_000)
    way.part.close()
    assert list(way.part.path.parent.iterdir()) == []


def test_discarding_leaves_nothing_behind(begin: Begin) -> None:
    way = begin()
    way.check()
    way.bring()
    way.found(4)
    way.end()
    way.part.discard()
    assert list(way.part.path.parent.iterdir()) == []


KILLED = """
import io, sys, threading
from pathlib import Path
from kiosk.package import read_directory
from kiosk.part import *
raw = sys.stdin.buffer.read()
package = read_directory(io.BytesIO(raw), len(raw))
part = Part(Path(sys.argv[1]))
part.admit(1)
part.begin(BuildId(package.total, package.directory_sha256), package.entries)
finisher = Finisher(part, lambda finding: print(flush=True))
finisher.want(package.entries)
finisher.start()
for at in range(0, len(raw) - int(sys.argv[2]), 1000):
    part.write(1, "a", at, raw[at:at + 1000])
part.tell()
print("told", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("left", [1000, 100_000, 250_000])
def test_a_kill_loses_nothing_that_was_told(begin: Begin, path: Path, left: int) -> None:
    command = [sys.executable, "-c", KILLED, str(path), str(left)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(RAW)
        process.stdin.close()
        while process.stdout.readline() != b"told\n":
            continue
        process.kill()
    way = begin()
    assert way.part.here >= len(RAW) - left
    left_over = 4 - len(way.part.done)
    way.check()
    way.bring()
    assert {type(one) for one in way.found(left_over)} <= {Finished}
    assert way.contents() == {file.name: file.content for file in FILES}


def test_the_build_is_that_of_its_directory() -> None:
    assert build_of(PACKAGE).resumable
    assert not BuildId(None, "a").resumable
    assert not BuildId(5, "").resumable
