"""From the first byte to the revision, with a disk that refuses one call after the other (C4)."""

from __future__ import annotations

import errno
import io
import os
import queue
import threading
from pathlib import Path

import pytest
from failing import OPERATIONS, Trouble, trouble
from meetings import files_in, shown
from underway import PATIENCE_S, build_of
from zips import STORED, File, archive

from kiosk import delta
from kiosk.errors import LocalError
from kiosk.library import Library, Manifest
from kiosk.package import read_directory
from kiosk.part import Broke, Finding, Finisher, Part
from kiosk.publish import publish

NOISE = os.urandom(300_000)
FILES = (
    File("1/notes.txt", b"words " * 9_000),
    File("1/photo.jpg", NOISE[:150_000], STORED),
    File("2/twin.jpg", NOISE[:150_000], STORED),
    File("2/empty.txt", b"", STORED),
)
RAW = archive(*FILES)
PACKAGE = read_directory(io.BytesIO(RAW), len(RAW))
SHOWN = {str(file.name).partition("/")[2]: file.content for file in FILES}


class Course:
    """One run of a download, without its network."""

    def __init__(self, data_dir: Path) -> None:
        self.library = Library(data_dir)
        self.fetched = 0
        self.phase = "begin"
        self._findings: queue.Queue[Finding] = queue.Queue()

    def run(self, given: Trouble | None = None) -> Manifest:
        """LocalError where the disk refuses; the part is then put away as the journey does it."""
        part = Part(self.library.part_path("M1"), self.library.has)
        finisher = Finisher(part, self._findings.put)
        try:
            made = self._run(part, finisher, given)
        except BaseException:
            finisher.end()
            try:
                part.close()
            except LocalError:
                self.phase = "close"
            raise
        finisher.end()
        part.discard()
        return made

    def _run(self, part: Part, finisher: Finisher, given: Trouble | None) -> Manifest:
        part.begin(build_of(PACKAGE), PACKAGE.entries)
        part.admit(1)
        new = delta.of(PACKAGE, None, self.library, self.library.current("M1"))
        lacking = [one for one in new.needed if one.key not in part.done]
        finisher.want(lacking)
        finisher.start()
        self.phase = "fetch"
        for entry in lacking:
            for gap in part.spans_now().missing(entry.until, entry.offset):
                for at in range(gap.start, gap.stop or 0, 40_000):
                    data = RAW[at : min(at + 40_000, gap.stop or 0)]
                    part.write(1, "a", at, data)
                    part.tell()
                    self.fetched += len(data)
        part.secure()
        while any(one.key not in part.done for one in lacking):
            finding = self._findings.get(timeout=PATIENCE_S)
            if isinstance(finding, Broke):
                raise finding.fault
        self.phase = "publish"
        try:
            return publish("M1", self.library, part, new)
        except LocalError:
            if given is not None:
                given.armed = False
            if self.library.current("M1") is None:
                publish("M1", self.library, part, new)
                self.phase = "published at the second try"
            raise


def codes(operation: str) -> list[tuple[str, int]]:
    return [(operation, code) for code in OPERATIONS[operation]]


CASES = [case for operation in OPERATIONS for case in codes(operation)]


@pytest.mark.fault("C4")
@pytest.mark.parametrize(
    ("operation", "code"), CASES, ids=[f"{name} {os.strerror(code)}" for name, code in CASES]
)
def test_whichever_call_fails_nothing_half_is_shown_and_the_next_try_succeeds(
    tmp_path: Path, operation: str, code: int
) -> None:
    struck, said = 0, set()
    for number in range(1, 200):
        data_dir = tmp_path / str(number)
        first = Course(data_dir)
        with trouble(operation, number, code) as given:
            try:
                first.run(given)
            except LocalError as fault:
                said.add(fault.code)
        if not given.struck:
            break
        struck += 1
        library = Library(data_dir)
        assert library.verify() == []
        assert library.current("M1") is None or shown(library) == SHOWN
        library.collect()
        again = Course(data_dir)
        again.run()
        assert shown(again.library) == SHOWN
        assert library.verify() == []
        assert list((data_dir / "download").iterdir()) == []
        assert len(files_in(library)) == len(set(SHOWN.values())) + 2
    assert struck, "it is called at all"
    full = code in (errno.ENOSPC, errno.EDQUOT)
    assert said <= {"disk-full" if full else "storage-failed"}
    assert number < 199


@pytest.mark.fault("C4")
def test_a_publish_that_failed_needs_nothing_to_be_fetched_again(tmp_path: Path) -> None:
    phases = set()
    for operation in ("replace", "mkdir", "fsync", "syncfs", "write"):
        for number in range(1, 60):
            data_dir = tmp_path / f"{operation}-{number}"
            first = Course(data_dir)
            with trouble(operation, number, OPERATIONS[operation][0]) as given:
                try:
                    # Not tried again in this run.
                    first.run()
                except LocalError:
                    phases.add(first.phase)
            if not given.struck:
                break
            Library(data_dir).collect()
            again = Course(data_dir)
            again.run()
            assert shown(again.library) == SHOWN
            if first.phase == "publish":
                assert again.fetched == 0
    assert "publish" in phases
    assert threading.active_count() < 50
