"""The layout of a package: sound to every reader, the same anywhere, any range of it at once."""

from __future__ import annotations

import hashlib
import io
import itertools
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import names
from kiosk.errors import PackageError
from kiosk.manifest import AgendaItem, Manifest, Material
from kiosk.package import inspect, place, read_directory, read_entry
from kiosk.packing import README, README_TEXT, File, Layout, Slice, files_of

GIB = 1 << 30
CONTENTS = {
    "议题 1/a.pdf": b"%PDF first",
    "议题 1/b.pdf": b"",
    "议题 2/照片.jpg": b"\xff\xd8" * 300,
}


class Laid(io.RawIOBase):
    """A package read through its layout; objects that are not given consist of zeros."""

    def __init__(self, layout: Layout, objects: Mapping[str, bytes]) -> None:
        self._layout, self._objects, self._at = layout, objects, 0

    def read(self, size: int = -1) -> bytes:
        stop = self._layout.total if size < 0 else min(self._at + size, self._layout.total)
        start, self._at = min(self._at, stop), stop
        return bytes_of(self._layout, self._objects, start, stop)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._layout.total)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True


def bytes_of(layout: Layout, objects: Mapping[str, bytes], start: int, stop: int) -> bytes:
    out = []
    for piece in layout.pieces(start, stop):
        if isinstance(piece, Slice):
            held = objects.get(piece.sha256)
            data = held[piece.offset :][: piece.length] if held is not None else None
            out.append(bytes(piece.length) if data is None else data)
        else:
            out.append(piece)
    return b"".join(out)


def file_of(path: str, content: bytes) -> File:
    return File(path, len(content), zlib.crc32(content), hashlib.sha256(content).hexdigest())


def laid(contents: Mapping[str, bytes]) -> tuple[Layout, dict[str, bytes]]:
    objects = {hashlib.sha256(content).hexdigest(): content for content in contents.values()}
    return Layout(file_of(path, content) for path, content in contents.items()), objects


def whole(contents: Mapping[str, bytes]) -> bytes:
    layout, objects = laid(contents)
    return bytes_of(layout, objects, 0, layout.total)


def as_we_read(raw: bytes) -> dict[str, bytes]:
    file = io.BytesIO(raw)
    return {one.path: b"".join(read_entry(file, one)) for one in inspect(file).entries}


def as_zipfile_reads(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_what_is_laid_out_is_what_every_reader_finds() -> None:
    raw = whole(CONTENTS)
    expected = {README: README_TEXT, **CONTENTS}
    assert as_we_read(raw) == as_zipfile_reads(raw) == expected
    assert list(as_we_read(raw)) == [README, *CONTENTS], "in agenda order"


def test_a_package_is_these_very_bytes_on_every_machine_and_in_every_version() -> None:
    assert hashlib.sha256(whole(CONTENTS)).hexdigest() == (
        "95efceb6b1ed8c3442abdcf2a1f286cd981ca3b71dce8e92030cc9a251058a7a"
    )


def test_entries_tell_where_each_header_is() -> None:
    layout, objects = laid(CONTENTS)
    found = inspect(io.BytesIO(bytes_of(layout, objects, 0, layout.total)))
    assert [(e.path, e.offset, e.compressed, e.method, e.crc32) for e in found.entries] == [
        (e.path, e.offset, e.compressed, e.method, e.crc32) for e in layout.entries
    ]


PART = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
PATHS = st.lists(PART, min_size=1, max_size=4).map("/".join).filter(lambda p: not names.fault(p))


@given(st.dictionaries(PATHS, st.binary(max_size=40), max_size=12))
def test_any_set_of_files_is_read_back_or_refused_by_the_rule_for_names(
    contents: dict[str, bytes],
) -> None:
    composed = [unicodedata.normalize("NFC", path) for path in contents]
    try:
        names.check(composed)
    except PackageError:
        with pytest.raises(PackageError):
            laid(contents)
        return
    raw = whole(contents)
    ours, theirs = as_we_read(raw), as_zipfile_reads(raw)
    expected = list(zip(composed, contents.values(), strict=True))
    assert list(ours.items())[-len(contents) :] == expected or not contents
    assert list(theirs.values()) == list(ours.values())
    assert len(ours) - len(contents) == (not any(path.split("/")[0] == README for path in contents))


@given(st.lists(st.binary(max_size=30), max_size=6), st.data())
def test_ranges_side_by_side_are_the_whole(contents: list[bytes], data: st.DataObject) -> None:
    layout, objects = laid({f"{n}/文件.pdf": content for n, content in enumerate(contents)})
    raw = bytes_of(layout, objects, 0, layout.total)
    assert len(raw) == layout.total
    cuts = data.draw(st.lists(st.integers(0, layout.total), max_size=8))
    marks = [0, *sorted(cuts), layout.total]
    pairs = list(itertools.pairwise(marks))
    parts = [bytes_of(layout, objects, start, stop) for start, stop in pairs]
    assert b"".join(parts) == raw
    assert parts == [raw[start:stop] for start, stop in pairs]


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (5, 4), (0, 1 << 40)])
def test_a_range_that_is_none_is_refused(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        list(laid(CONTENTS)[0].pieces(start, stop))


def zeros(path: str, size: int) -> File:
    return File(path, size, 0, f"{path}-is-not-here")


@pytest.mark.parametrize("sizes", [
    (4 * GIB + 5, 7), (0xFFFFFFFF, 3), (0xFFFFFFFE, 3), (3 * GIB, 3 * GIB, 9), (2 * GIB, 2 * GIB),
])  # fmt: skip
def test_more_than_four_gibibytes_are_laid_out_with_nothing_of_them_here(
    sizes: tuple[int, ...],
) -> None:
    last = file_of("z/last.txt", b"the last words")
    layout = Layout([*(zeros(f"{n}.bin", size) for n, size in enumerate(sizes)), last])
    file = Laid(layout, {last.sha256: b"the last words"})
    found = inspect(file)  # type: ignore[arg-type]
    assert [entry.size for entry in found.entries][1:] == [*sizes, 14]
    assert b"".join(read_entry(file, found.entries[-1])) == b"the last words"  # type: ignore[arg-type]
    with zipfile.ZipFile(file) as archive:  # type: ignore[type-var]
        assert [info.file_size for info in archive.infolist()][1:] == [*sizes, 14]
        assert archive.read("z/last.txt") == b"the last words"


@pytest.mark.parametrize("count", [0xFFFE, 0xFFFF, 70_000])
def test_seventy_thousand_files_are_laid_out(count: int) -> None:
    # With the README that is one more.
    layout = Layout(zeros(f"{n // 500}/{n}", n % 2) for n in range(count - 1))
    file = Laid(layout, {})
    found = read_directory(file, layout.total)  # type: ignore[arg-type]
    assert len(found.entries) == len(layout.entries) == count
    with zipfile.ZipFile(file) as archive:  # type: ignore[type-var]
        assert len(archive.infolist()) == count
    for entry in found.entries[:: count // 50]:
        assert place(file, entry) == entry.until - entry.size  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["../a", "a\\b", "/a", "a/", "con.txt", "README.txt/a\n"])
def test_a_name_that_no_terminal_takes_is_not_packed(path: str) -> None:
    with pytest.raises(PackageError):
        Layout([zeros("a", 1), zeros(path, 1)])


def test_a_meetings_own_readme_takes_the_place_of_ours() -> None:
    assert as_we_read(whole({README: b"mine"})) == {README: b"mine"}


def material(path: str, content: bytes, **other: object) -> Material:
    file = file_of(path, content)
    said = {"sha256": file.sha256, "crc32": file.crc32, **other}
    return Material(path, path, file.size, **said)  # type: ignore[arg-type]


def test_a_revision_is_packed_in_agenda_order_each_path_once_without_what_it_lacks() -> None:
    again = material("2/b.pdf", b"bb")
    lacking = Material("", "gone.pdf")
    manifest = Manifest("m", agenda=(
        AgendaItem("two", materials=(again, lacking)),
        AgendaItem("one", materials=(material("1/a.pdf", b"a"), again)),
    ))  # fmt: skip
    assert files_of(manifest) == [file_of("2/b.pdf", b"bb"), file_of("1/a.pdf", b"a")]


@pytest.mark.parametrize("materials", [
    (material("a", b"1"), material("a", b"2")), (material("a", b"1", crc32=None),),
])  # fmt: skip
def test_a_revision_that_cannot_be_laid_out_is_refused(materials: tuple[Material, ...]) -> None:
    with pytest.raises(ValueError, match="a"):
        files_of(Manifest("m", agenda=(AgendaItem("", materials=materials),)))
