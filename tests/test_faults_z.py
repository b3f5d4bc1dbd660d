"""Packages, from the server to the library: what is refused leaves nothing, the rest is right."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundles import SLACK, TAIL, Bundle, noise
from downloads import Download, Start
from faulty import expect, leftovers, nothing_published, run, sent, told
from zips import (
    DEFLATED,
    ENCRYPTED_FLAG,
    STORED,
    UTF8_FLAG,
    File,
    archive,
    deflated,
    streamed,
    unicode_name,
)

from kiosk.demo.origin import AS_EXISTING_MASTER, Fault, OriginMeeting, pool_of
from kiosk.library import Library

WAYS: dict[str, tuple[Fault, ...]] = {"ranges": (), "stream": AS_EXISTING_MASTER}
EACH_WAY = pytest.mark.parametrize("way", WAYS)
"""The directory is known before anything else, or only after everything else has come."""
A, B = File("01/a.txt", b"first " * 50), File("01/b.bin", noise(5000), STORED)


def download_of(start: Start, raw: bytes, way: str = "ranges", **data: Any) -> Download:
    return start(WAYS[way], meetings={"M1": OriginMeeting(raw, data)})


def refused(start: Start, raw: bytes, way: str, **more: Any) -> dict[str, Any]:
    """What is said of a package that must not get through; nothing of it stays."""
    download = download_of(start, raw, way)
    outside = snapshot(download.directory.parent)
    assert run(download, retries=1, **more) in (1, 5)
    assert nothing_published(download)
    assert snapshot(download.directory.parent) == outside
    if download.ending.attempts == []:
        assert way == "stream" or leftovers(download) == [], "refused before anything was written"
    ending = download.ending
    codes = {row["code"] for row in ending.attempts}
    return {"status": ending.status, "message": ending.message, "codes": codes}


def snapshot(folder: Path) -> set[str]:
    """What is in a folder, beside the data directory."""
    paths = (path.relative_to(folder) for path in folder.rglob("*"))
    return {str(path) for path in paths if path.parts[0] != "data"}


UNSAFE = [
    "../up.txt", "a/../../up", "..", "a/./b", "/etc/passwd", "//host/share", "a//b", "\\a", "a\\b",
    "C:/a", "C:a", "a:stream", "a\0b", "a\nb", "\x1b[2J", "a.", "a ", "dir./b", "con", "NUL.txt",
    "a/Com1", "x" * 256, "料" * 86, "/".join(["d" * 200] * 6), "/".join("d" * 40), "",
]  # fmt: skip


@pytest.mark.fault("Z1")
@EACH_WAY
@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_name_refuses_the_package(start: Start, way: str, name: str) -> None:
    found = refused(start, archive(A, B, File(name, b"evil words")), way)
    assert found["status"] == "package_refused"
    assert "unsafe name" in found["message"]


@pytest.mark.fault("Z2")
@EACH_WAY
@pytest.mark.parametrize("kind", [0o120000, 0o020000, 0o060000, 0o010000])
def test_links_and_devices_refuse_the_package(start: Start, way: str, kind: int) -> None:
    evil = File("01/link", b"/etc/passwd", STORED, mode=kind | 0o777)
    assert refused(start, archive(A, B, evil), way)["status"] == "package_refused"


@pytest.mark.fault("Z2")
@EACH_WAY
def test_no_stored_file_can_be_run_whatever_its_mode_was(start: Start, way: str) -> None:
    modes = (0o104755, 0o102777, 0o101777, 0o100000)
    files = [File(f"01/{mode:o}.sh", noise(2000, mode), STORED, mode=mode) for mode in modes]
    download = download_of(start, archive(*files), way)
    assert run(download) == 0
    stored = [path for path in download.directory.glob("objects/*/*") if path.is_file()]
    assert len(stored) == len(modes)
    assert {stat.S_IMODE(path.stat().st_mode) & 0o7133 for path in stored} == {0}
    out = download.directory.with_name("out")
    exported = [path for path in download.library.export("M1", out) if path.is_file()]
    assert {path.stat().st_mode & 0o7111 for path in exported} == {0}


def overlapping() -> bytes:
    """A thousand entries that all unpack the same megabyte."""
    first = File("01/0.bin", bytes(1 << 20))
    again = [File(f"01/{n}.bin", b"", STORED, central={**_said(first), "offset": 0, "name":
             f"01/{n}.bin".encode()}) for n in range(1, 1000)]  # fmt: skip
    return archive(first, *again)


def _said(file: File) -> dict[str, Any]:
    header = file.header()
    return {name: header[name] for name in ("method", "crc32", "compressed", "size")}


def crowded(count: int) -> bytes:
    """An archive of that many empty files, with the end records of ZIP64."""
    heads, rows = io.BytesIO(), io.BytesIO()
    for number in range(count):
        name = b"m/%06d" % number
        fields = struct.pack("<5H3L2H", 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0)
        more = struct.pack("<3H2L", 0, 0, 0, 0, heads.tell())
        rows.write(b"PK\x01\x02" + struct.pack("<H", 20) + fields + more + name)
        heads.write(b"PK\x03\x04" + fields + name)
    at, size = heads.tell(), rows.tell()
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, size, at, 0)
    return heads.getvalue() + rows.getvalue() + record + locator + end


def lying() -> bytes:
    """Ten bytes are told, 200 MB are inside."""
    return archive(A, File("01/b.bin", b"0123456789", data=deflated(bytes(200 << 20))))


BOMBS: dict[str, Callable[[], bytes]] = {
    "ratio": lambda: archive(A, File("01/blank.bin", bytes(100 << 20))),
    "overlap": overlapping,
    "a size that lies": lying,
    "entries": lambda: crowded(101_000),
    "many small ones": lambda: archive(*(File(f"01/{n}", bytes(20 << 20)) for n in range(5))),
}


CROWD = ("entries", "stream")
"""Files that go by one by one take their time before the directory tells how many they are."""


@pytest.mark.fault("Z3")
@pytest.mark.parametrize(
    ("bomb", "way"), [(bomb, way) for bomb in BOMBS for way in WAYS if (bomb, way) != CROWD]
)
def test_a_bomb_does_not_go_off(start: Start, way: str, bomb: str) -> None:
    raw = BOMBS[bomb]()
    download = download_of(start, raw, way)
    most = 0

    def measure(_: object) -> None:
        nonlocal most
        most = max(most, disk_used(download.directory))

    download.on_event = measure
    assert run(download, retries=1) in (1, 5)
    assert download.ending
    assert most <= 2 * len(raw) + (4 << 20), "never more on the disk than the package itself"
    assert nothing_published(download)


def disk_used(folder: Path) -> int:
    """Bytes that its files take on the disk, holes not counted."""
    used = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            used += path.lstat().st_blocks * 512
    return used


WRONG: dict[str, dict[str, Any]] = {
    "checksum": {"crc32": 1},
    "size": {"size": 4999},
    "larger": {"size": 5001},
}


@pytest.mark.fault("Z4")
@EACH_WAY
@pytest.mark.parametrize("method", [STORED, DEFLATED])
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_what_it_says_is_not_published(
    start: Start, way: str, wrong: str, method: int
) -> None:
    said = WRONG[wrong]
    evil = File("01/c.bin", noise(5000, 3), method, local=said, central=said)
    refused(start, archive(A, B, evil), way)


@pytest.mark.fault("Z4")
@EACH_WAY
@pytest.mark.parametrize("cut", [1, 22, 60, 150, 400])
def test_an_archive_that_was_cut_is_not_published(start: Start, way: str, cut: int) -> None:
    refused(start, archive(A, B)[:-cut], way)


@pytest.mark.fault("Z5")
@EACH_WAY
@pytest.mark.parametrize("flag", [ENCRYPTED_FLAG, ENCRYPTED_FLAG | 64])
def test_an_encrypted_package_is_refused_in_plain_words(start: Start, way: str, flag: int) -> None:
    found = refused(start, archive(A, File("01/b", flags=UTF8_FLAG | flag)), way)
    assert found["status"] == "package_refused"
    assert "encrypted" in found["message"]


@pytest.mark.fault("Z5")
@EACH_WAY
@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 95, 98, 99])
def test_another_method_is_refused_in_plain_words(start: Start, way: str, method: int) -> None:
    found = refused(start, archive(A, File("01/b", b"words", method)), way)
    assert found["status"] == "package_refused"
    assert str(method) in found["message"]


@pytest.mark.fault("Z5")
def test_nothing_but_the_end_of_such_a_package_is_fetched(start: Start) -> None:
    raw = archive(File("01/big.bin", noise(800_000), STORED), File("01/b", flags=UTF8_FLAG | 1))
    download = download_of(start, raw)
    assert run(download) == 5
    assert sent(download) <= TAIL


def plain(name: bytes) -> File:
    return File(name, noise(300, zlib.crc32(name)), STORED, flags=0)


GBK = "会议材料/01_工作报告.pdf".encode("gb18030")
NAMES: dict[str, tuple[list[File], list[str]]] = {
    "GBK": ([plain(GBK)], ["01_工作报告.pdf"]),
    "Shift-JIS": ([plain("表だよ/一覧表.txt".encode("cp932"))], ["一覧表.txt"]),
    "cp866": ([plain("Документы/Отчёт №1.txt".encode("cp866"))], ["Отчёт №1.txt"]),
    "UTF-8 without its mark": ([plain("会议/议程.pdf".encode())], ["议程.pdf"]),
    "0x7075": ([File(GBK, flags=0, extra=unicode_name(GBK, "m/Agenda.pdf"))], ["Agenda.pdf"]),
    "mixed": ([File("m/привет.txt"), plain(GBK)], ["привет.txt", "01_工作报告.pdf"]),
    "none": ([plain(b"m/a\xff\xff.pdf")], ["a%FF%FF.pdf"]),
}


@pytest.mark.fault("Z6")
@EACH_WAY
@pytest.mark.parametrize("how", NAMES)
def test_names_of_every_kind_are_shown_and_open(start: Start, way: str, how: str) -> None:
    files, names = NAMES[how]
    download = download_of(start, archive(*files), way)
    assert run(download) == 0
    shown = download.materials()
    assert sorted(shown) == sorted(names)
    assert sorted(shown.values()) == sorted(file.content for file in files)


@pytest.mark.fault("Z7")
@EACH_WAY
@pytest.mark.parametrize(
    "pair", [("m/a.txt", "m/a.txt"), ("m/é.txt", "m/e\u0301.txt"), ("m/a", "m/a/b")]
)
def test_two_files_of_one_name_refuse_the_package(
    start: Start, way: str, pair: tuple[str, str]
) -> None:
    files = [File(name, noise(500, n)) for n, name in enumerate(pair)]
    assert refused(start, archive(*files), way)["status"] == "package_refused"


@pytest.mark.fault("Z7")
@EACH_WAY
def test_names_in_two_cases_are_both_kept(start: Start, way: str) -> None:
    files = {"m/A.txt": noise(500, 1), "m/a.txt": noise(500, 2), "m/Ａ.txt": noise(500, 3)}
    raw = archive(*(File(name, content) for name, content in files.items()))
    download = download_of(start, raw, way)
    assert run(download) == 0
    wanted = {name.partition("/")[2]: content for name, content in files.items()}
    assert told(download.materials()) == told(wanted)


SOUND = archive(A, B)
LIES = {
    "two archives in one": SOUND + SOUND,
    "bytes before": archive(A, B, before=b"#!/bin/sh\n"),
    "bytes after": SOUND + b"more",
    "bytes between": archive(A, B, gap=b"hidden"),
    "an entry that no directory names": archive(A, B, gap=archive(File("hidden"))[:60]),
    "an end record in the comment": archive(A, B, comment=b"PK\x05\x06" + bytes(18)),
    "an archive in the comment": archive(A, comment=archive(B)),
    "fewer entries than there are": archive(A, B, entries=1, here=1),
    "several disks": archive(A, B, here=1),
    "a directory elsewhere": archive(A, B, offset=10),
    "two names": archive(A, File("01/c.txt", local={"name": b"01/d.txt"})),
    "two sizes": archive(A, File("01/c", b"words", local={"size": 4})),
    "two packed sizes": archive(A, File("01/c", b"words", local={"compressed": 1})),
    "two checksums": archive(A, File("01/c", b"words", local={"crc32": 1})),
    "two methods": archive(A, File("01/c", b"words", STORED, local={"method": DEFLATED})),
    "two sets of flags": archive(A, File("01/c", b"words", local={"flags": 0})),
}


@pytest.mark.fault("Z8")
@EACH_WAY
@pytest.mark.parametrize("lie", LIES)
def test_what_two_readers_could_read_differently_is_refused(
    start: Start, way: str, lie: str
) -> None:
    refused(start, LIES[lie], way)


@pytest.mark.fault("Z9")
@EACH_WAY
def test_impossible_dates_and_entries_written_to_a_pipe_are_fine(start: Start, way: str) -> None:
    dates = [{"date": date, "time": time} for date, time in ((0, 0), (0xFFFF, 0xFFFF), (1, 9))]
    files = [File(f"m/{n}.txt", noise(700, n), local=said, central=said)
             for n, said in enumerate(dates)]  # fmt: skip
    files.append(streamed(File("m/piped.txt", b"streamed " * 500)))
    download = download_of(start, archive(*files), way)
    assert run(download) == 0
    assert len(download.materials()) == 4


@pytest.mark.fault("Z9", "Z11")
@EACH_WAY
def test_thousands_of_entries_and_zip64_are_fine(start: Start, way: str) -> None:
    """Their directory is far larger than the tail that is asked for first."""
    raw = crowded(20_000 if way == "ranges" else 3_000)
    data = {"agenda_items": [{"title": "m", "files": [
        {"name": "000007", "display_name": "seven", "agenda_folder": "m"}]}]}  # fmt: skip
    download = download_of(start, raw, way, **data)
    assert run(download) == 0
    assert download.materials() == {"seven": b""}
    assert sent(download) <= len(raw) + SLACK


@pytest.mark.fault("Z11")
@pytest.mark.parametrize("size", [10, 1000, TAIL - 400, TAIL, TAIL + 400])
def test_an_archive_about_as_small_as_the_tail_is_fetched_once(start: Start, size: int) -> None:
    small = Bundle({"a.bin": noise(size), "b.txt": b"words\n" * 50})
    download = start((), meetings={"M1": small.origin})
    assert run(download) == 0
    expect(download, small)
    assert sent(download) <= len(small.package) + 400


@pytest.mark.fault("Z12")
@EACH_WAY
@pytest.mark.parametrize(
    "files",
    [
        [File("README.txt")],
        [File("ERROR.txt", "找不到文件".encode())],
        [],
        [File("f/", b"", STORED, mode=0o040755)],
    ],
    ids=["a note", "an error", "nothing", "a folder"],
)
def test_a_package_without_materials_is_refused_in_words(
    start: Start, way: str, files: list[File]
) -> None:
    found = refused(start, archive(*files), way)
    assert found["message"]


@pytest.mark.fault("Z10")
def test_files_named_like_modules_are_never_imported(tmp_path: Path) -> None:
    evil = f"open({str(tmp_path / 'was-imported')!r}, 'w').close()\n".encode()
    names = ("json.py", "sitecustomize.py", "kiosk.py", "zlib.py", "usercustomize.py")
    raw = archive(*(File(f"m/{name}", evil) for name in names))
    data_dir, out = tmp_path / "data", tmp_path / "out"
    with pool_of([()], {"M1": OriginMeeting(raw)}) as pool:
        server = f"http://{pool.names[0]}/api/v1"
        for command in (
            ["fetch", "M1", "--server", server, "--min-free-mb", "0"], ["export", "M1", str(out)],
            ["verify"], ["fetch", "M1", "--server", server, "--min-free-mb", "0"],
        ):  # fmt: skip
            folder = next((path.parent for path in out.rglob("json.py")), tmp_path)
            program = [sys.executable, "-P", "-m", "kiosk"]
            done = subprocess.run([*program, *command, "--data-dir", str(data_dir)], cwd=folder)
            assert done.returncode == 0
    assert (out / "m" / "json.py").is_file()
    assert not (tmp_path / "was-imported").exists()
    assert Library(data_dir).verify() == []
