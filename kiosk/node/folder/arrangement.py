"""The agenda of a folder: which of its files stand where, under which names. Order is natural.

What meeting.toml names comes first, in its order. All other files follow: those at the top as one
item, then each sub-folder as an item of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kiosk.agenda.document import text
from kiosk.node.folder.description import Description, Point
from kiosk.order import Key, natural, natural_path

_ENDING = re.compile(r"\.(?:[A-Za-z][A-Za-z0-9]{0,9}|7z)$")
TOP_TITLE = "会议材料"  # of the files that lie in no sub-folder


@dataclass(frozen=True)
class Place:
    """A file in the agenda: its shown name, and its path; None where it is named and not there."""

    name: str
    path: str | None


@dataclass(frozen=True)
class Part:
    """An item of the agenda; ``number`` begins its folder in the package."""

    number: int
    title: str
    reporter: str = ""
    minutes: int | None = None
    places: tuple[Place, ...] = ()


def arrange(description: Description, paths: Iterable[str]) -> tuple[Part, ...]:
    """The agenda of these files; no file is in it twice but where it is named twice."""
    ordered = sorted(paths, key=_order)
    by_name: dict[str, str] = {}
    for path in ordered:
        by_name.setdefault(_composed(path), path)
    named = [_named(point, number, by_name) for number, point in enumerate(description.agenda, 1)]
    used = {place.path for part in named for place in part.places}
    left = [path for path in ordered if path not in used]
    return (*named, *_from_folders(left, len(named)))


def _named(point: Point, number: int, by_name: Mapping[str, str]) -> Part:
    places = tuple(place for name in point.files for place in _meant(name, by_name))
    return Part(number, point.title, point.reporter, point.minutes, places)


def _meant(written: str, by_name: Mapping[str, str]) -> list[Place]:
    """The file of that path, or all files of the folder."""
    name = _composed(written.replace("\\", "/")).removeprefix("./").strip("/")
    if name in by_name:
        return [Place(_words(name.rpartition("/")[2]), by_name[name])]
    inside = [Place(_words(one[len(name) + 1 :]), path) for one, path in by_name.items() if name
              and one.startswith(name + "/")]  # fmt: skip
    return inside or [Place(_words(name.rpartition("/")[2] or written), None)]


def _from_folders(paths: list[str], number: int) -> list[Part]:
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, slash, _ = path.partition("/")
        folders.setdefault(folder if slash else "", []).append(path)
    parts = []
    for folder in sorted(sorted(folders), key=lambda one: natural(_composed(one))):
        cut = len(folder) + 1 if folder else 0
        places = tuple(Place(_words(path[cut:]), path) for path in folders[folder])
        # The number of the top stays free, so that a file there renumbers nothing.
        number += 1 if folder else 0
        parts.append(
            Part(number if folder else 0, _words(folder) if folder else TOP_TITLE, places=places)
        )
    return parts


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _order(path: str) -> tuple[list[Key], str, str]:
    """Natural, and what a name ends in last: 报告.pdf comes before 报告2.pdf."""
    composed = _composed(path)
    ending = _ENDING.search(composed)
    stem = composed[: ending.start()] if ending else composed
    return natural_path(stem), composed, path


def _words(name: str) -> str:
    """A name as every terminal will show it."""
    return text(name) or "_"
