"""The partly-here package on disk, so that a kill or a power cut costs little.

Two files: the sparse package, and beside it a journal of JSON lines that says which of its bytes
are sound and where they came from. The order is always: write bytes, `fdatasync` them, then append
the journal line. So the journal may know less than the package holds, never more. A line that was
cut off by a crash is passed over, and everything said before it still counts.

`Identity` says whose bytes these are. Bytes are only ever added to a part under the identity it
was begun with; another identity begins it anew.

Only a lane that was admitted may change it: what a lane still does after it was dismissed, perhaps
in the middle of a write, raises `Dismissed` and changes nothing.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kiosk.errors import LocalError
from kiosk.plan import Spans
from kiosk.store import storage_faults

VERSION = 2
CHECKPOINT_BYTES = 8 << 20
CHECKPOINT_S = 2.0
LOOK_S = 0.1
MAX_JOURNAL_LINE = 1 << 20


@dataclass(frozen=True)
class Identity:
    """What proves that two streams carry the same bytes.

    ``kind`` is "server": the same server still shows the same ``validator`` (a strong ETag) for
    the same ``total``. Without a validator nothing is proved and a part cannot be resumed.
    ``source`` is the address that gave the validator: behind a redirect not the server's own.
    """

    kind: str
    server: str
    validator: str
    total: int | None
    source: str = ""

    @property
    def resumable(self) -> bool:
        """Whether a later request may add to these bytes."""
        return bool(self.validator) and self.total is not None


class Dismissed(Exception):
    """This lane was left; what it brings does not count any more."""


class Keeper(threading.Thread):
    """Checkpoints a part every `CHECKPOINT_S` seconds or `CHECKPOINT_BYTES`, until it is ended.

    A thread, because a slow disk may take seconds over it, and nobody else should wait for that.
    ``fault`` is what the disk said, if it refused.
    """

    def __init__(self, part: Part) -> None:
        super().__init__(name="keeper", daemon=True)
        self.fault: LocalError | None = None
        self._part = part
        self._ended = threading.Event()

    def end(self) -> None:
        """Stop; a checkpoint that is under way is finished first."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """The thread's life."""
        last = time.monotonic()
        while not self._ended.wait(LOOK_S) and self.fault is None:
            due = self._part.unsaved > 0 and time.monotonic() - last >= CHECKPOINT_S
            if due or self._part.unsaved >= CHECKPOINT_BYTES:
                try:
                    self._part.checkpoint()
                except LocalError as fault:
                    self.fault = fault
                last = time.monotonic()


class Part:
    """One package under way. Thread-safe: a lane writes while another thread checkpoints."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path.with_name(path.name + ".journal")
        self.identity: Identity | None = None
        self.spans = Spans()
        self._lock = threading.Lock()
        # Held while a checkpoint is under way: the files must not change hands meanwhile.
        self._keeping = threading.Lock()
        self._file: BinaryIO | None = None
        self._unsaved = 0
        self._admitted: set[int] = set()
        with storage_faults():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._load()

    @property
    def here(self) -> int:
        """How many bytes of the package are here."""
        with self._lock:
            return self.spans.total

    def admit(self, lane: int) -> None:
        """From now on ``lane`` may write."""
        with self._lock:
            self._admitted.add(lane)

    def dismiss(self, lane: int) -> None:
        """From now on ``lane`` may not; returns after a write that was under way."""
        with self._lock:
            self._admitted.discard(lane)

    def begin(self, lane: int, identity: Identity) -> None:
        """Start anew for another stream: what was here is dropped."""
        with storage_faults(), self._keeping, self._lock:
            self._only(lane)
            self._close()
            self.path.unlink(missing_ok=True)
            self._write_journal_head(identity)
            self._file = _open(self.path)
            self.identity, self.spans, self._unsaved = identity, Spans(), 0

    def write(self, lane: int, offset: int, data: bytes) -> None:
        """Put bytes in their place; LocalError where the disk refuses."""
        with storage_faults(len(data)), self._lock:
            self._only(lane)
            if self._file is None:
                self._file = _open(self.path)
            view, at = memoryview(data), offset
            while view:
                done = os.pwrite(self._file.fileno(), view, at)
                view, at = view[done:], at + done
            self.spans.add(offset, offset + len(data))
            self._unsaved += len(data)

    @property
    def unsaved(self) -> int:
        """Bytes that a crash now would cost."""
        return self._unsaved

    def checkpoint(self) -> None:
        """Make what is here safe: data first, then the line that says so. Lanes go on meanwhile."""
        with storage_faults(), self._keeping:
            with self._lock:
                file, have, self._unsaved = self._file, list(self.spans), 0
            if file is None or not have:
                return
            os.fdatasync(file.fileno())
            with open(self.journal, "ab") as journal:
                journal.write(_line({"have": have}))
                journal.flush()
                os.fdatasync(journal.fileno())

    def reader(self) -> BinaryIO:
        """The package for reading."""
        with storage_faults():
            return open(self.path, "rb")

    def discard(self) -> None:
        """Remove it: published, or of no use. Only while no lane is at work."""
        with storage_faults(), self._keeping, self._lock:
            self._close()
            self.path.unlink(missing_ok=True)
            self.journal.unlink(missing_ok=True)
            self.identity, self.spans, self._unsaved = None, Spans(), 0

    def close(self) -> None:
        """Keep it for the next try."""
        if self._unsaved:
            self.checkpoint()
        with self._keeping, self._lock:
            self._close()

    def _only(self, lane: int) -> None:
        if lane not in self._admitted:
            raise Dismissed

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write_journal_head(self, identity: Identity) -> None:
        aside = self.journal.with_name(self.journal.name + ".new")
        with open(aside, "wb") as journal:
            journal.write(_line({"version": VERSION, "identity": asdict(identity)}))
            journal.flush()
            os.fsync(journal.fileno())
        aside.replace(self.journal)

    def _load(self) -> None:
        """What the journal proves; nothing where it is absent, damaged or of another version."""
        try:
            size = self.path.stat().st_size
            lines = self.journal.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        identity, spans = None, Spans()
        for raw in lines:
            entry = _parse(raw)
            if identity is None:
                identity = _identity(entry)
                if identity is None:
                    return
            elif (have := _spans(entry)) is not None:
                spans = have
        if identity is not None and identity.resumable:
            self.identity = identity
            self.spans = spans.clipped(min(size, identity.total or 0))


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", 0)


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(raw) if len(raw) <= MAX_JOURNAL_LINE else {}
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _identity(entry: dict[str, Any]) -> Identity | None:
    fields = entry.get("identity")
    if entry.get("version") != VERSION or not isinstance(fields, dict):
        return None
    texts = [fields.get(name) for name in ("kind", "server", "validator", "source")]
    total = fields.get("total")
    kind, server, validator, source = (text if isinstance(text, str) else None for text in texts)
    if kind is None or server is None or validator is None or source is None:
        return None
    if total is not None and (isinstance(total, bool) or not isinstance(total, int)):
        return None
    return Identity(kind, server, validator, total, source)


def _spans(entry: dict[str, Any]) -> Spans | None:
    have = entry.get("have")
    if not isinstance(have, list):
        return None
    try:
        return Spans((int(start), int(stop)) for start, stop in have)
    except (TypeError, ValueError):
        return None
