"""Checking the files of a package as they come: hashing what is stored, unpacking what is deflated.

One thread follows the lanes. What is stored it reads back from the page cache as it grows, so that
little is left to do when the last byte arrives; after a restart it begins at the first byte again,
so nothing is believed that was not read. What is deflated it unpacks once it is all here.
"""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import logging
import os
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import LocalError, PackageError
from kiosk.package import Entry, place, read_entry
from kiosk.part.partly import Done, Part
from kiosk.spans import Spans
from kiosk.store import storage_faults

log = logging.getLogger("kiosk.part")

READ_BYTES = 1 << 20
# A file that is smaller is hashed when it is whole: fewer looks for the same work.
EARLY_BYTES = 4 << 20
LOOK_S = 0.2
NICENESS = 10
PASSED_S = 2.0


@dataclass(frozen=True)
class Finding:
    """What became of a file of the package."""


@dataclass(frozen=True)
class Finished(Finding):
    """It is whole, checked, and lies among the part's done files."""

    entry: Entry
    sha256: str


@dataclass(frozen=True)
class Damaged(Finding):
    """All its bytes are here, and they are not what they should be.

    ``term`` is the `Finisher.term` in which that was found; of an earlier one it means nothing.
    ``as_listed``: the directory's CRC-32 is that of the bytes; a manifest says otherwise.
    """

    entry: Entry
    why: str
    term: int = 0
    as_listed: bool = False


@dataclass(frozen=True)
class Broke(Finding):
    """The disk refused, and nothing more is checked; or it is a bug, told as it is."""

    fault: Exception


class _Unpromised(PackageError):
    """What a manifest promised of a file does not hold, what the directory says of it does."""

    def __init__(self, entry: Entry) -> None:
        super().__init__("damaged", why=f"{entry.path} is not what the manifest says")


class _Dropped(Exception):
    """What is being checked is not wanted any more."""


@dataclass(eq=False, slots=True)
class _Task:
    """A file to be checked; ``at`` counts the bytes of its data that were hashed."""

    entry: Entry
    digest: hashlib._Hash | None = None
    crc32: int = 0
    at: int = 0


class Finisher(threading.Thread):
    """Checks the files that are wanted, in the order in which their bytes come.

    Findings are reported from its thread.
    """

    def __init__(self, part: Part, report: Callable[[Finding], None]) -> None:
        super().__init__(name="finisher", daemon=True)
        self._part = part
        self._report = report
        self._tasks: list[_Task] = []
        self._lock = threading.Lock()
        # Held while something is being checked.
        self._busy = threading.Lock()
        self._dropping = False
        # Counts what was dropped: findings from before are about another build.
        self.term = 0
        self._ended = False
        self._buffer = bytearray(READ_BYTES)

    # From other threads

    def want(self, entries: Iterable[Entry]) -> None:
        """Check these as soon as they are here; one that is waited for already begins anew."""
        known = [entry for entry in entries if not self._part.known(entry)]
        with self._lock:
            again = {entry.offset for entry in known}
            tasks = [task for task in self._tasks if task.entry.offset not in again]
            tasks += [_Task(entry) for entry in known]
            self._tasks = sorted(tasks, key=_offset)
        self._part.grown.set()

    def passed(self, entry: Entry) -> None:
        """A file went by in a stream: all its bytes are here."""
        if entry.key in self._part.done:
            return
        with self._lock:
            bisect.insort(self._tasks, _Task(entry), key=_offset)
        self._part.grown.set()

    @property
    def waiting(self) -> bool:
        """Whether there is something here that is still to be checked."""
        if self._busy.locked():
            return True
        spans = self._part.spans_now()
        with self._lock:
            return any(_is_here(spans, task.entry) for task in self._tasks)

    def drop(self) -> None:
        """Nothing that was wanted before is wanted any more; returns when no file is in use.

        Files that passed in a stream, which nobody can ask for again, get a moment to be finished.
        """
        build, give_up = self._part.build, time.monotonic() + PASSED_S
        while build is not None and not build.resumable and self.is_alive() and self.waiting:
            if time.monotonic() > give_up:
                break
            time.sleep(0.005)
        self._dropping = True
        with self._busy, self._lock:
            self._tasks = []
            self.term += 1
            self._dropping = False

    def end(self) -> None:
        """Stop; what is half checked is left as it is."""
        self._ended = self._dropping = True
        self._part.grown.set()
        if self.is_alive():
            self.join()

    # In its own thread

    def run(self) -> None:
        """The thread's life."""
        with contextlib.suppress(OSError):  # to be nice is no duty
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            while not self._ended:
                self._part.grown.wait(LOOK_S)
                self._part.grown.clear()
                while self._round():
                    continue
        except LocalError as fault:
            self._report(Broke(fault))
        except Exception as bug:
            log.exception("finisher-broke")
            self._report(Broke(bug))

    def _round(self) -> bool:
        """One look at everything; whether something was done."""
        moved = False
        for task, available, whole in self._ready():
            with self._busy:
                if self._dropping or self._ended or not self._is_wanted(task):
                    return False
                try:
                    moved = self._advance(task, available, whole=whole) or moved
                except _Dropped:
                    return False
        return moved

    def _ready(self) -> Iterator[tuple[_Task, int, bool]]:
        """Tasks that can be brought on, up to which byte of the package, and if that is all."""
        spans = self._part.spans_now()
        for start, stop in spans:
            with self._lock:
                first = bisect.bisect_left(self._tasks, start, key=_until)
                last = bisect.bisect_left(self._tasks, stop, key=_offset)
                tasks = self._tasks[first:last]
            for task in tasks:
                entry, available = task.entry, min(stop, task.entry.until)
                # The local header counts: two servers may have met in the middle of it.
                whole = start <= entry.offset and entry.until <= stop
                hashed = None if entry.begins is None else entry.begins + task.at
                if whole or (hashed is not None and start <= hashed <= available - EARLY_BYTES):
                    yield task, available, whole

    def _is_wanted(self, task: _Task) -> bool:
        with self._lock:
            return self._place(task) is not None

    def _place(self, task: _Task) -> int | None:
        place_ = bisect.bisect_left(self._tasks, task.entry.offset, key=_offset)
        return place_ if self._tasks[place_ : place_ + 1] == [task] else None

    def _forget(self, task: _Task) -> None:
        with self._lock:
            place_ = self._place(task)
            if place_ is not None:
                del self._tasks[place_]

    def _advance(self, task: _Task, available: int, *, whole: bool) -> bool:
        """Take up what has come of a file; whether that brought it on."""
        if whole and self._part.known(task.entry):
            self._forget(task)
            return True
        try:
            sha256 = self._as_before(task.entry) if whole else None
            if sha256 is None:
                sha256 = self._as_it_came(task, available, whole=whole)
            if sha256 is None:
                return False
        except PackageError as fault:
            self._forget(task)
            as_listed = isinstance(fault, _Unpromised)
            self._report(Damaged(task.entry, fault.message, self.term, as_listed))
        else:
            self._forget(task)
            self._report(Finished(task.entry, sha256))
        return True

    def _as_before(self, entry: Entry) -> str | None:
        """The name of a file that an earlier run left whole, if it still is."""
        kept = self._part.kept(entry)
        if kept is None:
            return None
        if self._is_sound(kept):
            self._part.confirm(entry)
            return kept.sha256
        log.warning("kept-file-damaged path=%r", entry.path)
        if self._part.forsake(entry):
            raise PackageError("damaged", why=f"{entry.path} has changed on this disk")
        return None

    def _is_sound(self, kept: Done) -> bool:
        """Whether a file still has the content that its name tells."""
        digest, view = hashlib.sha256(), memoryview(self._buffer)
        try:
            with open(kept.file, "rb", 0) as file:
                while count := file.readinto(view):
                    if self._dropping:
                        raise _Dropped
                    digest.update(view[:count])
        except OSError as fault:
            log.warning("kept-file-unreadable path=%s why=%r", kept.file, str(fault))
        return digest.hexdigest() == kept.sha256

    def _as_it_came(self, task: _Task, available: int, *, whole: bool) -> str | None:
        """The name of a file of which all bytes are here; None while more are to come."""
        raw = self._part.data_of(task.entry)
        if raw is not None:
            self._hash(task, raw, available - (task.entry.begins or 0))
        if not whole:
            return None
        return self._unpack(task.entry) if raw is None else self._judged(task, raw)

    def _hash(self, task: _Task, raw: Path, available: int) -> None:
        """Take up what has come of a stored file."""
        told, view = task.entry.sha256 is not None, memoryview(self._buffer)
        digest = task.digest = task.digest or hashlib.sha256()
        with storage_faults(), open(raw, "rb", 0) as file:
            file.seek(task.at)
            while task.at < available:
                if self._dropping:
                    raise _Dropped
                count = file.readinto(view[: available - task.at])
                if not count:
                    raise PackageError("damaged", why=f"{task.entry.path} is not all here")
                digest.update(view[:count])
                if not told:
                    task.crc32 = zlib.crc32(view[:count], task.crc32)
                task.at += count

    def _judged(self, task: _Task, raw: Path) -> str:
        """The name of a stored file that was hashed to its end, if it is what it should be."""
        entry, sha256 = task.entry, (task.digest or hashlib.sha256()).hexdigest()
        with storage_faults(), self._part.package() as package:
            place(package, entry)
        if entry.sha256 not in (None, sha256) and self._crc32(raw) == entry.crc32:
            raise _Unpromised(entry)
        wrong = sha256 != entry.sha256 if entry.sha256 else task.crc32 != entry.crc32
        if wrong:
            raise PackageError("damaged", why=f"{entry.path} fails its check")
        self._part.settled(entry, sha256)
        return sha256

    def _crc32(self, raw: Path) -> int:
        """Of a whole file; only where its SHA-256 was found wrong, which is seldom."""
        crc32, view = 0, memoryview(self._buffer)
        with storage_faults(), open(raw, "rb", 0) as file:
            while count := file.readinto(view):
                crc32 = zlib.crc32(view[:count], crc32)
        return crc32

    def _unpack(self, entry: Entry) -> str:
        """Write the unpacked file; its name, if it is what it should be."""
        path = self._part.folder / f".new-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        try:
            with (
                storage_faults(entry.size),
                open(path, "xb", 0) as out,
                self._part.package() as package,
            ):
                for chunk in read_entry(package, entry):
                    if self._dropping:
                        raise _Dropped
                    digest.update(chunk)
                    view = memoryview(chunk)
                    while view:
                        view = view[out.write(view) or 0 :]
            sha256 = digest.hexdigest()
            if entry.sha256 not in (None, sha256):
                raise _Unpromised(entry)
            self._part.settled(entry, sha256, path)
        except BaseException:
            with contextlib.suppress(OSError):  # the next `Part.begin` removes it
                path.unlink(missing_ok=True)
            raise
        return sha256


def _offset(task: _Task) -> int:
    return task.entry.offset


def _until(task: _Task) -> int:
    return task.entry.until


def _is_here(spans: Spans, entry: Entry) -> bool:
    return not spans.missing(entry.until, entry.offset)
