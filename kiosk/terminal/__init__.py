"""Role 1 without a web page: what the terminal knows, does, and tells.

`Terminal` owns the library, the view of the master and the downloads, and puts them together:
a change at the master may start a download, an ending brings renditions and a new list of meetings.
What it tells goes through one `Feed`; what it is asked is answered from memory and the library, and
during a first download from what of it has come.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk import agenda, events, pool, render
from kiosk.errors import UsageError
from kiosk.job import Job
from kiosk.library import Library, Receipt
from kiosk.manifest import Manifest, Material
from kiosk.pool import Server
from kiosk.render.sheets import Runs
from kiosk.search import document_of
from kiosk.settings import Settings
from kiosk.terminal import probe, searching, shown
from kiosk.terminal.downloads import Downloads
from kiosk.terminal.early import Early
from kiosk.terminal.feed import Feed
from kiosk.terminal.marking import Marking
from kiosk.terminal.papers import Papers
from kiosk.terminal.part import Part, spawn
from kiosk.terminal.pictures import Pictures
from kiosk.terminal.reading import Place, Reading, keys
from kiosk.terminal.reporting import Reporting
from kiosk.terminal.schedule import Schedule
from kiosk.terminal.texts import Texts
from kiosk.terminal.wanted import Wanted
from kiosk.upstream import Upstream, is_id

log = logging.getLogger("kiosk.terminal")

STOP_S = 3.0
SERVER_SETTINGS = ("server_ip", "server_port", "server_count", "servers", "master")

Shown = dict[str, Any]


class Terminal:
    """One terminal on one data directory. `start` may raise LocalError ``directory-in-use``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.directory)
        self.feed = Feed()
        self._upstream = Upstream(lambda: self.settings, self._heard)
        self._wanted = Wanted(settings.directory / "wanted.json")
        self._downloads = Downloads(self.feed, self._job_of, self._told, self._wanted)
        self._early = Early(self.library)
        self._papers = Papers(lambda: self.settings, self._upstream.ours, self._drawn)
        self._texts = Texts(settings.directory, self._tell_change)
        self.marking = Marking(self.library, self.file, self._manifest)
        self._pictures = Pictures(settings.directory)
        self._reading = Reading(settings.directory)
        self._schedule = Schedule()
        self._talkers: tuple[Part, ...] = (self._upstream, Reporting(self, self._upstream.ours))
        self._writers: tuple[Part, ...] = (self._papers, self._texts, self._pictures, self.marking)
        self._writing: list[threading.Thread] = []
        self._local: dict[str, Manifest] = {}
        self._open = contextlib.ExitStack()
        self._saving = threading.Lock()

    def start(self) -> None:
        """Take the data directory, tidy it, and begin to work."""
        self._open.enter_context(self.library.lock())
        self.library.collect()
        self._read_library()
        for meeting_id in filter(is_id, self._wanted.load()):
            self._downloads.start(meeting_id)
        for run in (self._downloads.run, *(part.run for part in self._talkers)):
            spawn(run)
        self._writing = [spawn(part.run) for part in self._writers]
        for manifest in self._local.values():
            self._draw(manifest)
            self.marking.resume(manifest.meeting)

    def stop(self) -> None:
        """End what runs, its bytes kept for the next time, and give the data directory back."""
        give_up = time.monotonic() + STOP_S
        for part in (*self._talkers, *self._writers):
            part.stop()
        self._downloads.stop(STOP_S)
        for thread in self._writing:  # nothing is written once the directory is given back
            thread.join(max(0.0, give_up - time.monotonic()))
        self._open.close()

    # What is known

    def snapshot(self) -> Shown:
        """The whole state, as of ``seq``."""
        with self.feed.lock:
            downloads = self.feed.snapshots()
            return {"seq": self.feed.seq, **self.meetings(), "downloads": downloads}

    def meetings(self) -> Shown:
        """Whether the master answers, who does, and every meeting that is on or here."""
        state = self._upstream.state
        local = self._local
        ids = dict.fromkeys([meeting.id for meeting in state.meetings] + list(local))
        rows = [shown.meeting(key, state, local.get(key), self.feed.snapshot(key)) for key in ids]
        server = state.server.name if state.server and state.online else None
        return {
            "online": state.online,
            "asked": state.asked,
            "configured": bool(self._servers()),
            "server": server,
            "meetings": rows,
        }

    def meeting(self, meeting_id: str, revision: str | None = None) -> Shown:
        """One meeting with its agenda; UsageError ``unknown-meeting``."""
        state = self._upstream.state
        current = self._local.get(meeting_id)
        manifest = self._manifest(meeting_id, revision)
        if manifest is None and (revision is not None or state.meeting(meeting_id) is None):
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        row = shown.meeting(meeting_id, state, current, self.feed.snapshot(meeting_id))
        if manifest is not None:
            document = shown.details(row, manifest, self.library)
            if shown.has_sheets(document):
                self._pictures.warm()
        else:
            document = shown.coming(row, self._announced(meeting_id), self._early)
        return self._reading.shown(document, manifest, is_current=manifest is current)

    def file(
        self, meeting_id: str, n: int, revision: str | None = None, sha256: str | None = None
    ) -> tuple[Material, Path]:
        """Material ``n`` (from 1) of a revision and its bytes; UsageError ``unknown-material``.

        With ``sha256`` it is what was ready before there was a revision, then and afterwards.
        """
        manifest = self._manifest(meeting_id, revision)
        if sha256 is not None or (manifest is None and revision is None):
            found = self._early.find(meeting_id, n)
            if found is None or sha256 not in (None, found[0].sha256):
                raise UsageError("unknown-material")
            return found
        material = manifest.materials[n - 1 : n] if manifest and n > 0 else ()
        if not material or material[0].sha256 is None:
            raise UsageError("unknown-material")
        path = self.library.object_path(material[0].sha256)
        if not self.library.has(material[0].sha256, material[0].bytes):
            log.error("object-lost meeting=%r n=%d path=%s", meeting_id, n, path)
            raise UsageError("unknown-material")
        return material[0], path

    def document(self, material: Material) -> Path:
        """The PDF that was made from it; UsageError ``unknown-material`` where there is none."""
        document = render.document_path(self.settings.directory, material.sha256 or "")
        if document is None:
            raise UsageError("unknown-material")
        return document

    def thumbnail(self, material: Material) -> Path:
        """The picture of its first page; UsageError ``unknown-material`` where there is none."""
        picture = render.thumbnail_path(self.settings.directory, material.sha256 or "")
        if picture is None:
            raise UsageError("unknown-material")
        return picture

    def picture(self, material: Material, page: int) -> Path:
        """The picture that shows its page ``page``; UsageError ``unknown-material`` without one."""
        picture = render.picture_path(self.settings.directory, material.sha256 or "", page)
        if picture is None:
            raise UsageError("unknown-material")
        return picture

    def search(self, meeting_id: str, typed: str, revision: str | None = None) -> Shown:
        """Where in a meeting something is; UsageError ``unknown-meeting``, ``bad-request``."""
        query = searching.asked(typed)
        meeting = self.meeting(meeting_id, revision)
        manifest = self._manifest(meeting_id, revision)
        contents = searching.contents(meeting, manifest, self._early)
        one = searching.Searching(self.settings.directory, meeting["agenda"], contents)
        found = one.answer(query)
        # A damaged index is gone by now; what is being read already is not read twice.
        self._texts.want(one.unread)
        local = meeting["local"]
        return {"q": typed, "revision": revision or (local and local["revision"]), **found}

    def sheets(self, material: Material) -> Runs:
        """The sizes of its pages, in runs; UsageError ``unknown-material`` where not known."""
        runs = render.sheets(self.settings.directory, material.sha256 or "")
        if runs is None:
            raise UsageError("unknown-material")
        return runs

    def page_picture(self, material: Material, page: int) -> bytes | None:
        """Page ``page`` (from 1) as JPEG, which may take a moment; None where there is none.

        UsageError ``unknown-material`` where it has no such page.
        """
        if not 1 <= page <= sum(run[0] for run in self.sheets(material)):
            raise UsageError("unknown-material")
        return self._pictures.get(material.sha256 or "", page)

    def listing(self, material: Material) -> Shown:
        """What lies in a material that is an archive: ``state`` ready, and what `render.listing_of`
        tells; coming while nobody has looked into it yet.
        """
        found = render.listing_of(self.settings.directory, material.sha256 or "")
        return {"state": "coming"} if found is None else {"state": "ready", **found}

    # What is done

    def download(self, meeting_id: str) -> tuple[Shown, bool]:
        """Start a download, or join the one under way: its snapshot, and whether it is new.

        UsageError ``unknown-meeting`` where that cannot be a meeting's id, ``no-servers`` where
        none is set up. A meeting that the master does not list may be on a server all the same.
        """
        if not self._servers():
            raise UsageError("no-servers")
        if not is_id(meeting_id):
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return self._downloads.start(meeting_id)

    def download_of(self, meeting_id: str) -> Shown:
        """The latest download of a meeting; UsageError ``unknown-meeting``."""
        snapshot = self.feed.snapshot(meeting_id)
        if snapshot is None:
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return snapshot

    def cancel(self, meeting_id: str) -> Shown:
        """End a download; UsageError ``unknown-meeting`` where there never was one."""
        snapshot = self._downloads.cancel(meeting_id)
        return self.download_of(meeting_id) if snapshot is None else snapshot

    def want(self, meeting_id: str, index: int, revision: str | None = None) -> Shown | None:
        """Fetch material ``index`` (from 1) before the others, or make it ready if it is here.

        Gives the latest download of the meeting. UsageError ``unknown-meeting`` where it is not
        here and no download of that meeting waits or runs.
        """
        if self._prepare(meeting_id, index, revision):
            return self.feed.snapshot(meeting_id)
        snapshot = self._downloads.front(meeting_id, index)
        if snapshot is None:
            raise UsageError("unknown-meeting", meeting=meeting_id[:80])
        return snapshot

    def keep_place(
        self, meeting_id: str, n: int, revision: str | None, place: Place | None
    ) -> None:
        """Somebody has material ``n`` of a revision open, at ``place``.

        UsageError ``unknown-material`` where it is not here.
        """
        material, _ = self.file(meeting_id, n, revision)
        manifest = self._manifest(meeting_id, revision)
        known = manifest.materials[:n] if manifest else (material,)
        self._reading.keep(meeting_id, keys(known)[-1], material.sha256, place)

    def purge(self, meeting_id: str) -> Receipt:
        """Remove a meeting and every object only it used; the receipt.

        Its own download is cancelled; UsageError ``download-running`` while another one writes.
        """
        with self.marking.lock:  # nothing is written on it any more
            receipt = self._downloads.exclusively(
                meeting_id, lambda: self.library.purge(meeting_id)
            )
            self._early.forget(meeting_id)
            self.feed.forget(meeting_id)
            self._read_library()
            self._reading.forget(meeting_id)
        self._tell_change(meeting_id)
        return receipt

    def save_settings(self, changes: Mapping[str, object]) -> None:
        """Check, store and use ``changes``; SettingsErrors where any is refused."""
        with self._saving:
            before = self.settings
            self.settings = before.with_saved(changes)
        log.info("settings-saved names=%s", ",".join(sorted(changes)))
        elsewhere = any(
            getattr(before, name) != getattr(self.settings, name) for name in SERVER_SETTINGS
        )
        self._upstream.poke(afresh=elsewhere)
        self.feed.publish(events.SettingsChanged(""))

    def test_servers(self) -> list[Shown]:
        """One row for each server of the pool; takes up to some seconds."""
        return probe.test(self._servers())

    # Inside

    def _job_of(self, meeting_id: str) -> Job:
        document = self._upstream.fresh(meeting_id)
        if meeting_id not in self._local:
            self._early.begin(meeting_id, agenda.parse(document))
        state = self._upstream.state
        master = state.server.url() if state.online and state.server else None
        servers = [server.url() for server in self._servers()]
        return Job.of(meeting_id, self.settings, servers, master=master, data=document)

    def _servers(self) -> list[Server]:
        """The pool; the master alone, which has every package, where there is no pool."""
        servers = pool.from_settings(self.settings)
        if not servers and self.settings.master:
            return [pool.parse(self.settings.master)]
        return servers

    def _heard(self, changed: bool) -> None:
        if changed:
            self._tell_change()
        settings, state = self.settings, self._upstream.state
        if not (settings.auto_download and state.online):
            return
        for listed in state.meetings:
            local, now = self._local.get(listed.id), time.monotonic()
            if self._schedule.due(listed, local, now, state.token):
                delay = self._schedule.delay(settings.start_delay_s)
                self._downloads.start_later(listed.id, delay)

    def _told(self, event: events.Event) -> None:
        """A material is ready, or a download has ended."""
        if isinstance(event, events.MaterialReady):
            # What is here stays what people read until the new revision is whole.
            if event.meeting_id not in self._local:
                self._early.note(event)
                self._draw_early(event)
                self._texts.want([event.sha256])
            return
        self._schedule.settled(event, time.monotonic())
        # Whatever the ending: a worker that was killed may have published just before.
        self._read_library()
        if event.meeting_id in self._local:
            self._draw(self._local[event.meeting_id])

    def _announced(self, meeting_id: str) -> agenda.MeetingData | None:
        """The agenda of a meeting that is not here: the one that its download goes by, if any."""
        going_by = self._early.agenda(meeting_id) if self._is_open(meeting_id) else None
        listed = self._upstream.state.meeting(meeting_id)
        return going_by or (listed.data if listed else None)

    def _is_open(self, meeting_id: str) -> bool:
        download = self.feed.snapshot(meeting_id)
        return download is not None and download["ending"] is None

    def _manifest(self, meeting_id: str, revision: str | None) -> Manifest | None:
        current = self._local.get(meeting_id)
        if revision is None or (current is not None and current.revision == revision):
            return current
        return self.library.manifest(meeting_id, revision)

    def _read_library(self) -> None:
        before = self._local
        self._local = {manifest.meeting: manifest for manifest in self.library.meetings()}
        for meeting_id, manifest in self._local.items():
            earlier = before.get(meeting_id)
            if earlier is not None and earlier.revision != manifest.revision:
                self._reading.replaced(earlier, manifest)

    def _draw(self, manifest: Manifest) -> None:
        here = (its for its in manifest.materials if its.sha256)
        named = (render.named(its.sha256 or "", its.name) for its in here)
        self._papers.want(manifest.meeting, named)
        self._texts.want(its.sha256 for its in manifest.materials)

    def _draw_early(self, event: events.MaterialReady) -> None:
        """What can be read only when something was made of it first; all else can wait."""
        found = self._early.find(event.meeting_id, event.index)
        if not found or not found[0].sha256:
            return
        if shown.viewer_of(found[1], found[0].name) in ("office", "pictures"):
            self._papers.want(event.meeting_id, [render.named(found[0].sha256, found[0].name)])

    def _prepare(self, meeting_id: str, index: int, revision: str | None) -> bool:
        """Whether it is here, with something still to be made of it: that comes next."""
        try:
            its, _ = self.file(meeting_id, index, revision)
        except UsageError:
            return False
        return self._papers.front(render.named(its.sha256 or "", its.name))

    def _drawn(self) -> None:
        """Office files may have become PDFs, which are the better texts."""
        here = [one.sha256 for manifest in self._local.values() for one in manifest.materials]
        data_dir = self.settings.directory
        self._texts.want(sha256 for sha256 in here if sha256 and document_of(data_dir, sha256))
        self._tell_change()

    def _tell_change(self, meeting_id: str = "") -> None:
        self.feed.publish(events.MeetingsChanged(meeting_id))
