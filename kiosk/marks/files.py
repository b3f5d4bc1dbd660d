"""Marks on the disk: one file for each document of a meeting, in a folder of that meeting alone.

A document is known by the SHA-256 of its bytes; of a material that was replaced the marks stay in
the file of the old one, and `view` finds their places in the new one. A file that cannot be read is
told in the log, set aside where it would be in the way, and never keeps a terminal from starting.
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kiosk.errors import KioskError, UsageError
from kiosk.marks.equal import Print
from kiosk.marks.shape import PageMarks, parse
from kiosk.store import storage_faults, sync_directory, write_whole

log = logging.getLogger("kiosk.marks")

FORMAT = 1
MOST_PAGES = 20_000
MOST_MARKED = 1000
DOCUMENT_BYTES = 8 << 20
MEETING_BYTES = 32 << 20
NEW, SET_ASIDE = ".new-", ".damaged-"
_NAME = re.compile(r"[0-9a-f]{64}\.json")
_PRINT = re.compile(r"[0-9a-f]{0,64}")


@dataclass(frozen=True)
class Entry:
    """The marks of one page; ``version`` rises with each change, ``at`` is RFC 3339."""

    version: int
    at: str
    marks: PageMarks


@dataclass(frozen=True)
class Document:
    """The marks on one document. ``serial`` orders the documents of a meeting by their first mark.

    ``prints`` (one a page) are None until they have been made; pages count from 1.
    """

    sha256: str
    name: str
    serial: int
    prints: tuple[Print, ...] | None = None
    pages: Mapping[int, Entry] = field(default_factory=dict)


class Shelf:
    """The marks of one meeting, in ``folder``. For one thread at a time that writes."""

    def __init__(self, folder: Path, meeting_id: str) -> None:
        self._folder = folder
        self._meeting = meeting_id

    def documents(self) -> list[Document]:
        """Every document with marks, in the order of their first ones; damaged ones left out."""
        found = [self._read(path) for path in _files(self._folder)]
        return sorted((one for one in found if one), key=lambda one: one.serial)

    def save(self, given: Document, page: int, version: int, marks: PageMarks) -> Entry:
        """Put these marks on a page in the place of ``version`` (0: there were none).

        ``given`` says which document: its file has the last word on everything else. UsageError
        ``marks-changed`` where another version is there, ``too-many-marks``; LocalError.
        """
        path = self._path(given.sha256)
        known = self._there(path)
        if known is None:
            serial = 1 + max((one.serial for one in self.documents()), default=0)
            known = replace(given, serial=serial, pages={})
        there = known.pages.get(page)
        if version != (there.version if there else 0):
            raise UsageError("marks-changed", page=page, version=there.version if there else 0)
        entry = Entry(version + 1, _now(), marks)
        pages = {**known.pages, page: entry}
        if len(pages) > MOST_MARKED:
            raise UsageError("too-many-marks", what="pages", most=MOST_MARKED)
        prints = known.prints or given.prints
        self._write(path, replace(known, name=given.name, prints=prints, pages=pages))
        return entry

    def keep_prints(self, sha256: str, prints: Sequence[Print]) -> None:
        """Note what the pages of a document are known by, where it has marks. LocalError."""
        known = self._read(self._path(sha256))
        if known is not None and known.prints is None:
            self._write(self._path(sha256), replace(known, prints=tuple(prints)))

    def _path(self, sha256: str) -> Path:
        path = self._folder / f"{sha256}.json"
        if not _NAME.fullmatch(path.name):
            raise ValueError("not a SHA-256")
        return path

    def _read(self, path: Path) -> Document | None:
        try:
            return decode(_bytes_of(path), path.stem, self._meeting)
        except FileNotFoundError:
            return None
        except ValueError as fault:
            log.warning("marks-damaged path=%s why=%r", path, str(fault))
        except OSError as fault:
            log.warning("marks-unreadable path=%s why=%r", path, str(fault))
        return None

    def _there(self, path: Path) -> Document | None:
        """What is to be changed: nothing is written over that cannot be read. LocalError.

        A file that makes no sense keeps its bytes under another name.
        """
        with storage_faults():
            try:
                return decode(_bytes_of(path), path.stem, self._meeting)
            except FileNotFoundError:
                return None
            except ValueError as fault:
                log.warning("marks-set-aside path=%s why=%r", path, str(fault))
                set_aside(path)
                return None

    def _write(self, path: Path, document: Document) -> None:
        content = encode(document, self._meeting)
        others = sum(_size(one) for one in _files(self._folder) if one != path)
        for size, most in ((len(content), DOCUMENT_BYTES), (len(content) + others, MEETING_BYTES)):
            if size > most:
                raise UsageError("too-many-marks", what="bytes", most=most)
        is_first = not self._folder.is_dir()
        write_whole(path, content)
        if is_first:
            with storage_faults():
                sync_directory(self._folder.parent)
                sync_directory(self._folder.parent.parent)


def encode(document: Document, meeting_id: str) -> bytes:
    """The file that keeps a document's marks."""
    prints = document.prints
    pages = {
        str(page): {"version": one.version, "at": one.at, **one.marks.to_json()}
        for page, one in sorted(document.pages.items())
    }
    whole = {
        "format": FORMAT,
        "meeting": meeting_id,
        "object": document.sha256,
        "name": document.name,
        "serial": document.serial,
        "prints": None if prints is None else [[one.exact, one.loose] for one in prints],
        "pages": pages,
    }
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n"


def decode(content: bytes, sha256: str, meeting_id: str) -> Document:
    """The document of a file; ValueError where it is none, or another document's or meeting's."""
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ValueError("not marks of this version")
    if whole.get("object") != sha256 or whole.get("meeting") != meeting_id:
        raise ValueError("the marks of something else")
    try:
        return _document(whole)
    except (KeyError, TypeError, AttributeError, KioskError) as fault:
        raise ValueError(f"a field is wrong: {fault}") from None


def _document(whole: dict[str, Any]) -> Document:
    prints = whole["prints"]
    pages = {_count(int(page), MOST_PAGES): _entry(one) for page, one in whole["pages"].items()}
    return Document(
        sha256=whole["object"],
        name=_text(whole["name"]),
        serial=_count(whole["serial"]),
        prints=None if prints is None else prints_of(prints),
        pages=pages,
    )


def prints_of(given: object) -> tuple[Print, ...]:
    """Prints as they are kept in a file; ValueError."""
    if not isinstance(given, list) or len(given) > MOST_PAGES:
        raise ValueError("not prints")
    for pair in given:
        is_pair = isinstance(pair, list) and len(pair) == 2
        if not is_pair or not all(isinstance(p, str) and _PRINT.fullmatch(p) for p in pair):
            raise ValueError("not a print")
    return tuple(Print(exact, loose) for exact, loose in given)


def _entry(one: dict[str, Any]) -> Entry:
    return Entry(_count(one["version"]), _text(one["at"]), parse(one))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _count(value: object, most: int = 1 << 53) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise TypeError("not a count")
    return value


def tidy(root: Path, wanted: Collection[str]) -> None:
    """At start: leftovers and the marks of meetings that are gone go, damaged files are set aside.

    ``wanted`` names the folders that stay. Whatever the disk refuses is told in the log.
    """
    try:
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if folder.name in wanted:
                _tidy(folder)
            else:
                remove(folder)
    except OSError as fault:
        log.warning("marks-not-tidied path=%s why=%r", root, str(fault))


def _tidy(folder: Path) -> None:
    for path in folder.glob(NEW + "*"):
        path.unlink(missing_ok=True)
    for path in _files(folder):
        try:
            content = _bytes_of(path)
            meeting = json.loads(content)["meeting"]
            decode(content, path.stem, meeting)
        except (ValueError, TypeError, KeyError, RecursionError) as fault:
            log.warning("marks-set-aside path=%s why=%r", path, str(fault))
            set_aside(path)
        except OSError as fault:
            log.warning("marks-unreadable path=%s why=%r", path, str(fault))


def set_aside(path: Path) -> None:
    """Out of the way, and still in the meeting's folder: it goes with the purge."""
    path.replace(path.with_name(SET_ASIDE + path.name))


def remove(folder: Path) -> int:
    """Every mark of a meeting, whatever is in the folder; how many documents had some. OSError."""
    count = len(_files(folder))
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
    return count


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _bytes_of(path: Path) -> bytes:
    with open(path, "rb") as file:
        content = file.read(DOCUMENT_BYTES + 1)
    if len(content) > DOCUMENT_BYTES:
        raise ValueError("too large")
    return content


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
