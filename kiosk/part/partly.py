"""The state of a partly-here package: which of its bytes are here, and which of its files whole."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kiosk.package import Entry
from kiosk.part.book import Book
from kiosk.part.files import Files
from kiosk.part.journal import BuildId, Key
from kiosk.part.places import entries_folder, record_in
from kiosk.spans import Span, Spans
from kiosk.store import storage_faults, sync_filesystem

log = logging.getLogger("kiosk.part")

TELL_BYTES = 2 << 20
# The journal takes at most so much of what is written: one byte in so many.
FRUGAL = 32
# So much of what an earlier run left is read when the part is opened, and the rest later.
AT_ONCE_FILES, AT_ONCE_BYTES = 100, 8 << 20


@dataclass(frozen=True, slots=True)
class Done:
    """A file of the package that is whole: it lies in ``folder`` under its SHA-256."""

    sha256: str
    size: int
    folder: Path

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.folder / self.sha256

    def is_sound(self) -> bool:
        """Whether it still has the content that its name tells: reads it."""
        try:
            with open(self.file, "rb", 0) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except OSError as fault:
            log.warning("kept-file-unreadable path=%s why=%r", self.file, str(fault))
            return False


class Dismissed(Exception):
    """This lane was left; what it brings does not count any more."""


class Part:
    """One package under way. Thread-safe: lanes write while others hash, unpack and keep.

    ``done`` are files that were checked in this run. What an earlier run called whole counts as
    here, and has to be read again before it is done. ``has(sha256, size)`` says whether an object
    is in the library already: a crash may have come between its arrival there and the revision
    that needs it.
    """

    def __init__(self, path: Path, has: Callable[[str, int], bool] = lambda *_: False) -> None:
        self.path = path
        self.folder = entries_folder(path)
        self.build: BuildId | None = None
        self.done: dict[Key, Done] = {}
        # Set whenever bytes have come.
        self.grown = threading.Event()
        # Bytes that the journal does not know, and bytes of which it does not know them safe.
        self.untold = 0
        self.unsafe = 0
        self._book = Book(path.with_name(path.name + ".journal"))
        self._files = Files(path, self.folder)
        self._spans = Spans()
        self._senders: dict[str, Spans] = {}
        self._by_offset: dict[int, tuple[Key, Done]] = {}
        # Files of an earlier run, and where one stands in for bytes that are not here.
        self._kept: dict[Key, Done] = {}
        self._lent: set[int] = set()
        self._admitted: set[int] = set()
        # Three locks, to be taken in this order. Nobody waits for the disk with the last one:
        # the syncing is under way; a file is written to; what is here is looked at or changed.
        self._keeping = threading.Lock()
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        with storage_faults():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._load(has)

    @property
    def journal(self) -> Path:
        """Where the journal lies."""
        return self._book.path

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
        """From now on ``lane`` may not, and what it is writing does not count."""
        with self._lock:
            self._admitted.discard(lane)

    # Changing it

    def begin(self, build: BuildId, entries: Iterable[Entry] = ()) -> None:
        """Fetch this build from now on; its bytes that are here already are kept, no others.

        Files that are whole are kept in any case. ``entries`` are those of its directory.
        """
        listed = list(entries)
        with storage_faults(), self._keeping, self._writing, self._lock:
            self.folder.mkdir(exist_ok=True)
            if build != self.build or not build.resumable:
                self._files.remove()
                self._spans, self._senders, self._by_offset = Spans(), {}, {}
                self.build, self.untold, self.unsafe = None, 0, 0
            self._hold_to_promises(listed)
            self._files.divert_all(
                (entry.begins, entry.until)
                for entry in listed
                if entry.begins is not None and entry.size and entry.key not in self.done
            )
            self._mistrust(listed)
            self._lend(listed)
            told = {key: one.sha256 for key, one in (*self._kept.items(), *self.done.items())}
            self._book.begin(build, self._spans, told)
            self.build = build

    def divert(self, start: int, stop: int) -> None:
        """The data of a stored file lie in these bytes: they get a file of their own."""
        with self._writing, self._lock:
            self._files.divert(start, stop)

    def write(self, lane: int, server: str, offset: int, data: bytes | memoryview) -> None:
        """Put bytes of ``server`` in their place; those that are here already stay as they are.

        LocalError where the disk refuses; `Dismissed`.
        """
        with storage_faults(len(data)), self._writing:
            view = memoryview(data)
            for start, stop in self._gaps(lane, offset, offset + len(data)):
                self._files.write(start, view[start - offset : stop - offset])
                self._came(lane, server, start, stop)
            if self.untold >= max(TELL_BYTES, FRUGAL * self._book.line_bytes):
                self._tell()
        self.grown.set()

    def spoil(self, start: int, stop: int) -> None:
        """These bytes are wrong: they count as not here."""
        with self._lock:
            self._spans.remove(start, stop)
            for sent in self._senders.values():
                sent.remove(start, stop)

    # Files that are whole

    def settled(self, entry: Entry, sha256: str, unpacked: Path | None = None) -> None:
        """A file is whole and checked: ``unpacked``, or else what was diverted for it."""
        with storage_faults(), self._writing:
            # Told first: if this is cut off in between, its bytes are still here under their name.
            self._book.whole(entry.key, sha256)
            if unpacked is None:
                self._files.settle(entry.begins or 0, sha256, entry.size)
            else:
                self._files.bring(unpacked, sha256)
            self._settle(entry, Done(sha256, entry.size, self.folder))

    def known(self, entry: Entry) -> bool:
        """Whether the file is done, also under the name by which a stream showed it."""
        with self._lock:
            done = self.done.get(entry.key)
            if done is not None:
                return entry.sha256 in (None, done.sha256)
            key, done = self._by_offset.get(entry.offset, (entry.key, None))
            if done is None or key[1:] != entry.key[1:] or entry.sha256 not in (None, done.sha256):
                return False
        with storage_faults(), self._writing:
            self._book.whole(entry.key, done.sha256)
            self._settle(entry, done)
        return True

    def kept(self, entry: Entry) -> Done | None:
        """The file as an earlier run left it, to be read before it is believed."""
        with self._lock:
            return self._kept.get(entry.key)

    def confirm(self, entry: Entry) -> None:
        """What an earlier run left of this file is right: it is done."""
        self._settle(entry, self._kept[entry.key])

    def forsake(self, entry: Entry) -> bool:
        """What an earlier run left of this file is wrong; whether bytes of the package lack now.

        Whoever plans is to spoil them: so nothing comes for them before that is known.
        """
        with storage_faults(), self._lock:
            kept = self._kept.pop(entry.key, None)
            if kept is not None:
                kept.file.unlink(missing_ok=True)
            return entry.offset in self._lent

    # Reading it

    def reader(self) -> BinaryIO:
        """The package for reading; what is not here reads as zeros."""
        with storage_faults(), self._writing:
            return self._files.reader()

    def package(self) -> BinaryIO:
        """The same without the data that were diverted."""
        with storage_faults():
            return self._files.package()

    def data_of(self, entry: Entry) -> Path | None:
        """The file that the data of a stored entry go to; None where they lie in the package."""
        with self._lock:
            return self._files.raw(entry.begins)

    # Keeping it

    def tell(self) -> None:
        """Say in the journal what is here: a process that is killed loses only what came since."""
        with storage_faults(), self._writing:
            if self.untold >= FRUGAL * self._book.line_bytes:
                self._tell()

    def secure(self) -> None:
        """Sync what is here, and say so: a power cut loses no more than came since."""
        with storage_faults(), self._keeping:
            with self._writing:
                if not self._book.is_open:
                    return
                self._tell()
                lines, unsafe = self._book.lines, self.unsafe
            sync_filesystem(self.path.parent)
            with self._writing:
                self._book.safe(lines)
            self._book.sync()
            with self._lock:
                self.unsafe = max(0, self.unsafe - unsafe)

    def discard(self) -> None:
        """Remove it: published, or of no use. Only while no lane is at work."""
        with storage_faults(), self._keeping, self._writing, self._lock:
            self.build, self._spans, self._senders = None, Spans(), {}
            self.done, self._kept, self._by_offset, self._lent = {}, {}, {}, set()
            self.untold = self.unsafe = 0
            self._book.remove()
            self._files.remove()
            if self.folder.exists():
                shutil.rmtree(self.folder)

    def close(self) -> None:
        """Keep it for the next try; where there is nothing worth it, remove it."""
        resumable = self.build is not None and self.build.resumable
        if not (self.done or self._kept or (self.here and resumable)):
            self.discard()
            return
        try:
            if self.untold or self.unsafe:
                self.secure()
        finally:
            with storage_faults(), self._keeping, self._writing, self._lock:
                self._book.close()
                self._files.close()

    # Inside; the disk under `_writing`, the rest under `_lock`

    def _gaps(self, lane: int, start: int, stop: int) -> list[tuple[int, int]]:
        with self._lock:
            if lane not in self._admitted:
                raise Dismissed
            return [_pair(gap, stop) for gap in self._spans.missing(stop, start)]

    def _came(self, lane: int, server: str, start: int, stop: int) -> None:
        with self._lock:
            if lane not in self._admitted:
                raise Dismissed
            self._spans.add(start, stop)
            self._senders.setdefault(server, Spans()).add(start, stop)
            self.untold += stop - start

    def _settle(self, entry: Entry, done: Done) -> None:
        with self._lock:
            self.done[entry.key] = done
            self._by_offset[entry.offset] = entry.key, done
            self._kept.pop(entry.key, None)
            self.unsafe += 1

    def _tell(self) -> None:
        with self._lock:
            spans, untold = self._spans.copy(), self.untold
        if untold:
            self._book.state(spans)
            with self._lock:
                self.untold -= untold
                self.unsafe += untold

    def _hold_to_promises(self, entries: Sequence[Entry]) -> None:
        """A file is not done for an entry of another SHA-256, whatever else is the same."""
        for entry in entries:
            for files in (self.done, self._kept):
                found = files.get(entry.key)
                if found is not None and entry.sha256 not in (None, found.sha256):
                    del files[entry.key]

    def _mistrust(self, entries: Sequence[Entry]) -> None:
        """Bytes that the journal knows and the disk does not hold are not here."""
        length = self._files.length()
        for entry in entries:
            if entry.key in self.done or not self._spans.within(entry.offset, entry.until):
                continue
            ends, lacking = entry.until, False
            if self._files.raw(entry.begins) is not None and entry.begins is not None:
                ends = entry.begins
                lacking = self._reaches(ends, entry.until) > ends + self._files.length(ends)
            if lacking or self._reaches(entry.offset, ends) > length:
                self._spans.remove(entry.offset, entry.until)
        last = max((entry.until for entry in entries), default=0)
        total = self.build.total if self.build and self.build.total else last
        if self._reaches(last, total) > length:
            self._spans.remove(last, total)

    def _reaches(self, start: int, stop: int) -> int:
        """Where the last of the bytes in this span ends that are said to be here."""
        return max((_pair(span, stop)[1] for span in self._spans.within(start, stop)), default=0)

    def _lend(self, entries: Sequence[Entry]) -> None:
        """Whole files of an earlier run stand for the bytes of the package that they came from."""
        self._lent.clear()
        for entry in entries:
            if entry.key in self._kept and entry.key not in self.done:
                self._lent.add(entry.offset)
                self._spans.add(entry.offset, entry.until)

    def _load(self, has: Callable[[str, int], bool]) -> None:
        record = record_in(self.journal)
        self.build, self._spans = record.build, record.spans
        files, room = AT_ONCE_FILES, AT_ONCE_BYTES
        for key, sha256 in record.done.items():
            one = Done(sha256, key[1], self.folder)
            try:
                here = one.file.stat().st_size == one.size
            except OSError:
                here = False
            if here and files and one.size <= room:
                files, room = files - 1, room - one.size
                if one.is_sound():
                    self.done[key] = one
            elif here:
                self._kept[key] = one
            elif has(sha256, key[1]):
                self.done[key] = one


def _pair(span: Span, stop: int) -> tuple[int, int]:
    return span.start, stop if span.stop is None else span.stop
