"""What is in a package, and which packages are refused before anything of them is written."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zips import (
    DEFLATED,
    ENCRYPTED_FLAG,
    STORED,
    STREAMED_FLAG,
    UTF8_FLAG,
    File,
    archive,
    deflated,
    streamed,
)

from kiosk.errors import PackageError
from kiosk.package import Limits, inspect, read_entry

A, B = File("a.txt", b"first " * 50), File("b/b.txt", b"second " * 50, STORED)
SOUND = archive(A, B)


def contents(raw: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    file = io.BytesIO(raw)
    package = inspect(file, limits)
    return {entry.path: b"".join(read_entry(file, entry)) for entry in package.entries}


def refusal(raw: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(PackageError) as caught:
        contents(raw, limits)
    return caught.value.code


def test_the_files_of_a_sound_package_are_read() -> None:
    assert contents(SOUND) == {"a.txt": A.content, "b/b.txt": B.content}


def test_the_same_directory_has_the_same_hash_and_another_one_another() -> None:
    one, other = inspect(io.BytesIO(SOUND)), inspect(io.BytesIO(archive(B, A)))
    assert one.directory_sha256 == inspect(io.BytesIO(SOUND)).directory_sha256
    assert one.directory_sha256 != other.directory_sha256


def test_folders_are_no_files() -> None:
    assert contents(archive(File("f/", b"", STORED, mode=0o040755), A)) == {"a.txt": A.content}


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_an_entry_whose_sizes_follow_its_data_is_read(marked: bool, method: int) -> None:
    file = File("a.txt", b"streamed " * 100, method)
    raw = archive(streamed(file, marked=marked), B)
    assert contents(raw)["a.txt"] == file.content


def test_a_package_stored_inside_a_package_is_a_file_like_any_other() -> None:
    inner = File("inner.docx", SOUND, STORED)
    assert contents(archive(A, inner))["inner.docx"] == SOUND
    assert contents(archive(A, inner, comment=b"made by hand"))["inner.docx"] == SOUND


@pytest.mark.parametrize("mode", [0o100755, 0o104755, 0o102777, 0o100000, 0])
def test_modes_of_ordinary_files_do_not_matter(mode: int) -> None:
    assert contents(archive(File("a", b"x", mode=mode))) == {"a": b"x"}


@pytest.mark.parametrize("kind", [0o120000, 0o020000, 0o060000, 0o010000, 0o140000])
def test_links_and_devices_are_refused(kind: int) -> None:
    assert refusal(archive(A, File("link", b"/etc/passwd", mode=kind | 0o777))) == "unsafe-name"


# Z3: bombs


def test_more_entries_than_allowed_are_refused_before_they_are_read() -> None:
    assert refusal(archive(A, B), Limits(max_entries=1)) == "bomb"


def test_a_directory_larger_than_allowed_is_refused_before_it_is_read() -> None:
    assert refusal(archive(A, B), Limits(max_directory_bytes=20)) == "bomb"


def test_more_bytes_than_allowed_are_refused_by_what_the_directory_says() -> None:
    assert refusal(SOUND, Limits(max_total_bytes=600)) == "bomb"


def test_a_file_that_shrinks_too_well_is_a_bomb() -> None:
    blank = bytes(2 << 20)
    limits = Limits(ratio_from_bytes=1 << 20)
    assert refusal(archive(File("blank", blank)), limits) == "bomb"
    assert contents(archive(File("blank", blank)), Limits()) == {"blank": blank}


def test_many_small_bombs_are_a_bomb() -> None:
    files = [File(f"{number}", bytes(300_000)) for number in range(5)]
    assert refusal(archive(*files), Limits(ratio_from_bytes=1 << 20)) == "bomb"


def test_a_file_that_says_ten_bytes_never_gives_out_more() -> None:
    file = io.BytesIO(archive(File("a", b"0123456789", data=deflated(bytes(10 << 20)))))
    (entry,) = inspect(file).entries
    given_out: list[bytes] = []
    with pytest.raises(PackageError) as caught:
        given_out.extend(read_entry(file, entry))
    assert caught.value.code == "damaged"
    assert sum(map(len, given_out)) <= 10


def test_entries_that_share_their_bytes_are_refused() -> None:
    again = File("again", A.content, central={"offset": 0, "name": b"again"})
    overlap = archive(A, File("b", b"", STORED, central={"offset": 0}))
    assert refusal(overlap) == "ambiguous"
    assert refusal(archive(A, again)) == "ambiguous"


# Z4: not what it says


def test_a_wrong_checksum_is_damage() -> None:
    wrong = {"crc32": 1}
    assert refusal(archive(File("a", b"words", local=wrong, central=wrong))) == "damaged"


@pytest.mark.parametrize("size", [4, 6, 5000])
def test_a_wrong_size_is_damage(size: int) -> None:
    wrong = {"size": size}
    assert refusal(archive(File("a", b"words", local=wrong, central=wrong))) == "damaged"


@pytest.mark.parametrize("data", [b"\x07\x07\x07", deflated(b"words")[:-2], b""])
def test_data_that_cannot_be_unpacked_are_damage(data: bytes) -> None:
    assert refusal(archive(File("a", b"words", data=data))) == "damaged"


def test_bytes_after_the_end_of_a_compressed_file_are_damage() -> None:
    assert refusal(archive(File("a", b"words", data=deflated(b"words") + b"more"))) == "damaged"


def test_a_package_that_was_cut_is_refused_wherever_it_was() -> None:
    for cut in range(len(SOUND)):
        assert refusal(SOUND[:cut]) in ("damaged", "ambiguous")


# Z5: what is not read here


@pytest.mark.parametrize("flag", [ENCRYPTED_FLAG, ENCRYPTED_FLAG | 64, 0x2000])
def test_encrypted_files_are_refused(flag: int) -> None:
    assert refusal(archive(A, File("b", flags=UTF8_FLAG | flag))) == "encrypted"


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 95, 98, 99])
def test_other_methods_are_refused(method: int) -> None:
    assert refusal(archive(A, File("b", b"words", method))) == "unsupported-method"


# Z8: what two readers could read differently

LIES = {
    "two archives in one": SOUND + SOUND,
    "bytes before": archive(A, before=b"#!/bin/sh\n"),
    "bytes after": SOUND + b"more",
    "bytes between entries": archive(A, B, gap=b"hidden"),
    "an entry of no directory": archive(A, B, gap=archive(File("hidden"))[:60]),
    "an end record in the comment": archive(A, comment=b"PK\x05\x06" + bytes(18)),
    "a directory in the comment": archive(A, comment=archive(B)),
    "a comment longer than told": SOUND[:-2] + b"\x01\x00" + b"12345",
    "fewer entries than there are": archive(A, B, entries=1, here=1),
    "several disks": archive(A, B, here=1),
    "directory elsewhere": archive(A, B, offset=10),
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
    "a stored file of two sizes": archive(
        File("a", b"words", STORED, local={"size": 9}, central={"size": 9})
    ),
    "a descriptor that lies": archive(
        File("a", flags=UTF8_FLAG | STREAMED_FLAG, descriptor=b"PK\x07\x08" + bytes(12))
    ),
    "an extra field over its end": archive(File("a", extra=b"\x75\x70\xff\x00ab")),
    "an extra field twice": archive(File("a", extra=2 * (b"\x01\x00\x08\x00" + bytes(8)))),
    "a size that is nowhere told": archive(
        File("a", local={"size": 0xFFFFFFFF}, central={"size": 0xFFFFFFFF})
    ),
    "a folder with content": archive(File("f/", b"words")),
    "a ZIP64 archive without its locator": archive(A, entries=0xFFFF, here=0xFFFF),
}


@pytest.mark.parametrize("raw", LIES.values(), ids=LIES.keys())
def test_a_package_that_two_readers_could_read_differently_is_refused(raw: bytes) -> None:
    assert refusal(raw) in ("ambiguous", "damaged")


# Z9: fine


@pytest.mark.parametrize(("date", "time"), [(0, 0), (0xFFFF, 0xFFFF), (0x21, 0xBF7D)])
def test_impossible_dates_are_fine(date: int, time: int) -> None:
    said = {"date": date, "time": time}
    assert contents(archive(File("a", b"x", local=said, central=said))) == {"a": b"x"}


def test_sixty_thousand_files_are_fine() -> None:
    raw = archive(*(File(f"f/{number}", b"", STORED) for number in range(60_000)))
    assert len(inspect(io.BytesIO(raw)).entries) == 60_000


def test_zip64_is_fine() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        with made.open("big", "w", force_zip64=True) as entry:
            entry.write(b"x" * 1000)
        for number in range(66_000):
            made.writestr(zipfile.ZipInfo(f"{number}"), b"")
    package = inspect(io.BytesIO(out.getvalue()))
    assert len(package.entries) == 66_001
    assert b"".join(read_entry(out, package.entries[0])) == b"x" * 1000


@pytest.mark.parametrize("size", [0, 5])
def test_entries_written_to_a_pipe_as_zip64_are_fine(size: int) -> None:
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in "ab":
            with made.open(name, "w", force_zip64=True) as entry:
                entry.write(b"x" * size)
    assert contents(bytes(out.written)) == {"a": b"x" * size, "b": b"x" * size}


@pytest.mark.parametrize(
    ("told", "read"), [((5,), True), ((5, 5), True), ((5, 5, 0), True), ((5, 0), False)]
)
def test_a_zip64_field_may_tell_more_than_it_has_to_if_it_is_true(
    told: tuple[int, ...], read: bool
) -> None:
    block = struct.pack(f"<2H{len(told)}Q", 1, 8 * len(told), *told)
    raw = archive(File("a", b"words", STORED, central={"size": 0xFFFFFFFF, "extra": block}))
    if read:
        assert contents(raw) == {"a": b"words"}
    else:
        assert refusal(raw) == "ambiguous"


def test_two_end_records_that_differ_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(66_000):
            made.writestr(zipfile.ZipInfo(f"{number}"), b"")
    raw = bytearray(out.getvalue())
    at = raw.rfind(b"PK\x05\x06")
    struct.pack_into("<2H", raw, at + 8, 7, 7)
    assert refusal(bytes(raw)) == "ambiguous"


# The standard library as an oracle

NAMES = st.text("abcdefghi 会议材料é①.-_", min_size=1, max_size=20).map(lambda s: f"x{s}y")
FILES = st.dictionaries(NAMES, st.binary(max_size=5000), min_size=1, max_size=6)


class _Pipe(io.RawIOBase):
    """Can only be written to: what is written cannot be mended."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)


def zipped(files: dict[str, bytes], method: int, pipe: bool) -> bytes:
    out = _Pipe() if pipe else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return bytes(out.written) if isinstance(out, _Pipe) else out.getvalue()


@given(FILES, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), st.booleans())
def test_sound_archives_are_read_as_the_standard_library_reads_them(
    files: dict[str, bytes], method: int, pipe: bool
) -> None:
    raw = zipped(files, method, pipe)
    with zipfile.ZipFile(io.BytesIO(raw)) as oracle:
        theirs = {info.filename: oracle.read(info) for info in oracle.infolist()}
    assert contents(raw) == {unicodedata.normalize("NFC", name): theirs[name] for name in theirs}


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 10**6), st.sampled_from(["flip", "cut", "add"]), st.binary(max_size=6)
    ),
    min_size=1,
    max_size=5,
)


def mutated(raw: bytes, mutations: list[tuple[int, str, bytes]]) -> bytes:
    made = bytearray(raw)
    for place, how, data in mutations:
        at = place % len(made)
        if how == "flip":
            made[at] ^= (data or b"\x01")[0] or 1
        elif how == "cut":
            del made[at : at + len(data) + 1]
        else:
            made[at:at] = data
        if not made:
            break
    return bytes(made)


@given(MUTATIONS, st.booleans())
def test_a_mutated_archive_never_gives_an_entry_other_than_its_directory_says(
    mutations: list[tuple[int, str, bytes]], pipe: bool
) -> None:
    raw = mutated(zipped({"a": b"text " * 99, "b/c": bytes(999)}, DEFLATED, pipe), mutations)
    file, given_out = io.BytesIO(raw), 0
    try:
        for entry in inspect(file, Limits(max_total_bytes=1 << 20)).entries:
            chunks = list(read_entry(file, entry))
            given_out += sum(map(len, chunks))
            assert sum(map(len, chunks)) == entry.size
            assert zlib.crc32(b"".join(chunks)) == entry.crc32
    except PackageError:
        assert given_out <= 1 << 20
