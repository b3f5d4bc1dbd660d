"""What a build brings: only what is not here comes, whatever the archive around it looks like."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import zlib
from pathlib import Path

import pytest
from meetings import publish
from zips import STORED, File, archive

from kiosk import delta
from kiosk.errors import PackageError
from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.package import Package, read_directory

A = File("1/a.pdf", b"%PDF a" * 500, STORED)
B = File("1/b.txt", b"words " * 500)
C = File("2/c.pdf", b"%PDF c" * 500, STORED)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def package(*files: File) -> Package:
    raw = archive(*files)
    return read_directory(io.BytesIO(raw), len(raw))


def here(library: Library, *files: File) -> Manifest:
    """A revision with these files, as a download of them leaves it."""
    rows = []
    for file in files:
        stored = library.add_object([file.content])
        name, crc32 = str(file.name), zlib.crc32(file.content)
        rows.append(Material(name, name, stored.bytes, stored.sha256, None, crc32))
    made = Manifest("M1", agenda=(AgendaItem("", materials=tuple(rows)),))
    library.publish(made)
    return made


def needed(found: delta.Delta) -> list[str]:
    return [entry.path for entry in found.needed]


def sha256(file: File) -> str:
    return hashlib.sha256(file.content).hexdigest()


def test_everything_is_needed_where_nothing_is_here(library: Library) -> None:
    found = delta.of(package(File("README.txt"), C, A, B), None, library, None)
    assert needed(found) == ["1/a.pdf", "1/b.txt", "2/c.pdf"], "in reading order"
    assert found.reused == {}
    assert found.bytes == sum((span.stop or 0) - span.start for span in found.pieces)
    assert found.room >= sum(len(one.content) for one in (A, B, C))


def test_only_what_changed_is_needed_whatever_the_order_of_the_archive(library: Library) -> None:
    current = here(library, A, B, C)
    changed = dataclasses.replace(B, content=b"other " * 500)
    found = delta.of(package(C, changed, A), None, library, current)
    assert needed(found) == ["1/b.txt"]
    assert sorted(found.reused.values()) == sorted([sha256(A), sha256(C)])


@pytest.mark.parametrize("known", [True, False])
def test_a_revision_from_before_checksums_were_kept_helps_only_with_a_manifest(
    library: Library, known: bool
) -> None:
    current = publish(library, {"a.pdf": A.content})
    found = package(File("01/a.pdf", A.content, STORED))
    if known:
        (entry,) = found.entries
        found = delta.with_digests(found, {"01/a.pdf": (entry.size, sha256(A))})
    assert needed(delta.of(found, None, library, current)) == ([] if known else ["01/a.pdf"])


def test_a_file_of_another_meeting_is_known_by_its_sha256(library: Library) -> None:
    publish(library, {"elsewhere": C.content}, "M2")
    plain = package(C)
    assert needed(delta.of(plain, None, library, None)) == ["2/c.pdf"]
    told = delta.with_digests(plain, {"2/c.pdf": (len(C.content), sha256(C))})
    assert needed(delta.of(told, None, library, None)) == []


def test_a_sha256_that_was_told_counts_more_than_a_checksum(library: Library) -> None:
    current = here(library, A)
    told = delta.with_digests(package(A), {"1/a.pdf": (len(A.content), "0" * 64)})
    assert needed(delta.of(told, None, library, current)) == ["1/a.pdf"]


def test_what_is_told_for_another_size_is_not_believed() -> None:
    plain = package(A)
    assert delta.with_digests(plain, {"1/a.pdf": (1, "0" * 64)}) == plain
    assert delta.with_digests(plain, {}) is plain


def test_an_object_that_is_gone_is_needed_again(library: Library) -> None:
    current = here(library, A, B)
    library.object_path(sha256(A)).unlink()
    assert needed(delta.of(package(A, B), None, library, current)) == ["1/a.pdf"]


def test_a_package_without_materials_is_refused(library: Library) -> None:
    with pytest.raises(PackageError) as caught:
        delta.of(package(File("README.txt")), None, library, None, "no paper")
    assert caught.value.code == "empty-package"
    assert caught.value.details["why"] == "no paper"
