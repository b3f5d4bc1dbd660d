"""Roles 2 and 3: keeps the packages of the meetings that are on, and serves them to terminals.

A node is a library with a face. Its *source* publishes revisions in the library of the data
directory: from a master or other nodes (`kiosk node --upstream`), or from a folder (`--folder`).
The shelf makes a package of each, which is the same bytes on every node (`kiosk.packing`), and the
application serves shelf and source as contract §3a and §3b say.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from kiosk import render
from kiosk.errors import KioskError
from kiosk.library import Library
from kiosk.node import wire
from kiosk.node.admission import Admission
from kiosk.node.password import Password
from kiosk.node.peers import Peers
from kiosk.node.pollers import Pollers
from kiosk.node.shelf import GRACE_S, Record, Rotten, Shelf
from kiosk.node.source import MakeSource, Offered, Source
from kiosk.settings import Settings
from kiosk.terminal.papers import Papers
from kiosk.terminal.part import spawn

log = logging.getLogger("kiosk.node")

STOP_S = 4.0
AGAIN_S = 10.0


class Node:
    """One node on one data directory. `start` may raise LocalError ``directory-in-use``.

    ``heard`` is called whenever what is served may have changed, from any thread.
    """

    def __init__(self, settings: Settings, make_source: MakeSource) -> None:
        self.settings = settings
        self.library = Library(settings.directory)
        self.shelf = Shelf(self.library)
        self.peers = Peers()
        self.pollers = Pollers()
        self.admission = Admission(settings.streams)
        self.password = Password(lambda: self.settings)
        self.source: Source = make_source(settings, self.library, self._wake)
        self.papers = Papers(lambda: self.settings, self.source.ours, lambda: None)
        self.started_at = time.time()
        self.heard: list[Callable[[], None]] = []
        # Whether nginx stands in front and sends the bytes; further lines for /metrics.
        self.behind_nginx = False
        self.measures: list[Callable[[], Iterable[str]]] = []
        self.troubles: dict[str, KioskError | ValueError] = {}
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._open = contextlib.ExitStack()
        self._threads: list[threading.Thread] = []
        self._tokens = threading.Lock()
        self._token: tuple[object, str] = (None, wire.NO_TOKEN)

    def start(self) -> None:
        """Take the data directory, tidy it, and begin to work."""
        self._open.enter_context(self.library.lock())
        self.library.collect()
        self.shelf.load()
        # The stock is first looked through when the source knows what is in progress.
        for target in (self._stock, self.source.run, self.papers.run):
            self._threads.append(spawn(target))

    def stop(self) -> None:
        """End what runs and give the data directory back. May be called again."""
        self._ended.set()
        self.papers.stop()
        self.source.stop()
        self._changed.set()
        for thread in self._threads:
            thread.join(STOP_S)
        self._open.close()

    # What is known

    def offered(self, meeting_id: str) -> Offered | None:
        """The meeting in progress of that id."""
        return next((one for one in self.source.offered() if one.id == meeting_id), None)

    def record(self, meeting_id: str) -> Record | None:
        """What is served of a meeting in progress; None where it is not, or nothing is here yet."""
        return self.shelf.record(meeting_id) if self.offered(meeting_id) else None

    def token(self) -> str:
        """Changes exactly when there is something new to fetch."""
        rows = []
        for one in self.source.offered():
            record = self.shelf.record(one.id)
            rows.append((one.id, one.title, one.time, record.revision if record else ""))
        with self._tokens:
            if self._token[0] != rows:
                self._token = (rows, wire.token_of(rows))
            return self._token[1]

    def document(self, meeting_id: str) -> dict[str, Any] | None:
        """The meeting document as it is served: of the revision that is here, or else upstream's.

        None where the meeting is not in progress, or nobody has said anything of it yet.
        """
        offered = self.offered(meeting_id)
        if offered is None:
            return None
        record = self.shelf.record(meeting_id)
        said = record.document if record else offered.document
        if said is None:
            return None
        document = {**said, "id": self.token(), "meeting_id": meeting_id}
        document.setdefault("status", wire.ONGOING)
        document.pop("package_url", None)
        if record is not None:
            document["package_url"] = record.package.url
        elif (coming := self.source.coming(meeting_id)) is not None:
            # So much of its end can be had at once, when nothing else is here.
            document["directory_bytes"] = coming.directory_bytes
        return document

    def manifest(self, meeting_id: str) -> dict[str, Any] | None:
        """What the package of a meeting in progress consists of; None where nobody knows yet."""
        record = self.record(meeting_id)
        if record is not None:
            return record.manifest
        coming = self.source.coming(meeting_id) if self.offered(meeting_id) else None
        return coming.manifest if coming else None

    # Stocking the shelf

    def _wake(self) -> None:
        self._changed.set()

    def _stock(self) -> None:
        """The life of the thread that makes packages of what the source has published."""
        while not self._ended.is_set():
            pause = AGAIN_S if self.troubles else GRACE_S
            self._changed.wait(pause)
            self._changed.clear()
            if self._ended.is_set():
                return
            try:
                self._round()
                for heard in self.heard:
                    heard()
            except Exception:
                # Whatever it was: what is new after it has to be served all the same.
                log.exception("round-broke")

    def _round(self) -> None:
        offered = {one.id: one for one in self.source.offered()}
        for record in self.shelf.records():
            if record.meeting not in offered:
                self._tried(record.meeting, partial(self.shelf.drop, record.meeting))
        for one in offered.values():
            if one.manifest is not None:
                self._tried(one.id, partial(self._put, one))
        self.troubles = {key: why for key, why in self.troubles.items() if key in offered}
        self._tried("", partial(self.shelf.tidy, time.monotonic()))

    def _put(self, one: Offered) -> None:
        if one.manifest is not None:
            self.shelf.put(one.manifest, one.document)
            # Only now: nobody waits for them as for the package.
            here = [its for its in one.manifest.materials if its.sha256]
            named = (render.named(its.sha256 or "", its.name) for its in here)
            self.papers.want(one.id, [token for token in named if "." in token])

    def _tried(self, meeting_id: str, action: Callable[[], object]) -> None:
        """Do it, and keep what went wrong, to be seen and tried again."""
        try:
            action()
        except (KioskError, ValueError) as fault:
            if str(fault) != str(self.troubles.get(meeting_id)):
                log.error("not-served meeting=%r why=%r", meeting_id, str(fault))
            self.troubles[meeting_id] = fault
            if isinstance(fault, Rotten):
                self.source.want(meeting_id)
        else:
            self.troubles.pop(meeting_id, None)
