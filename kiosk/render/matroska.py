"""How long a Matroska or WebM recording is: read from its head (RFC 9559), whose sizes may lie."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

HEAD_BYTES = 1 << 20
MOST_ELEMENTS = 1000
MARK = b"\x1aE\xdf\xa3"
_EBML, _SEGMENT, _INFO = 0x1A45DFA3, 0x18538067, 0x1549A966
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_USUAL_SCALE = 1_000_000  # nanoseconds in one tick

Element = tuple[int, int, int]
"""Its id, where its content begins, and where it ends."""


def seconds(file: BinaryIO) -> float | None:
    """The length of the recording at the start of ``file``; None where its head does not tell."""
    head = file.read(HEAD_BYTES)
    if not head.startswith(MARK):
        return None
    info = _find(head, _SEGMENT, 0, len(head))
    info = info and _find(head, _INFO, info[1], info[2])
    if not info:
        return None
    ticks, scale = None, _USUAL_SCALE
    for what, start, end in _elements(head, info[1], info[2]):
        if what == _SCALE and 0 < end - start <= 8:
            scale = int.from_bytes(head[start:end], "big")
        elif what == _DURATION and end - start in (4, 8):
            (ticks,) = struct.unpack(">f" if end - start == 4 else ">d", head[start:end])
    return None if ticks is None else float(ticks * scale / 1e9)


def _find(head: bytes, wanted: int, start: int, end: int) -> Element | None:
    return next((one for one in _elements(head, start, end) if one[0] == wanted), None)


def _elements(head: bytes, start: int, end: int) -> Iterator[Element]:
    """The elements side by side in a part of the head, as far as it reaches."""
    for _ in range(MOST_ELEMENTS):
        what, start = _number(head, start, end, keep_mark=True)
        size, start = _number(head, start, end, keep_mark=False)
        if what is None or size is None:
            return
        yield what, start, min(end, start + size)
        start += size


def _number(head: bytes, at: int, end: int, *, keep_mark: bool) -> tuple[int | None, int]:
    """A number whose first bits say how many bytes it has, and where the next one begins.

    A size of nothing but ones is an unknown one: it reaches further than any head.
    """
    if at >= end or head[at] == 0:
        return None, end
    length = 9 - head[at].bit_length()
    if at + length > end:
        return None, end
    value = int.from_bytes(head[at : at + length], "big")
    return value if keep_mark else value & ((1 << 7 * length) - 1), at + length
