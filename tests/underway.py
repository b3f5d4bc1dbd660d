"""A package under way without any server: a test brings its bytes as it likes, and looks."""

from __future__ import annotations

import io
import threading
from pathlib import Path

from kiosk.package import Entry, Limits, Package, read_directory
from kiosk.part import BuildId, Finding, Finisher, Part

PATIENCE_S = 60.0
LOOSE = Limits(max_ratio=1 << 30)
"""For files that shrink better than is allowed, so that they are large and made quickly."""


def build_of(package: Package) -> BuildId:
    return BuildId(package.total, package.directory_sha256)


class UnderWay:
    """The part of an archive and its finisher; what it finds is kept."""

    def __init__(self, path: Path, raw: bytes, package: Package | None = None) -> None:
        self.raw = raw
        self.package = package or read_directory(io.BytesIO(raw), len(raw), LOOSE)
        self.part = Part(path)
        self.part.begin(build_of(self.package), self.package.entries)
        self.part.admit(1)
        self.findings: list[Finding] = []
        self.finisher = Finisher(self.part, self._hear)
        self._heard = threading.Condition()

    def _hear(self, finding: Finding) -> None:
        with self._heard:
            self.findings.append(finding)
            self._heard.notify_all()

    def entry(self, path: str) -> Entry:
        return next(one for one in self.package.entries if one.path == path)

    def bring(self, start: int = 0, stop: int | None = None, server: str = "a") -> None:
        """These bytes of the archive come, in pieces of 64 KiB."""
        stop = len(self.raw) if stop is None else stop
        for at in range(start, stop, 64 << 10):
            piece = self.raw[at : min(at + (64 << 10), stop)]
            self.part.write(1, server, at, memoryview(piece))

    def check(self) -> None:
        """Have everything that is here checked."""
        self.finisher.want(self.package.entries)
        if not self.finisher.is_alive():
            self.finisher.start()

    def found(self, count: int) -> list[Finding]:
        """What was found, as soon as so many files have been checked."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.findings) >= count, PATIENCE_S)
            return list(self.findings)

    def files(self) -> dict[str, bytes]:
        """What lies in the folder of entries."""
        return {path.name: path.read_bytes() for path in self.part.folder.iterdir()}

    def content(self, path: str) -> bytes:
        """What a file that is done holds."""
        return self.part.done[self.entry(path).key].file.read_bytes()

    def contents(self) -> dict[str, bytes]:
        """What the files of the package that are done hold, by their paths."""
        return {key[0]: one.file.read_bytes() for key, one in self.part.done.items()}

    def end(self) -> None:
        self.finisher.end()
