"""Which file of a package is which of the agenda, and how far both speak of the same files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import BinaryIO, Generic, TypeVar

from kiosk.agenda.document import Item, Listed, MeetingData, text
from kiosk.errors import PackageError
from kiosk.order import natural, natural_path
from kiosk.package import Entry, Package, read_entry
from kiosk.words import decoded

MAX_NOTICE, MAX_NOTICE_BYTES = 200, 2000
NOT_MATERIALS = ("readme.txt", "error.txt")
# What file managers leave in archives that people make by hand.
_LITTER = re.compile(r"__macosx/.*|(?:.*/)?(?:\.ds_store|thumbs\.db|desktop\.ini)", re.DOTALL)
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}|\.7z")
_SYNONYMS = ((".jpg", ".jpeg"), (".htm", ".html"), (".md", ".markdown"), (".tif", ".tiff"))


@dataclass(frozen=True)
class Placed:
    """An agenda item with, for each file, its entry of the package, or None where it lacks it."""

    item: Item
    files: tuple[tuple[Listed, Entry | None], ...] = field(default=())


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


def notice_in(file: BinaryIO, package: Package) -> str:
    """What a master that could not build the package left in it (``ERROR.txt``), shortened."""
    entry = next((one for one in package.entries if one.path.lower() == "error.txt"), None)
    if entry is None:
        return ""
    raw = next(read_entry(file, entry), b"")[:MAX_NOTICE_BYTES]
    return text(" ".join(decoded(raw, whole=False).split()), MAX_NOTICE)


@dataclass(frozen=True)
class _File:
    path: str
    size: int


F = TypeVar("F", Entry, _File)


class _Index(Generic[F]):
    """Finds a listed file's entry: by folder and id, by folder and name, by a unique name."""

    def __init__(self, entries: Iterable[F]) -> None:
        self._by_path: dict[str, F] = {}
        self._by_stem: dict[str, F] = {}
        self._by_name: dict[str, list[F]] = {}
        for entry in sorted(entries, key=lambda entry: entry.path):
            path = _key(entry.path)
            self._by_path.setdefault(path, entry)
            self._by_stem.setdefault(re.sub(r"\.[^./]*$", "", path), entry)
            self._by_name.setdefault(path.rpartition("/")[2], []).append(entry)

    def match(self, item: Item) -> list[tuple[Listed, F | None]]:
        return [(listed, self._find(listed)) for listed in item.files]

    def _find(self, listed: Listed) -> F | None:
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
        files = sorted(folders[folder], key=lambda entry: (natural_path(entry.path), entry.path))
        listed = tuple((Listed(_shown(entry.path, folder)), entry) for entry in files)
        same = titled.get(place) if len(titled) == len(folders) else None
        placed.append(Placed(same or Item(folder), listed))
    return placed


def _shown(path: str, folder: str) -> str:
    return path[len(folder) + 1 :] if folder else path


def _named(listed: Listed, entry: Entry | _File | None) -> Listed:
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
    return "/".join(text(part) for part in path.split("/"))


Places = dict[str, list[tuple[int, Listed]]]


def places(data: MeetingData) -> Places:
    """Where each listed file would lie in the package, with its index (from 1) in agenda order."""
    found: Places = {}
    files = (listed for item in data.items for listed in item.files)
    for index, listed in enumerate(files, 1):
        folder = listed.folder.strip("/")
        # A name may be that of another file, an id may not.
        names = (listed.temp_id,) if listed.temp_id else (listed.raw_name, listed.name)
        for name in dict.fromkeys(names):
            if name:
                found.setdefault(_key(f"{folder}/{name}" if folder else name), []).append(
                    (index, listed)
                )
    return found


def placed_at(found: Places, path: str) -> list[tuple[int, str]]:
    """Index and shown name of what the document lists at this path of the package."""
    key = _key(path)
    listed = found.get(key) or found.get(re.sub(r"\.[^./]*$", "", key)) or []
    return [(index, _named(one, _File(path, 0)).name) for index, one in listed]


@dataclass(frozen=True)
class Fit:
    """How far a package is the one that the document speaks of.

    ``right`` of ``listed`` files are there with their size; ``stale`` of them have another one.
    """

    right: int = 0
    listed: int = 0
    stale: int = 0


def fit(placed: Iterable[Placed]) -> Fit:
    """How well package and document fit. One that lags behind has files of another size.

    Where hardly any size is right, the sizes are told in some other way, and do not count.
    """
    pairs = [pair for one in placed for pair in one.files]
    return _fit((listed.size, entry.size if entry else None) for listed, entry in pairs)


def fit_of(document: MeetingData | None, sizes: Mapping[str, int]) -> Fit:
    """The same for files that are here already: ``sizes`` is path to bytes."""
    if document is None:
        return Fit()
    index = _Index([_File(path, size) for path, size in sizes.items()])
    pairs = (pair for item in document.items for pair in index.match(item))
    return _fit((listed.size, file.size if file else None) for listed, file in pairs)


def _fit(sizes: Iterable[tuple[int | None, int | None]]) -> Fit:
    pairs = list(sizes)
    found = [(told, real) for told, real in pairs if real is not None]
    stale = sum(1 for told, real in found if told is not None and told != real)
    if stale * 2 > len(found) > 1:
        stale = 0
    return Fit(len(found) - stale, len(pairs), stale)
