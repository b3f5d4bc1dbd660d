"""What may lie in an origin's folder that nobody meant for it, or that somebody meant badly."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from folders import fill, origin_over
from kiosk_process import eventually

from kiosk.errors import KioskError, UsageError
from kiosk.node.folder import tree
from kiosk.node.folder.description import parse
from kiosk.node.folder.identity import meeting_id
from kiosk.node.folder.litter import is_litter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "meetings"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def whys(origin: Any, folder: str = "M1") -> dict[str, str]:
    """What of a meeting is refused, and why."""
    rows = origin.view(folder).rows
    return {row.path: row.why for row in rows if row.state == "refused"}


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "Thumbs.db", "desktop.ini", "~$报告.docx", "a.pdf.part", "b.crdownload", "c.TMP",
     ".a.txt.swp", ".~lock.a.odt#", "a.txt~", "#a.txt#", "__MACOSX", "lost+found", "@eaDir"],
)  # fmt: skip
@pytest.mark.fault("F2")
def test_what_programs_leave_is_passed_over(name: str) -> None:
    assert is_litter(name)


@pytest.mark.parametrize(
    "name", ["a.pdf", "~报告.docx", "partition.txt", "a.tmp.pdf", "第1项", "part"]
)
def test_what_people_write_is_not(name: str) -> None:
    assert not is_litter(name)


@pytest.mark.fault("F2")
def test_links_and_devices_are_said_and_never_followed(folder: Path, data: Path) -> None:
    secret = fill(folder.parent / "secret", {"key.txt": "secret"})
    fill(folder, {"M1/a.txt": "a", "M1/.hidden/b.txt": "b", "M1/~$a.docx": "lock"})
    (folder / "M1" / "key.txt").symlink_to(secret / "key.txt")
    (folder / "M1" / "keys").symlink_to(secret)
    (folder / "M2").symlink_to(secret)
    os.mkfifo(folder / "M1" / "pipe")
    with socket.socket(socket.AF_UNIX) as line, origin_over(folder, data) as origin:
        line.bind(str(folder / "M1" / "line"))
        origin.published("M1", "a.txt")
        refused = {"key.txt": "link", "keys": "link", "line": "special", "pipe": "special"}
        eventually(lambda: whys(origin) == refused)
        assert [(one.path, one.why) for one in origin.source.seen.refused] == [("M2", "link")]
    assert b"secret" not in b"".join(path.read_bytes() for path in data.glob("objects/*/*"))


@pytest.mark.fault("F3")
def test_a_folder_that_becomes_a_link_between_two_steps_is_not_followed(folder: Path) -> None:
    secret = fill(folder.parent / "secret", {"a.txt": "secret"})
    fill(folder, {"M1/x/a.txt": "a"})
    root = os.open(folder, os.O_RDONLY)
    try:
        (found,) = tree.look(root, "M1").files
        (folder / "M1" / "x").rename(folder / "M1" / "y")
        (folder / "M1" / "x").symlink_to(secret)
        with pytest.raises(OSError), tree.opened(root, "M1", found.path):
            pytest.fail("it was opened")
        (folder / "M1").rename(folder / "M2")
        (folder / "M1").symlink_to(folder / "M2")
        with pytest.raises(KioskError, match="cannot be read"):
            tree.look(root, "M1")
    finally:
        os.close(root)


@pytest.mark.fault("F2")
def test_names_that_nobody_can_read_are_said(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a", "M1/b\x07.txt": "b", "bad\n": "not a folder"})
    (folder / "M1" / os.fsdecode(b"\xff\xfe.txt")).write_bytes(b"c")
    (folder / os.fsdecode(b"M\xff")).mkdir()
    (folder / "M\x1b").mkdir()
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        assert whys(origin) == {"b\N{REPLACEMENT CHARACTER}.txt": "name", "%FF%FE.txt": "name"}
        assert [one.why for one in origin.source.seen.refused] == ["name", "name"]


def test_names_full_of_markup_or_twins_are_names(folder: Path, data: Path) -> None:
    names = ["<b>&.txt", "CON.txt", "a:b.txt", "caf\u00e9.txt", "cafe\u0301.txt", "A.txt", "a.txt"]
    fill(folder / "M1", {name: name for name in names})
    with origin_over(folder, data) as origin:
        eventually(lambda: len(origin.view("M1").rows) == len(names))
        made = eventually(lambda: origin.view("M1").published)
        contents = [origin.library.object_path(one.sha256).read_text() for one in made.materials]
    assert sorted(contents) == sorted(names)
    assert len({one.path for one in made.materials}) == len(names)
    assert all(one.path.isascii() or "会议材料" in one.path for one in made.materials)


@pytest.mark.parametrize(("bound", "name"), [("MAX_FILES", "{}.txt"), ("MAX_ENTRIES", ".{}")])
@pytest.mark.fault("F4")
def test_a_folder_without_bounds_is_refused_as_a_whole(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch, bound: str, name: str
) -> None:
    fill(folder, {"M1/a.txt": "a", "M2/b.txt": "b"})
    monkeypatch.setattr(tree, bound, 3)
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt")
        fill(folder / "M1", {name.format(number): "x" for number in range(4)})
        fault = eventually(lambda: origin.view("M1").fault)
        assert fault["code"] == "folder-too-large"
        # The old revision stays, and the others are not concerned.
        assert origin.view("M1").published == made
        fill(folder, {"M2/c.txt": "c"})
        origin.published("M2", "b.txt", "c.txt")


@pytest.mark.fault("F4")
def test_what_lies_too_deep_is_said(folder: Path, data: Path) -> None:
    deep = "/".join("d" * 1 for _ in range(12))
    fill(folder / "M1", {"a.txt": "a", f"{deep}/b.txt": "b"})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        assert list(whys(origin).values()) == ["too-deep"]


@pytest.mark.fault("F4")
def test_more_than_a_terminal_takes_is_not_published(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a"})
    with origin_over(folder, data) as origin:
        made = origin.published("M1", "a.txt")
        with open(folder / "M1" / "b.bin", "wb") as file:
            file.truncate(5_000_000_000)
        fault = eventually(lambda: origin.view("M1").fault)
        assert (fault["code"], fault["details"]["what"]) == ("folder-too-large", "bytes")
        assert origin.view("M1").published == made


def test_an_empty_file_is_said_and_left_out(folder: Path, data: Path) -> None:
    fill(folder, {"M1/a.txt": "a", "M1/b.txt": "", "M2/c.txt": ""})
    with origin_over(folder, data) as origin:
        origin.published("M1", "a.txt")
        states = {row.path: row.state for row in origin.view("M1").rows}
        assert states == {"a.txt": "ready", "b.txt": "empty"}
        eventually(lambda: [row.state for row in origin.view("M2").rows] == ["empty"])
        # A meeting without a material is on, but there is nothing to fetch.
        assert [one.manifest for one in origin.source.offered() if one.id == "M2"] == [None]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("title = 1", "title must be text"),
        ("title = 'a'\ntitle = 'b'", "Cannot overwrite a value"),
        ("status = 'perhaps'", "status must be"),
        ("agenda = 'x'", "agenda must be a list"),
        ("[[agenda]]\nfiles = 'a.pdf'", "files must be a list"),
        ("[[agenda]]\nminutes = -1", "minutes must be"),
        ("[[agenda]]\nminutes = true", "minutes must be"),
        ("x = " + "[" * 5000, "."),
        ("#" * (1 << 20) + "\n", "bytes"),
        ("\x00", "."),
        ("[[agenda]]\n" * 501, "at most 500 items"),
        (f"title = '{'x' * 1001}'", "at most 1000"),
    ],
)
@pytest.mark.fault("F5")
def test_a_meeting_toml_that_makes_no_sense_says_why(written: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as raised:
        parse(written.encode(), "M1")
    assert raised.value.code == "bad-description"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_meeting_toml_may_be_written_by_any_editor(codec: str) -> None:
    written = 'title = "经营工作会"\r\ntime = 2026-11-24 09:00:00\r\nstatus = "Ended"\r\n'
    said = parse(written.encode(codec), "M1")
    assert (said.title, said.time, said.status) == ("经营工作会", "2026-11-24 09:00", "已结束")


@pytest.mark.parametrize("name", ["M1", "2026-11-24", "a.b_c", "x" * 64])
def test_a_plain_name_is_its_own_id(name: str) -> None:
    assert meeting_id(name) == name


@pytest.mark.parametrize(
    "name",
    ["经营会", "a b", "status", "None", "m-0123456789abcdef", "a..b", "a.", "x" * 65, "-a", "%41"],
)
def test_any_other_name_is_hashed(name: str) -> None:
    made = meeting_id(name)
    assert made != name
    assert made == meeting_id(name)
    assert len(made) == 18 and made.isascii()
