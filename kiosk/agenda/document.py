"""The master's document, read without believing it: any field may be absent or of another type."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 1000
MAX_INTRO = 20_000
MAX_ITEMS = 2000
MAX_FILES = 20_000
_NO_ID = 1 << 64  # numbers from here on are no text; they could not even be written out


@dataclass(frozen=True)
class Listed:
    """A file as the document lists it: shown ``name``, where it lies, ``pages`` if told."""

    name: str
    folder: str = ""
    temp_id: str = ""
    raw_name: str = ""
    size: int | None = None
    pages: int | None = None


@dataclass(frozen=True)
class Item:
    """A point of the agenda; ``minutes`` are minutes."""

    title: str
    reporter: str = ""
    minutes: int | None = None
    files: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class MeetingData:
    """What the document says. ``fingerprint`` is the same for the same set of files."""

    meeting_id: str = ""
    title: str = ""
    intro: str = ""
    time: str = ""
    status: str = ""
    token: str = ""
    items: tuple[Item, ...] = ()
    package_url: str = ""
    fingerprint: str = ""
    expected_bytes: int | None = None


def parse(document: object, extra: object = None) -> MeetingData | None:
    """The meeting in ``document`` (``/meetings/ID/data``); None where there is none in it.

    ``extra`` (``/meetings/ID``) adds reporters and minutes.
    """
    if not isinstance(document, Mapping) or not document:
        return None
    items = tuple(_items(document))
    extra_items = list(_items(extra)) if isinstance(extra, Mapping) else []
    items = tuple(
        _enriched(item, extra_items[place] if place < len(extra_items) else None)
        for place, item in enumerate(items)
    )
    sizes = [listed.size for item in items for listed in item.files]
    known = [size for size in sizes if size is not None]
    return MeetingData(
        meeting_id=text(document.get("meeting_id")),
        title=text(document.get("title")),
        intro=text(document.get("intro"), MAX_INTRO),
        time=text(document.get("time")),
        status=text(document.get("status")),
        token=text(document.get("id")),
        items=items,
        package_url=text(document.get("package_url")),
        fingerprint=_fingerprint(items),
        expected_bytes=sum(known) if known and len(known) == len(sizes) else None,
    )


def _items(document: Mapping[Any, Any]) -> Iterable[Item]:
    rows = document.get("agenda_items")
    if not isinstance(rows, list):
        rows = document.get("part")
    left = MAX_FILES
    for row in (rows if isinstance(rows, list) else [])[:MAX_ITEMS]:
        if isinstance(row, str):
            yield Item(text(row))
        if not isinstance(row, Mapping):
            continue
        files = row.get("files")
        if files is None:
            files = row.get("file")
        if isinstance(files, str | Mapping):
            files = [files]
        files = files[:left] if isinstance(files, list) else []
        left -= len(files)
        listed = (_listed(one, row) for one in files)
        yield Item(
            title=text(row.get("title")),
            reporter=text(row.get("reporter")),
            minutes=_whole(_first_of(row, "duration_minutes", "minutes")),
            files=tuple(one for one in listed if one is not None),
        )


def _listed(row: object, item: Mapping[Any, Any]) -> Listed | None:
    if isinstance(row, str):
        folder, _, name = text(row).strip("/").rpartition("/")
        pages = _whole(item.get("page"))
        return Listed(name, folder, "", name, None, pages) if name else None
    if not isinstance(row, Mapping):
        return None
    raw_name = text(row.get("name"))
    temp_id = text(row.get("temp_id"))
    name = text(row.get("display_name")) or raw_name or temp_id
    if not name:
        return None
    pages = _whole(_first_of(row, "total_pages", "page"))
    folder = text(row.get("agenda_folder"))
    return Listed(name, folder, temp_id, raw_name, _whole(row.get("size"), 1 << 50), pages)


def _enriched(item: Item, extra: Item | None) -> Item:
    if extra is None or (extra.title and item.title and extra.title != item.title):
        return item
    return Item(
        item.title,
        item.reporter or extra.reporter,
        item.minutes if item.minutes is not None else extra.minutes,
        item.files,
    )


def _fingerprint(items: Iterable[Item]) -> str:
    """SHA-256 of the set of (folder, id, size): the same set, nothing to fetch (contract §3a).

    Empty where no file is listed: that says nothing about the package.
    """
    rows = {
        (listed.folder, listed.temp_id or listed.raw_name, listed.size or 0)
        for item in items
        for listed in item.files
    }
    if not rows:
        return ""
    return hashlib.sha256(json.dumps(sorted(rows), ensure_ascii=False).encode()).hexdigest()


def _first_of(row: Mapping[Any, Any], name: str, other: str) -> object:
    """The field ``name``, or the other one where that says nothing."""
    value = row.get(name)
    return row.get(other) if value is None else value


def text(value: object, limit: int = MAX_TEXT) -> str:
    """Text (NFC) without control characters; numbers are ids often enough to be taken as text.

    Wide and unbreakable spaces stay, as Chinese titles have them.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, int) and abs(value) >= _NO_ID:
        return ""
    text = str(value)[: limit * 2].encode("utf-8", "replace").decode()
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        kept = (c for c in text if c.isprintable() or c == "\n" or unicodedata.category(c) == "Zs")
        text = "".join(kept)
    return text.strip()[:limit]


def _whole(value: object, limit: int = 100_000) -> int | None:
    """A count that makes sense, from a number or digits."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,15}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        return None
    return value
