"""The disk fails or the process is ended: nothing half is shown, and the next start goes on."""

from __future__ import annotations

import hashlib
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import disks
import pytest
from bundles import PAPERS, SLACK, Bundle, noise
from downloads import Download, Start
from faulty import EITHER, expect, run, sent
from fetching import KIOSK, Fetch, fetch, verified

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    Fault,
    OriginPool,
    Silent,
    Slow,
    Status,
    pool_of,
)
from kiosk.library import Library

OLD = Bundle({"old.bin": noise(400_000, 20)}, "M0", "上次会议")
BIG = Bundle({f"{n}.bin": noise(1_500_000, 21 + n) for n in range(4)})
FITS = Bundle({f"{n}.bin": noise(800_000, 31 + n) for n in range(2)})
MEETINGS = {"M0": OLD.origin, "M1": PAPERS.origin}


def sums(bundle: Bundle) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in bundle.files.items()}


def on_full_disk(
    tmp_path: Path, pool: OriginPool, fill_at: int = 0
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """An old meeting, then one that does not fit; what came of each, and whether it is small.

    Where nobody may mount a small disk, no file may grow over a bound instead.
    """
    data_dir = tmp_path / "small"
    data_dir.mkdir()
    servers = [f"http://{name}/api/v1" for name in pool.names]
    steps = [{"meeting": "M0", "servers": servers},
             {"meeting": "M1", "servers": servers, "fill_at": fill_at}]  # fmt: skip
    prefix = disks.small(data_dir)
    before, after = disks.take(prefix, data_dir, steps)
    assert before["code"] == 0
    return before, after, bool(prefix)


@pytest.mark.fault("C3")
@pytest.mark.parametrize("modern", [False, True])
def test_what_does_not_fit_is_said_before_it_is_fetched(tmp_path: Path, modern: bool) -> None:
    meetings = {"M0": OLD.origin, "M1": BIG.origin}
    meetings["M1"].modern = modern
    with pool_of([(), ()], meetings) as pool:
        before, after, small = on_full_disk(tmp_path, pool)
        asked = [one for one in pool.log.packages if "M1" in one.path]
        assert not small or sum(one.sent for one in asked) <= SLACK
        assert len({one.server for one in asked}) == 1, "no other server is troubled"
    assert after["code"] == 4
    assert after["ending"]["status"] == ("disk_full" if small else "storage_failed")
    assert not small or "needs" in after["ending"]["message"]
    assert after["ending"]["attempts"] == [], "none is blamed"
    assert after["shown"] == before["shown"] == {"M0": sums(OLD)}
    assert after["damage"] == after["temp"] == []


@pytest.mark.fault("C3")
@pytest.mark.parametrize("known", [True, False], ids=["of known size", "without a length"])
def test_a_disk_that_fills_up_on_the_way_ends_it(tmp_path: Path, known: bool) -> None:
    meetings = {"M0": OLD.origin, "M1": (FITS if known else BIG).origin}
    faults = (Slow(2_000_000),) if known else AS_EXISTING_MASTER
    with pool_of([faults, ()], meetings) as pool:
        before, after, small = on_full_disk(tmp_path, pool, fill_at=300_000 if known else 0)
        asked = [one for one in pool.log.packages if "M1" in one.path]
        assert {one.server for one in asked} == {pool.names[0]}
    assert after["code"] == 4
    assert after["ending"]["status"] == ("disk_full" if small else "storage_failed")
    assert after["ending"]["attempts"] == []
    assert after["shown"] == before["shown"] == {"M0": sums(OLD)}
    assert after["damage"] == after["temp"] == []


@pytest.mark.fault("C4")
def test_a_disk_that_cannot_be_written_to_is_told_in_a_line(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with pool_of([()], MEETINGS) as pool:
        assert fetch(data_dir, pool.names).code == 0
        pool[0].meetings["M1"] = NEWER.origin
        prefix = disks.read_only(data_dir)
        if not prefix:
            shutil.rmtree(data_dir / "download")
            (data_dir / "download").write_bytes(b"in the way")
        done = fetch(data_dir, pool.names, program=[*prefix, *KIOSK])
    assert done.code == 4
    assert "the disk refused" in done.errors + str(done.events)
    assert "Traceback" not in done.errors
    assert Library(data_dir).verify() == []


@pytest.mark.fault("C4")
def test_a_file_that_may_not_grow_ends_the_download(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with pool_of([(), ()], MEETINGS) as pool:
        done = fetch(data_dir, pool.names, preexec_fn=disks.no_growth(300_000))
        assert done.code == 4, done.errors
        assert done.ending["status"] == "storage_failed"
        assert done.ending["attempts"] == []
        assert "Traceback" not in done.errors
        assert verified(data_dir)
        assert fetch(data_dir, pool.names).code == 0
    assert verified(data_dir)


@pytest.mark.fault("C4")
@pytest.mark.parametrize("files", [8, 12, 16, 24])
def test_too_few_open_files_end_it_in_words(tmp_path: Path, files: int) -> None:
    data_dir = tmp_path / "data"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    with pool_of([(), ()], MEETINGS) as pool:
        done = fetch(data_dir, pool.names, "--retries", 1, preexec_fn=limit)
        assert done.code in (0, 1, 4), done.errors
        assert "Traceback" not in done.errors
        assert verified(data_dir)
        assert fetch(data_dir, pool.names).code == 0


@pytest.fixture
def begun(start: Start) -> Download:
    """A meeting that is here in an old version, and in a new one by half."""
    download = start((), meetings=MEETINGS)
    assert download.run() == 0
    download.pool[0].meetings["M1"] = NEWER.origin
    download.pool[0].faults = [Slow(2_000_000)]
    download.on_event = lambda event: (
        download.stop.set()
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 700_000
        else None
    )
    assert download.run() == 130
    download.on_event = None
    download.stop.clear()
    download.pool[0].faults = []
    return download


NEWER = Bundle({name: noise(500_000, 40 + n) for n, name in enumerate(PAPERS.files)})
RUBBISH = {
    "empty": b"", "cut": b'{"', "binary": b"\xff\xfe\x00PK" * 50, "another thing": b"[]\n",
    "another version": b'{"format": 99, "version": 99}\n', "endless": b"[" * 100_000,
}  # fmt: skip


@pytest.mark.fault("C5")
@pytest.mark.parametrize("rubbish", RUBBISH)
def test_whichever_file_makes_no_sense_the_next_start_mends_it(
    begun: Download, rubbish: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    begun.directory.rename(state)
    files = [path.relative_to(state) for path in state.rglob("*") if path.is_file()]
    assert len(files) > 8
    for file in files:
        begun.directory = tmp_path / "data"
        shutil.copytree(state, begun.directory)
        (begun.directory / file).write_bytes(RUBBISH[rubbish])
        begun.library.collect()
        assert begun.run() == 0, file
        expect(begun, NEWER)
        shutil.rmtree(begun.directory)


@pytest.mark.fault("C12")
@EITHER
def test_what_was_changed_on_the_disk_meanwhile_is_found(start: Start, bundle: Bundle) -> None:
    download = start((Slow(2_000_000),), meetings={"M1": bundle.origin})
    download.on_event = lambda event: (
        download.stop.set()
        if isinstance(event, events.DownloadProgress) and event.received_bytes > 900_000
        else None
    )
    assert download.run() == 130
    download.stop.clear()
    download.on_event = None
    download.pool[0].faults = []
    spoilt = 0
    for path in (download.directory / "download").rglob("*"):
        if path.is_file() and path.stat().st_size > 200_000:
            with open(path, "r+b") as file:
                file.seek(150_000)
                file.write(b"not what was fetched")
            spoilt += 1
    assert spoilt
    assert download.run() == 0
    expect(download, bundle)
    assert sent(download) <= 2 * len(bundle.package) + 3 * SLACK


PHASES: dict[str, tuple[tuple[Fault, ...] | None, str]] = {
    "the agenda": ((Silent(path="/data"), Slow(300_000)), "downloadStart"),
    "connecting": ((Silent(),), "downloadStart"),
    "downloading": ((Slow(300_000),), "downloadProgress"),
    "waiting": ((Status(503, retry_after=60),), "serverSwitch"),
    "refused": (CLOSED, "downloadStart"),
}


@pytest.mark.fault("C8")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("phase", PHASES)
def test_an_ending_signal_is_obeyed_in_every_phase(tmp_path: Path, phase: str, number: int) -> None:
    faults, sign = PHASES[phase]
    with pool_of([faults], MEETINGS) as pool:
        with Fetch(tmp_path, pool.names, "--retries", 20) as process:
            assert process.until(lambda event: event["event"] == sign), process.errors
            process.signal(number)
            assert process.wait() == 130
        assert process.ending["event"] == "downloadCancelled"
        assert "Traceback" not in process.errors
        if faults is not None:
            kept = process.ending["receivedBytes"]
            pool[0].faults = []
            done = fetch(tmp_path, pool.names)
            assert done.code == 0
            assert done.ending["reusedBytes"] >= kept
    assert verified(tmp_path)


@pytest.mark.fault("C6")
@EITHER
def test_a_stored_file_that_rotted_is_alone_fetched_again(start: Start, bundle: Bundle) -> None:
    download = start((), meetings={"M1": bundle.origin})
    assert download.run() == 0
    before = sent(download)
    rotten = download.library.object_path(sums(bundle)["plan.bin"])
    rotten.chmod(0o644)
    rotten.write_bytes(b"rot" + rotten.read_bytes()[3:])
    assert [one.kind for one in download.library.verify()] == ["wrong-content"]
    assert run(download) == 0
    expect(download, bundle)
    assert sent(download) - before <= len(bundle.files["plan.bin"]) + 2 * SLACK
