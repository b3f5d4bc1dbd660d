"""Drives one download from the first connection to the published revision.

`transfer.Transfer` decides who is asked, `plan.Plan` for what; this loop opens and closes lanes for
them, tells them what is reported, ticks their clock, and tells everybody else what happened, as
events. It runs in one thread and wakes at least every `TICK_S`, so that a cancel and a silent
server are noticed in every phase.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from kiosk import events, pool, remembered
from kiosk.delta import Delta
from kiosk.errors import (
    KioskError,
    LocalError,
    PackageError,
    ServerError,
    TransientError,
    UnfitError,
)
from kiosk.flight import Flight
from kiosk.job import Job
from kiosk.journey.blame import Blame
from kiosk.journey.edition import Circumstances, Edition
from kiosk.journey.lanes import Lanes
from kiosk.journey.servers import experience, ordered, policy
from kiosk.journey.telling import Teller
from kiosk.lane import (
    DOCUMENT_S,
    Copy,
    Errand,
    Failed,
    Fetched,
    Flow,
    Lane,
    Learned,
    Report,
    Stood,
    Streamed,
    Streaming,
)
from kiosk.library import Library
from kiosk.part import Broke, Damaged, Finding, Finished, Finisher, Keeper, Part
from kiosk.plan import Span
from kiosk.publish import publish
from kiosk.transfer import Ask, Close, Command, Connect, State, Transfer

log = logging.getLogger("kiosk.journey")

TICK_S = 0.05
AT_ONCE = 64

Emit = Callable[[events.Event], None]


@dataclass(frozen=True)
class Front:
    """Somebody waits for material ``index``."""

    index: int


Heard = Report | Finding | Front


class Journey:
    """One job. `run` returns when the download has ended, after its one ending event."""

    def __init__(self, job: Job, library: Library, emit: Emit, stop: threading.Event) -> None:
        self._job = job
        self._library = library
        self._stop = stop
        self._reports: queue.Queue[Heard] = queue.Queue()
        # Which build each server was seen to hold, and who has said anything at all.
        self._builds: dict[str, object] = {}
        self._heard_of: set[str] = set()
        self._blame = Blame()
        self._wish: int | None = None
        self._flight = Flight(library.data_dir / "flights", job.meeting_id)
        self._standings = remembered.load(library.data_dir)
        self._servers = {server.name: server for server in ordered(job, self._standings)}
        self._part = Part(library.part_path(job.meeting_id), library.has)
        self._keeper = Keeper(self._part)
        self._finisher = Finisher(self._part, self._reports.put)
        master = pool.parse(job.master) if job.master else None
        self._errand = Errand(
            job.meeting_id,
            self._part,
            job.max_package_mb << 20,
            self._finisher.passed,
            job.data,
            master,
            job.parallel,
            # Well before the server's own silence is one.
            min(DOCUMENT_S, job.timeout_s / 2),
        )
        self._edition = Edition(self._errand, library)
        self._lanes = Lanes(self._errand, self._edition, self._reports.put, self._flight)
        self._transfer = Transfer(list(self._servers), policy(job))
        self._teller = Teller(self._flight, emit, self._transfer, self._edition, self._lanes)

    def run(self) -> events.Event:
        """The whole journey; the ending event has been emitted when it returns."""
        self._flight.note("start", servers=list(self._servers), parallel=self._job.parallel)
        self._teller.start(list(self._servers))
        self._keeper.start()
        self._finisher.start()
        try:
            self._obey(self._transfer.start(time.monotonic()))
            while not self._transfer.ended:
                self._turn()
            ending = self._teller.ending()
        finally:
            self._lanes.close_all()
            self._errand.end()
            self._edition.end_recheck()
            self._finisher.end()
            self._keeper.end()
            self._put_away()
        return ending

    def front(self, index: int) -> None:
        """Somebody waits for material ``index`` (from 1): it comes first. From any thread."""
        self._reports.put(Front(index))

    def _put_away(self) -> None:
        """After the ending was told: a slow disk may take a while over it, or refuse."""
        try:
            verdict = self._transfer.verdict
            full = verdict is not None and verdict.code == "disk-full"
            done = self._transfer.state is State.COMPLETE or isinstance(verdict, PackageError)
            if done or full:  # on a full disk it would be in everybody's way
                self._part.discard()
            else:
                self._part.close()
            remembered.save(self._library.data_dir, experience(self._standings, self._transfer))
        except LocalError as fault:
            log.warning("not-put-away path=%s why=%r", self._part.path, fault.message)
        self._flight.close()

    # One turn of the loop

    def _turn(self) -> None:
        reports = self._waiting()
        now = time.monotonic()
        if self._stop.is_set():
            self._obey(self._transfer.cancel())
            return
        for lane in self._lanes:
            phase, received = lane.look
            if lane.number in self._lanes.asked:
                self._transfer.observed(lane.number, phase, received, now)
        for report in reports:
            self._heard(report, now)
        self._obey(self._transfer.tick(now))
        if self._keeper.fault is not None:
            self._obey(self._transfer.halt(self._keeper.fault))
        self._lanes.steer()
        if self._edition.found_sound():
            self._teller.ready()
        if self._transfer.state is State.CHECKING and self._reports.empty():
            self._check(now)
        self._teller.progress(now)

    def _waiting(self) -> list[Heard]:
        """What was reported since, after at most `TICK_S`."""
        found: list[Heard] = []
        try:
            found.append(self._reports.get(timeout=TICK_S))
            while len(found) < AT_ONCE:
                found.append(self._reports.get_nowait())
        except queue.Empty:
            pass
        return found

    def _heard(self, report: Heard, now: float) -> None:
        if self._transfer.ended:
            return
        if isinstance(report, Report):
            lane = self._lanes.get(report.lane)
            if lane is not None:
                self._heard_lane(lane, report, now)
        elif isinstance(report, Finished):
            self._flight.note("entry", path=report.entry.path, bytes=report.entry.size)
            self._teller.ready()
        elif isinstance(report, Damaged):
            if report.term == self._finisher.term:
                self._damaged(report, now)
        elif isinstance(report, Broke):
            self._halt(report.fault)
        elif isinstance(report, Front):
            self._wish = report.index
            self._bring_forward()

    def _heard_lane(self, lane: Lane, report: Report, now: float) -> None:
        name = lane.server.name
        if isinstance(report, Stood):
            self._flight.note("stood", lane=lane.number)
            self._obey(self._transfer.stood(lane.number, now))
            return
        if isinstance(report, Failed):
            self._failed(lane, report, now)
            return
        self._heard_of.add(name)
        try:
            if isinstance(report, Learned):
                self._learned(lane, report, now)
            elif isinstance(report, Streaming):
                self._streaming(lane, report, now)
            elif isinstance(report, Streamed):
                self._streamed(lane, report, now)
            elif isinstance(report, Fetched):
                self._next(lane, now)
        except PackageError as fault:
            self._failed(lane, Failed(lane.number, fault), now)
        except LocalError as fault:
            self._halt(fault)

    def _failed(self, lane: Lane, report: Failed, now: float) -> None:
        fault, name = report.fault, lane.server.name
        if report.crash is not None:
            raise report.crash
        self._heard_of.add(name)
        if isinstance(fault, PackageError):
            others = bool(set(self._servers) - self._heard_of)
            proved = self._edition.delta is not None
            if proved or not self._blame.every_copy(name, fault, others=others):
                fault = UnfitError("wrong-content", server=name, why=fault.message)
        if fault is not None:
            self._flight.note(
                "fault",
                lane=lane.number,
                server=name,
                code=fault.code,
                message=fault.message,
                received=lane.received,
            )
        if isinstance(fault, ServerError):
            self._lanes.close(lane.number)
            self._obey(self._transfer.failed(lane.number, fault, now))
        elif fault is not None:
            self._halt(fault)

    # What the servers have

    def _learned(self, lane: Lane, report: Learned, now: float) -> None:
        copy, name = report.copy, lane.server.name
        before = self._builds.get(name)
        self._builds[name] = copy.build
        if self._edition.delta is None or self._edition.build != copy.build:
            self._flight.note(
                "learned",
                lane=lane.number,
                server=name,
                build=copy.build.directory_sha256[:12],
                total=copy.build.total,
            )
            found = self._weighed(lane, copy, changed=before not in (None, copy.build))
            if found is None:
                return
            self._edition.require_room(found.room, self._job.min_free_mb)
            for other in self._lanes.others(lane):
                behind = TransientError("lagging", server=other.server.name)
                self._failed(other, Failed(other.number, behind), now)
            self._edition.follow(name, copy, found, self._finisher)
            self._teller.planned()
            self._edition.take_in(lane.number, name, copy)
            self._bring_forward()
            self._teller.ready()
            self._obey(self._transfer.want(self._edition.lanes, now))
        else:
            self._edition.hear_promise(name, copy, self._finisher)
        self._next(lane, now)

    def _weighed(self, lane: Lane, copy: Copy, *, changed: bool = False) -> Delta | None:
        """What the copy brings; None where it is not to be followed, and its server was left."""
        others = self._lanes.others(lane)
        unheard = bool(set(self._servers) - self._heard_of)
        found = self._edition.weigh(
            copy, Circumstances(lane.server.name, unheard, bool(others), changed)
        )
        if isinstance(found, KioskError):
            self._failed(lane, Failed(lane.number, found), time.monotonic())
            return None
        return found

    def _streaming(self, lane: Lane, report: Streaming, now: float) -> None:
        """The server sends everything or nothing; that is only of use where nobody does better."""
        name = lane.server.name
        if self._edition.delta is not None and self._lanes.others(lane):
            fault = TransientError("cannot-join", server=name)
            self._failed(lane, Failed(lane.number, fault), now)
            return
        self._edition.require_room(report.total or 0, self._job.min_free_mb)
        self._flight.note("learned", lane=lane.number, server=name, build="", total=report.total)
        self._edition.follow_stream(report.total, self._finisher)
        self._obey(self._transfer.want(1, now))
        lane.order(Flow())

    def _streamed(self, lane: Lane, report: Streamed, now: float) -> None:
        found = self._weighed(lane, report.copy)
        if found is not None:
            self._edition.settle(found, self._finisher)
            self._teller.ready()
            self._obey(self._transfer.whole(now))

    # What is fetched

    def _next(self, lane: Lane, now: float) -> None:
        if self._lanes.give(lane):
            return
        if self._edition.missing == 0:
            self._obey(self._transfer.whole(now))
        else:
            self._flight.note("idle", lane=lane.number)
            self._obey(self._transfer.idle(lane.number, now))

    def _damaged(self, report: Damaged, now: float) -> None:
        """A file is not what the directory says: it is fetched again, not from whoever sent it."""
        entry = report.entry
        if not self._edition.is_wanted(entry):
            self._finisher.want(self._edition.lacking())
            return
        senders = self._part.servers_of(entry.offset, entry.until)
        self._flight.note("damaged", path=entry.path, servers=sorted(senders))
        guilty = self._blame.guilty(report, self._edition.promiser, senders)
        if len(senders) > 1:
            # What one brings alone shows whose fault it was.
            self._obey(self._transfer.want(1, now))
        self._part.spoil(entry.offset, entry.until)
        if self._edition.plan is not None:
            self._edition.plan.spoil(entry.offset, entry.until)
        self._finisher.want([entry])
        for name in guilty:
            fault = UnfitError("wrong-content", server=name, why=report.why)
            self._obey(self._transfer.distrust(name, fault, now))
            self._edition.withdraw(name, self._finisher)
        if self._transfer.state is State.CHECKING:
            self._obey(self._transfer.unsound(now))

    def _bring_forward(self) -> None:
        """What somebody waits for comes first, also where nobody knew yet where it lies."""
        entry = None if self._wish is None else self._edition.entry_of(self._wish)
        if entry is not None and entry.key not in self._part.done:
            self._flight.note("front", path=entry.path)
            self._lanes.bring_forward(Span(entry.offset, entry.until))

    def _check(self, now: float) -> None:
        """Every byte is here: wait until every file was found whole, then publish."""
        if self._finisher.waiting or not self._edition.reused() or not self._reports.empty():
            return
        if self._errand.owed:
            return
        self._edition.heed()
        if lacking := self._edition.lacking():
            self._flight.note("lacking", entries=len(lacking))
            self._finisher.want(lacking)
            self._obey(self._transfer.unsound(now))
            return
        self._publish()

    def _publish(self) -> None:
        edition = self._edition
        if edition.delta is None:
            raise RuntimeError("nothing to publish")
        self._teller.publishing()
        try:
            manifest = publish(self._job.meeting_id, self._library, self._part, edition.delta)
        except LocalError as fault:
            self._halt(fault)
            return
        self._transfer.sound()
        self._teller.published(manifest)

    # Carrying out

    def _obey(self, commands: list[Command]) -> None:
        self._teller.switches()
        for command in commands:
            if isinstance(command, Connect):
                self._lanes.connect(command.lane, self._servers[command.server])
            elif isinstance(command, Ask):
                self._lanes.ask(command.lane)
            elif isinstance(command, Close):
                self._lanes.close(command.lane)
            else:
                self._flight.note("check")

    def _halt(self, fault: Exception) -> None:
        if not isinstance(fault, LocalError | PackageError):
            raise fault
        self._obey(self._transfer.halt(fault))
