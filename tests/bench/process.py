"""A command as a process of its own: how long it took, what it needed, what it said and when."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

LOOK_S = 0.002
QUIET = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}


@dataclass(frozen=True)
class Process:
    """A process that has ended.

    ``began`` is in ``time.monotonic()``; ``code`` is None where its time was over, and negative
    where a signal ended it; ``memory`` is the peak of resident bytes; ``lines`` are what it
    printed, and when; ``said`` is the last line on its standard error.
    """

    began: float
    seconds: float
    code: int | None
    memory: int
    lines: list[tuple[float, str]]
    said: str


def run(command: list[str], limit_s: float, kill_when: Callable[[], bool] | None = None) -> Process:
    """Runs it to its end; SIGKILL after ``limit_s`` seconds, or once ``kill_when`` says so."""
    with tempfile.TemporaryFile() as errors:
        running = _Running(command, errors)
        over, late = threading.Event(), threading.Event()
        threads = [_started(running.read), _started(running.limit, limit_s, over, late)]
        if kill_when:
            threads.append(_started(running.watch, kill_when, over))
        seconds, usage = running.wait(over, threads)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
    code = None if late.is_set() else running.process.returncode
    return Process(running.began, seconds, code, usage.ru_maxrss * 1024, running.lines, said)


class _Running:
    """The process, and what its threads do; its id stays its own until all of them have ended."""

    def __init__(self, command: list[str], errors: IO[bytes]) -> None:
        self.lines: list[tuple[float, str]] = []
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            env=QUIET,
        )

    def read(self) -> None:
        """Notes each line with its moment."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.decode(errors="replace")))

    def limit(self, seconds: float, over: threading.Event, late: threading.Event) -> None:
        """Kills it when its time is over."""
        if not over.wait(seconds):
            late.set()
            self.kill()

    def watch(self, kill_when: Callable[[], bool], over: threading.Event) -> None:
        """Kills it when that comes true."""
        while not over.wait(LOOK_S):
            if kill_when():
                self.kill()
                return

    def wait(
        self, over: threading.Event, threads: list[threading.Thread]
    ) -> tuple[float, resource.struct_rusage]:
        """Its end: how long it took, and what it used."""
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.monotonic() - self.began
        over.set()
        self.kill()  # whatever it has left behind
        for thread in threads:
            thread.join()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        assert self.process.stdout
        self.process.stdout.close()
        return seconds, usage

    def kill(self) -> None:
        """All of its session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _started(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    return thread
