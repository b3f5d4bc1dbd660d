"""The worker as a process of its own: told to end, left alone, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from downloads import DATA, Start, expect_whole, package

from kiosk import demo, events, render
from kiosk.demo.origin import OriginMeeting, Slow
from kiosk.job import Job
from kiosk.terminal import engine


def spawn(job: Job, **more: Any) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        engine.COMMAND,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(job.encode() + "\n")
    process.stdin.flush()
    return process


@pytest.mark.parametrize("how", ["close", "term"])
def test_the_worker_ends_when_told_or_left_alone(start: Start, how: str) -> None:
    download = start((Slow(200_000),))
    job = Job("M1", str(download.directory), [download.pool[0].url], min_free_mb=0)
    with spawn(job) as process:
        assert process.stdout is not None and process.stdin is not None
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("receivedBytes", 0) > 20_000:
                break
        if how == "close":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        lines += [json.loads(line) for line in process.stdout]
        assert process.wait(30) == 130
    assert lines[-1]["event"] == "downloadCancelled"


def test_a_killed_worker_costs_at_most_what_was_not_journalled(start: Start) -> None:
    big = {"a/one.bin": os.urandom(24 << 20)}
    download = start((Slow(30_000_000),), meetings={"M1": OriginMeeting(package(big), {})})
    job = Job("M1", str(download.directory), [download.pool[0].url], min_free_mb=0)
    with spawn(job) as process:
        assert process.stdout is not None
        seen = 0
        for line in process.stdout:
            seen = json.loads(line).get("receivedBytes", 0)
            if seen > 18 << 20:
                break
        process.kill()
    download.pool[0].faults = []
    assert download.run() == 0
    assert seen - download.ending.reused_bytes <= 10 << 20
    assert download.ending.reused_bytes > 0
    assert download.library.verify() == []


def test_what_somebody_waits_for_is_told_on_its_input(start: Start) -> None:
    files = {f"a/{number}.bin": os.urandom(2 << 20) for number in range(1, 5)}
    download = start((Slow(4_000_000),), meetings={"M1": OriginMeeting(package(files), {})})
    job = Job("M1", str(download.directory), [download.pool[0].url], min_free_mb=0)
    with spawn(job) as process:
        assert process.stdout is not None and process.stdin is not None
        process.stdin.write('nonsense\n[]\n{"front": "x"}\n{"front": 3}\n')
        process.stdin.flush()
        said = [events.decode(line) for line in process.stdout]
        assert process.wait(30) == 0
    ready = [event.index for event in said if isinstance(event, events.MaterialReady)]
    assert ready == [3, 1, 2, 4]


def test_a_worker_speaks_utf8_in_every_locale(start: Start) -> None:
    download = start(())
    job = Job("M1", str(download.directory), [download.pool[0].url], data=DATA, min_free_mb=0)
    with spawn(job, env={**os.environ, "PYTHONIOENCODING": "gbk"}) as process:
        assert process.stdout is not None
        said = [events.decode(line) for line in process.stdout]
    names = [event.name for event in said if isinstance(event, events.MaterialReady)]
    assert "工作报告.pdf" in names
    expect_whole(download)


def test_a_job_that_makes_no_sense_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.worker"], input="{}\n", text=True, capture_output=True
    )
    assert done.returncode == 2
    assert "bad-job" in done.stderr


@pytest.mark.parametrize(
    "command", [engine.COMMAND, render.COMMAND, demo.COMMAND], ids=lambda command: command[-1]
)
def test_nothing_that_lies_around_is_imported(command: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("json", "sitecustomize", "kiosk"):
        (tmp_path / f"{name}.py").write_text("open('was-imported', 'w').close()\n")
    process = subprocess.Popen(
        [*command, str(tmp_path / "data")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=tmp_path,
    )  # fmt: skip
    try:
        process.communicate(b"{}\n", timeout=30)
    finally:
        process.kill()
    assert not (tmp_path / "was-imported").exists()
