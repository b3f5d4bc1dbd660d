"""What a revision of a meeting is: a list of materials, and the name that its content gives it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Material:
    """A file of the meeting; ``sha256`` None where the package lacked it. ``bytes`` is its size.

    ``crc32`` is what the package's directory said of it: so it is known again in another package.
    """

    path: str
    name: str
    bytes: int = 0
    sha256: str | None = None
    pages: int | None = None
    crc32: int | None = None


@dataclass(frozen=True)
class AgendaItem:
    """A point of the agenda with its materials; ``minutes`` are minutes."""

    title: str
    reporter: str = ""
    minutes: int | None = None
    materials: tuple[Material, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """A revision. ``published_at`` (RFC 3339) and ``servers`` tell of the download, not of it."""

    meeting: str
    title: str = ""
    intro: str = ""
    time: str = ""
    status: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    missing: tuple[str, ...] = ()
    fingerprint: str = ""
    published_at: str = ""
    servers: Mapping[str, int] = field(default_factory=dict)

    @functools.cached_property
    def materials(self) -> tuple[Material, ...]:
        """Every material in agenda order; the n-th of the page is the n-th here."""
        return tuple(material for item in self.agenda for material in item.materials)

    @property
    def objects(self) -> dict[str, int]:
        """The objects that it needs: SHA-256 to size in bytes."""
        return {one.sha256: one.bytes for one in self.materials if one.sha256 is not None}

    @functools.cached_property
    def revision(self) -> str:
        """SHA-256 of the canonical content: the same content has the same name anywhere."""
        content = dataclasses.asdict(self)
        for name in ("published_at", "servers", "status"):
            del content[name]
        for item in content["agenda"]:
            for material in item["materials"]:
                del material["crc32"]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

    def encode(self) -> bytes:
        """The file that keeps it."""
        document = {"format": FORMAT, "revision": self.revision, **dataclasses.asdict(self)}
        return json.dumps(document, indent=1).encode() + b"\n"


def decode(content: bytes) -> Manifest:
    """The manifest of a file; ValueError where it is none, or not the one that it says it is."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not a manifest of this version")
    try:
        manifest = Manifest(
            meeting=_text(document["meeting"]),
            title=_text(document["title"]),
            intro=_text(document["intro"]),
            time=_text(document["time"]),
            status=_text(document["status"]),
            agenda=tuple(_item(row) for row in document["agenda"]),
            missing=tuple(_text(name) for name in document["missing"]),
            fingerprint=_text(document["fingerprint"]),
            published_at=_text(document["published_at"]),
            servers={_text(k): _count(v) or 0 for k, v in document["servers"].items()},
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"a field is wrong: {fault}") from None
    if manifest.revision != document.get("revision"):
        raise ValueError("its content is not what its revision says")
    return manifest


def _item(row: Any) -> AgendaItem:
    return AgendaItem(
        _text(row["title"]),
        _text(row["reporter"]),
        _count(row["minutes"]),
        tuple(_material(one) for one in row["materials"]),
    )


def _material(row: Any) -> Material:
    sha256 = row["sha256"]
    if sha256 is not None and not _SHA256.fullmatch(_text(sha256)):
        raise ValueError("not a SHA-256")
    size = _count(row["bytes"])
    pages, crc32 = _count(row["pages"]), _count(row.get("crc32"))
    return Material(_text(row["path"]), _text(row["name"]), size or 0, sha256, pages, crc32)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _count(value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise TypeError("not a count")
    return value
