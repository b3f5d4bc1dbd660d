"""A stream is followed file by file before its directory has come, and never wrongly."""

from __future__ import annotations

import dataclasses
import io
import random
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zips import DEFLATED, STORED, STREAMED_FLAG, UTF8_FLAG, File, archive, deflated, streamed

from kiosk.package import Opened, Passed, Walker, inspect

A, B = File("a.txt", b"first " * 50), File("b/b.txt", b"second " * 50, STORED)


class _Pipe(io.RawIOBase):
    """Can only be written to: what is written cannot be mended."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)


def walked(raw: bytes, sizes: list[int]) -> tuple[list[Opened | Passed], Walker]:
    """What is sighted when the stream comes in chunks of these sizes, over and over."""
    walker, found, at, turn = Walker(), [], 0, 0
    while at < len(raw):
        size = sizes[turn % len(sizes)]
        buffer = bytearray(raw[at : at + size])
        found += walker.feed(memoryview(buffer))
        # The caller uses its buffer again.
        buffer[:] = bytes(len(buffer))
        at, turn = at + size, turn + 1
    return found, walker


def sighted(raw: bytes, *sizes: int) -> list[str]:
    """The paths of the files that pass."""
    found, _ = walked(raw, list(sizes) or [1 << 16])
    return [one.entry.path for one in found if isinstance(one, Passed)]


def expect_as_in_directory(raw: bytes, sizes: list[int]) -> None:
    """Every file is sighted, and all that is said of it is what the directory says of it."""
    found, _ = walked(raw, sizes)
    passed = [one.entry for one in found if isinstance(one, Passed)]
    entries = sorted(inspect(io.BytesIO(raw)).entries, key=lambda entry: entry.offset)
    assert passed == entries
    for mine, real in zip(passed, entries, strict=True):
        assert mine.header == dataclasses.replace(real.header, mode=0)
    opened = [(one.begins, one.stop) for one in found if isinstance(one, Opened)]
    diverted = [(e.begins, e.until) for e in entries if e.begins is not None and e.size]
    assert opened == diverted


FILES = st.dictionaries(
    st.text("abcdefghi 会议材料é.-_", min_size=1, max_size=20).map(lambda name: f"x{name}y"),
    st.tuples(st.binary(max_size=3000), st.sampled_from([0, 8])),
    min_size=1,
    max_size=6,
)
SIZES = st.lists(st.integers(1, 700), min_size=1, max_size=8) | st.just([1]) | st.just([1 << 20])


@given(FILES, SIZES)
def test_ordinary_archives_are_followed_in_any_chunks(
    files: dict[str, tuple[bytes, int]], sizes: list[int]
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, (content, method) in files.items():
            made.writestr(name, content, method)
    expect_as_in_directory(out.getvalue(), sizes)


@given(FILES, SIZES, st.booleans())
def test_streamed_archives_are_followed_in_any_chunks(
    files: dict[str, tuple[bytes, int]], sizes: list[int], wide: bool
) -> None:
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, (content, _) in files.items():
            with made.open(name, "w", force_zip64=wide) as entry:
                entry.write(content)
    expect_as_in_directory(bytes(out.written), sizes)


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 16, 29, 30, 31, 1 << 16])
def test_descriptors_of_every_form_are_read_in_any_chunks(marked: bool, size: int) -> None:
    first, empty = streamed(A, marked=marked), streamed(File("e", b""), marked=marked)
    raw = archive(first, empty, B, streamed(File("c", b"third" * 9), marked=marked))
    expect_as_in_directory(raw, [size])


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("size", [1, 19, 23, 1 << 16])
def test_wide_descriptors_are_read_with_and_without_their_mark(marked: bool, size: int) -> None:
    packed = deflated(A.content)
    told = struct.pack("<LQQ", zlib.crc32(A.content), len(packed), len(A.content))
    wide = File(
        "a.txt", A.content, DEFLATED, UTF8_FLAG | STREAMED_FLAG,
        descriptor=(b"PK\x07\x08" if marked else b"") + told,
        local={"crc32": 0, "compressed": 0, "size": 0},
    )  # fmt: skip
    expect_as_in_directory(archive(wide, B, wide_again(wide)), [size])


def wide_again(file: File) -> File:
    return dataclasses.replace(file, name="again.txt")


def test_a_file_passes_with_its_last_byte_and_not_before() -> None:
    raw = archive(B, A)
    entry = next(one for one in inspect(io.BytesIO(raw)).entries if one.path == "b/b.txt")
    walker = Walker()
    before = walker.feed(raw[: entry.until - 1])
    assert [type(one) for one in before] == [Opened]
    assert [type(one) for one in walker.feed(raw[entry.until - 1 : entry.until])] == [Passed]


def test_folders_pass_unsaid() -> None:
    assert sighted(archive(File("f/", b"", STORED, mode=0o040755), A)) == ["a.txt"]


def test_an_archive_inside_the_archive_is_one_file() -> None:
    inner = File("inner.zip", archive(A, B), STORED)
    assert sighted(archive(inner, A), 11) == ["inner.zip", "a.txt"]


# What cannot be followed

UNSEEN = {
    "stored data of unknown length": streamed(File("b", b"second", STORED)),
    "encrypted": File("b", flags=UTF8_FLAG | 1),
    "another method": File("b", b"words", 12),
    "a name that leaves its folder": File("../b"),
    "an absolute name": File("/b"),
    "an extra field over its end": File("b", extra=b"\x75\x70\xff\x00ab"),
    "a size that is nowhere told": File("b", local={"size": 0xFFFFFFFF}),
    "a stored file of two sizes": File("b", b"words", STORED, local={"size": 9}),
    "data that are not deflated": dataclasses.replace(streamed(File("b")), data=b"\x07\x07\x07"),
    "a descriptor that lies": dataclasses.replace(
        streamed(File("b")), descriptor=b"PK\x07\x08" + bytes(12)
    ),
}


@pytest.mark.parametrize("size", [1, 13, 1 << 16])
@pytest.mark.parametrize("file", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_cannot_be_followed_ends_the_sightings_and_is_no_error(file: File, size: int) -> None:
    found, walker = walked(archive(A, file, A), [size])
    assert [one.entry.path for one in found if isinstance(one, Passed)] == ["a.txt"]
    assert walker.blind


@given(st.binary(max_size=400), SIZES)
def test_anything_at_all_may_come(content: bytes, sizes: list[int]) -> None:
    walked(content, sizes)
    walked(b"PK\x03\x04" + content, sizes)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4), SIZES)
def test_a_damaged_archive_shows_nothing_that_is_not_in_it(
    place: int, data: bytes, sizes: list[int]
) -> None:
    raw = bytearray(archive(A, streamed(File("c", b"third" * 40)), B))
    place %= len(raw)
    raw[place : place + len(data)] = data
    found, _ = walked(bytes(raw), sizes)
    for one in found:
        if isinstance(one, Passed):
            assert 0 <= one.entry.offset < one.entry.until <= len(raw)


# Bombs: the directory that would tell is still to come


def test_a_deflate_bomb_of_unknown_size_is_not_unpacked_to_its_end() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    bomb = dataclasses.replace(streamed(File("bomb")), data=packed)
    found, walker = walked(archive(A, bomb, B), [1 << 16])
    assert [one.entry.path for one in found if isinstance(one, Passed)] == ["a.txt"]
    assert walker.blind
    assert walker._tally.size < 64 << 20


def test_a_file_that_claims_to_shrink_too_well_is_not_sighted() -> None:
    told = {"size": 10 << 30, "extra": b""}
    wide = struct.pack("<2H2Q", 1, 16, 5 << 30, len(deflated(b"words")))
    liar = File(
        "liar", b"words", extra=wide, local={**told, "size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF}
    )
    liar = dataclasses.replace(liar, local={**liar.local, "extra": wide})
    found, walker = walked(archive(A, liar, B), [1 << 16])
    assert [one.entry.path for one in found if isinstance(one, Passed)] == ["a.txt"]
    assert walker.blind


def test_of_very_many_files_only_the_first_thousands_are_sighted() -> None:
    raw = archive(*(File(f"f/{number}", b"", STORED) for number in range(6000)))
    found, walker = walked(raw, [1 << 16])
    assert len(found) == 5000
    assert walker.blind


def test_thousands_of_files_cost_no_more_than_their_bytes() -> None:
    content = random.Random(1).randbytes(100)
    raw = archive(*(File(f"f/{number}", content, STORED) for number in range(4000)))
    assert len(sighted(raw, 256 << 10)) == 4000
