"""The origin: a folder whose sub-folders are meetings, for sites without a master.

One thread looks: when the kernel says that something changed, while something is being copied in,
and every `RESCAN_S` anyway. What it finds it publishes in the library, as a terminal would publish
what it downloaded. Nothing in the folder is believed, and nothing in it is ever changed but by the
secretary's page.

A meeting whose folder went is not given out any more; its files go after `FORGET_S`. A folder that
is away as a whole (a share that is not mounted) changes nothing: what was there stays.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kiosk.errors import CODES, KioskError, LocalError, UsageError
from kiosk.library import Library
from kiosk.node.folder import tree
from kiosk.node.folder.arrivals import Arrivals
from kiosk.node.folder.description import IN_PROGRESS
from kiosk.node.folder.identity import meeting_id
from kiosk.node.folder.meeting import MeetingFolder, Surroundings
from kiosk.node.folder.standing import Standing
from kiosk.node.folder.tree import Refused
from kiosk.node.folder.view import View
from kiosk.node.folder.watch import Watch
from kiosk.node.source import Heard, Offered, SourceState
from kiosk.order import Key, natural
from kiosk.settings import Settings

log = logging.getLogger("kiosk.folder")

MAX_MEETINGS = 500
MOVING_S = 0.1
STEADY_S = 0.5
POLL_S = 1.0
RETRY_S = 5.0
RESCAN_S = 30.0
FORGET_S = 600.0
DOUBT_S = 60.0
SHARE = 0.1  # of its time that the thread may look, where it has to look again and again
RECORDS = "origin"


@dataclass(frozen=True)
class Seen:
    """What is known of the folder: ``fault`` is why it cannot be read; ``hears`` of changes.

    ``version`` is another number whenever anything in here is another; ``at`` (Unix time) is when
    it was looked at last.
    """

    version: int = 0
    hears: bool = False
    fault: Mapping[str, Any] | None = None
    views: tuple[View, ...] = ()
    refused: tuple[Refused, ...] = ()
    at: float | None = field(default=None, compare=False)

    def view(self, wanted: str) -> View | None:
        """The meeting of that id."""
        return next((view for view in self.views if view.id == wanted), None)


class FolderSource:
    """The meetings in ``folder`` as the source of a node (`kiosk.node.source`)."""

    def __init__(self, folder: Path, settings: Settings, library: Library, heard: Heard) -> None:
        self.folder = folder
        self.seen = Seen()
        self._library = library
        self._heard = heard
        self._wake = threading.Event()
        self._stopping = False
        records = library.data_dir / RECORDS
        self._standing = Standing(records / "standing.json")
        spare, most = settings.min_free_mb * 1_000_000, settings.max_package_mb * 1_000_000
        self.arrivals = Arrivals(folder, most, spare)
        self._watch = Watch(folder, self._wake.set)
        self._around = Surroundings(
            library, records / "files", self._is_stopping, self._watch.was_closed, spare, most
        )
        self._meetings: dict[str, MeetingFolder] = {}
        self._gone: dict[str, float] = {}
        self._refused: tuple[Refused, ...] = ()
        self._place: tuple[int, int] | None = None
        self._is_huge = False
        self._moving_since = 0.0
        self._rescanned = 0.0

    def run(self) -> None:
        """Look until `stop`."""
        self.arrivals.collect(time.time())
        try:
            while not self._stopping:
                self._wake.clear()
                self._wake.wait(self._round())
        finally:
            self._watch.stop()

    def stop(self) -> None:
        """End the thread, also in the middle of a file."""
        self._stopping = True
        self._wake.set()

    def _is_stopping(self) -> bool:
        return self._stopping

    def offered(self) -> tuple[Offered, ...]:
        """The meetings in progress, in the order of their folders' names."""
        return tuple(
            Offered(view.id, view.title, view.time, view.status, manifest=view.published)
            for view in self.seen.views
            if view.status == IN_PROGRESS
        )

    def state(self) -> SourceState:
        """Whether the folder can be read."""
        seen = self.seen
        note = str(seen.fault["message"]) if seen.fault else ""
        is_read = seen.fault is None and seen.at is not None
        return SourceState(is_read, str(self.folder), seen.at, note)

    def coming(self, meeting_id: str) -> None:
        """Nothing of a folder is on its way from elsewhere."""

    def ours(self) -> None:
        """It is brought from nobody."""

    def want(self, meeting_id: str) -> None:
        """Its package is not here, or cannot be made: perhaps what is kept of its files rotted."""
        now = time.monotonic()
        for meeting in list(self._meetings.values()):
            if meeting.id == meeting_id and now - meeting.doubted_at >= DOUBT_S:
                meeting.doubt(now)
        self.look_now()

    def look_now(self) -> None:
        """Something may have changed."""
        self._wake.set()

    def say(self, wanted: str, status: str) -> None:
        """Start or end a meeting by the page.

        UsageError ``unknown-meeting``, or ``status-said`` where meeting.toml says it; LocalError.
        """
        view = self.seen.view(wanted)
        if view is None:
            raise UsageError("unknown-meeting", meeting=wanted[:80])
        if view.said:
            raise UsageError("status-said", meeting=view.title)
        self._standing.say(wanted, status)
        log.info("said meeting=%r status=%s", wanted, status)
        self.look_now()

    def name_of(self, wanted: str) -> str:
        """The name of a meeting's folder; UsageError ``unknown-meeting``."""
        for name in list(self._meetings):
            if meeting_id(name) == wanted:
                return name
        raise UsageError("unknown-meeting", meeting=wanted[:80])

    def _round(self) -> float:
        """One look at everything; how long to wait for the next one, in seconds."""
        began = time.monotonic()
        fault: KioskError | None = None
        afresh = began - self._rescanned >= RESCAN_S - 1 or not self._rescanned
        try:
            root = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                place = self._know_place(root)
                self._look(root, began, afresh=afresh)
                self._settle_watch(place)
            finally:
                os.close(root)
        except OSError as raised:
            fault = tree.unreadable(str(self.folder), raised)
        except KioskError as raised:
            fault = raised
        if afresh and fault is None:
            self._rescanned = began
        self._tell(fault)
        return self._pause(time.monotonic() - began, began)

    def _know_place(self, root: int) -> tuple[int, int]:
        """Which folder it is now; LocalError where what was mounted there went away."""
        about = os.fstat(root)
        if self._place and about.st_dev != self._place[0] and not os.listdir(root):
            why = OSError(errno.ENODEV, "what was mounted there is not there any more")
            raise tree.unreadable(str(self.folder), why)
        return about.st_dev, about.st_ino

    def _settle_watch(self, place: tuple[int, int]) -> None:
        """Watch what is there now, unless it has no bounds: a watch walks over all of it."""
        faults = (meeting.view.fault for meeting in self._meetings.values())
        is_huge = any(fault and fault["code"] == "folder-too-large" for fault in faults)
        if (place, is_huge) == (self._place, self._is_huge):
            return
        self._place, self._is_huge = place, is_huge
        self._watch.stop()
        if not is_huge:
            self._watch.start()
            self._wake.set()  # for what changed since the look

    def _look(self, root: int, now: float, *, afresh: bool) -> None:
        found, refused = tree.folders(root, MAX_MEETINGS)
        ids: dict[str, str] = {}
        for name in found:
            if ids.setdefault(meeting_id(name), name) != name:
                refused.append(Refused(tree.shown(name), "twin"))
        self._refused = tuple(refused)
        self._drop(set(ids.values()), now)
        for name in sorted(ids.values(), key=lambda one: one in self._meetings):
            if self._stopping:
                return
            meeting = self._meetings.get(name)
            if meeting is None:
                meeting = self._meetings[name] = MeetingFolder(name, self._around)
            meeting.look(root, self._standing.of(meeting.id), time.monotonic(), afresh=afresh)
            # The first look reads no file, so that all that was here is told of at once.
            if self._rescanned and meeting.view != self.seen.view(meeting.id):
                self._tell(None)

    def _drop(self, there: set[str], now: float) -> None:
        """Let go of meetings whose folders went; what is kept of them goes some time later."""
        for name in [name for name in self._meetings if name not in there]:
            log.info("folder-gone name=%r", name)
            del self._meetings[name]
        here = {meeting_id(name) for name in there}
        for manifest in self._library.meetings() if not self._rescanned else ():
            self._gone.setdefault(manifest.meeting, now)
        for view in self.seen.views:
            self._gone.setdefault(view.id, now)
        self._gone = {key: since for key, since in self._gone.items() if key not in here}
        for wanted, since in list(self._gone.items()):
            if now - since >= FORGET_S:
                del self._gone[wanted]
                self._forget(wanted)

    def _forget(self, wanted: str) -> None:
        self._standing.forget(wanted)
        (self._around.records / f"{wanted}.json").unlink(missing_ok=True)
        if self._library.current(wanted) is not None:
            receipt = self._library.purge(wanted)
            log.info("purged meeting=%r objects=%d", wanted, receipt.objects)

    def _tell(self, fault: KioskError | None) -> None:
        views = sorted((one.view for one in self._meetings.values()), key=_order)
        told = fault.to_json() if fault else None
        before = self.seen
        now = before.at if fault else time.time()
        seen = Seen(before.version, self._watch.hears, told, tuple(views), self._refused, now)
        if seen == before and (before.at is None) == (now is None):
            self.seen = seen
            return
        if fault is not None:
            log.warning("folder-fault path=%s why=%r", self.folder, fault.message)
        self.seen = replace(seen, version=before.version + 1)
        self._heard()

    def _pause(self, took: float, now: float) -> float:
        seen = self.seen
        if any(view.restless for view in seen.views):
            self._moving_since = self._moving_since or now
            is_new = now - self._moving_since < RETRY_S
            return max(MOVING_S if is_new else STEADY_S, took / SHARE)
        self._moving_since = 0.0
        faults = [fault for fault in (seen.fault, *(view.fault for view in seen.views)) if fault]
        if any(issubclass(CODES[str(fault["code"])].kind, LocalError) for fault in faults):
            return RETRY_S
        return RESCAN_S if seen.hears else max(POLL_S, took / SHARE)


def _order(view: View) -> tuple[Key, str]:
    return natural(view.folder), view.id
