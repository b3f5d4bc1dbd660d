"""What only shows after a long time: leaks over a thousand downloads, a kill at any instant."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import worker
from kiosk.demo.origin import Origin, OriginMeeting, Slow
from kiosk.job import Job
from kiosk.library import Library

MEETING = "M1"
DOWNLOADS, WARM_UP, KILLS = 1000, 100, 100


def package(seed: int, size: int = 40_000) -> bytes:
    """A package with two files that every seed shares, and one of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("01/a.txt", "the same in all\n" * 500)
        archive.writestr("01/b.bin", random.Random(0).randbytes(size))
        archive.writestr("02/c.bin", random.Random(seed).randbytes(size))
    return out.getvalue()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(meetings={MEETING: OriginMeeting(package(1))}) as origin:
        yield origin


def used() -> dict[str, int]:
    """What this process holds at the moment: open files, threads, MiB of memory."""
    status = Path("/proc/self/status").read_text("ascii")
    resident_kib = int(status.split("VmRSS:")[1].split()[0])
    return {
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "mib": resident_kib // 1024,
    }


@pytest.mark.timeout(1800)
def test_a_thousand_downloads_leave_nothing_behind(origin: Origin, tmp_path: Path) -> None:
    job = Job(MEETING, str(tmp_path), [origin.url], in_order=True, min_free_mb=0)
    library = Library(tmp_path)
    warm: dict[str, int] = {}
    for number in range(DOWNLOADS):
        assert worker.run(job, lambda event: None, threading.Event()) == 0
        library.purge(MEETING)
        if number == WARM_UP:
            warm = used()
    cold = used()
    assert cold["files"] <= warm["files"] + 2
    assert cold["threads"] <= warm["threads"] + 1
    assert cold["mib"] <= warm["mib"] + 16
    kept = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert kept < 100_000


@pytest.mark.timeout(1800)
def test_a_kill_at_any_instant_leaves_a_whole_revision(origin: Origin, tmp_path: Path) -> None:
    origin.faults = [Slow(150_000)]
    fetch = [sys.executable, "-m", "kiosk", "fetch", MEETING, "--server", origin.url]
    fetch += ["--data-dir", str(tmp_path), "--json"]
    chance = random.Random(7)
    for number in range(KILLS):
        origin.meetings[MEETING] = OriginMeeting(package(number))
        with subprocess.Popen(fetch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            time.sleep(chance.uniform(0.1, 1.2))
            child.kill()
        assert [str(one) for one in Library(tmp_path).verify()] == []
    done = subprocess.run(fetch, stdout=subprocess.DEVNULL)
    assert done.returncode == 0
    assert Library(tmp_path).current(MEETING) is not None
