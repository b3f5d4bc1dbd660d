"""What a journal says of a partly-here package, and how much of that can be believed.

Lines of JSON. The first names the build and the start of this machine (``boot_id``). The others
tell what has come to be here: bytes (``have``) and whole files (``done``). They hold as long as the
machine runs: what was handed to the kernel outlives the process. ``{"safe": N}`` says that what the
first N lines tell was synced after that; after another start of the machine only this much counts.
A crash cuts at most the last line, which is passed over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.package import Package
from kiosk.spans import Spans

VERSION = 3
MAX_LINE = 4 << 20
MAX_BYTES = 64 << 20
MAX_TOTAL = 1 << 50
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SHA256 = re.compile(r"[0-9a-f]{64}")

Key = tuple[str, int, int]


@dataclass(frozen=True)
class BuildId:
    """Which archive bytes belong to: equal ids mean equal bytes, whoever sends them.

    ``directory_sha256`` is empty for a stream of which the end is not known yet: such bytes cannot
    be added to later.
    """

    total: int | None
    directory_sha256: str

    @classmethod
    def of(cls, package: Package) -> BuildId:
        """The id of a package whose directory was read."""
        return cls(package.total, package.directory_sha256)

    @property
    def resumable(self) -> bool:
        """Whether a later request may add to these bytes."""
        return bool(self.directory_sha256) and self.total is not None


@dataclass
class Record:
    """What a journal proves: the build, which of its bytes are here, whole files by their key."""

    build: BuildId | None = None
    spans: Spans = field(default_factory=Spans)
    done: dict[Key, str] = field(default_factory=dict)


def boot_id() -> str:
    """What names the time since this machine was started; empty where nothing does."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def head(build: BuildId) -> bytes:
    """The first line."""
    told = {"version": VERSION, "boot": boot_id(), "total": build.total}
    return _line({**told, "directory": build.directory_sha256})


def state(spans: Spans) -> bytes:
    """Which bytes are here now."""
    return _line({"have": list(spans)})


def whole(key: Key, sha256: str) -> bytes:
    """A file has become whole."""
    return _line({"done": [*key, sha256]})


def safe(lines: int) -> bytes:
    """What the first so many lines tell has been synced."""
    return _line({"safe": lines})


def read(content: bytes) -> Record:
    """What the journal proves; nothing where it is damaged or of another version."""
    lines = [_parsed(raw) for raw in content.split(b"\n")]
    build = _build(lines[0])
    if build is None:
        return Record()
    boot = boot_id()
    if not boot or lines[0].get("boot") != boot:
        told = [entry["safe"] for entry in lines if _is_count(entry.get("safe"))]
        lines = lines[: max(told, default=0)]
    record = Record(build)
    for entry in lines[1:]:
        if (have := _spans(entry, build)) is not None:
            record.spans = have
        record.done.update(_done(entry))
    return record if build.resumable else Record(None, Spans(), record.done)


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(raw) if len(raw) <= MAX_LINE else {}
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _build(entry: dict[str, Any]) -> BuildId | None:
    total, directory = entry.get("total"), entry.get("directory")
    if entry.get("version") != VERSION or not isinstance(directory, str):
        return None
    if total is not None and (not _is_count(total) or total > MAX_TOTAL):
        return None
    return BuildId(total, directory)


def _spans(entry: dict[str, Any], build: BuildId) -> Spans | None:
    have = entry.get("have")
    rows: list[Any] = have if isinstance(have, list) else [None]
    if not all(isinstance(row, list) and list(map(_is_count, row)) == [True] * 2 for row in rows):
        return None
    try:
        spans = Spans((start, stop) for start, stop in rows)
    except ValueError:
        return None
    return spans if build.total is None else spans.clipped(build.total)


def _done(entry: dict[str, Any]) -> dict[Key, str]:
    row = entry.get("done")
    if not isinstance(row, list) or len(row) != 4:
        return {}
    path, size, crc32, sha256 = row
    texts = isinstance(path, str) and isinstance(sha256, str)
    if texts and _is_count(size) and _is_count(crc32) and _SHA256.fullmatch(sha256):
        return {(path, size, crc32): sha256}
    return {}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
