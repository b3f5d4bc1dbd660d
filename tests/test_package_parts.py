"""A package whose bytes arrive in any order: judged by its end first, then file by file."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zips import DEFLATED, STORED, STREAMED_FLAG, UTF8_FLAG, File, archive, streamed

from kiosk.errors import PackageError
from kiosk.package import TAIL_BYTES, Lacking, Limits, Package, Tail, inspect, place, read_directory

A, B = File("a.txt", b"first " * 50), File("b/b.txt", b"second " * 50, STORED)
SOUND = archive(A, B)


class _Grudging(io.BytesIO):
    """Counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def by_tail(raw: bytes, first: int = TAIL_BYTES) -> tuple[Package, int]:
    """The package by its tail, more of it fetched as it is lacking; and how much was fetched."""
    start, before = max(0, len(raw) - first), len(raw) + 1
    while start < before:
        try:
            return read_directory(Tail(len(raw), raw[start:]), len(raw)), len(raw) - start
        except Lacking as lacking:
            start, before = lacking.start, start
    raise AssertionError("it does not get on")


def directory_refusal(raw: bytes, limits: Limits | None = None) -> str | None:
    try:
        read_directory(io.BytesIO(raw), len(raw), limits)
    except PackageError as fault:
        return fault.code
    return None


def place_refusal(raw: bytes) -> str | None:
    file = io.BytesIO(raw)
    try:
        for entry in read_directory(file, len(raw)).entries:
            place(file, entry)
    except PackageError as fault:
        return fault.code
    return None


# By the tail alone


def test_the_tail_says_all_that_the_whole_package_says() -> None:
    found, fetched = by_tail(SOUND)
    assert found == inspect(io.BytesIO(SOUND))
    assert found.total == fetched == len(SOUND)
    assert found.directory_sha256 == hashlib.sha256(SOUND[found.directory_offset :]).hexdigest()


def test_of_a_large_package_only_the_end_is_needed() -> None:
    raw = archive(File("big", bytes(300_000), STORED), B, comment=b"made by hand")
    file = _Grudging(raw)
    assert read_directory(file, len(raw)) == inspect(io.BytesIO(raw))
    assert file.taken < TAIL_BYTES + 1000
    found, fetched = by_tail(raw)
    assert found == inspect(io.BytesIO(raw))
    assert fetched == TAIL_BYTES


@given(st.integers(1, 400))
def test_what_lacks_of_a_long_directory_is_asked_for(first: int) -> None:
    raw = archive(*(File(f"f/{number}", b"x", STORED) for number in range(40)))
    found, fetched = by_tail(raw, first)
    assert found == inspect(io.BytesIO(raw))
    assert fetched <= max(first, len(raw))


def test_a_directory_longer_than_the_tail_is_asked_for_once() -> None:
    raw = archive(*(File(f"folder/{number:050}", b"x", STORED) for number in range(2000)))
    start = len(raw) - TAIL_BYTES
    with pytest.raises(Lacking) as caught:
        read_directory(Tail(len(raw), raw[start:]), len(raw))
    assert caught.value.start == inspect(io.BytesIO(raw)).directory_offset
    assert by_tail(raw)[0] == inspect(io.BytesIO(raw))


def test_every_entry_ends_where_the_next_one_begins() -> None:
    found = read_directory(io.BytesIO(SOUND), len(SOUND))
    first, second = found.entries
    assert first.offset == 0
    assert first.until == second.offset
    assert second.until == found.directory_offset
    assert second.begins == second.until - len(B.content)
    assert first.begins is None


def test_entries_may_lie_in_another_order_than_they_are_listed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in "abc":
            made.writestr(name, name * 10)
        made.filelist.reverse()
    found = read_directory(out, len(out.getvalue()))
    assert [entry.path for entry in found.entries] == ["c", "b", "a"]
    assert [place(out, entry) - entry.offset for entry in found.entries] == [31] * 3


def test_another_build_of_the_same_files_has_another_directory() -> None:
    one, other = archive(A, B), archive(B, A)
    assert by_tail(one)[0].directory_sha256 == by_tail(one)[0].directory_sha256
    assert by_tail(one)[0].directory_sha256 != by_tail(other)[0].directory_sha256


def test_a_byte_anywhere_from_the_directory_on_makes_it_another_build() -> None:
    found = read_directory(io.BytesIO(SOUND), len(SOUND))
    for at in range(found.directory_offset, len(SOUND)):
        raw = SOUND[:at] + bytes([SOUND[at] ^ 1]) + SOUND[at + 1 :]
        try:
            other = read_directory(io.BytesIO(raw), len(raw))
        except PackageError:
            continue
        assert other.directory_sha256 != found.directory_sha256


# What is refused by the directory alone: before a byte of the files is fetched

BY_DIRECTORY = {
    "two archives in one": SOUND + SOUND,
    "bytes before": archive(A, before=b"#!/bin/sh\n"),
    "bytes after": SOUND + b"more",
    "an end record in the comment": archive(A, comment=b"PK\x05\x06" + bytes(18)),
    "a directory in the comment": archive(A, comment=archive(B)),
    "fewer entries than there are": archive(A, B, entries=1, here=1),
    "several disks": archive(A, B, here=1),
    "directory elsewhere": archive(A, B, offset=10),
    "overlap": archive(A, File("b", b"", STORED, central={"offset": 0})),
    "data that run into the next": archive(File("a", b"w", STORED, central={"compressed": 99}), B),
    "a stored file of two sizes": archive(File("a", b"words", STORED, central={"size": 9})),
    "an extra field over its end": archive(File("a", extra=b"\x75\x70\xff\x00ab")),
    "a folder with content": archive(File("f/", b"words")),
    "a ZIP64 archive without its locator": archive(A, entries=0xFFFF, here=0xFFFF),
    "the first entry does not begin the file": archive(
        File("a", central={"offset": 5}), File("b", b"", STORED)
    ),
}
BY_PLACE = {
    "bytes between entries": archive(A, B, gap=b"hidden"),
    "an entry of no directory": archive(A, B, gap=archive(File("hidden"))[:60]),
    "two names": archive(File("a.txt", local={"name": b"b.txt"})),
    "two sizes": archive(File("a", b"words", local={"size": 4})),
    "two packed sizes": archive(File("a", b"words", local={"compressed": 1})),
    "two checksums": archive(File("a", b"words", local={"crc32": 1})),
    "two methods": archive(File("a", b"words", STORED, local={"method": DEFLATED})),
    "two sets of flags": archive(File("a", b"words", local={"flags": 0})),
    "encrypted in one header only": archive(File("a", local={"flags": UTF8_FLAG | 1})),
    "sizes that follow, in one header only": archive(
        File("a", local={"flags": UTF8_FLAG | STREAMED_FLAG})
    ),
    "a descriptor that lies": archive(
        File("a", flags=UTF8_FLAG | STREAMED_FLAG, descriptor=b"PK\x07\x08" + bytes(12))
    ),
}


@pytest.mark.parametrize("raw", BY_DIRECTORY.values(), ids=BY_DIRECTORY.keys())
def test_what_the_directory_shows_is_refused_before_anything_is_fetched(raw: bytes) -> None:
    assert directory_refusal(raw) in ("ambiguous", "damaged")


@pytest.mark.parametrize("raw", BY_PLACE.values(), ids=BY_PLACE.keys())
def test_what_only_a_local_header_shows_is_refused_when_that_has_come(raw: bytes) -> None:
    assert directory_refusal(raw) is None
    assert place_refusal(raw) in ("ambiguous", "damaged")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (File("../a"), "unsafe-name"),
        (File("/a"), "unsafe-name"),
        (File("a\\b"), "unsafe-name"),
        (File("link", mode=0o120777), "unsafe-name"),
        (File("a", flags=UTF8_FLAG | 1), "encrypted"),
        (File("a", b"words", 12), "unsupported-method"),
        (File("b/b.txt/c"), "duplicate-name"),
        (File("b/b.txt"), "duplicate-name"),
    ],
)
def test_unfit_files_are_refused_by_the_directory(file: File, code: str) -> None:
    assert directory_refusal(archive(B, file)) == code


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_entries=1),
        Limits(max_directory_bytes=20),
        Limits(max_total_bytes=600),
        Limits(max_ratio=1, ratio_from_bytes=100),
    ],
)
def test_bombs_are_refused_by_the_directory(limits: Limits) -> None:
    assert directory_refusal(SOUND, limits) == "bomb"


def test_a_zip64_end_record_far_from_the_end_is_not_fetched() -> None:
    raw = archive(File("big", bytes(200_000), STORED))
    end = raw.rfind(b"PK\x05\x06")
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 100, 1)
    lies = raw[:end] + locator + raw[end:]
    with pytest.raises(PackageError) as caught:
        by_tail(lies)
    assert caught.value.code == "ambiguous"


@pytest.mark.parametrize("marked", [True, False])
def test_a_descriptor_belongs_to_its_entry(marked: bool) -> None:
    raw = archive(streamed(File("s", b"streamed " * 100, STORED), marked=marked), B)
    file = io.BytesIO(raw)
    entry = read_directory(file, len(raw)).entries[0]
    assert entry.begins is None
    begins = place(file, entry)
    assert raw[begins : begins + entry.compressed] == b"streamed " * 100
    assert entry.until - begins - entry.compressed == (16 if marked else 12)
