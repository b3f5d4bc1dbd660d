"""What the master says: which meetings are on, and what is in them (contract §3a).

Every ``interval_s`` one server is asked for its token: the master that is set up, or else the one
of the pool that answered last, and when it does not answer the next ones in turn. Meeting documents
are fetched when the token changes, for meetings that have none yet, and every `REFRESH_ROUNDS`
rounds besides, because a file that is replaced does not change the token; the token counts as seen
only when all of them came. While they come, which takes a slow master its time, what is known so
far is told every `TELL_S`: the list is there before any of them. After `OFFLINE_AFTER` failed
rounds the answer is "offline"; what was known stays known. While offline the pauses vary, so that a
room full of terminals does not return in one instant. A server of ours says how often it wants to
be asked (``Poll-Interval``, seconds); that is kept to where it is more often than the setting.
Everything that comes from outside is checked here; nothing else is believed.
"""

from __future__ import annotations

import contextlib
import logging
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from kiosk import agenda, fetch, pool
from kiosk.errors import ServerError, UnfitError
from kiosk.pool import Server
from kiosk.settings import Settings

log = logging.getLogger("kiosk.upstream")

OFFLINE_AFTER = 3
ASKED_IN_A_ROUND = 4
REFRESH_ROUNDS = 3
OURS_REFRESH_ROUNDS = 30  # its token changes whenever there is something new
TIMEOUT_S = 3.0
FRESH_TIMEOUT_S = 1.5
SHORTEST_POLL_S = 1.0
TELL_S = 0.5
MAX_MEETINGS = 200
MAX_ID = 200
MAX_TEXT = 1000


@dataclass(frozen=True)
class Listed:
    """A meeting that the master lists; ``document`` is what its ``/data`` said, once it did.

    ``data`` is what was understood of it; its fingerprint tells one version of the files from
    another.
    """

    id: str
    title: str
    time: str
    document: dict[str, Any] | None = None
    data: agenda.MeetingData | None = field(default=None, compare=False)


@dataclass(frozen=True)
class State:
    """What is known. ``server`` is who said so; ``asked`` is False until the first answer.

    ``poll_s`` is how often a server of ours wants to be asked; None where it is not one of ours.
    """

    online: bool = False
    asked: bool = False
    server: Server | None = None
    token: str = ""
    meetings: tuple[Listed, ...] = ()
    poll_s: float | None = field(default=None, compare=False)

    def meeting(self, meeting_id: str) -> Listed | None:
        """The listed meeting of that id."""
        return next((meeting for meeting in self.meetings if meeting.id == meeting_id), None)


class Upstream:
    """Polls in a thread of its own; ``heard(changed)`` is called after every round, and in between
    while documents come."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        heard: Callable[[bool], None],
        refresh_rounds: int = REFRESH_ROUNDS,
    ) -> None:
        self.state = State()
        self._refresh_rounds = refresh_rounds
        self._settings = settings
        self._heard = heard
        self._failures = 0
        self._turn = 0
        self._rounds_since_refresh = 0
        self._wake = threading.Event()
        self._asked = threading.Event()
        self._stopping = False
        self._chance = random.Random()
        self._learned: dict[str, Listed] = {}
        # Counts the addresses that were set; what was asked of an older one is not listened to.
        self._setting = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        while not self._stopping:
            self._wake.clear()
            with self._lock:
                before, setting = self.state, self._setting
            if self._take(self._round(before, setting), setting):
                self._wake.wait(self._pause())

    def _take(self, after: State, setting: int) -> bool:
        """What was learned is known now; False where it was asked of an older address."""
        with self._lock:
            if setting != self._setting:
                return False
            changed = after != self.state
            self.state = after
            self._asked.set()
        if changed:
            log.info("upstream online=%s server=%s", after.online, self._name())
        self._heard(changed)
        return True

    def stop(self) -> None:
        """End the thread after the request that it may be waiting for."""
        self._stopping = True
        self._wake.set()

    def poke(self, *, afresh: bool = False) -> None:
        """Ask now. ``afresh``: what other servers said is forgotten, the address is another."""
        if afresh:
            with self._lock:
                self._setting += 1
                self._learned.clear()
                self._asked.clear()
                self.state = State()
        self._failures = 0
        self._wake.set()

    def fresh(self, meeting_id: str) -> dict[str, Any] | None:
        """The document of a meeting as it is right now, or else as it was known last."""
        self._asked.wait(TIMEOUT_S)
        state = self.state
        known = state.meeting(meeting_id)
        if state.online and state.server is not None:
            try:
                document = document_of(state.server, meeting_id, FRESH_TIMEOUT_S)
            except ServerError as fault:
                log.info("no-fresh-document meeting=%r why=%r", meeting_id, fault.message)
            else:
                self._learn(meeting_id, document)
                return document
        return known.document if known else None

    @property
    def answered(self) -> bool:
        """Whether somebody answered in the last round; one that failed is not offline yet."""
        return self.state.online and self._failures == 0

    def ours(self) -> Server | None:
        """The server that answers, where it is one of ours (contract §3b)."""
        state = self.state
        return state.server if state.online and state.poll_s is not None else None

    def _learn(self, meeting_id: str, document: dict[str, Any]) -> None:
        """An edit changes no token: what was seen while asking for something else counts, too."""
        learned = Listed(meeting_id, "", "", document, agenda.parse(document))
        with self._lock:
            self._learned[meeting_id] = learned
            rows = (
                replace(row, document=learned.document, data=learned.data)
                if row.id == meeting_id
                else row
                for row in self.state.meetings
            )
            self.state = replace(self.state, meetings=tuple(rows))

    def _pause(self) -> float:
        interval = self._settings().interval_s
        if self.state.online and self.state.poll_s is not None:
            return min(interval, self.state.poll_s)
        return interval if self.state.online else interval * self._chance.uniform(0.5, 1.5)

    def _round(self, before: State, setting: int) -> State:
        for server in self._candidates(before.server):
            try:
                token, rows, poll_s = told_by(server)
            except ServerError as fault:
                log.debug("poll-failed server=%s why=%r", server.name, fault.message)
                continue
            self._failures = 0
            after = State(True, True, server, token, rows, poll_s)
            return self._documented(before, after, setting)
        self._failures += 1
        online = before.online and self._failures < OFFLINE_AFTER
        return replace(before, online=online, asked=True)

    def _documented(self, before: State, after: State, setting: int) -> State:
        """``after`` with its documents: those known, and those that are due to be fetched."""
        renewed = (after.token, after.server) != (before.token, before.server)
        self._rounds_since_refresh += 1
        often = self._refresh_rounds if after.poll_s is None else OURS_REFRESH_ROUNDS
        if renewed or self._rounds_since_refresh >= often:
            renewed, self._rounds_since_refresh = True, 0
        rows = [
            _documented(row, self._learned.pop(row.id, None) or before.meeting(row.id))
            for row in after.meetings
        ]
        due = [at for at, row in enumerate(rows) if renewed or row.document is None]

        def so_far() -> State:
            # Whoever began a download meanwhile learned of its meeting in `fresh`.
            known = (
                row if row.document else _documented(row, self._learned.get(row.id)) for row in rows
            )
            return replace(after, token=before.token, meetings=tuple(known))

        with self._telling(so_far, setting, bool(due)):
            missed = [at for at in due if not self._fetch(rows, at, _answering(after))]
        token = before.token if missed else after.token
        return replace(after, token=token, meetings=tuple(rows))

    def _fetch(self, rows: list[Listed], at: int, server: Server) -> bool:
        """Put its document into a row; False where the server may have it and did not give it."""
        row = rows[at]
        try:
            document = document_of(server, row.id, TIMEOUT_S)
        except ServerError as fault:
            log.info("no-document meeting=%r why=%r", row.id, fault.message)
            return fault.code == "not-here"
        rows[at] = replace(row, document=document, data=agenda.parse(document))
        return True

    @contextlib.contextmanager
    def _telling(self, so_far: Callable[[], State], setting: int, is_due: bool) -> Iterator[None]:
        """Tell what is known so far again and again; where nothing ``is_due`` there is no need."""
        done = threading.Event()

        def tell() -> None:
            while not done.wait(TELL_S):
                self._take(so_far(), setting)

        teller = threading.Thread(target=tell, name="upstream-telling")
        if is_due:
            teller.start()
        try:
            yield
        finally:
            done.set()
            if is_due:
                teller.join()

    def _candidates(self, last: Server | None) -> list[Server]:
        """Whom to ask in this round: who answered last, then some others, in turn."""
        settings = self._settings()
        servers = pool.from_settings(settings)
        master = [pool.parse(settings.master)] if settings.master else []
        known = [server.url() for server in master + servers]
        fetch.BEARER.trust(settings.node_token, known)
        if master:
            return master
        if not servers:
            return []
        first = [last] if last in servers and last is not None else []
        others = [server for server in servers if server not in first]
        start = self._turn % len(others) if others else 0
        in_turn = (others[start:] + others[:start])[: ASKED_IN_A_ROUND - len(first)]
        self._turn += len(in_turn)
        return first + in_turn

    def _name(self) -> str:
        return self.state.server.name if self.state.server else "-"


def listing_of(server: Server, timeout_s: float = TIMEOUT_S) -> tuple[str, tuple[Listed, ...]]:
    """Token and meetings of ``status/token``; ServerError where it gives none."""
    return told_by(server, timeout_s)[:2]


def told_by(
    server: Server, timeout_s: float = TIMEOUT_S
) -> tuple[str, tuple[Listed, ...], float | None]:
    """The same, and how often it wants to be asked, in seconds; None where it does not say."""
    with fetch.Call(server.name) as call:
        return told_over(call, server, timeout_s)


def told_over(
    call: fetch.Call, server: Server, timeout_s: float = TIMEOUT_S
) -> tuple[str, tuple[Listed, ...], float | None]:
    """The same, over a call that goes on; its ``headers`` are those of this answer then."""
    answer = call.document(server.url("/meetings/status/token"), timeout_s)
    poll_s = _poll_s(call.headers.get("Poll-Interval", ""))
    if not isinstance(answer, dict) or not ({"id", "meetings"} & answer.keys()):
        raise UnfitError("bad-answer", server=server.name, why="no token and no meetings")
    rows = answer.get("meetings")
    listed = tuple(_rows(rows if isinstance(rows, list) else ()))
    return _text(answer.get("id")), listed, poll_s


def _poll_s(value: str) -> float | None:
    """A number of seconds, never less than one; what is none counts as not said."""
    return (
        max(SHORTEST_POLL_S, float(value)) if re.fullmatch(r"\d{1,4}(\.\d{1,3})?", value) else None
    )


def document_of(server: Server, meeting_id: str, timeout_s: float) -> dict[str, Any]:
    """The ``/data`` of a meeting; ServerError where there is none, or it is of another meeting.

    Reporters and minutes are added from ``/meetings/{id}``, which alone knows them.
    """
    path = f"/meetings/{quote(meeting_id, safe='')}"
    answer = fetch.get_json(server.url(f"{path}/data"), server.name, timeout_s)
    if not isinstance(answer, dict):
        raise UnfitError("bad-answer", server=server.name, why="the document is not an object")
    if _text(answer.get("meeting_id", meeting_id)) != meeting_id:
        raise UnfitError("bad-answer", server=server.name, why="the document of another meeting")
    if lacking := [row for row in _agenda(answer) if "reporter" not in row]:
        try:
            details = fetch.get_json(server.url(path), server.name, timeout_s)
        except ServerError as fault:
            log.info("no-details meeting=%r why=%r", meeting_id, fault.message)
        else:
            _add_details(lacking, _agenda(details))
    return answer


def _agenda(document: object) -> list[dict[str, Any]]:
    rows = document.get("agenda_items") if isinstance(document, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _add_details(rows: list[dict[str, Any]], details: list[dict[str, Any]]) -> None:
    known = {_text(row.get("title")): row for row in reversed(details)}
    for row in rows:
        detailed = known.get(_text(row.get("title")), {})
        for name in ("reporter", "duration_minutes"):
            if name in detailed:
                row.setdefault(name, detailed[name])


def _rows(rows: Iterable[Any]) -> Iterable[Listed]:
    seen: set[str] = set()
    for row in rows:
        meeting_id = _text(row.get("id")) if isinstance(row, dict) else ""
        if not is_id(meeting_id) or meeting_id in seen or len(seen) >= MAX_MEETINGS:
            continue
        seen.add(meeting_id)
        title = _text(row.get("title")) or meeting_id
        yield Listed(meeting_id, title, _text(row.get("time")))


def is_id(meeting_id: str) -> bool:
    """Whether a meeting can have this id: printable, and one part of an address."""
    fits = 0 < len(meeting_id) <= MAX_ID and meeting_id.isprintable()
    return fits and meeting_id not in (".", "..") and not set(meeting_id) & set("/\\")


def _text(value: object) -> str:
    """Text of bounded length from what should be text; numbers are taken as they read."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:MAX_TEXT]


def _documented(row: Listed, known: Listed | None) -> Listed:
    """A row with the document that is known of it, if any."""
    return replace(row, document=known.document, data=known.data) if known else row


def _answering(state: State) -> Server:
    if state.server is None:
        raise RuntimeError("documents without a server")
    return state.server
