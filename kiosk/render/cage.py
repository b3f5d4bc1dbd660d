"""A foreign program that reads hostile files, in a cage: no network, bounds, and one end for all.

Where the kernel lets us, it runs in a network namespace that has no network, and below the first
process of a process namespace, so that ending that one ends whatever was started. Elsewhere its
settings and a proxy that is not there have to do, and ending means to stop every descendant before
any is killed, so that none has children meanwhile. `adopt_orphans` sees to it that they stay
descendants of this process, whatever they do.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import logging
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

log = logging.getLogger("kiosk.render")

MEMORY_BYTES = 1536 << 20  # of all its processes, as they lie in memory
ADDRESS_BYTES = 3 << 30  # of each
FILE_BYTES = 256 << 20
FOLDER_BYTES = 1 << 30  # more than what it finds there
PROCESSES = 64
LOOK_S = 0.2
PROBE_S = 5.0
LEAVING_S = 5.0
ROUNDS = 200
MAX_SAID_BYTES = 64 << 10
_APART = ("unshare", "--net", "--pid", "--ipc", "--fork", "--kill-child")
_AS_USER = ("--user", "--map-current-user")
_LIBC = ctypes.CDLL(None)
_SET_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36
_LIMITS = (
    (resource.RLIMIT_AS, ADDRESS_BYTES),
    (resource.RLIMIT_FSIZE, FILE_BYTES),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 1024),
    (resource.RLIMIT_NPROC, 4096),
    (resource.RLIMIT_CPU, 600),
)


class Cage:
    """One run of a program in a folder of its own, where its complaints are kept.

    ``why`` tells why it was ended from here, as `end` was told, or too-large; None while it was
    not. OSError at a bad start.
    """

    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self.why: str | None = None
        self._folder = folder
        self._looked = time.monotonic()
        self._found = _written(folder)
        with open(folder / "complained", "wb") as complained:
            self._process = subprocess.Popen(
                [*apart(), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complained,
                cwd=folder,
                env=env,
                preexec_fn=_hold,  # noqa: PLW1509 - this process has one thread
            )

    def is_running(self) -> bool:
        """Whether it goes on; ends it where it takes more than it may."""
        if self._process.poll() is not None:
            return False
        if time.monotonic() - self._looked > LOOK_S:
            self._looked = time.monotonic()
            if (excess := self._excess()) is not None:
                log.warning("converter-ended why=%s", excess)
                self.end("too-large")
        return self.why is None

    def end(self, why: str) -> None:
        """End it before its time, for that reason."""
        self.why = self.why or why
        self.close()

    def close(self) -> None:
        """End what is left of it, and everything that it started."""
        self._process.kill()
        end_descendants()
        self._process.wait()

    @property
    def complained(self) -> str:
        """What it printed on standard error, the beginning of it."""
        return _beginning(self._folder / "complained")

    def _excess(self) -> str | None:
        family = descendants()
        if len(family) > PROCESSES:
            return f"{len(family)}-processes"
        memory = sum(map(_resident, family))
        if memory > MEMORY_BYTES:
            return f"{memory}-bytes-of-memory"
        written = _written(self._folder) - self._found
        return f"{written}-bytes-written" if written > FOLDER_BYTES else None


@functools.cache
def apart() -> tuple[str, ...]:
    """What stands in front of a command to cut its network off; nothing where that is refused."""
    why = ""
    for words in (_APART, (*_APART, *_AS_USER)):
        try:
            tried = subprocess.run(
                [*words, "true"], check=False, capture_output=True, timeout=PROBE_S
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            why = str(fault)
            continue
        if tried.returncode == 0:
            log.info("converter-network cut=by-namespace")
            return words
        why = tried.stderr.decode("utf-8", "replace")[:200]
    log.warning("converter-network cut=by-settings-and-dead-proxy why=%r", why.strip())
    return ()


def adopt_orphans() -> None:
    """From now on descendants whose parent has ended become children of this process (prctl(2))."""
    _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> set[int]:
    """The ids of all processes below this one."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    left = [os.getpid()]
    while left:
        new = [pid for pid in children.get(left.pop(), []) if pid not in found]
        found.update(new)
        left += new
    return found


def end_descendants() -> None:
    """Kill all of them, stopped first, and see them off."""
    stopped: set[int] = set()
    for _ in range(ROUNDS):
        new = descendants() - stopped
        if not new:
            break
        _signal(new, signal.SIGSTOP)
        stopped |= new
    give_up = time.monotonic() + LEAVING_S
    while (left := descendants()) and time.monotonic() < give_up:
        _signal(left, signal.SIGKILL)
        _see_off()
        time.sleep(0.01)
    if left:
        log.error("converter-stays processes=%d", len(left))


def _see_off() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _signal(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _parents() -> Iterator[tuple[int, int]]:
    """Each process and its parent (proc(5): the name in brackets may hold anything)."""
    for entry in os.listdir("/proc"):  # noqa: PTH208 - no paths needed of a thousand names
        if entry.isdecimal():
            stat = _read(f"/proc/{entry}/stat")
            told = stat.rpartition(b")")[2].split()
            if len(told) > 1:
                yield int(entry), int(told[1])


def _resident(pid: int) -> int:
    """Bytes of memory that it holds; 0 of one that is gone."""
    told = _read(f"/proc/{pid}/statm").split()
    return int(told[1]) * resource.getpagesize() if len(told) > 1 else 0


def _written(folder: Path) -> int:
    """Bytes of all files below it; what goes away meanwhile does not count."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(4096)
    except OSError:
        return b""


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_SAID_BYTES).decode("utf-8", "replace")


def _hold() -> None:
    """In the new process: behind everybody else, the first to go when memory is short, and bounded.

    It ends with this process, whatever ends that.
    """
    _LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    os.nice(5)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    for what, most in _LIMITS:
        _, ceiling = resource.getrlimit(what)
        bounded = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(what, (bounded, bounded))
