"""One worker process: started, listened to, cancelled, and survived.

The process talks over one socketpair, its standard input and output: sockets are what eventlet can
wait for without standing still. Whatever happens to it, exactly one ending event is told.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

from kiosk import events
from kiosk.errors import KioskError, LocalError
from kiosk.job import Job

log = logging.getLogger("kiosk.engine")

COMMAND = (sys.executable, "-P", "-m", "kiosk.worker")
GRACE_S = 0.8
# A page that people look at comes before the download that they wait for.
NICENESS = 5
# Five times what the largest packages take: a worker that wants more has lost its way.
MEMORY_BYTES = 1 << 30
EXIT_S = 3.0
# After its ending it still puts its package away, which a slow disk may take a while over.
FAREWELL_S = 30.0

Tell = Callable[[events.Event], None]


class Engine:
    """The download of ``meeting_id``; ``prepare`` makes its job and may take a moment.

    `run` returns when the process is gone. `cancel` may come from any thread at any time.
    """

    def __init__(self, meeting_id: str, prepare: Callable[[], Job], tell: Tell) -> None:
        self.meeting_id = meeting_id
        self._prepare = prepare
        self._tell_on = tell
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._cancelled = False
        self._ended = False
        self._received = 0
        # One line at a time to the process, and none before its job.
        self._saying = threading.Lock()
        self._has_job = False
        self._front: int | None = None

    def run(self) -> None:
        """The whole life of the process."""
        try:
            job = self._prepare()
            code = self._work(job)
        except KioskError as fault:
            self._lost(fault.message)
        except OSError as fault:
            self._lost(fault.strerror or str(fault))
        except Exception:
            # Whatever it was: the page must not wait for an ending that never comes.
            log.exception("engine-failed meeting=%r", self.meeting_id)
            self._lost("internal fault")
        else:
            self._lost(f"signal {-code}" if code < 0 else f"status {code}")

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._cancelled

    def cancel(self) -> None:
        """End it: asked nicely first, killed after `GRACE_S`."""
        with self._lock:
            self._cancelled = True
            process, line = self._process, self._line
        if process is None or line is None:
            # Nothing runs yet: what is being prepared is dropped when it is ready.
            self._tell(events.DownloadCancelled(self.meeting_id))
            return
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_WR)
        process.terminate()
        killer = threading.Timer(GRACE_S, process.kill)
        killer.daemon = True
        killer.start()

    def front(self, index: int) -> None:
        """Ask for material ``index`` (from 1) before the others; also before `run` begins."""
        with self._saying:
            self._front = index
            if self._has_job and self._line is not None:
                # A process that is gone has nothing to bring.
                with contextlib.suppress(OSError):
                    self._line.sendall(_front_line(index))

    def _work(self, job: Job) -> int:
        """Start the process and relay what it says; its exit status."""
        ours, theirs = socket.socketpair()
        # Eventlet makes every socket non-blocking, which the other process would inherit.
        os.set_blocking(theirs.fileno(), True)
        with ours:
            with theirs, self._lock:
                if self._cancelled:
                    return 0
                self._line = ours
                self._process = subprocess.Popen(
                    COMMAND, stdin=theirs.fileno(), stdout=theirs.fileno()
                )
            process = self._process
            _bound(process.pid)
            log.info("worker-started meeting=%r pid=%d", job.meeting_id, process.pid)
            try:
                self._relay(ours, job)
            finally:
                code = _reaped(process)
                log.info(
                    "worker-ended meeting=%r pid=%d code=%d", job.meeting_id, process.pid, code
                )
        return code

    def _relay(self, line: socket.socket, job: Job) -> None:
        gone = contextlib.suppress(ConnectionError, TimeoutError)
        with gone, line.makefile("rb") as reader:
            with self._saying:
                asked = b"" if self._front is None else _front_line(self._front)
                line.sendall(job.encode().encode() + b"\n" + asked)
                self._has_job = True
            for text in reader:
                try:
                    event = events.decode(text)
                except (ValueError, TypeError) as fault:
                    log.warning("worker-said-nonsense why=%r line=%r", str(fault), text[:200])
                    continue
                if event.meeting_id == job.meeting_id:
                    self._tell(event)
                if self._ended:
                    line.settimeout(FAREWELL_S)

    def _tell(self, event: events.Event) -> None:
        """Pass an event on, but nothing after an ending."""
        with self._lock:
            if self._ended:
                return
            self._ended = isinstance(event, events.ENDINGS)
        if isinstance(event, events.DownloadProgress):
            self._received = event.received_bytes
        self._tell_on(event)

    def _lost(self, why: str) -> None:
        """The end of a process that did not tell its own."""
        if self._cancelled:
            self._tell(events.DownloadCancelled(self.meeting_id, self._received))
            return
        fault = LocalError("worker-lost", why=why)
        self._tell(events.DownloadError(self.meeting_id, "worker_lost", fault.message, fault.hint))


def _front_line(index: int) -> bytes:
    return json.dumps({"front": index}).encode() + b"\n"


def _bound(pid: int) -> None:
    """Keep a worker from taking the page's time, or all of the memory."""
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
        resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))


def _reaped(process: subprocess.Popen[bytes]) -> int:
    """Its exit status; it is killed where it closed its output but does not leave."""
    try:
        return process.wait(EXIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
