"""Drives one download from the first request to the published revision.

`transfer.Transfer` decides; this loop opens and closes lanes for it, tells it what they report,
ticks its clock, and tells everybody else what happened, as events. It runs in one thread and wakes
at least every `TICK_S`, so that a cancel and a silent server are noticed in every phase.
"""

from __future__ import annotations

import logging
import queue
import random
import shutil
import threading
import time
from collections.abc import Callable
from typing import Any

from kiosk import agenda, events, pool
from kiosk.errors import LocalError, PackageError, ServerError, UnfitError
from kiosk.job import Job
from kiosk.lane import Errand, Lane, Report
from kiosk.library import Library
from kiosk.meter import Meter
from kiosk.part import Keeper, Part
from kiosk.pool import Server
from kiosk.publish import Publication
from kiosk.transfer import Ask, Close, Command, Policy, State, Transfer

log = logging.getLogger("kiosk.journey")

TICK_S = 0.05
PROGRESS_S = 0.1
# What every package's fault is, if another server's copy may be sound.
COPY_FAULTS = ("damaged", "ambiguous")

Emit = Callable[[events.Event], None]


class Journey:
    """One job. `run` returns when the download has ended, after its one ending event."""

    def __init__(self, job: Job, library: Library, emit: Emit, stop: threading.Event) -> None:
        self._job = job
        self._library = library
        self._emit = emit
        self._stop = stop
        self._reports: queue.Queue[Report] = queue.Queue()
        self._lanes: dict[int, Lane] = {}
        # Bytes each lane brought over the network, those of dropped streams included.
        self._arrived: dict[int, int] = {}
        self._began = time.monotonic()
        self._last_progress = 0.0
        self._phase = "connecting"
        self._asked: Ask | None = None
        self._told_switches = 0
        servers = pool.unique(pool.parse(url) for url in job.servers)
        self._servers = {s.name: s for s in self._ordered(servers, job)}
        self._part = Part(library.part_path(job.meeting_id))
        self._keeper = Keeper(self._part)
        self._put_holder_first()
        self._errand = Errand(
            job.meeting_id, self._part, job.max_package_mb << 20, self._room, job.data
        )
        self._transfer = Transfer(list(self._servers), _policy(job))
        self._meter = Meter()
        self._found = (self._part.identity, self._part.here)
        self._published: Publication | None = None

    def run(self) -> events.Event:
        """The whole journey; the ending event has been emitted when it returns."""
        self._emit(events.DownloadStart(self._job.meeting_id, list(self._servers), self._total()))
        self._keeper.start()
        try:
            self._obey(self._transfer.start(time.monotonic()))
            while not self._transfer.ended:
                self._turn()
            ending = self._ending()
            self._emit(ending)
        finally:
            for number in list(self._lanes):
                self._dismiss(number)
            self._keeper.end()
            self._put_part_away()
        return ending

    def _put_part_away(self) -> None:
        """After the ending was told: a slow disk may take a while over it, or refuse."""
        try:
            if self._transfer.state is State.COMPLETE:
                self._part.discard()
            else:
                self._part.close()
        except LocalError as fault:
            log.warning("part-not-kept path=%s why=%r", self._part.path, fault.message)

    # One turn of the loop

    def _turn(self) -> None:
        try:
            report = self._reports.get(timeout=TICK_S)
        except queue.Empty:
            report = None
        now = time.monotonic()
        if self._stop.is_set():
            self._obey(self._transfer.cancel())
            return
        for lane in list(self._lanes.values()):
            self._arrived[lane.number] = lane.received
            self._transfer.observed(lane.number, *lane.look, now)
        if report is not None:
            self._heard(report, now)
        self._obey(self._transfer.tick(now))
        if self._keeper.fault is not None:
            self._halt(self._keeper.fault)
        self._progress(now)

    def _heard(self, report: Report, now: float) -> None:
        if report.lane not in self._lanes:
            return
        if report.crash is not None:
            raise report.crash
        self._dismiss(report.lane)
        if report.fault is None:
            self._obey(self._transfer.whole(report.lane))
        elif isinstance(report.fault, ServerError):
            self._obey(self._transfer.failed(report.lane, report.fault, now))
        else:
            self._halt(report.fault)

    def _obey(self, commands: list[Command]) -> None:
        self._tell_switches()
        for command in commands:
            if isinstance(command, Ask):
                self._open(command)
            elif isinstance(command, Close):
                self._dismiss(command.lane)
            else:
                self._check()

    def _open(self, ask: Ask) -> None:
        self._asked = ask
        server = self._servers[ask.server]
        log.info("ask server=%s meeting=%s attempt=%d", server.name, self._job.meeting_id, ask.lane)
        lane = Lane(ask.lane, server, self._errand, self._reports.put)
        self._lanes[ask.lane] = lane
        self._part.admit(ask.lane)
        lane.start()

    def _dismiss(self, number: int) -> None:
        lane = self._lanes.pop(number, None)
        if lane is not None:
            lane.close()
            self._part.dismiss(number)
            self._arrived[lane.number] = lane.received

    def _halt(self, fault: Exception) -> None:
        if not isinstance(fault, LocalError | PackageError):
            raise fault
        self._obey(self._transfer.halt(fault))

    # Verify and publish

    def _check(self) -> None:
        server = self._asked.server if self._asked else ""
        self._published = Publication(self._job.meeting_id, self._library, self._part)
        try:
            self._published.run(
                self._errand.data, self._pulse, self._ready, self._delivered(self._part.here)
            )
        except _Interrupted:
            pass
        except LocalError as fault:
            self._halt(fault)
        except PackageError as fault:
            self._part.discard()
            if fault.code not in COPY_FAULTS:
                self._halt(fault)
                return
            unfit = UnfitError("wrong-content", server=server, why=fault.message)
            self._obey(self._transfer.unsound(server, unfit, time.monotonic()))
        else:
            self._transfer.sound()

    def _pulse(self, phase: str) -> None:
        """Between two chunks of the check: progress goes on, a cancel ends it."""
        now = time.monotonic()
        self._phase = phase
        if self._stop.is_set():
            self._obey(self._transfer.cancel())
        else:
            self._obey(self._transfer.tick(now))
        if self._transfer.ended:
            raise _Interrupted
        self._progress(now)

    def _ready(self, index: int, name: str) -> None:
        self._emit(events.MaterialReady(self._job.meeting_id, index, name))

    # Telling

    def _progress(self, now: float) -> None:
        if now - self._last_progress < PROGRESS_S or self._transfer.ended:
            return
        self._last_progress = now
        self._emit(self._reading(now))

    def _reading(self, now: float) -> events.DownloadProgress:
        if self._meter.estimate is None and self._errand.data is not None:
            document = agenda.parse(self._errand.data)
            # 0 is an estimate that estimates nothing: the document is not read again.
            self._meter.estimate = (document.expected_bytes if document else None) or 0
        reading = self._meter.read(self._part.here, sum(self._arrived.values()), self._total(), now)
        asked, left = self._asked, reading.seconds_left
        if self._transfer.state is State.PAUSING:
            left = max(0.0, self._transfer.resumes_at - now)
        reused = min(self._reused, reading.bytes)
        return events.DownloadProgress(
            self._job.meeting_id,
            phase=self._phase_now(),
            server=asked.server if asked else None,
            server_index=asked.index if asked else 0,
            server_count=len(self._servers),
            attempt=self._transfer.attempt,
            received_bytes=reading.bytes - reused,
            reused_bytes=reused,
            held_bytes=self._part.here,
            total_bytes=reading.total,
            percent=round(reading.percent, 2),
            bytes_per_second=round(reading.bytes_per_second),
            seconds_left=None if left is None else round(left, 1),
        )

    def _phase_now(self) -> str:
        if self._transfer.state is State.PAUSING:
            return "waiting"
        if self._transfer.state is State.CHECKING:
            return self._phase if self._phase == "publishing" else "verifying"
        receiving = any(lane.look[0] == "receiving" for lane in self._lanes.values())
        return "downloading" if receiving else "connecting"

    def _tell_switches(self) -> None:
        for switch in self._transfer.switches[self._told_switches :]:
            self._told_switches += 1
            log.info(
                "switch from=%s to=%s reason=%s message=%r",
                switch.left,
                switch.to,
                switch.fault.code,
                switch.fault.message,
            )
            self._emit(
                events.ServerSwitch(
                    self._job.meeting_id,
                    switch.left,
                    switch.to,
                    switch.fault.code,
                    switch.fault.message,
                    dict(switch.fault.details),
                    round(switch.wait_s, 2),
                )
            )

    # Endings

    def _ending(self) -> events.Event:
        meeting, state = self._job.meeting_id, self._transfer.state
        if state is State.COMPLETE and self._published is not None:
            return self._complete(self._published)
        if self._part.identity is None or not self._part.identity.resumable:
            self._part.discard()
        kept = self._part.here
        if state is State.CANCELLED:
            return events.DownloadCancelled(meeting, received_bytes=kept)
        return self._error()

    def _complete(self, published: Publication) -> events.DownloadComplete:
        received = max(0, published.package_bytes - self._reused)
        return events.DownloadComplete(
            self._job.meeting_id,
            revision=published.revision,
            seconds=round(time.monotonic() - self._began, 3),
            received_bytes=received,
            reused_bytes=published.package_bytes - received,
            servers=self._delivered(received),
            missing=list(published.missing),
        )

    def _error(self) -> events.DownloadError:
        attempts = [
            {"server": name, "tries": tries, **fault.to_json()}
            for name, fault, tries in self._transfer.faults()
        ]
        current = self._library.current(self._job.meeting_id)
        status, message, hint = _verdict(self._transfer, attempts)
        return events.DownloadError(
            self._job.meeting_id,
            status=status,
            message=message,
            hint=hint,
            attempts=attempts,
            kept=current.revision if current else None,
        )

    # Small facts

    @property
    def _reused(self) -> int:
        """Bytes that were here before and still are part of the package."""
        identity, here = self._found
        return here if self._part.identity is identity else 0

    def _delivered(self, received: int) -> dict[str, int]:
        """Who sent what is in the package now; bytes of a stream that was given up are not."""
        identity = self._part.identity
        return {identity.server: received} if identity is not None else {}

    def _total(self) -> int | None:
        return self._part.identity.total if self._part.identity else None

    def _room(self, total: int) -> None:
        """LocalError ``disk-full`` where package and materials do not fit beside `min_free_mb`."""
        free = shutil.disk_usage(self._part.path.parent).free + self._part.here
        needed = 2 * total + (self._job.min_free_mb << 20)
        if free < needed:
            raise LocalError("disk-full", needed=needed, free=free)

    def _ordered(self, servers: list[Server], job: Job) -> list[Server]:
        return servers if job.in_order else pool.shuffled(servers, random.Random())

    def _put_holder_first(self) -> None:
        """A server whose bytes are here already can go on where it stopped."""
        identity = self._part.identity
        if identity is not None and identity.server in self._servers and not self._job.in_order:
            holder = self._servers.pop(identity.server)
            self._servers = {holder.name: holder, **self._servers}


class _Interrupted(Exception):
    """The check was left: cancelled, or out of time."""


def _policy(job: Job) -> Policy:
    return Policy(
        parallel=job.parallel,
        rounds=job.retries,
        timeout_s=job.timeout_s,
        deadline_s=job.deadline_s,
    )


def _verdict(transfer: Transfer, attempts: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Status (contract §4), message and hint of a download that failed."""
    verdict = transfer.verdict
    if verdict is not None:
        status = {"disk-full": "disk_full", "deadline-exceeded": "deadline_exceeded"}.get(
            verdict.code, "storage_failed"
        )
        if isinstance(verdict, PackageError):
            status = "package_refused"
        return status, verdict.message, verdict.hint
    if not transfer.servers:
        return "no_servers", "no server is set up", "Enter the server address on the options page."
    if all(attempt["code"] == "wrong-content" for attempt in attempts):
        return "package_refused", attempts[0]["message"], attempts[0]["hint"]
    count = len(attempts)
    message = (
        f"none of {count} servers delivered the package"
        if count > 1
        else (f"the only server did not deliver: {attempts[0]['message']}")
    )
    return "all_servers_failed", message, "Try again; if it stays so, look at the reasons below."
