"""The journal of a part while it is written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from kiosk.part import journal
from kiosk.part.journal import BuildId, Key
from kiosk.spans import Spans
from kiosk.store import sync_directory, sync_filesystem


class Book:
    """Writes the journal at ``path``; not thread-safe by itself. OSError as it comes.

    ``lines`` counts what stands in it, ``line_bytes`` is how long the last word on the bytes was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.line_bytes = 0
        self._file: BinaryIO | None = None
        self._torn = False

    @property
    def is_open(self) -> bool:
        """Whether there is a journal of this run."""
        return self._file is not None

    def begin(self, build: BuildId, spans: Spans, done: Mapping[Key, str]) -> None:
        """A new journal in the place of the old one; what it tells is synced first."""
        self.close()
        lines = [journal.head(build), *(journal.whole(*one) for one in done.items())]
        if spans.total:
            lines.append(journal.state(spans))
        if len(lines) > 1:
            sync_filesystem(self.path.parent)
        aside = self.aside
        try:
            with open(aside, "wb") as file:
                file.write(b"".join(lines) + journal.safe(len(lines)))
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            raise
        sync_directory(self.path.parent)
        # Without a buffer: what is written is the kernel's, whatever becomes of this process.
        self._file = open(self.path, "ab", 0)  # noqa: SIM115 - closed in `close`
        self.lines, self.line_bytes, self._torn = len(lines) + 1, 0, False

    @property
    def aside(self) -> Path:
        """Where a journal is until it is whole."""
        return self.path.with_name(self.path.name + ".new")

    def state(self, spans: Spans) -> None:
        """Which bytes are here now."""
        line = journal.state(spans)
        self.line_bytes = len(line)
        self._append(line)

    def whole(self, key: Key, sha256: str) -> None:
        """A file is whole."""
        self._append(journal.whole(key, sha256))

    def safe(self, lines: int) -> None:
        """What the first so many lines tell has been synced."""
        self._append(journal.safe(lines))

    def sync(self) -> None:
        """Make the journal itself safe."""
        if self._file is not None:
            os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Let go of it."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def remove(self) -> None:
        """There is nothing any more that it could tell of."""
        self.close()
        self.path.unlink(missing_ok=True)
        self.aside.unlink(missing_ok=True)

    def _append(self, line: bytes) -> None:
        if self._file is None:
            raise RuntimeError("no journal was begun")
        if self._torn:
            # A line that a full disk cut must not take the next one along.
            line, self.lines = b"\n" + line, self.lines + 1
        self._torn = True
        view = memoryview(line)
        while view:
            view = view[self._file.write(view) or 0 :]
        self._torn = False
        self.lines += 1
