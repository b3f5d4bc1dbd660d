"""Files that are brought into a meeting's folder: whole and safe, or not at all."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import BinaryIO

import pytest
from folders import fill
from kiosk_process import eventually

from kiosk.errors import KioskError, UsageError
from kiosk.node.folder import arrivals
from kiosk.node.folder.arrivals import MAX_AT_ONCE, Arrivals

GOOD = b"content"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path / "meetings", {"M1/a.txt": "old"})


@pytest.fixture
def brought(folder: Path) -> Arrivals:
    return Arrivals(folder, most=1000, spare=0)


def code_of(brought: Arrivals, name: str, body: BinaryIO | None = None, **more: object) -> str:
    """The code of the refusal; what is there stays as it is."""
    size = int(str(more.pop("size", len(GOOD))))
    with pytest.raises(KioskError) as raised:
        brought.receive("M1", name, body or io.BytesIO(GOOD), size, **more)  # type: ignore[arg-type]
    return raised.value.code


def inside(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "M1").iterdir() if path.is_file()}


def test_a_file_is_there_under_its_name_and_nothing_else(folder: Path, brought: Arrivals) -> None:
    brought.receive("M1", "第一项 e\u0301.pdf", io.BytesIO(GOOD), len(GOOD))
    assert inside(folder) == {"a.txt": b"old", "第一项 \u00e9.pdf": GOOD}
    assert (folder / "M1" / "第一项 \u00e9.pdf").stat().st_mode & 0o777 == 0o644


@pytest.mark.fault("F9")
def test_what_is_there_is_only_replaced_when_that_was_asked_for(
    folder: Path, brought: Arrivals
) -> None:
    assert code_of(brought, "a.txt") == "file-exists"
    assert inside(folder) == {"a.txt": b"old"}
    brought.receive("M1", "a.txt", io.BytesIO(GOOD), len(GOOD), replace=True)
    assert inside(folder) == {"a.txt": GOOD}
    (folder / "M1" / "sub").mkdir()
    (folder / "M1" / "link.txt").symlink_to("a.txt")
    for name in ("sub", "link.txt"):
        assert code_of(brought, name, replace=True) == "file-exists"


@pytest.mark.fault("F9")
def test_what_came_first_while_another_was_sent_is_not_replaced(
    folder: Path, brought: Arrivals
) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            fill(folder, {"M1/b.txt": "first"})
            return super().read(size)

    assert code_of(brought, "b.txt", Slow(GOOD)) == "file-exists"
    assert inside(folder) == {"a.txt": b"old", "b.txt": b"first"}


@pytest.mark.parametrize(
    "name",
    ["../x.txt", "x/y.txt", "..", ".", "", ".hidden", "~$x.docx", "x.part", "Thumbs.db",
     "meeting.toml", "Meeting.TOML", "a\x00b", "a\nb", "CON", "a:b", "a\\b", "a.", " a.txt",
     "\u202ea.txt", "x" * 256, "\ud800"],
)  # fmt: skip
@pytest.mark.fault("F9")
def test_a_name_that_means_more_than_a_name_is_refused(
    folder: Path, brought: Arrivals, name: str
) -> None:
    assert code_of(brought, name, replace=True) == "bad-file-name"
    assert code_of_meeting(brought, name) == "bad-file-name"
    assert sorted(path.name for path in folder.rglob("*")) == ["M1", "a.txt"]


def code_of_meeting(brought: Arrivals, name: str) -> str:
    with pytest.raises(UsageError) as raised:
        brought.make_meeting(name)
    return raised.value.code


@pytest.mark.fault("F9")
def test_a_body_that_ends_early_leaves_nothing(folder: Path, brought: Arrivals) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    assert code_of(brought, "a.txt", size=900, replace=True) == "upload-cut"
    assert code_of(brought, "b.txt", Torn()) == "upload-cut"
    assert inside(folder) == {"a.txt": b"old"}


@pytest.mark.fault("F9")
def test_nothing_larger_than_is_taken_or_has_room_is_begun(folder: Path, brought: Arrivals) -> None:
    assert code_of(brought, "b.txt", size=1001) == "upload-too-large"
    full = Arrivals(folder, most=1000, spare=1 << 60)
    assert code_of(full, "b.txt") == "disk-full"
    assert inside(folder) == {"a.txt": b"old"}


@pytest.mark.fault("F9")
def test_a_meeting_that_is_a_link_or_gone_takes_nothing(folder: Path, brought: Arrivals) -> None:
    (folder / "M2").symlink_to(folder / "M1")
    for meeting in ("M2", "M3"):
        with pytest.raises(KioskError, match="cannot be read"):
            brought.receive(meeting, "b.txt", io.BytesIO(GOOD), len(GOOD))
    assert inside(folder) == {"a.txt": b"old"}


def test_more_than_some_at_once_are_asked_to_come_again(folder: Path, brought: Arrivals) -> None:
    go = threading.Event()

    class Held(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            go.wait(10)
            return super().read(size)

    def bring(number: int) -> None:
        brought.receive("M1", f"{number}.txt", Held(GOOD), len(GOOD))

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(MAX_AT_ONCE)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(list((folder / "M1").glob(".kiosk-*"))) == MAX_AT_ONCE)
    assert code_of(brought, "b.txt") == "upload-busy"
    go.set()
    for thread in threads:
        thread.join()
    brought.receive("M1", "b.txt", io.BytesIO(GOOD), len(GOOD))
    assert len(inside(folder)) == MAX_AT_ONCE + 2


def test_where_files_cannot_be_linked_they_are_renamed(
    folder: Path, brought: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "not on this file system")

    monkeypatch.setattr(arrivals.os, "link", no_links)
    brought.receive("M1", "b.txt", io.BytesIO(GOOD), len(GOOD))
    assert inside(folder) == {"a.txt": b"old", "b.txt": GOOD}


@pytest.mark.fault("F9")
def test_what_a_crash_left_is_removed_at_the_next_start(folder: Path, brought: Arrivals) -> None:
    left = folder / "M1" / ".kiosk-0123456789abcdef.part"
    left.write_bytes(b"half")
    kept = [folder / "M1" / ".kiosk-notes.part", folder / "M1" / ".kiosk-fedcba9876543210.part"]
    for path in kept:
        path.write_bytes(b"somebody's, or under way")
    now = left.stat().st_mtime + 100
    os.utime(kept[1], (now, now))
    brought.collect(now)
    assert not left.exists()
    assert all(path.exists() for path in kept)


def test_a_new_meeting_is_an_empty_folder(folder: Path, brought: Arrivals) -> None:
    assert brought.make_meeting("董事会") == "董事会"
    assert (folder / "董事会").is_dir()
    assert code_of_meeting(brought, "董事会") == "file-exists"
