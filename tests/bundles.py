"""Meetings for the tests of faults: files under their shown names, packed, with their agenda."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kiosk.demo.origin import OriginMeeting

TAIL = 65_557
"""What is asked for first of a package that nobody knows yet: room for any end record."""
SLACK = TAIL + 4096
"""What a server may send besides: the tail, and headers between entries."""


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that no compression makes smaller; the same for the same seed."""
    return random.Random(f"{seed} {size}").randbytes(size)


def words(lines: int, seed: int = 0) -> bytes:
    """Text of that many lines that compresses to about a third."""
    chance = random.Random(seed)
    return "".join(f"第 {n} 行 {chance.randrange(10**12)}\n" for n in range(lines)).encode()


@dataclass(frozen=True)
class Bundle:
    """``files`` by shown name, in agenda order; ``.txt`` is deflated, everything else stored."""

    files: dict[str, bytes] = field(repr=False)
    meeting_id: str = "M1"
    title: str = "经营工作会"
    order: tuple[str, ...] = ()
    method: int | None = None
    folder: str = "01_工作报告"
    more: dict[str, Any] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Where the file of that shown name lies in the package."""
        number = list(self.files).index(name) + 1
        return f"{self.folder}/t{number}.{name.rpartition('.')[2]}"

    @cached_property
    def package(self) -> bytes:
        """The archive; ``order`` is that of its entries, where it is not the agenda's."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("README.txt", "materials")
            for name in self.order or self.files:
                deflated = zipfile.ZIP_DEFLATED if name.endswith(".txt") else zipfile.ZIP_STORED
                method = deflated if self.method is None else self.method
                archive.writestr(self.path(name), self.files[name], method)
        return out.getvalue()

    @cached_property
    def data(self) -> dict[str, Any]:
        """The master's document of it."""
        listed = [
            {"name": self.path(name).rpartition("/")[2], "display_name": name,
             "size": len(content), "temp_id": f"t{number}", "agenda_folder": self.folder}
            for number, (name, content) in enumerate(self.files.items(), 1)
        ]  # fmt: skip
        item = {"position": 1, "title": "工作报告", "files": listed}
        return {"meeting_id": self.meeting_id, "title": self.title, "agenda_items": [item]}

    @property
    def origin(self) -> OriginMeeting:
        """The meeting as a scripted server has it."""
        return OriginMeeting(self.package, self.data, **self.more)

    def span(self, name: str) -> tuple[int, int]:
        """Where the entry's data lie in the package: start, and stop (exclusive)."""
        with zipfile.ZipFile(io.BytesIO(self.package)) as archive:
            about = archive.getinfo(self.path(name))
            header = about.header_offset
        raw = self.package
        lengths = (int.from_bytes(raw[header + n : header + n + 2], "little") for n in (26, 28))
        start = header + 30 + sum(lengths)
        return start, start + about.compress_size

    def changed(self, **files: bytes) -> Bundle:
        """The next version: these files are others (by the first part of their shown names)."""
        named = {name: files.get(name.partition(".")[0], old) for name, old in self.files.items()}
        return replace(self, files=named)


PAPERS = Bundle(
    {
        "report.pdf": b"%PDF-1.4\n" + noise(700_000, 1),
        "plan.bin": noise(500_000, 2),
        "notes.txt": words(12_000, 3),
        "photo.jpg": noise(400_000, 4),
    }
)
"""Four materials, about two million bytes."""
VOLUMES = Bundle({f"volume{n}.bin": noise(3_500_000, 80 + n) for n in range(1, 5)})
"""Fourteen million bytes: enough for three lanes to be of use."""
