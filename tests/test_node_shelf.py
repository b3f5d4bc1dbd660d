"""What a node gives out is whole and of one revision, over crashes, full disks and rotten files."""

from __future__ import annotations

import io
import zlib
from hashlib import sha256
from pathlib import Path

import pytest

from kiosk.errors import KioskError, PackageError
from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.node.shelf import GRACE_S, Rotten, Shelf
from kiosk.package import inspect, read_entry

A, B = b"%PDF-1.4 first" * 99, b"%PDF-1.4 second" * 99


def published(library: Library, *contents: bytes, meeting_id: str = "M1") -> Manifest:
    materials = []
    for number, content in enumerate(contents):
        library.add_object([content])
        name = f"1/{number}.pdf"
        digest = sha256(content).hexdigest()
        materials.append(Material(name, name, len(content), digest, None, zlib.crc32(content)))
    manifest = Manifest(meeting_id, "会议", agenda=(AgendaItem("一", materials=tuple(materials)),))
    library.publish(manifest)
    return manifest


def stocked(tmp_path: Path) -> tuple[Library, Shelf]:
    library = Library(tmp_path)
    shelf = Shelf(library)
    shelf.load()
    return library, shelf


def files_of(path: Path) -> list[bytes]:
    file = io.BytesIO(path.read_bytes())
    return [b"".join(read_entry(file, entry)) for entry in inspect(file).entries[1:]]


def test_a_record_names_a_package_with_its_hash_and_its_files(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    record = shelf.put(published(library, A, B), None)
    path = shelf.path(record.package)
    assert files_of(path) == [A, B]
    assert sha256(path.read_bytes()).hexdigest() == record.package.sha256
    assert path.stat().st_size == record.package.bytes == record.manifest["package"]["bytes"]
    assert record.package.etag == f'"sha256-{record.package.sha256}"'
    assert record.document["agenda_items"][0]["files"][1]["size"] == len(B)


def test_the_same_revision_makes_the_same_package_in_any_library(tmp_path: Path) -> None:
    (one, here), (other, there) = stocked(tmp_path / "1"), stocked(tmp_path / "2")
    published(other, B)  # other things came before
    assert here.put(published(one, A, B), None) == there.put(published(other, A, B), None)


def test_nothing_is_written_again_for_a_revision_that_is_served(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    manifest = published(library, A)
    record = shelf.put(manifest, None)
    written = shelf.path(record.package).stat().st_mtime_ns
    assert shelf.put(manifest, None) is record
    assert shelf.path(record.package).stat().st_mtime_ns == written


def test_what_is_served_is_known_again_after_a_restart(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    record = shelf.put(published(library, A), None)
    again = Shelf(library)
    again.load()
    assert again.record("M1") == record
    assert again.record("M1").document == record.document  # type: ignore[union-attr]
    assert again.find(record.package.sha256) == record.package
    assert again.find("0" * 64) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 1}', b"\xff\xfe" * 50])
def test_a_damaged_record_and_a_package_without_one_go_at_the_start(
    tmp_path: Path, damage: bytes
) -> None:
    library, shelf = stocked(tmp_path)
    record = shelf.put(published(library, A), None)
    (shelf.packages / ".new-1.zip").write_bytes(b"half")
    for path in (tmp_path / "served").iterdir():
        path.write_bytes(damage)
    again = Shelf(library)
    again.load()
    assert again.record("M1") is None
    assert list(again.packages.iterdir()) == []
    assert again.put(published(library, A), None) == record


@pytest.mark.parametrize("cut", [True, False])
def test_a_record_whose_package_is_cut_or_gone_is_none(tmp_path: Path, cut: bool) -> None:
    library, shelf = stocked(tmp_path)
    path = shelf.path(shelf.put(published(library, A), None).package)
    if cut:
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    again = Shelf(library)
    again.load()
    assert again.record("M1") is None


def test_a_rotten_file_is_given_to_nobody_and_the_old_package_stays(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    record = shelf.put(published(library, A), None)
    newer = published(library, A, B)
    library.object_path(sha256(B).hexdigest()).write_bytes(B[:-1] + b"?")
    with pytest.raises(Rotten):
        shelf.put(newer, None)
    library.object_path(sha256(B).hexdigest()).write_bytes(B[:-1])
    with pytest.raises(Rotten):
        shelf.put(newer, None)
    assert shelf.record("M1") == record
    assert [path.name for path in shelf.packages.iterdir()] == [f"{record.package.sha256}.zip"]


def test_a_revision_that_no_terminal_would_take_is_not_served(tmp_path: Path) -> None:
    _, shelf = stocked(tmp_path)
    bad = Material("../a.pdf", "a", len(A), sha256(A).hexdigest(), None, zlib.crc32(A))
    with pytest.raises(PackageError):
        shelf.put(Manifest("M1", agenda=(AgendaItem("", materials=(bad,)),)), None)
    assert shelf.records() == ()


def test_a_disk_that_refuses_leaves_what_was_served(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    record = shelf.put(published(library, A), None)
    newer = published(library, B)
    for path in (tmp_path / "served").iterdir():
        # A folder in the place where the new record is prepared: it cannot be written.
        (path.parent / f".new-{path.name}").mkdir()
    with pytest.raises(KioskError):
        shelf.put(newer, None)
    assert shelf.record("M1") == record
    assert shelf.path(record.package).exists()


def test_a_replaced_package_stays_for_those_who_were_just_told_of_it(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    old = shelf.put(published(library, A), None).package
    new = shelf.put(published(library, B), None).package
    now = shelf._unnamed_since[old.sha256]
    shelf.tidy(now + GRACE_S / 2)
    assert shelf.path(old).exists()
    shelf.tidy(now + GRACE_S)
    assert not shelf.path(old).exists()
    assert shelf.path(new).exists()


def test_a_package_that_comes_back_is_not_removed(tmp_path: Path) -> None:
    library, shelf = stocked(tmp_path)
    first = published(library, A)
    old = shelf.put(first, None).package
    since = shelf._unnamed_since
    shelf.drop("M1")
    now = since[old.sha256]
    shelf.put(first, None)
    shelf.tidy(now + GRACE_S)
    assert shelf.path(old).exists()
    assert since == {}
    shelf.drop("M1")
    assert shelf.record("M1") is None
