"""Whichever call the disk refuses in a whole download, from first request to ending (C4)."""

from __future__ import annotations

import errno
import os
from itertools import takewhile
from pathlib import Path

import pytest
from bundles import PAPERS, Bundle, noise
from downloads import Start
from failing import OPERATIONS, trouble
from faulty import expect, run, told
from fetching import TROUBLED, fetch

from kiosk import events
from kiosk.demo.origin import Slow, pool_of
from kiosk.library import Library

NEWER = Bundle({name: noise(60_000, 60 + n) for n, name in enumerate(PAPERS.files)})
OLDER = NEWER.changed(report=noise(50_000, 90), plan=noise(50_000, 91))
CALLS = (1, 2, 4, 8, 16, 32, 64)
"""Which calls fail in turn; `make soak` has all of them."""
CASES = [(operation, code) for operation, codes in OPERATIONS.items() for code in codes]
NAMED = pytest.mark.parametrize(
    ("operation", "code"), CASES, ids=[f"{name} {os.strerror(code)}" for name, code in CASES]
)


def refuse(start: Start, operation: str, code: int, number: int) -> bool:
    """An update on a disk that refuses that call; whether it came to it.

    People see the old revision or the new one, and the next try brings the new one.
    """
    download = start((), meetings={"M1": OLDER.origin})
    download.directory = download.directory / f"{operation}-{number}"
    assert download.run() == 0
    for server in filter(None, download.pool.origins):
        server.meetings["M1"] = NEWER.origin
        # What is called every other second only has to be given some.
        server.faults = [Slow(50_000)] if operation == "fdatasync" else []
    with trouble(operation, number, code) as given:
        status = run(download)
    assert status in (0, 4), download.ending
    if status == 4:
        assert isinstance(download.ending, events.DownloadError)
        full = code == errno.ENOSPC
        assert download.ending.status == ("disk_full" if full else "storage_failed")
        assert download.ending.attempts == [], "no server is blamed"
    seen = told(download.materials())
    assert seen in (told(OLDER.files), told(NEWER.files))
    assert status == 4 or seen == told(NEWER.files)
    assert download.library.verify() == []
    download.library.collect()
    for server in filter(None, download.pool.origins):
        server.faults = []
    assert run(download) == 0
    expect(download, NEWER)
    download.pool.close()
    return given.struck


@pytest.mark.fault("C4")
@NAMED
def test_whichever_call_fails_people_see_one_revision_and_the_next_try_succeeds(
    start: Start, operation: str, code: int
) -> None:
    struck = list(takewhile(lambda number: refuse(start, operation, code, number), CALLS))
    assert struck, "it is called at all"


SOME = [("open", 1), ("open", 16), ("os.open", 4), ("pwrite", 1), ("pwrite", 16), ("fsync", 4),
        ("replace", 1), ("replace", 16)]  # fmt: skip


@pytest.mark.fault("C4")
@pytest.mark.parametrize(("operation", "number"), SOME)
def test_the_command_line_tells_it_without_a_traceback(
    tmp_path: Path, operation: str, number: int
) -> None:
    how = f"{operation}:{number}:{errno.EIO}"
    with pool_of([(), ()], {"M1": PAPERS.origin}) as pool:
        done = fetch(tmp_path, pool.names, program=[*TROUBLED, "disk", how])
        assert done.code in (0, 4), done.errors
        assert "Traceback" not in done.errors
        assert done.code == 0 or "the disk refused" in done.errors + str(done.events)
        assert fetch(tmp_path, pool.names).code == 0
    assert Library(tmp_path).verify() == []
