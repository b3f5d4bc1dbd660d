"""The engine process: takes one job, runs its journey, prints one JSON event a line.

``python -m kiosk.worker`` reads the job as the first line of its standard input. Cancelling is
SIGTERM, or closing that input: so the worker also ends when the process that started it is gone.
`kiosk fetch` runs the same thing inside its own process.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO, TypeVar

from kiosk import agenda, events, fetch, logs, sources
from kiosk.errors import LocalError
from kiosk.job import Job
from kiosk.journey import Emit, Journey
from kiosk.library import Library
from kiosk.part import Part

log = logging.getLogger("kiosk.worker")

T = TypeVar("T")

EXIT_CODES = {
    "all_servers_failed": 1,
    "deadline_exceeded": 1,
    "no_servers": 3,
    "disk_full": 4,
    "storage_failed": 4,
    "package_refused": 5,
}
INTERRUPTED = 130
LOOK_S = 0.05
USAGE = 2


def run(job: Job, emit: Emit, stop: threading.Event, fronts: Fronts | None = None) -> int:
    """Download one meeting; exactly one ending event is emitted. Gives the exit code.

    ``fronts`` says which materials somebody waits for while it runs.
    """
    ending: events.Event | None
    fetch.prepare()
    fetch.BEARER.trust(job.token, [*job.servers, *([job.master] if job.master else [])])
    try:
        library = Library(job.directory)
        ending = unless(stop, lambda: already_here(job, library))
        if ending is not None:
            # A kill just after the revision was published may have left it behind.
            Part(library.part_path(job.meeting_id)).discard()
        named = None if ending else unless(stop, lambda: sources.with_masters_word(job))
        if named is not None:
            journey = Journey(named, library, emit, stop)
            (fronts or Fronts()).lead_to(journey.front)
            return exit_code(journey.run())
        ending = ending or events.DownloadCancelled(job.meeting_id)
    except LocalError as fault:
        ending = _storage_failed(job, fault)
    except Exception:
        # Whatever it was: who waits for an ending gets one.
        log.exception("journey-broke meeting=%r", job.meeting_id)
        broke = LocalError("internal")
        ending = events.DownloadError(job.meeting_id, "worker_lost", broke.message, broke.hint)
    emit(ending)
    return exit_code(ending)


class Fronts:
    """Materials (index from 1) that somebody waits for: kept until there is a journey to tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._early: list[int] = []
        self._tell: Callable[[int], None] | None = None

    def want(self, index: int) -> None:
        """Somebody waits for this one; from any thread."""
        with self._lock:
            if self._tell is None:
                self._early.append(index)
            else:
                self._tell(index)

    def lead_to(self, tell: Callable[[int], None]) -> None:
        """From now on this is who is told, also of those before."""
        with self._lock:
            self._tell = tell
            for index in self._early:
                tell(index)
            self._early.clear()


def unless(stop: threading.Event, action: Callable[[], T]) -> T | None:
    """What ``action`` gives, or raises; None as soon as ``stop`` is set, whatever it waits for."""
    given: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue()

    def work() -> None:
        try:
            given.put((action(), None))
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits
            given.put((None, fault))

    threading.Thread(target=work, name="beforehand", daemon=True).start()
    while not stop.is_set():
        with contextlib.suppress(queue.Empty):
            result, fault = given.get(timeout=LOOK_S)
            if fault is not None:
                raise fault
            return result
    return None


def already_here(job: Job, library: Library) -> events.DownloadComplete | None:
    """The ending of a job that has nothing to do: the same materials are here, whole and right.

    The master's word decides what is the same (the set of its files); where nobody gives it, the
    package is fetched again.
    """
    current = None if job.force else library.current(job.meeting_id)
    if current is None or current.missing or not current.fingerprint:
        return None
    began = time.monotonic()
    document = agenda.parse(sources.document(job) or {})
    if document is None or document.fingerprint != current.fingerprint:
        return None
    if not library.is_whole(current):
        return None
    return events.DownloadComplete(
        job.meeting_id,
        revision=current.revision,
        seconds=round(time.monotonic() - began, 3),
        reused_bytes=sum(material.bytes for material in current.materials),
    )


def exit_code(ending: events.Event) -> int:
    """The exit code of an ending (contract §1)."""
    if isinstance(ending, events.DownloadComplete):
        return 0
    if isinstance(ending, events.DownloadError):
        return EXIT_CODES.get(ending.status, 4)
    return INTERRUPTED


def main() -> int:
    """The process: job in, events out."""
    logs.set_up(logging.INFO)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale: the other end reads UTF-8
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal is for the parent
    try:
        job = Job.decode(sys.stdin.readline())
    except (ValueError, TypeError) as fault:
        log.error("bad-job why=%r", str(fault))
        return USAGE
    fronts = Fronts()
    threading.Thread(target=_watch, args=(sys.stdin, stop, fronts), daemon=True).start()
    return run(job, _Printer(sys.stdout), stop, fronts)


class _Printer:
    """Prints events; a reader that is gone ends nothing here, the closed input does."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, event: events.Event) -> None:
        try:
            self._out.write(events.encode(event) + "\n")
            self._out.flush()
        except (BrokenPipeError, ConnectionError):
            log.warning("nobody-listens event=%s", events.name_of(event))


def _watch(stdin: TextIO, stop: threading.Event, fronts: Fronts) -> None:
    """Whoever started this process holds the other end of its input, and may want one first."""
    while line := stdin.readline():
        try:
            index = json.loads(line).get("front")
        except (ValueError, AttributeError):
            index = None
        if isinstance(index, int):
            fronts.want(index)
        else:
            log.warning("not-understood line=%r", line[:200])
    stop.set()


def _storage_failed(job: Job, fault: LocalError) -> events.DownloadError:
    status = "disk_full" if fault.code == "disk-full" else "storage_failed"
    return events.DownloadError(job.meeting_id, status, fault.message, fault.hint)


if __name__ == "__main__":
    sys.exit(main())
