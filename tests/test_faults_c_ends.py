"""Processes that are ended without a word, powers that fail, and what a download takes."""

from __future__ import annotations

import os
import struct
import tempfile
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import powercut
import pytest
from bundles import PAPERS, Bundle
from downloads import Start
from faulty import expect, run
from fetching import TROUBLED, fetch
from killing import Killing

from kiosk.demo.origin import AS_EXISTING_MASTER, OriginMeeting, pool_of
from kiosk.library import Library

MIB = 1 << 20


@pytest.mark.fault("C1")
@pytest.mark.parametrize(
    ("modern", "stream"), [(True, False), (False, False), (False, True)],
    ids=["modern", "existing", "a stream"],
)  # fmt: skip
def test_a_kill_at_any_instant_leaves_a_whole_revision(
    tmp_path: Path, modern: bool, stream: bool
) -> None:
    tally = Killing(tmp_path, 6 * MIB, 8e6).run(2, modern, stream)
    assert tally.kills == 2


@pytest.fixture
def in_memory() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="kiosk-power-", dir="/dev/shm"))
    yield place
    for path in sorted(place.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    place.rmdir()


@pytest.mark.fault("C2")
def test_a_power_cut_at_any_instant_leaves_a_whole_revision(
    in_memory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no disk image can be mounted, the process is killed instead, and that is said."""
    why_not = powercut.obstacle(in_memory)
    if why_not:
        with capsys.disabled():
            print(f"\nno power cut was tried here: {why_not}")
        Killing(tmp_path, 4 * MIB, 8e6).run(2, modern=False)
        return
    tally = powercut.PowerCuts(in_memory, 6 * MIB, 8e6).run(2, modern=True)
    assert tally.cuts == 2


@pytest.mark.fault("C1")
def test_nothing_is_written_outside_of_the_data_directory(tmp_path: Path) -> None:
    data_dir, notes = tmp_path / "data", tmp_path / "notes"
    with pool_of([AS_EXISTING_MASTER, ()], {"M1": PAPERS.origin}) as pool:
        done = fetch(data_dir, pool.names, program=[*TROUBLED, "writes", str(notes)])
    assert done.code == 0, done.errors
    places = {Path(line) for line in notes.read_text().splitlines()}
    assert len(places) > 10
    ours = {path for path in places if path.is_relative_to(data_dir)}
    others = {path for path in places - ours if path.suffix != ".pyc" and path != Path(os.devnull)}
    assert others - {data_dir.parent} == set()


def blank_package(place: Path, files: int, size: int) -> Bundle:
    """A sparse package of stored files that are zeros but for their first bytes; its agenda."""
    central, names = b"", {}
    with open(place, "wb") as package:
        for number in range(files):
            name = f"01_工作报告/t{number + 1}.bin".encode()
            crc = zlib.crc32(b"%08d" % number)
            left = size - 8
            while left:
                step = min(left, 16 * MIB)
                crc, left = zlib.crc32(bytes(step), crc), left - step
            at = package.tell()
            fields = struct.pack("<5H3L2H", 20, 0x800, 0, 0, 0x21, crc, size, size, len(name), 0)
            package.write(b"PK\x03\x04" + fields + name + b"%08d" % number)
            package.seek(size - 8, os.SEEK_CUR)
            central += b"PK\x01\x02" + struct.pack("<H", 20) + fields
            central += struct.pack("<3H2L", 0, 0, 0, 0, at) + name
            names[f"{number}.bin"] = b""
        at = package.tell()
        package.write(central)
        end = (0, 0, files, files, len(central), at, 0)
        package.write(struct.pack("<4s4H2LH", b"PK\x05\x06", *end))
    return Bundle(names)


def listed(bundle: Bundle, size: int) -> dict[str, object]:
    """The agenda, with the sizes as they are."""
    data = bundle.data
    for row in data["agenda_items"][0]["files"]:
        row["size"] = size
    return data


@pytest.mark.fault("C10")
@pytest.mark.parametrize("stream", [False, True], ids=["ranges", "a stream"])
def test_a_large_package_takes_little_memory(tmp_path: Path, stream: bool) -> None:
    place, size = tmp_path / "large.zip", 100 * MIB
    bundle = blank_package(place, 3, size)
    meeting = OriginMeeting(place, listed(bundle, size))
    with pool_of([AS_EXISTING_MASTER if stream else ()], {"M1": meeting}) as pool:
        done = fetch(tmp_path / "data", pool.names)
    assert done.code == 0, done.errors
    assert done.max_resident_mib < 150, "half of what it brought"
    assert Library(tmp_path / "data").verify() == []


@pytest.mark.fault("C11")
def test_downloads_one_after_the_other_leave_no_file_open_and_no_thread(start: Start) -> None:
    download = start((), meetings={"M1": PAPERS.origin})

    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    for number in range(25):
        assert run(download) == 0
        expect(download, PAPERS)
        download.library.purge("M1")
        if number == 4:
            files, threads = held()
    assert held()[0] <= files + 2
    assert held()[1] <= threads + 1
