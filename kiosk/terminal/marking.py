"""What readers write on materials: shown, saved, and carried to the next version of a document.

A thread of its own finds out what the pages of a document are known by, once somebody has written
on it; until then, marks of an older version are *settling*. Whoever purges holds the lock.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk import marks, render
from kiosk.errors import KioskError, UsageError
from kiosk.library import Library, marked
from kiosk.manifest import Manifest, Material
from kiosk.marks import Document, Print

log = logging.getLogger("kiosk.marks")

Shown = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Which material: as the addresses of its bytes say it."""

    meeting_id: str
    n: int
    revision: str | None = None
    sha256: str | None = None


class Marking:
    """The marks of a terminal. ``file`` and ``manifest`` are those of the terminal."""

    def __init__(
        self,
        library: Library,
        file: Callable[[str, int, str | None, str | None], tuple[Material, Path]],
        manifest: Callable[[str, str | None], Manifest | None],
    ) -> None:
        self.lock = threading.RLock()
        self._library = library
        self._file = file
        self._manifest = manifest
        self._waiting: set[str] = set()
        self._found: dict[str, tuple[Print, ...]] = {}
        self._queue: queue.Queue[tuple[str, str, Path] | None] = queue.Queue()

    def shown(self, asked: Asked) -> Shown:
        """The marks of a material: on its pages, kept aside, and whether more may come.

        UsageError ``unknown-material``.
        """
        document, _, path = self._document(asked)
        with self.lock:
            documents = self._library.marks(asked.meeting_id).documents()
        manifest = self._manifest(asked.meeting_id, asked.revision)
        others = marked.others(manifest, document, documents)
        if older := marks.candidates(documents, document, others):
            if document.prints is None:
                self._want(asked.meeting_id, document.sha256, path)
            self._want_prints_of(asked.meeting_id, older)
        found = marks.view(documents, document, others, frozenset(self._waiting))
        return {
            "pages": [
                {"page": page, "version": one.version, **one.marks.to_json()}
                for page, one in found.pages.items()
            ],
            "kept": [
                {"page": one.page, "at": one.entry.at, **one.entry.marks.to_json()}
                for one in found.kept
            ],
            "settling": found.settling,
        }

    def save(self, asked: Asked, page: int, body: object) -> Shown:
        """Put the marks of a page in the place of the version that ``body`` names; the new one.

        UsageError ``bad-request``, ``unknown-material``, ``marks-changed``, ``too-many-marks``.
        """
        given, version = marks.parse(body), _version(body)
        if not 1 <= page <= marks.MOST_PAGES:
            raise UsageError("bad-request", why="there is no such page")
        with self.lock:
            document, kind, path = self._document(asked)
            if kind == "none":
                raise UsageError("unknown-material")
            shelf = self._library.marks(asked.meeting_id)
            entry = shelf.save(document, page, version, given)
        if document.prints is None:
            self._want(asked.meeting_id, document.sha256, path)
        return {"page": page, "version": entry.version}

    def resume(self, meeting_id: str) -> None:
        """At start: go on finding out where an end came in between."""
        self._want_prints_of(meeting_id, self._library.marks(meeting_id).documents())

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        while (wanted := self._queue.get()) is not None:
            try:
                self._learn(*wanted)
            except (OSError, KioskError) as fault:
                log.warning("no-prints sha256=%s why=%r", wanted[1], str(fault))
            self._waiting.discard(wanted[1])

    def stop(self) -> None:
        """End the thread after what it is reading."""
        self._queue.put(None)

    def _document(self, asked: Asked) -> tuple[Document, str, Path]:
        material, path = self._file(asked.meeting_id, asked.n, asked.revision, asked.sha256)
        kind, source = marked.source_of(self._library.data_dir, material, path)
        sha256 = material.sha256 or ""
        prints = marked.prints_of(self._library.data_dir, sha256, kind)
        if prints is None:  # drawing a document anew throws away what lies with its pictures
            prints = self._found.get(sha256)
        return Document(sha256, material.name, 0, prints), kind, source

    def _want_prints_of(self, meeting_id: str, documents: list[Document]) -> None:
        for one in documents:
            data_dir = self._library.data_dir
            made = render.document_path(data_dir, one.sha256)
            made = made or render.picture_path(data_dir, one.sha256, 1)
            path = made or self._library.object_path(one.sha256)
            if one.prints is None and path.is_file():
                self._want(meeting_id, one.sha256, path)

    def _want(self, meeting_id: str, sha256: str, path: Path) -> None:
        if sha256 not in self._waiting:
            self._waiting.add(sha256)
            self._queue.put((meeting_id, sha256, path))

    def _learn(self, meeting_id: str, sha256: str, path: Path) -> None:
        data_dir = self._library.data_dir
        prints = marks.known_prints(data_dir, sha256)
        if prints is None:
            prints = marks.make_prints(data_dir, sha256, path)
        self._found[sha256] = prints
        with self.lock:
            self._library.marks(meeting_id).keep_prints(sha256, prints)


def _version(body: object) -> int:
    version = body.get("version") if isinstance(body, dict) else None
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 1 << 53:
        raise UsageError("bad-request", why="version must be a number")
    return version
