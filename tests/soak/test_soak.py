"""What only shows after a long time, at many instants, or with very much at once."""

from __future__ import annotations

import io
import random
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import powercut
import pytest
from bundles import PAPERS, Bundle, noise
from downloads import Start
from fetching import fetch
from killing import Killing
from kiosk_process import Live, eventually, kiosk_on
from powercut import PowerCuts
from test_faults_c_calls import NAMED, refuse
from test_faults_c_ends import blank_package, listed

from kiosk import worker
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Origin,
    OriginMeeting,
    Slow,
    StopAt,
    pool_of,
)
from kiosk.job import Job
from kiosk.library import Library

MEETING = "M1"
DOWNLOADS, WARM_UP, KILLS, CUTS, TERMINALS = 1000, 100, 200, 200, 50
MIB = 1 << 20


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


@pytest.mark.fault("C11")
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
    kept = {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    flights = sum(size for path, size in kept.items() if "flights" in path.parts)
    assert sum(kept.values()) - flights < 100_000
    assert flights < 20 * MIB


@pytest.mark.fault("C1")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("kills", "modern", "stream"),
    [(KILLS // 2, True, False), (KILLS // 2, False, False), (KILLS // 4, False, True)],
    ids=["modern", "existing", "a stream"],
)
def test_a_kill_at_any_instant_leaves_a_whole_revision(
    tmp_path: Path, kills: int, modern: bool, stream: bool
) -> None:
    tally = Killing(tmp_path, 24 * MIB, 16e6, seed=kills).run(kills, modern, stream)
    print(tally)
    assert tally.kills == kills
    assert tally.in_download > kills // 3


@pytest.mark.fault("C4")
@pytest.mark.timeout(900)
@NAMED
def test_whichever_call_fails_people_see_one_revision(
    start: Start, operation: str, code: int
) -> None:
    calls = 0
    while refuse(start, operation, code, calls + 1):
        calls += 1
        assert calls < 500
    print(f"{calls} calls of {operation}")
    assert calls


@pytest.fixture
def in_memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kiosk-power-", dir="/dev/shm") as place:
        yield Path(place)


@pytest.mark.fault("C2")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("modern", [True, False])
def test_a_power_cut_at_any_instant_leaves_a_whole_revision(in_memory: Path, modern: bool) -> None:
    why_not = powercut.obstacle(in_memory)
    assert not why_not, f"power cuts need root and loop devices: {why_not}"
    tally = PowerCuts(in_memory, 24 * MIB, 12e6).run(CUTS // 2, modern)
    print(tally)
    assert tally.cuts == CUTS // 2
    assert tally.published > 5 and tally.in_download > CUTS // 4


@pytest.mark.fault("C10")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("stream", [False, True], ids=["ranges", "a stream"])
def test_two_gibibytes_take_less_than_200_mb(tmp_path: Path, stream: bool) -> None:
    place, size = tmp_path / "large.zip", 512 * MIB - 4096
    bundle = blank_package(place, 4, size)
    meeting = OriginMeeting(place, listed(bundle, size))
    with pool_of([AS_EXISTING_MASTER if stream else ()], {"M1": meeting}) as pool:
        done = fetch(tmp_path / "data", pool.names)
    print(f"{done.max_resident_mib} MiB resident")
    assert done.code == 0, done.errors
    assert done.max_resident_mib * MIB < 200_000_000
    assert Library(tmp_path / "data").verify() == []


@pytest.mark.fault("P2")
@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_line_dropped_twenty_times_during_switches_ends_in_the_same_place(
    tmp_path: Path, transport: str
) -> None:
    faults = [CLOSED, (CutAt(0.3), Slow(300_000)), (StopAt(0.3), Slow(300_000)), (Slow(300_000),)]
    with (
        pool_of(faults, {"M1": PAPERS.origin}) as origins,
        kiosk_on(origins, tmp_path / "data", "eventlet") as kiosk,
    ):
        percents: list[float] = []
        assert kiosk.send("POST", "/api/downloads", {"meetingId": "M1"}).status_code == 202
        for _ in range(20):
            page = Live(kiosk.url, transport)
            percents += [row["percent"] for row in page.wait("snapshot")["downloads"]]
            time.sleep(0.1)
            page.close()
        assert len(percents) == 20
        assert percents == sorted(percents)
        eventually(lambda: kiosk.json("/api/downloads/M1")["ending"], 60)
        assert kiosk.json("/api/downloads/M1")["percent"] == 100
        assert origins.log.open_packages == 1


@pytest.mark.fault("B14")
@pytest.mark.timeout(600)
def test_fifty_terminals_that_start_together_spread(tmp_path: Path) -> None:
    """Whoever takes over because one is slow for fifty at once counts as well."""
    bundle = Bundle({"a.bin": noise(300_000, 3)})
    with pool_of([()] * 5, {"M1": bundle.origin}) as pool:
        found = delivered(tmp_path, pool.names)
    expected = TERMINALS / pool.count
    chi = sum((found[name] - expected) ** 2 / expected for name in pool.names)
    print(f"{dict(found)} chi-square {chi:.1f}")
    assert chi < 23.5, "four degrees of freedom: one in ten thousand"


def delivered(place: Path, names: list[str]) -> Counter[str]:
    """Who delivered to how many of the terminals."""

    def one(number: int) -> str:
        done = fetch(place / str(number), names, "--no-in-order")
        assert done.code == 0, done.errors
        return max(done.ending["servers"], key=done.ending["servers"].get)

    with ThreadPoolExecutor(TERMINALS) as terminals:
        return Counter(terminals.map(one, range(TERMINALS)))
