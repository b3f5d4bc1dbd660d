"""What is told of an archive that is a material: its files, or why it is not listed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from zips import ENCRYPTED_FLAG, STORED, UTF8_FLAG, File, archive

from kiosk import render
from kiosk.render import listing


def listed(data_dir: Path, content: bytes) -> listing.Listing:
    """What the render process leaves of it."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = data_dir / "objects" / sha256[:2] / sha256
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    render.render_all(data_dir, [sha256])
    found = render.listing_of(data_dir, sha256)
    assert found is not None
    return found


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, b"" if name.endswith("/") else b"words")
    return out.getvalue()


def test_files_are_listed_folder_by_folder_in_natural_order(tmp_path: Path) -> None:
    papers = ["附件/第十项.pdf", "附件/第二项.pdf", "附件/图/a.png", "空/"]
    found = listed(tmp_path, zipped(*papers, "file10.txt", "file2.txt"))
    assert [path for path, _ in found["entries"]] == [
        "file2.txt", "file10.txt", "附件/第二项.pdf", "附件/第十项.pdf", "附件/图/a.png",
    ]  # fmt: skip
    assert (found["files"], found["bytes"], found["trouble"]) == (5, 25, None)


def test_names_of_chinese_windows_are_read(tmp_path: Path) -> None:
    raw = ["会议材料/工作报告.docx", "会议材料/预算草案.xlsx"]
    files = [File(name.encode("gb18030"), flags=0) for name in raw]
    assert [path for path, _ in listed(tmp_path, archive(*files))["entries"]] == raw


def test_an_empty_archive_is_told_as_empty(tmp_path: Path) -> None:
    found = listed(tmp_path, zipped())
    assert (found["files"], found["entries"], found["trouble"]) == (0, [], None)


def test_a_long_list_is_cut_and_counted(tmp_path: Path) -> None:
    found = listed(tmp_path, zipped(*(f"{n}.txt" for n in range(listing.MOST_SHOWN + 7))))
    assert found["files"] == listing.MOST_SHOWN + 7
    assert len(found["entries"]) == listing.MOST_SHOWN


HOSTILE = {
    "bomb": archive(File("a", central={"size": 3 << 30, "compressed": 5})),
    "unsafe-name": archive(File("../../etc/passwd")),
    "encrypted": archive(File("a", method=STORED, flags=UTF8_FLAG | ENCRYPTED_FLAG)),
    "duplicate-name": archive(File("a"), File("a")),
    "unsupported-method": archive(File("a", method=14, data=b"words")),
    "ambiguous": archive(File("a"), File("b"), gap=b"hidden"),
    "damaged": zipped("a.txt")[:-30],
}


@pytest.mark.parametrize("code", HOSTILE)
def test_a_hostile_archive_is_explained_and_not_listed(tmp_path: Path, code: str) -> None:
    found = listed(tmp_path, HOSTILE[code])
    assert found == {"trouble": code, "files": 0, "bytes": 0, "entries": []}


@pytest.mark.parametrize(
    "written",
    [
        b"", b"[]", b"{}", b'{"trouble": 1, "files": 0, "bytes": 0, "entries": []}',
        b'{"trouble": null, "files": -1, "bytes": 0, "entries": []}',
        b'{"trouble": null, "files": 1, "bytes": 0, "entries": [["a"]]}',
        b'{"trouble": null, "files": 1, "bytes": 0, "entries": [[1, 1]]}',
        b'{"trouble": null, "files": 1, "bytes": true, "entries": []}',
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_listing_that_makes_no_sense_is_none(tmp_path: Path, written: bytes) -> None:
    (tmp_path / listing.NAME).write_bytes(written)
    assert listing.read(tmp_path) is None


def test_a_listing_is_read_as_it_was_written(tmp_path: Path) -> None:
    said = {"trouble": None, "files": 1, "bytes": 5, "entries": [["a", 5]]}
    (tmp_path / listing.NAME).write_text(json.dumps(said), "utf-8")
    assert listing.read(tmp_path) == said


def test_only_an_object_has_a_listing(tmp_path: Path) -> None:
    assert render.listing_of(tmp_path, "../x") is None
    assert render.listing_of(tmp_path, "a" * 64) is None
