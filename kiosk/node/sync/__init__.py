"""A node's meetings from a master, or from other nodes: what is on there is brought here.

`Upstream` says what is in progress, `Due` whether anything of it has to be fetched, and the same
queue, worker and journey as a terminal's fetch it. A meeting is fetched again when its document
lists other files, and when its package is another one although nobody said so: of a server of ours
the token tells, of an existing master the validators of its static package.

While nobody answers upstream, what was on last is on (`Memory`), also after a restart. A meeting
that has ended is not offered any more; what is here of it is kept for a while, and goes first where
there is no room.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from kiosk import agenda, events, fetch, pool
from kiosk.errors import LocalError, ServerError, UsageError
from kiosk.job import Job
from kiosk.library import Library, Manifest
from kiosk.node import wire
from kiosk.node.coming import Coming
from kiosk.node.source import Heard, Offered, SourceState
from kiosk.node.sync.announcing import Announcing, Held
from kiosk.node.sync.due import Due, Version
from kiosk.node.sync.looking import validator_of, words_of
from kiosk.node.sync.memory import Memory
from kiosk.node.sync.room import Room
from kiosk.pool import Server
from kiosk.settings import Settings
from kiosk.terminal.downloads import Downloads
from kiosk.terminal.feed import Feed
from kiosk.terminal.part import spawn
from kiosk.terminal.wanted import Wanted
from kiosk.upstream import Listed, State, Upstream, is_id

log = logging.getLogger("kiosk.node.sync")

STOP_S = 3.0
HOUR_S = 3600.0


class UpstreamSource:
    """What is in progress at ``settings.upstream`` (`kiosk.node.source.Source`)."""

    def __init__(self, settings: Settings, library: Library, heard: Heard) -> None:
        self._settings = dataclasses.replace(
            settings, servers=settings.upstream, master="", server_ip=""
        )
        self._library = library
        self._heard = heard
        self._upstream = Upstream(lambda: self._settings, self._polled, refresh_rounds=1)
        self._wanted = Wanted(library.data_dir / "wanted.json")
        self._downloads = Downloads(Feed(), self._job_of, self._told, self._wanted)
        self._announcing = Announcing(self._settings, library.data_dir, self._held)
        self._memory = Memory(library.data_dir / "upstream.json")
        self._room = Room(library, self._settings)
        self._due = Due()
        # What upstream has of each meeting; what of it the last job was started for.
        self._versions: dict[str, Version] = {}
        self._asked_for: dict[str, Version] = {}
        self._coming: dict[str, Coming] = {}
        self._local: dict[str, Manifest] = {}
        self._offered: tuple[Offered, ...] = ()
        self._lock = threading.Lock()

    def run(self) -> None:
        """The life of its threads, until `stop`."""
        self._memory.load()
        self._local = {manifest.meeting: manifest for manifest in self._library.meetings()}
        self._show()
        self._heard()
        for target in (self._downloads.run, self._announcing.run):
            spawn(target)
        self._upstream.run()

    def stop(self) -> None:
        """End the polls, say goodbye upstream, end what is being fetched; its bytes are kept."""
        self._upstream.stop()
        self._announcing.stop()
        self._downloads.stop(STOP_S)

    def offered(self) -> tuple[Offered, ...]:
        """What is in progress, or was when somebody last said so."""
        return self._offered

    def state(self) -> SourceState:
        """Who is asked, and since when nobody has answered."""
        state = self._upstream.state
        asked = state.server.name if state.server else ", ".join(self._settings.upstream)
        return SourceState(state.online, asked, self._memory.heard_at, self._room.note)

    def coming(self, meeting_id: str) -> Coming | None:
        """The package of a first download from a node of ours."""
        return self._coming.get(meeting_id)

    def ours(self) -> Server | None:
        """The node that answers, if it is one of ours."""
        return self._upstream.ours()

    def want(self, meeting_id: str) -> None:
        """Somebody waits for it: fetched now, whatever went wrong with it before."""
        if is_id(meeting_id) and any(one.id == meeting_id for one in self._offered):
            self._start(meeting_id)

    # Upstream has been asked

    def _polled(self, changed: bool) -> None:
        """Whatever goes wrong in here, the next round comes."""
        try:
            self._round(changed)
            self._forget_ended()
            self._memory.save()
        except LocalError as fault:
            log.error("not-kept why=%r", fault.message)
        except Exception:
            log.exception("round-broke")

    def _round(self, changed: bool) -> None:
        state = self._upstream.state
        if self._upstream.answered and state.server is not None:
            self._memory.heard(state.meetings)
            self._note_ended(state)
            for listed in state.meetings:
                self._consider(listed, state)
        shown = self._show()
        if shown or changed:
            self._heard()

    def _consider(self, listed: Listed, state: State) -> None:
        """Fetch a meeting where there is something new of it."""
        validator = ""
        if state.poll_s is None and state.server is not None:
            validator = validator_of(state.server, listed.document)
        version = Version(validator=validator)
        if listed.data is not None:
            version = Version(listed.data.fingerprint, validator, words_of(listed.data))
        self._versions[listed.id] = version
        local, taken = self._local.get(listed.id), self._memory.taken(listed.id)
        if self._due.due(listed.id, version, local, taken, time.monotonic()):
            self._start(listed.id)

    def _note_ended(self, state: State) -> None:
        going = {listed.id for listed in state.meetings}
        for meeting_id in self._memory.end(({*self._local} | {*self._versions}) - going):
            log.info("ended meeting=%r", meeting_id)
        for meeting_id in [one for one in self._versions if one not in going]:
            del self._versions[meeting_id]
            self._downloads.cancel(meeting_id)
            self._let_go(meeting_id)

    def _forget_ended(self) -> None:
        """What has been over for long enough goes, once nothing is being written."""
        for meeting_id in self._memory.ended_before(
            time.time() - self._settings.keep_ended_h * HOUR_S
        ):
            try:
                self._downloads.exclusively(meeting_id, partial(self._library.purge, meeting_id))
            except UsageError as fault:
                if fault.code == "download-running":
                    return
            self._forget(meeting_id)

    def _forget(self, meeting_id: str) -> None:
        self._memory.forget(meeting_id)
        with self._lock:
            self._local.pop(meeting_id, None)

    # A download

    def _start(self, meeting_id: str) -> None:
        self._asked_for.setdefault(meeting_id, self._versions.get(meeting_id, Version()))
        self._downloads.start(meeting_id)

    def _job_of(self, meeting_id: str) -> Job:
        state = self._upstream.state
        document = self._upstream.fresh(meeting_id)
        # What was seen before the job began is what it is held to bring.
        self._asked_for[meeting_id] = self._versions.get(meeting_id, Version())
        self._make_room(document)
        self._look_ahead(meeting_id)
        master = state.server.url() if state.online and state.server else None
        servers = [server.url() for server in pool.from_settings(self._settings)]
        return Job.of(
            meeting_id,
            self._settings,
            servers,
            master=master,
            data=document,
            force=True,
            others=False,
        )

    def _look_ahead(self, meeting_id: str) -> None:
        """Before a first download: what the package will be, where upstream can say so."""
        self._let_go(meeting_id)
        server = self._upstream.ours()
        if server is None or meeting_id in self._local:
            return
        url = server.url(f"/meetings/{quote(meeting_id, safe='')}/manifest")
        try:
            manifest = fetch.get_json(url, server.name)
            self._coming[meeting_id] = Coming(self._library, meeting_id, manifest)
        except (ServerError, ValueError) as fault:
            log.info("not-streamed-along meeting=%r why=%r", meeting_id, str(fault))

    def _let_go(self, meeting_id: str) -> None:
        coming = self._coming.pop(meeting_id, None)
        if coming is not None:
            coming.end()

    def _make_room(self, document: Mapping[str, Any] | None) -> None:
        parsed = agenda.parse(document)
        needed = (parsed.expected_bytes or 0) if parsed else 0
        # Once as files, and once as the package that is made of them.
        for meeting_id in self._room.make(2 * needed, self._memory.ended()):
            self._forget(meeting_id)

    def _told(self, event: events.Event) -> None:
        """A download has ended, or a file of it is whole."""
        if not isinstance(event, events.ENDINGS):
            return
        meeting_id = event.meeting_id
        before, after = self._local.get(meeting_id), self._library.current(meeting_id)
        asked_for = self._asked_for.pop(meeting_id, Version())
        if after is not None:
            with self._lock:
                self._local[meeting_id] = after
        came = isinstance(event, events.DownloadComplete)
        if came:
            self._memory.take(meeting_id, asked_for)
            if meeting_id in self._coming:
                # All of it is here: until the package is made, it is still given out file by file.
                self._coming[meeting_id].end()
        else:
            self._let_go(meeting_id)
        if isinstance(event, events.DownloadError):
            log.warning("not-fetched meeting=%r why=%r", meeting_id, event.message)
        news = came and after is not None and (before is None or before.revision != after.revision)
        self._due.settled(meeting_id, time.monotonic(), came=came, news=news)
        self._show()
        self._heard()

    # What is seen of it

    def _show(self) -> bool:
        """Make `offered` anew; whether it is another one."""
        with self._lock:
            state = self._upstream.state
            listed = state.meetings if self._memory.confirmed else self._memory.listed()
            before, self._offered = self._offered, tuple(map(self._offer, listed))
            return self._offered != before

    def _offer(self, listed: Listed) -> Offered:
        status = listed.data.status if listed.data else ""
        return Offered(
            listed.id,
            listed.title,
            listed.time,
            status or wire.ONGOING,
            listed.document,
            self._local.get(listed.id),
        )

    def _held(self) -> Held:
        """What is told upstream with each heartbeat."""
        state = self._upstream.state
        offered = self._offered
        server: Server | None = state.server if state.online else None
        # A title may hold halves of characters, which nobody could write down.
        titles = [
            (one.id, (one.title or one.id).encode("utf-8", "replace").decode()) for one in offered
        ]
        here = {one.id: one.manifest.revision for one in offered if one.manifest is not None}
        return Held(server, titles, here)
