"""The files of a partly-here package."""

from __future__ import annotations

import bisect
import logging
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kiosk.package import Entry
from kiosk.part import journal
from kiosk.part.journal import BuildId, Key
from kiosk.part.places import entries_folder, record_in
from kiosk.spans import Spans
from kiosk.store import storage_faults, sync_directory, sync_filesystem

log = logging.getLogger("kiosk.part")

MAX_OPEN = 16
TELL_BYTES = 2 << 20
MODE = 0o644


@dataclass(frozen=True)
class Done:
    """A file of the package that is whole and checked; ``file`` is where it lies."""

    sha256: str
    size: int
    file: Path


class Dismissed(Exception):
    """This lane was left; what it brings does not count any more."""


class Part:
    """One package under way. Thread-safe: lanes write while others hash, unpack and keep.

    ``has(sha256, size)`` says whether an object is in the library already: a crash may have come
    between its arrival there and the revision that needs it.
    """

    def __init__(self, path: Path, has: Callable[[str, int], bool] = lambda *_: False) -> None:
        self.path = path
        self.journal = path.with_name(path.name + ".journal")
        self.folder = entries_folder(path)
        self.build: BuildId | None = None
        self.done: dict[Key, Done] = {}
        # Set whenever bytes have come.
        self.grown = threading.Event()
        # Bytes that the journal does not know, and files and bytes that are not synced.
        self.untold = 0
        self.unsafe = 0
        self._book: BinaryIO | None = None
        self._lines = 0
        self._spans = Spans()
        self._senders: dict[str, Spans] = {}
        self._by_offset: dict[int, Done] = {}
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._open: OrderedDict[int, int] = OrderedDict()
        self._file: int | None = None
        self._lock = threading.Lock()
        # Held while the journal is written: the files must not change hands meanwhile.
        self._keeping = threading.Lock()
        self._admitted: set[int] = set()
        with storage_faults():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._load(has)

    # What is here

    @property
    def here(self) -> int:
        """How many bytes of the package are here."""
        with self._lock:
            return self._spans.total

    def spans_now(self) -> Spans:
        """Which bytes are here; a copy."""
        with self._lock:
            return self._spans.copy()

    def servers_of(self, start: int, stop: int) -> set[str]:
        """Who sent these bytes; nobody where some of them were here before this part was opened."""
        with self._lock:
            rest, names = Spans([(start, stop)]), set()
            for name, sent in self._senders.items():
                for span in sent.within(start, stop):
                    names.add(name)
                    rest.remove(span.start, stop if span.stop is None else span.stop)
            return names if not rest.total else set()

    def bytes_by(self) -> dict[str, int]:
        """How many of the bytes that are here each server sent since this part was opened."""
        with self._lock:
            return {name: sent.total for name, sent in self._senders.items() if sent.total}

    # Who may write

    def admit(self, lane: int) -> None:
        """From now on ``lane`` may write."""
        with self._lock:
            self._admitted.add(lane)

    def dismiss(self, lane: int) -> None:
        """From now on ``lane`` may not; returns after a write that was under way."""
        with self._lock:
            self._admitted.discard(lane)

    # Changing it

    def begin(self, build: BuildId, entries: Iterable[Entry] = ()) -> None:
        """Fetch this build from now on; its bytes that are here already are kept, no others.

        Files that are whole are kept in any case. ``entries`` are those of its directory.
        """
        with storage_faults(), self._keeping, self._lock:
            self.folder.mkdir(exist_ok=True)
            if build == self.build and build.resumable:
                self._divert_all(entries)
                self._mistrust(entries)
                # What an earlier start of the machine left unsynced must not be believed later on.
                self._begin_journal(build)
                return
            self._close()
            self.path.unlink(missing_ok=True)
            for raw in self.folder.glob("*.raw"):
                raw.unlink(missing_ok=True)
            self._spans, self._senders, self._by_offset = Spans(), {}, {}
            self.untold = self.unsafe = 0
            self._begin_journal(build)
            self.build = build
            self._divert_all(entries)

    def divert(self, start: int, stop: int) -> None:
        """The data of a stored file lie in these bytes: they get a file of their own."""
        with self._lock:
            place = bisect.bisect_left(self._starts, start)
            self._starts.insert(place, start)
            self._stops.insert(place, stop)

    def write(self, lane: int, server: str, offset: int, data: bytes | memoryview) -> None:
        """Put bytes of ``server`` in their place; those that are here already stay as they are.

        LocalError where the disk refuses; `Dismissed`.
        """
        stop = offset + len(data)
        with storage_faults(len(data)), self._lock:
            if lane not in self._admitted:
                raise Dismissed
            view = memoryview(data)
            for gap in self._spans.missing(stop, offset):
                until = stop if gap.stop is None else gap.stop
                self._put(gap.start, view[gap.start - offset : until - offset])
                self._spans.add(gap.start, until)
                self._senders.setdefault(server, Spans()).add(gap.start, until)
                self.untold += until - gap.start
            if self.untold >= TELL_BYTES:
                self._tell()
        self.grown.set()

    def spoil(self, start: int, stop: int) -> None:
        """These bytes are wrong: they count as not here."""
        with self._lock:
            self._spans.remove(start, stop)
            for sent in self._senders.values():
                sent.remove(start, stop)

    def settled(self, entry: Entry, sha256: str, unpacked: Path | None = None) -> None:
        """A file is whole and checked: ``unpacked``, or else what was diverted for it."""
        target = self.folder / sha256
        with storage_faults(), self._lock:
            source = unpacked or self._raw(entry.begins or 0)
            if unpacked is None:
                self._shut(entry.begins or 0)
            source.chmod(MODE)
            source.replace(target)
            self._by_offset[entry.offset] = Done(sha256, entry.size, target)
            self._note(entry.key, self._by_offset[entry.offset])

    def known(self, entry: Entry) -> bool:
        """Whether the file is done, also under the name by which a stream showed it."""
        with self._lock:
            seen = self._by_offset.get(entry.offset)
            if entry.key not in self.done and seen is not None:
                sums = {key[1:] for key, done in self.done.items() if done is seen}
                if (entry.size, entry.crc32) in sums:
                    self._note(entry.key, seen)
            return entry.key in self.done

    # Reading it

    def reader(self) -> BinaryIO:
        """The sparse package for reading: everything but the data of diverted files."""
        with storage_faults():
            return open(self.path, "rb")

    def data_of(self, entry: Entry) -> Path | None:
        """The file that the data of a stored entry go to; None where they lie in the package."""
        with self._lock:
            begins = entry.begins
            return self._raw(begins) if begins and self._is_diverted(begins) else None

    # Keeping it

    def tell(self) -> None:
        """Say in the journal what is here: a process that is killed loses only what came since."""
        with storage_faults(), self._lock:
            self._tell()

    def secure(self) -> None:
        """Sync what is here, and say so: a power cut loses no more than came since."""
        with storage_faults(), self._keeping:
            with self._lock:
                self._tell()
                book, lines, unsafe = self._book, self._lines, self.unsafe
            if book is None:
                return
            sync_filesystem(self.path.parent)
            with self._lock:
                self._append(journal.safe(lines))
                self.unsafe = max(0, self.unsafe - unsafe)
            os.fdatasync(book.fileno())

    def discard(self) -> None:
        """Remove it: published, or of no use. Only while no lane is at work."""
        with storage_faults(), self._keeping, self._lock:
            self._close()
            self.path.unlink(missing_ok=True)
            self.journal.unlink(missing_ok=True)
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self.build, self._spans, self.done = None, Spans(), {}
            self.untold = self.unsafe = 0

    def close(self) -> None:
        """Keep it for the next try; where there is nothing worth it, remove it."""
        if not self.done and (not self.here or self.build is None or not self.build.resumable):
            self.discard()
            return
        self.tell()
        if self.unsafe:
            self.secure()
        with self._keeping, self._lock:
            self._close()

    # Inside; with the lock held

    def _is_diverted(self, begins: int) -> bool:
        place = bisect.bisect_left(self._starts, begins)
        return self._starts[place : place + 1] == [begins]

    def _raw(self, begins: int) -> Path:
        return self.folder / f"{begins}.raw"

    def _put(self, at: int, view: memoryview) -> None:
        while view:
            place = bisect.bisect_right(self._starts, at) - 1
            if place >= 0 and at < self._stops[place]:
                start = self._starts[place]
                count, file, where = self._stops[place] - at, self._data_file(start), at - start
            else:
                begins = self._starts[place + 1] if place + 1 < len(self._starts) else None
                count = len(view) if begins is None else begins - at
                file, where = self._package_file(), at
            piece = view[:count]
            done = os.pwrite(file, piece, where)
            view, at = view[done:], at + done

    def _package_file(self) -> int:
        if self._file is None:
            self._file = _opened(self.path)
        return self._file

    def _data_file(self, start: int) -> int:
        file = self._open.get(start)
        if file is None:
            file = self._open[start] = _opened(self._raw(start))
            if len(self._open) > MAX_OPEN:
                os.close(self._open.popitem(last=False)[1])
        return file

    def _shut(self, start: int) -> None:
        """The data of this file are complete: what still comes for them goes nowhere near."""
        file = self._open.pop(start, None)
        if file is not None:
            os.close(file)
        place = bisect.bisect_left(self._starts, start)
        if place < len(self._starts) and self._starts[place] == start:
            del self._starts[place], self._stops[place]

    def _close(self) -> None:
        for file in (*self._open.values(), *([] if self._file is None else [self._file])):
            os.close(file)
        self._open.clear()
        self._file = None
        self._starts, self._stops = [], []
        self._shut_book()

    def _shut_book(self) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None

    def _divert_all(self, entries: Iterable[Entry]) -> None:
        spans = sorted(
            (entry.begins, entry.until)
            for entry in entries
            if entry.begins is not None and entry.size and entry.key not in self.done
        )
        self._starts = [start for start, _ in spans]
        self._stops = [stop for _, stop in spans]

    def _mistrust(self, entries: Iterable[Entry]) -> None:
        """Bytes that the journal knows and the disk does not hold are not here."""
        length = self.path.stat().st_size if self.path.exists() else 0
        for entry in entries:
            if entry.key in self.done or not self._spans.within(entry.offset, entry.until):
                continue
            ends, lacking = entry.until, False
            if entry.begins is not None and entry.size:
                raw, ends = self._raw(entry.begins), entry.begins
                size = raw.stat().st_size if raw.exists() else 0
                here = [span.stop or 0 for span in self._spans.within(entry.begins, entry.until)]
                lacking = bool(here) and max(here) > entry.begins + size
            here = [span.stop or 0 for span in self._spans.within(entry.offset, ends)]
            if lacking or (here and max(here) > length):
                self._spans.remove(entry.offset, entry.until)

    def _note(self, key: Key, done: Done) -> None:
        self.done[key] = done
        self.unsafe += done.size
        self._append(journal.whole(key, done.sha256))

    def _tell(self) -> None:
        if self.untold:
            self._append(journal.state(self._spans))
            self.unsafe, self.untold = self.unsafe + self.untold, 0

    def _append(self, line: bytes) -> None:
        if self._book is None:
            # Without a buffer: what is written is the kernel's, whatever becomes of this process.
            self._book = open(self.journal, "ab", 0)  # noqa: SIM115 - closed in _close
        self._book.write(line)
        self._lines += 1

    def _begin_journal(self, build: BuildId) -> None:
        lines = [journal.head(build)]
        lines += [journal.whole(key, done.sha256) for key, done in self.done.items()]
        if self._spans.total:
            lines.append(journal.state(self._spans))
        if len(lines) > 1:
            sync_filesystem(self.folder)
        self._shut_book()
        aside = self.journal.with_name(self.journal.name + ".new")
        with open(aside, "wb") as file:
            file.write(b"".join(lines) + journal.safe(len(lines)))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.journal)
        sync_directory(self.journal.parent)
        self._lines = len(lines) + 1

    def _load(self, has: Callable[[str, int], bool]) -> None:
        record = record_in(self.journal)
        self.build, self._spans = record.build, record.spans
        for key, sha256 in record.done.items():
            file = self.folder / sha256
            try:
                here = file.stat().st_size == key[1]
            except OSError:
                here = False
            if here or has(sha256, key[1]):
                self.done[key] = Done(sha256, key[1], file)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
