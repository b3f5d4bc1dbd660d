"""An origin whose folder, kernel or disk does not do its part."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from folders import fill, origin_over
from kiosk_process import eventually

from kiosk.node.folder import meeting, watch
from kiosk.node.folder.watch import filesystem_of

DENIED: set[str] = set()


def _deny(event: str, arguments: tuple[Any, ...]) -> None:
    if DENIED and event == "open" and arguments[0] in DENIED:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))


sys.addaudithook(_deny)


@pytest.fixture
def denied() -> Iterator[set[str]]:
    """Names that cannot be opened, as for somebody without the right to."""
    yield DENIED
    DENIED.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "meetings"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.fault("F6")
def test_a_file_that_cannot_be_read_is_said_and_its_old_version_stays(
    folder: Path, data: Path, denied: set[str]
) -> None:
    fill(folder, {"M1/a.txt": "old"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        denied.update(("a.txt", "new.txt"))
        fill(folder, {"M1/b.txt": "b", "M1/new.txt": "new"})
        (folder / "M1" / "a.txt").rename(folder / "aside")
        (folder / "aside").write_bytes(b"newer")
        (folder / "aside").rename(folder / "M1" / "a.txt")
        made = origin.published("M1", "a.txt", "b.txt")
        assert origin.text(made, "a.txt") == b"old"
        states = {row.path: row.state for row in origin.view("M1").rows}
        assert states == {"a.txt": "unreadable", "b.txt": "ready", "new.txt": "unreadable"}
        denied.clear()
        fill(folder, {"M1/c.txt": "c"})
        made = origin.published("M1", "a.txt", "b.txt", "c.txt", "new.txt")
        assert origin.text(made, "a.txt") == b"newer"


@pytest.mark.fault("F6")
def test_a_meeting_that_cannot_be_read_is_said_and_stays(
    folder: Path, data: Path, denied: set[str]
) -> None:
    fill(folder, {"M1/a.txt": "a", "M1/x/b.txt": "b", "M2/c.txt": "c"})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt", "b.txt")
        denied.add("M1")
        fill(folder, {"M2/d.txt": "d"})
        origin.published("M2", "c.txt", "d.txt")
        fault = origin.view("M1").fault
        assert fault is not None
        assert fault["code"] == "folder-unreadable"
        assert made in [one.manifest for one in origin.source.offered()]


@pytest.mark.fault("F7")
def test_where_changes_are_not_heard_of_they_are_seen(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOCAL", frozenset())
    fill(folder, {"M1/a.txt": "a"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        assert not origin.source.seen.hears
        fill(folder, {"M1/b.txt": "b"})
        origin.published("M1", "a.txt", "b.txt")


@pytest.mark.fault("F7")
def test_the_file_system_is_known_by_the_innermost_mount(tmp_path: Path) -> None:
    place = tmp_path / "a share"
    place.mkdir()
    table = tmp_path / "mountinfo"
    shown = str(place).replace(" ", "\\040")
    lines = [
        "1 0 8:1 / / rw - ext4 /dev/sda rw",
        f"2 1 8:1 / {shown} rw shared:1 - nfs4 there:/ rw",
        f"3 1 8:1 / {shown}r rw - tmpfs none rw",
    ]
    table.write_text("\n".join(lines) + "\n")
    assert filesystem_of(place, table) == "nfs4"
    assert filesystem_of(tmp_path, table) == "ext4"
    assert filesystem_of(place, tmp_path / "nothing") == ""


@pytest.mark.fault("F8")
def test_without_room_it_is_said_and_the_old_revision_stays(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a"})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt")
    with origin_over(folder, data, min_free_mb=1_000_000) as origin:
        fill(folder, {"M1/b.txt": "b"})
        fault = eventually(lambda: origin.view("M1").fault)
        assert fault["code"] == "disk-full"
        assert [one.manifest for one in origin.source.offered()] == [made]
    # Nothing half of it is left behind.
    assert [path.name for path in data.glob("objects/.new-*")] == []


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"format": 9}', b"\xff" * 100, b"null"])
@pytest.mark.fault("F8")
def test_records_that_make_no_sense_are_made_anew(folder: Path, data: Path, content: bytes) -> None:
    fill(folder, {"M1/a.txt": "a"})
    fill(data / "origin", {"standing.json": content, "files/M1.json": content})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        assert [one.id for one in origin.source.offered()] == ["M1"]


@pytest.mark.fault("F8")
def test_what_rotted_is_read_again_when_its_package_cannot_be_made(
    folder: Path, data: Path
) -> None:
    fill(folder, {"M1/a.txt": "good", "M1/b.txt": "b"})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt", "b.txt")
        rotten = origin.library.object_path(made.materials[0].sha256 or "")
        rotten.write_bytes(b"baad")
        origin.source.want("M1")
        eventually(lambda: origin.library.is_whole(made))
        assert origin.text(made, "a.txt") == b"good"


@pytest.mark.parametrize("hears", [True, False])
@pytest.mark.fault("F1")
def test_a_file_of_somebody_else_is_waited_for_until_it_is_closed(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch, hears: bool
) -> None:
    # To whoever does not own a file the kernel does not tell.
    monkeypatch.setattr(meeting, "has_writer", lambda handle: None)
    monkeypatch.setattr(meeting, "WARY_S", 3600.0 if hears else 0.6)
    monkeypatch.setattr(watch, "LOCAL", watch.LOCAL if hears else frozenset())
    (folder / "M1").mkdir(parents=True)
    with origin_over(folder, data) as origin:
        eventually(lambda: origin.source.seen.at)
        eventually(lambda: origin.source.seen.hears == hears)
        fill(folder, {"M1/a.txt": "a"})
        origin.published("M1", "a.txt")
        with open(folder / "M1" / "b.txt", "wb", buffering=0) as file:
            file.write(b"b")
            eventually(lambda: "copying" in [row.state for row in origin.view("M1").rows])
        origin.published("M1", "a.txt", "b.txt")
