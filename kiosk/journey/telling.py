"""What people are told of a download: its progress, who was left, how it ended."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

from kiosk import events
from kiosk.errors import PackageError
from kiosk.flight import Flight
from kiosk.journey.edition import Edition
from kiosk.journey.lanes import Lanes
from kiosk.manifest import Manifest
from kiosk.meter import Meter
from kiosk.transfer import State, Switch, Transfer

log = logging.getLogger("kiosk.journey")

PROGRESS_S = 0.1
NOTE_S = 1.0

Emit = Callable[[events.Event], None]


class Teller:
    """Tells events of the download of one meeting; it decides nothing."""

    def __init__(
        self, flight: Flight, emit: Emit, transfer: Transfer, edition: Edition, lanes: Lanes
    ) -> None:
        self._flight = flight
        self._meeting_id = edition.meeting_id
        self._emit = emit
        self._transfer = transfer
        self._edition = edition
        self._lanes = lanes
        self._meter = Meter()
        self._began = time.monotonic()
        self._last_progress = 0.0
        self._last_note = self._began
        self._told_switches = 0
        self._told_ready: set[int] = set()
        self._reused: int | None = None
        self._publishing = False
        self._manifest: Manifest | None = None

    def start(self, servers: list[str]) -> None:
        """It begins."""
        self._emit(events.DownloadStart(self._meeting_id, servers))

    def planned(self) -> None:
        """It is known what has to come: the rest of the package was here before."""
        total, here = self._edition.figures()
        if self._reused is None:
            self._reused = here
        entries = len(self._edition.lacking())
        self._flight.note(
            "plan", missing=self._edition.missing, reused=here, total=total, entries=entries
        )

    def ready(self) -> None:
        """Tell what can be opened by now. Where an older revision is shown, nothing before the end.

        What is told once is not told again.
        """
        if self._edition.current is None or self._manifest is not None:
            for index, name, size, sha256 in self._edition.ready():
                if index not in self._told_ready:
                    self._told_ready.add(index)
                    ready = events.MaterialReady(self._meeting_id, index, name, sha256, size)
                    self._emit(ready)

    def publishing(self) -> None:
        """The last step begins."""
        self._publishing = True
        self.progress(time.monotonic(), at_once=True)

    def published(self, manifest: Manifest) -> None:
        """The revision is what people see now."""
        self._manifest = manifest
        self.ready()

    def switches(self) -> None:
        """Tell of every server that was left since."""
        for switch in self._transfer.switches[self._told_switches :]:
            self._told_switches += 1
            self._flight.note("switch", left=switch.left, to=switch.to, code=switch.fault.code)
            self._emit(_switched(self._meeting_id, switch))

    def progress(self, now: float, *, at_once: bool = False) -> None:
        """Tell how far it is, at most ten times a second."""
        due = at_once or now - self._last_progress >= PROGRESS_S
        if not due or self._transfer.ended:
            return
        self._last_progress = now
        event = self._reading(now)
        self._emit(event)
        if now - self._last_note >= NOTE_S:
            self._last_note = now
            self._flight.note("progress", bytes=event.held_bytes, rate=event.bytes_per_second)

    def _reading(self, now: float) -> events.DownloadProgress:
        document = self._edition.document
        if self._meter.estimate is None and document is not None:
            # 0 is an estimate that estimates nothing: the document is not read again.
            self._meter.estimate = document.expected_bytes or 0
        total, here = self._edition.figures()
        self._transfer.held(here)
        reading = self._meter.read(here, sum(self._lanes.arrived.values()), total, now)
        last, left = self._lanes.last, reading.seconds_left
        if self._transfer.state is State.PAUSING:
            left = max(0.0, self._transfer.resumes_at - now)
        reused = min(self._reused or 0, reading.bytes)
        return events.DownloadProgress(
            self._meeting_id,
            phase=self._phase(),
            server=last,
            server_index=list(self._transfer.servers).index(last) + 1 if last else 0,
            server_count=len(self._transfer.servers),
            attempt=self._transfer.attempt,
            received_bytes=reading.bytes - reused,
            reused_bytes=reused,
            held_bytes=here,
            delivered=self._edition.part.bytes_by(),
            total_bytes=reading.total,
            percent=math.floor(reading.percent * 100) / 100,
            bytes_per_second=round(reading.bytes_per_second),
            seconds_left=None if left is None else round(left, 1),
            streamed=self._edition.streamed,
        )

    def _phase(self) -> str:
        if self._transfer.state is State.PAUSING:
            return "waiting"
        if self._transfer.state is State.CHECKING:
            return "publishing" if self._publishing else "verifying"
        receiving = any(
            lane.look[0] in ("receiving", "storing")
            for lane in self._lanes
            if lane.number in self._lanes.asked
        )
        return "downloading" if receiving else "connecting"

    # Endings

    def ending(self) -> events.Event:
        """Tell how it ended."""
        ending = self._ending()
        self._flight.note("ending", kind=events.name_of(ending), **_facts(ending))
        self._emit(ending)
        return ending

    def _ending(self) -> events.Event:
        meeting, state = self._meeting_id, self._transfer.state
        if state is State.COMPLETE and self._manifest is not None:
            return self._complete(self._manifest)
        if state is State.CANCELLED:
            return events.DownloadCancelled(meeting, received_bytes=self._edition.kept())
        return self._error()

    def _complete(self, manifest: Manifest) -> events.DownloadComplete:
        total, _ = self._edition.figures()
        reused = min(self._reused or 0, total or 0)
        return events.DownloadComplete(
            self._meeting_id,
            revision=manifest.revision,
            seconds=round(time.monotonic() - self._began, 3),
            received_bytes=(total or 0) - reused,
            reused_bytes=reused,
            servers=dict(manifest.servers),
            missing=list(manifest.missing),
        )

    def _error(self) -> events.DownloadError:
        attempts = [
            {"server": name, "tries": tries, **fault.to_json()}
            for name, fault, tries in self._transfer.faults()
        ]
        status, message, hint = verdict(self._transfer, attempts)
        return events.DownloadError(
            self._meeting_id,
            status=status,
            message=message,
            hint=hint,
            attempts=attempts,
            kept=self._edition.current.revision if self._edition.current else None,
        )


def _facts(ending: events.Event) -> dict[str, Any]:
    """What a record says of an ending."""
    told = events.payload(ending)
    names = ("status", "message", "revision", "receivedBytes", "reusedBytes", "seconds", "servers")
    return {name: told[name] for name in names if name in told}


def _switched(meeting_id: str, switch: Switch) -> events.ServerSwitch:
    """A server was left: logged, and told."""
    fault = switch.fault
    log.info(
        "switch from=%s to=%s reason=%s message=%r",
        switch.left,
        switch.to,
        fault.code,
        fault.message,
    )
    return events.ServerSwitch(
        meeting_id,
        switch.left,
        switch.to,
        fault.code,
        fault.message,
        dict(fault.details),
        round(switch.wait_s, 2),
    )


def verdict(transfer: Transfer, attempts: list[dict[str, Any]]) -> tuple[str, str, str]:
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
