"""How long a recording is, where only its head tells: Matroska and WebM."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.render import matroska

EBML = bytes.fromhex("1a45dfa3")
SEGMENT = bytes.fromhex("18538067")
INFO = bytes.fromhex("1549a966")
SCALE = bytes.fromhex("2ad7b1")
DURATION = bytes.fromhex("4489")
VOID = bytes.fromhex("ec")
UNKNOWN = b"\x01" + b"\xff" * 7


def part(what: bytes, content: bytes) -> bytes:
    return what + (0x10000000 | len(content)).to_bytes(4, "big") + content


def recording(info: bytes, before: bytes = b"") -> bytes:
    return part(EBML, b"") + SEGMENT + UNKNOWN + before + part(INFO, info)


def length(content: bytes) -> float | None:
    return matroska.seconds(io.BytesIO(content))


def test_the_length_is_told_in_ticks_of_a_millisecond_where_nothing_else_is_said() -> None:
    assert length(recording(part(DURATION, struct.pack(">d", 1500.0)))) == 1.5
    assert length(recording(part(DURATION, struct.pack(">f", 1500.0)))) == 1.5


def test_ticks_may_be_of_another_length() -> None:
    info = part(DURATION, struct.pack(">d", 30.0)) + part(SCALE, (10**9).to_bytes(4, "big"))
    assert length(recording(info)) == 30


def test_what_stands_before_it_is_passed_over() -> None:
    info = part(VOID, bytes(90)) + part(DURATION, struct.pack(">d", 2000.0))
    assert length(recording(info, before=part(VOID, bytes(4000)))) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        EBML,
        part(EBML, b""),
        recording(b""),
        recording(part(DURATION, b"")),
        recording(part(DURATION, b"12345")),
        recording(DURATION + b"\x8f" + b"\0\0"),
        part(EBML, b"") + SEGMENT + UNKNOWN + b"\0" * 900,
        part(EBML, b"") + part(SEGMENT, b"") + part(INFO, b""),
        b"RIFF" + bytes(400),
    ],
)
def test_a_head_that_does_not_tell_gives_no_length(content: bytes) -> None:
    assert length(content) is None


@given(st.binary(max_size=400))
def test_no_bytes_at_all_upset_it(noise: bytes) -> None:
    found = length(EBML + noise)
    assert found is None or isinstance(found, float)
    found = length(recording(noise))
    assert found is None or isinstance(found, float)
