"""What is being fetched: one build of the package, what of it is missing, and what is here.

Servers may hold different builds. Which of them is followed is decided here, by how well its files
fit the meeting document; what was fetched of another build and is whole is kept.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kiosk import agenda, delta
from kiosk.agenda import MeetingData
from kiosk.delta import Delta, Key
from kiosk.errors import KioskError, LocalError, PackageError, TransientError
from kiosk.lane import Copy, Errand
from kiosk.library import Library
from kiosk.package import Entry, Package
from kiosk.part import BuildId, Finisher, Part
from kiosk.plan import Plan, Span

log = logging.getLogger("kiosk.journey")

LANE_BYTES = 4 << 20


@dataclass(frozen=True)
class Circumstances:
    """What speaks for or against another build: are others still to be heard, is one at work."""

    server: str
    others_unheard: bool
    others_at_work: bool
    changed: bool


class Edition:
    """The build that is followed. Everything but `rotten` belongs to the journey's thread."""

    def __init__(self, errand: Errand, library: Library) -> None:
        self._errand = errand
        self._library = library
        self.part: Part = errand.part
        self.meeting_id = errand.meeting_id
        self.current = library.current(errand.meeting_id)
        self.build: BuildId | None = None
        self.delta: Delta | None = None
        self.plan: Plan | None = None
        self.streamed = False  # one server sends all of it, in its own order
        self._best = -1
        self._recheck: _Recheck | None = None
        self._places: agenda.Places | None = None
        # Whose manifest told the SHA-256 of the files.
        self.promiser = ""

    # Which build

    def weigh(self, copy: Copy, now: Circumstances) -> Delta | KioskError:
        """What the copy brings, if it is the one to follow; else why its server is left.

        PackageError where it holds no materials, or those of another meeting.
        """
        document = self._errand.document
        new = delta.of(copy.package, document, self._library, self.current, copy.notice)
        fit = new.fit
        behind = TransientError("lagging", server=now.server)
        self._best, best = max(self._best, fit.right), self._best
        if fit.right < fit.listed:
            if fit.right == 0:
                return behind
            kept = delta.fit_of(self.current, document).right if self.current else -1
            if fit.right <= kept or fit.right < best:
                return behind
            if now.others_unheard and self.delta is None:
                return behind
        if self.delta is not None and self.build != copy.build:
            old = _fit_again(self.delta, self._errand)
            if fit.right < old:
                return behind
            if fit.right == old and not now.changed and now.others_at_work:
                return TransientError("cannot-join", server=now.server)
        return new

    def follow(self, server: str, copy: Copy, new: Delta, finisher: Finisher) -> None:
        """From now on this build is fetched; LocalError where the disk refuses."""
        self._promise(server if copy.promises else "", copy)
        self.end_recheck()
        finisher.drop()
        self.part.begin(copy.build, copy.package.entries)
        self.build, self.delta, self.streamed = copy.build, new, False
        self._set_plan(self.lacking())
        finisher.want(self.lacking())
        self._recheck = _Recheck(self._library, new.reused)

    def hear_promise(self, server: str, copy: Copy, finisher: Finisher) -> None:
        """Another server has the same build: its manifest counts where nobody's does."""
        if self.delta is not None and copy.promises and not self.promiser:
            self._promise(server, copy)
            self._renew(self.delta, copy.package, finisher)

    def withdraw(self, server: str, finisher: Finisher) -> None:
        """This server is out, and what it promised void: the next one may promise."""
        if self.delta is not None and server == self.promiser:
            self._promise("")
            self._renew(self.delta, delta.without_digests(self.delta.package), finisher)

    def is_wanted(self, entry: Entry) -> bool:
        """Whether this is still what is known of the file: what was promised of it may be void."""
        return self.delta is None or entry.sha256 is None or entry in self.delta.needed

    def _promise(self, server: str, copy: Copy | None = None) -> None:
        self.promiser = server
        self._errand.promised = copy.build if copy and server else None

    def _renew(self, old: Delta, package: Package, finisher: Finisher) -> None:
        """The same build, of which something else is known.

        A document that came meanwhile is another matter (`heed`): it may be of another package.
        """
        before = {entry.key for entry in self.lacking()}
        self.delta = new = delta.of(package, old.document, self._library, self.current)
        lacking = self.lacking()
        if before != {entry.key for entry in lacking}:
            self._set_plan(lacking)
        finisher.want(lacking)
        self.end_recheck()
        self._recheck = _Recheck(self._library, new.reused)

    def take_in(self, lane: int, server: str, copy: Copy) -> None:
        """The end of the package, which was read to learn of the build, holds files, too."""
        start, tail = copy.held
        for span in self.plan.wanted().within(start, start + len(tail)) if self.plan else ():
            stop = start + len(tail) if span.stop is None else span.stop
            piece = memoryview(tail)[span.start - start : stop - start]
            self.part.write(lane, server, span.start, piece)

    def follow_stream(self, total: int | None, finisher: Finisher) -> None:
        """A build of which nothing is known before it has come."""
        self.end_recheck()
        finisher.drop()
        self.part.begin(BuildId(total, ""), ())
        self.build = self.delta = self.plan = None
        self.streamed = True

    def settle(self, new: Delta, finisher: Finisher) -> None:
        """A stream has come to its end: this is what it brought.

        Every byte of it is here; what was passed over while it came is checked now.
        """
        self.delta = new
        finisher.want(self.lacking())
        self._recheck = _Recheck(self._library, new.reused)

    def heed(self) -> None:
        """A document that came late: its names and its order are those that count."""
        old, document = self.delta, self._errand.document
        if old is None or old.document is not None or document is None:
            return
        try:
            self.delta = delta.of(old.package, document, self._library, self.current)
        except PackageError as fault:
            log.warning("late-document-passed-over why=%r", fault.message)

    # What is missing

    def lacking(self) -> list[Entry]:
        """The files that have to come and are not whole yet, in reading order."""
        needed = self.delta.needed if self.delta is not None else ()
        return [entry for entry in needed if entry.key not in self.part.done]

    @property
    def missing(self) -> int:
        """Bytes of the package that still have to come; 0 while nothing is known of it."""
        return 0 if self.plan is None else self.plan.missing(self.part.spans_now())

    @property
    def document(self) -> MeetingData | None:
        """The meeting document as it is understood."""
        return self._errand.document

    def figures(self) -> tuple[int | None, int]:
        """Bytes of the package that the meeting needs, if known, and how many of them are here.

        While a stream comes nobody knows which are needed: all of it are.
        """
        if self.delta is None:
            return (self.part.build.total if self.part.build else None), self.part.here
        total = self.delta.bytes if self.plan is not None else self.delta.package.total
        return total, total - self.missing

    def require_room(self, needed: int, min_free_mb: int) -> None:
        """LocalError ``disk-full`` where what comes does not fit beside ``min_free_mb``."""
        free = shutil.disk_usage(self.part.path.parent).free + self.part.here
        needed += min_free_mb << 20
        if free < needed:
            raise LocalError("disk-full", needed=needed, free=free)

    @property
    def lanes(self) -> int:
        """How many lanes are of use for what is missing: for little, one more costs more."""
        return 1 + self.missing // LANE_BYTES

    def kept(self) -> int:
        """Bytes that the next try finds here."""
        done = sum(done.size for done in self.part.done.values())
        return max(self.part.here if self.plan is not None else 0, done)

    def found_sound(self) -> bool:
        """Whether all that is reused has just been found sound."""
        recheck = self._recheck
        if recheck is None or recheck.is_alive() or recheck.rotten:
            return False
        self._recheck = None
        return True

    def reused(self) -> bool:
        """Whether what is reused from the library has been read and is sound.

        What has rotted is wanted again from then on.
        """
        recheck = self._recheck
        if recheck is None or self.delta is None:
            return True
        if recheck.is_alive():
            return False
        self._recheck = None
        if recheck.rotten:
            log.warning("objects-rotten count=%d", len(recheck.rotten))
            again = [e for e in self.delta.package.entries if e.key in recheck.rotten]
            kept = {k: sha for k, sha in self.delta.reused.items() if k not in recheck.rotten}
            needed = (*self.delta.needed, *again)
            self.delta = replace(self.delta, needed=needed, reused=kept)
            self._set_plan(self.lacking())
        return True

    def entry_of(self, index: int) -> Entry | None:
        """The file of material ``index`` (from 1)."""
        shown = self.delta.shown() if self.delta is not None else ()
        return next((entry for number, _, entry in shown if number == index), None)

    def ready(self) -> Iterator[tuple[int, str, int, str]]:
        """Index, name, size and SHA-256 of every material that is whole and checked."""
        if self.delta is None:
            yield from self._ready_in_stream()
            return
        reused = self.delta.reused if self._recheck is None else {}
        for index, name, entry in self.delta.shown():
            if entry is None:
                continue
            done = self.part.done.get(entry.key)
            sha256 = done.sha256 if done else reused.get(entry.key)
            if sha256 is not None:
                yield index, name, entry.size, sha256

    def _ready_in_stream(self) -> Iterator[tuple[int, str, int, str]]:
        """While the directory is still to come: what lies just where the document says."""
        if self.build is None and self._places is None and self.document is not None:
            self._places = agenda.places(self.document)
        for key, done in list(self.part.done.items()):
            for index, name in agenda.placed_at(self._places or {}, key[0]):
                yield index, name, done.size, done.sha256

    def end_recheck(self) -> None:
        """Stop reading what is reused."""
        if self._recheck is not None:
            self._recheck.end()
            self._recheck = None

    def _set_plan(self, entries: list[Entry]) -> None:
        self.plan = Plan([Span(entry.offset, entry.until) for entry in entries])


class _Recheck(threading.Thread):
    """Reads the objects that are reused: what has rotted (``rotten``) is fetched again."""

    def __init__(self, library: Library, reused: Mapping[Key, str]) -> None:
        super().__init__(name="recheck", daemon=True)
        self.rotten: set[Key] = set()
        self._library = library
        self._reused = dict(reused)
        self._ended = threading.Event()
        self.start()

    def end(self) -> None:
        """Leave off; what was found does not count."""
        self._ended.set()

    def run(self) -> None:
        """The thread's life."""
        for key, sha256 in self._reused.items():
            if self._ended.is_set():
                return
            if not self._library.is_sound(sha256, key[1]):
                self.rotten.add(key)


def _fit_again(old: Delta, errand: Errand) -> int:
    """How well the build that is followed fits the document as it is now."""
    try:
        again = delta.fit_now(old.package, errand.document)
    except KioskError:
        return -1
    return again.right
