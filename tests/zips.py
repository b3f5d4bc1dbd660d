"""Builds archives byte by byte, so that every header can say what no ZIP program would write."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

STORED, DEFLATED = 0, 8
UTF8_FLAG, STREAMED_FLAG, ENCRYPTED_FLAG = 0x800, 8, 1


@dataclass(frozen=True)
class File:
    """An entry; ``local`` and ``central`` hold what only that header says, by field name."""

    name: str | bytes
    content: bytes = b"words"
    method: int = DEFLATED
    flags: int = UTF8_FLAG
    mode: int = 0o100644
    extra: bytes = b""
    data: bytes | None = None
    descriptor: bytes = b""
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def packed(self) -> bytes:
        """The entry's bytes in the archive."""
        if self.data is not None:
            return self.data
        return deflated(self.content) if self.method == DEFLATED else self.content

    @cached_property
    def crc32(self) -> int:
        """The checksum of its content."""
        return zlib.crc32(self.content)

    def header(self, **said: Any) -> dict[str, Any]:
        """The fields both headers share."""
        truth = {
            "name": self.name.encode() if isinstance(self.name, str) else self.name,
            "flags": self.flags,
            "method": self.method,
            "time": 0,
            "date": 0x21,
            "crc32": self.crc32,
            "compressed": len(self.packed),
            "size": len(self.content),
            "extra": self.extra,
        }
        return {**truth, **said}


def archive(
    *files: File, comment: bytes = b"", before: bytes = b"", gap: bytes = b"", **end: int
) -> bytes:
    """The archive of these files; ``end`` are fields of the end record, by name.

    ``before`` comes first and is not counted in any offset; ``gap`` lies between two entries.
    """
    out, central = io.BytesIO(), io.BytesIO()
    for number, file in enumerate(files):
        if number:
            out.write(gap)
        offset = out.tell()
        head = file.header(**file.local)
        out.write(
            struct.pack(
                "<4s5H3L2H", b"PK\x03\x04", 20, head["flags"], head["method"], head["time"],
                head["date"], head["crc32"], head["compressed"], head["size"],
                len(head["name"]), len(head["extra"]),
            )
            + head["name"] + head["extra"] + file.packed + file.descriptor
        )  # fmt: skip
        said = {"offset": offset, **file.header(), **file.central}
        central.write(
            struct.pack(
                "<4s6H3L5H2L", b"PK\x01\x02", 0x0314, 20, said["flags"], said["method"],
                said["time"], said["date"], said["crc32"], said["compressed"], said["size"],
                len(said["name"]), len(said["extra"]), 0, 0, 0, file.mode << 16, said["offset"],
            )
            + said["name"] + said["extra"]
        )  # fmt: skip
    told = {
        "here": len(files), "entries": len(files), "size": central.tell(), "offset": out.tell(),
        "comment": len(comment), **end,
    }  # fmt: skip
    record = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, told["here"], told["entries"], told["size"],
        told["offset"], told["comment"],
    )  # fmt: skip
    return before + out.getvalue() + central.getvalue() + record + comment


def streamed(file: File, *, marked: bool = True) -> File:
    """The same entry as a program writes it that cannot go back: sizes follow the data."""
    truth = struct.pack("<3L", file.crc32, len(file.packed), len(file.content))
    return File(
        file.name,
        file.content,
        file.method,
        file.flags | STREAMED_FLAG,
        descriptor=(b"PK\x07\x08" if marked else b"") + truth,
        local={"crc32": 0, "compressed": 0, "size": 0},
    )


def unicode_name(raw: bytes, name: str) -> bytes:
    """The extra field 0x7075 that gives ``raw`` a name in UTF-8."""
    body = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + name.encode()
    return struct.pack("<2H", 0x7075, len(body)) + body


def deflated(content: bytes) -> bytes:
    """Raw deflate, as in archives."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()
