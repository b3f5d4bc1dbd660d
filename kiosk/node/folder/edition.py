"""A revision of a folder: its manifest, made of nothing but names and contents.

So the same folder has the same package anywhere, wherever and whenever it was copied. A file lies
at ``<agenda folder>/<temp id><suffix>`` (contract §3a). The id is made of what it holds and of its
shown name: so the set of (folder, id, size), by which every terminal decides whether there is
something new, changes exactly when a reader would see a change, also where a file was replaced by
one of the same size.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from kiosk import agenda
from kiosk.manifest import AgendaItem, Manifest, Material
from kiosk.node import wire
from kiosk.node.folder.arrangement import Part, Place
from kiosk.node.folder.contents import Content

ID_DIGITS = 32
MAX_FOLDER = 40
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")


@dataclass(frozen=True)
class Heading:
    """What is said of a meeting as a whole."""

    meeting: str
    title: str
    time: str = ""
    status: str = ""
    intro: str = ""


def make(heading: Heading, parts: tuple[Part, ...], contents: Mapping[str, Content]) -> Manifest:
    """The revision of these parts; a file whose content is not in ``contents`` is missing in it."""
    items = tuple(_item(part, contents) for part in parts)
    manifest = Manifest(
        meeting=heading.meeting,
        title=heading.title,
        intro=heading.intro,
        time=heading.time,
        status=heading.status,
        agenda=items,
        missing=tuple(one.name for item in items for one in item.materials if one.sha256 is None),
    )
    read = agenda.parse(wire.document_of(manifest))
    return replace(manifest, fingerprint=read.fingerprint if read else "")


def _item(part: Part, contents: Mapping[str, Content]) -> AgendaItem:
    folder = folder_of(part)
    materials = (_material(folder, place, contents.get(place.path or "")) for place in part.places)
    return AgendaItem(part.title, part.reporter, part.minutes, tuple(materials))


def _material(folder: str, place: Place, content: Content | None) -> Material:
    told = f"{content.sha256 if content else ''}\0{place.name}".encode()
    suffix = PurePosixPath(place.name).suffix.lower()
    base = hashlib.sha256(told).hexdigest()[:ID_DIGITS]
    path = f"{folder}/{base}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    if content is None:
        return Material(path, place.name)
    return Material(path, place.name, content.bytes, content.sha256, None, content.crc32)


def folder_of(part: Part) -> str:
    """The folder of an item in the package: its number, and of its title what any system takes."""
    words = "".join(one if one.isalnum() else "_" for one in part.title[: 2 * MAX_FOLDER])
    words = re.sub("_+", "_", words)[:MAX_FOLDER].strip("_")
    return f"{part.number:02d}_{words or 'item'}"
