"""The agenda of a meeting: what the master's document says, matched with what the package holds.

The documents come from systems in the field (contract §3a) and from anybody who answers at their
address: any field may be absent, null or of another type. `parse` takes what makes sense and
never fails. Where no document is to be had, the folders of the archive are the agenda.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from kiosk.errors import PackageError
from kiosk.package import Entry, Package, read_entry
from kiosk.render.words import decoded

MAX_TEXT = 1000
MAX_INTRO = 20_000
MAX_NOTICE, MAX_NOTICE_BYTES = 200, 2000
MAX_ITEMS = 2000
MAX_FILES = 20_000
NOT_MATERIALS = ("readme.txt", "error.txt")
# What file managers leave in archives that people make by hand.
_LITTER = re.compile(r"__macosx/.*|(?:.*/)?(?:\.ds_store|thumbs\.db|desktop\.ini)", re.DOTALL)
_NO_ID = 1 << 64  # numbers from here on are no text; they could not even be written out
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}|\.7z")
_SYNONYMS = ((".jpg", ".jpeg"), (".htm", ".html"), (".md", ".markdown"), (".tif", ".tiff"))


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


@dataclass(frozen=True)
class Placed:
    """An agenda item with, for each file, its entry of the package, or None where it lacks it."""

    item: Item
    files: tuple[tuple[Listed, Entry | None], ...] = field(default=())


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
        meeting_id=_text(document.get("meeting_id")),
        title=_text(document.get("title")),
        intro=_text(document.get("intro"), MAX_INTRO),
        time=_text(document.get("time")),
        status=_text(document.get("status")),
        token=_text(document.get("id")),
        items=items,
        package_url=_text(document.get("package_url")),
        fingerprint=_fingerprint(items),
        expected_bytes=sum(known) if known and len(known) == len(sizes) else None,
    )


def arrange(data: MeetingData | None, package: Package, notice: str = "") -> list[Placed]:
    """The agenda with each file's entry.

    PackageError ``empty-package`` where the package holds no material, with ``notice`` as the
    reason; ``damaged`` where it holds none of the files that the document names by their ids:
    then it is another meeting's (A5).
    """
    entries = [entry for entry in package.entries if not _is_note(entry.path)]
    if not entries:
        raise PackageError("empty-package", why=notice or "it is empty")
    if data is None or not any(item.files for item in data.items):
        return _from_folders(entries, data)
    index = _Index(entries)
    placed = [
        Placed(item, tuple((_named(listed, found), found) for listed, found in index.match(item)))
        for item in data.items
    ]
    if any(entry for one in placed for _, entry in one.files):
        return placed
    if any(listed.temp_id for item in data.items for listed in item.files):
        raise PackageError("damaged", why="it holds none of the meeting's files")
    return _from_folders(entries, data)


def bytes_of(placed: Iterable[Placed]) -> int:
    """How many bytes these files are, unpacked."""
    return sum(entry.size for one in placed for _, entry in one.files if entry is not None)


def notice_in(file: BinaryIO, package: Package) -> str:
    """What a master that could not build the package left in it (``ERROR.txt``), shortened."""
    entry = next((one for one in package.entries if one.path.lower() == "error.txt"), None)
    if entry is None:
        return ""
    raw = next(read_entry(file, entry), b"")[:MAX_NOTICE_BYTES]
    return _text(" ".join(decoded(raw, whole=False).split()), MAX_NOTICE)


class _Index:
    """Finds a listed file's entry: by folder and id, by folder and name, by a unique name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_path: dict[str, Entry] = {}
        self._by_stem: dict[str, Entry] = {}
        self._by_name: dict[str, list[Entry]] = {}
        for entry in sorted(entries, key=lambda entry: entry.path):
            path = _key(entry.path)
            self._by_path.setdefault(path, entry)
            self._by_stem.setdefault(re.sub(r"\.[^./]*$", "", path), entry)
            self._by_name.setdefault(path.rpartition("/")[2], []).append(entry)

    def match(self, item: Item) -> list[tuple[Listed, Entry | None]]:
        return [(listed, self._find(listed)) for listed in item.files]

    def _find(self, listed: Listed) -> Entry | None:
        folder = listed.folder.strip("/")
        head = f"{folder}/" if folder else ""
        if listed.temp_id:
            place = _key(head + listed.temp_id)
            found = self._by_path.get(place) or self._by_stem.get(place)
            if found is not None:
                return found
        names = [_key(name) for name in (listed.raw_name, listed.name) if name]
        for name in names:
            if (found := self._by_path.get(_key(head) + name)) is not None:
                return found
        for name in names:
            alone = self._by_name.get(name, [])
            if len(alone) == 1:
                return alone[0]
        return None


def _from_folders(entries: list[Entry], data: MeetingData | None) -> list[Placed]:
    """Each top folder an item, in natural order; files beside them make an item without a title."""
    folders: dict[str, list[Entry]] = {}
    for entry in entries:
        folder, slash, _ = entry.path.partition("/")
        folders.setdefault(folder if slash else "", []).append(entry)
    titled = dict(enumerate(data.items)) if data else {}
    placed = []
    for place, folder in enumerate(sorted(sorted(folders), key=natural)):
        files = sorted(folders[folder], key=lambda entry: (natural(entry.path), entry.path))
        listed = tuple((Listed(_shown(entry.path, folder)), entry) for entry in files)
        same = titled.get(place) if len(titled) == len(folders) else None
        placed.append(Placed(same or Item(folder), listed))
    return placed


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key that puts 2 before 10."""
    parts = re.split(r"(\d+)", text[:300])
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts]


def _shown(path: str, folder: str) -> str:
    return path[len(folder) + 1 :] if folder else path


def _named(listed: Listed, entry: Entry | None) -> Listed:
    """The shown name, ending in the extension of the file that is really there."""
    if entry is None:
        return listed
    base = entry.path.rpartition("/")[2]
    if listed.temp_id and base.startswith(listed.temp_id):
        base = "-" + base[len(listed.temp_id) :]
    extension = PurePosixPath(base).suffix
    shown = PurePosixPath(listed.name).suffix.lower()
    if not _EXTENSION.fullmatch(extension) or _same(shown, extension.lower()):
        return listed
    return replace(listed, name=listed.name + extension)


def _same(one: str, other: str) -> bool:
    return one == other or any(one in names and other in names for names in _SYNONYMS)


def _is_note(path: str) -> bool:
    lower = path.lower()
    return lower in NOT_MATERIALS or _LITTER.fullmatch(lower) is not None


def _key(path: str) -> str:
    """A path as it is compared: the document's and the archive's are cleaned alike."""
    return "/".join(_text(part) for part in path.split("/"))


# Reading the document


def _items(document: Mapping[Any, Any]) -> Iterable[Item]:
    rows = document.get("agenda_items")
    if not isinstance(rows, list):
        rows = document.get("part")
    left = MAX_FILES
    for row in (rows if isinstance(rows, list) else [])[:MAX_ITEMS]:
        if isinstance(row, str):
            yield Item(_text(row))
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
            title=_text(row.get("title")),
            reporter=_text(row.get("reporter")),
            minutes=_whole(_first_of(row, "duration_minutes", "minutes")),
            files=tuple(one for one in listed if one is not None),
        )


def _listed(row: object, item: Mapping[Any, Any]) -> Listed | None:
    if isinstance(row, str):
        folder, _, name = _text(row).strip("/").rpartition("/")
        pages = _whole(item.get("page"))
        return Listed(name, folder, "", name, None, pages) if name else None
    if not isinstance(row, Mapping):
        return None
    raw_name = _text(row.get("name"))
    temp_id = _text(row.get("temp_id"))
    name = _text(row.get("display_name")) or raw_name or temp_id
    if not name:
        return None
    pages = _whole(_first_of(row, "total_pages", "page"))
    folder = _text(row.get("agenda_folder"))
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


def _text(value: object, limit: int = MAX_TEXT) -> str:
    """Text (NFC) without control characters; numbers are ids often enough to be taken as text.

    Wide and unbreakable spaces stay, as Chinese titles have them.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, int) and abs(value) >= _NO_ID:
        return ""
    text = str(value)[: limit * 2].encode("utf-8", "replace").decode()
    text = unicodedata.normalize("NFC", text)
    kept = (c for c in text if c.isprintable() or c == "\n" or unicodedata.category(c) == "Zs")
    return "".join(kept).strip()[:limit]


def _whole(value: object, limit: int = 100_000) -> int | None:
    """A count that makes sense, from a number or digits."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,15}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        return None
    return value
