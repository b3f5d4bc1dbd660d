"""The command line: what it prints, and the exit codes that scripts rely on."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk import cli
from kiosk.demo.origin import CLOSED, Fault, OriginMeeting, OriginPool, Slow, pool_of
from kiosk.library import Library

FILES = {"01 报告/年度报告.pdf": b"%PDF-1.4" + os.urandom(50_000), "02 预算/预算.txt": b"x" * 9000}


def package(files: dict[str, bytes] = FILES) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "x")
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def pool() -> Iterator[OriginPool]:
    """Five plain servers, of which only the last one is there."""
    servers = [CLOSED, CLOSED, CLOSED, CLOSED, ()]
    with pool_of(servers, {"ID": OriginMeeting(package())}, plain=True) as running:
        yield running


def kiosk(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **more},
        timeout=60,
    )


def servers(pool: OriginPool, count: int = 5) -> list[object]:
    return ["--server-ip", pool.base, "--server-port", pool.port, "--server-count", count]


def test_fetch_verify_and_export_over_the_last_of_five_servers(
    pool: OriginPool, tmp_path: Path
) -> None:
    data = ["--data-dir", tmp_path / "data"]
    fetched = kiosk("fetch", "ID", *servers(pool), *data)
    assert fetched.returncode == 0, fetched.stderr
    assert fetched.stdout == ""
    assert "checked and published" in fetched.stderr
    assert kiosk("verify", *data).returncode == 0
    assert kiosk("export", "ID", tmp_path / "out", *data).returncode == 0
    exported = {
        str(path.relative_to(tmp_path / "out")): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert exported == FILES
    assert pool.log.open_packages == 1


@pytest.mark.fault("B10")
def test_all_five_dead_is_exit_1_with_five_reasons(pool: OriginPool, tmp_path: Path) -> None:
    pool[4].close()
    failed = kiosk("fetch", "ID", *servers(pool), "--json", "--data-dir", tmp_path)
    assert failed.returncode == 1
    lines = [json.loads(line) for line in failed.stdout.splitlines()]
    assert lines[0]["event"] == "downloadStart"
    assert lines[-1]["event"] == "downloadError"
    assert lines[-1]["status"] == "all_servers_failed"
    assert sorted(row["server"] for row in lines[-1]["attempts"]) == sorted(pool.names)
    assert {row["code"] for row in lines[-1]["attempts"]} == {"refused"}
    words = kiosk("fetch", "ID", *servers(pool), "--retries", 1, "--data-dir", tmp_path).stderr
    assert all(name in words for name in pool.names)


def test_in_order_asks_as_listed_and_otherwise_the_order_varies(
    pool: OriginPool, tmp_path: Path
) -> None:
    assert order(pool, tmp_path / "listed", "--in-order") == pool.names
    drawn = {tuple(order(pool, tmp_path / str(terminal))) for terminal in range(3)}
    assert len(drawn) > 1, "a room of terminals spreads"


def test_whoever_could_not_be_reached_comes_last_the_next_time(
    pool: OriginPool, tmp_path: Path
) -> None:
    assert order(pool, tmp_path, "--in-order") == pool.names
    assert [order(pool, tmp_path)[0] for _ in range(2)] == [pool.names[4]] * 2
    assert order(pool, tmp_path, "--in-order") == pool.names, "unless told otherwise"


def order(pool: OriginPool, data_dir: Path, *flags: str) -> list[str]:
    """The servers in the order in which a download goes by them."""
    arguments = [*servers(pool), *flags, "--json", "--data-dir", data_dir]
    first = kiosk("fetch", "ID", *arguments).stdout.splitlines()[0]
    return list(json.loads(first)["servers"])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fetch"], 2, "MEETING_ID"),
        (["fetch", "ID"], 3, "no server is set up"),
        (["fetch", "ID", "--server-ip", "a b"], 2, "server_ip"),
        (["fetch", "ID", "--server", "file:///x"], 2, "servers"),
        (["fetch", "ID", "--config", "/no/such/file"], 2, "config"),
        (["export", "none", "out"], 2, "there is no meeting none"),
        (["purge"], 2, "--all"),
        (["purge", "none"], 2, "there is no meeting none"),
        (["nonsense"], 2, "nonsense"),
    ],
)
@pytest.mark.fault("B11")
def test_what_makes_no_sense_is_told_in_a_line(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    data = [] if arguments == ["nonsense"] else ["--data-dir", str(tmp_path)]
    done = kiosk(*arguments, *data)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_is_refused_is_exit_5(tmp_path: Path) -> None:
    with pool_of([()], {"ID": OriginMeeting(b"PK\x03\x04 and nonsense")}, plain=True) as bad:
        done = kiosk("fetch", "ID", *servers(bad, 1), "--data-dir", tmp_path)
    assert done.returncode == 5, done.stderr


def test_a_disk_that_refuses_is_exit_4(pool: OriginPool, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = kiosk("fetch", "ID", *servers(pool), "--data-dir", tmp_path / "file")
    assert done.returncode == 4, done.stderr


@pytest.mark.fault("C7")
def test_a_second_kiosk_on_one_directory_leaves_with_a_clear_line(
    pool: OriginPool, tmp_path: Path
) -> None:
    with Library(tmp_path).lock():
        done = kiosk("fetch", "ID", *servers(pool), "--data-dir", tmp_path)
    assert done.returncode == 4
    assert "another kiosk uses" in done.stderr


def test_a_fetch_removes_first_what_a_crash_left(pool: OriginPool, tmp_path: Path) -> None:
    leftover = tmp_path / "objects" / ".new-0123456789abcdef"
    leftover.parent.mkdir()
    leftover.write_bytes(b"half a file")
    assert kiosk("verify", "--data-dir", tmp_path).returncode == 0, "nobody sees it"
    assert kiosk("fetch", "ID", *servers(pool), "--data-dir", tmp_path).returncode == 0
    assert not leftover.exists()


def test_an_interrupt_keeps_what_is_here_and_is_exit_130(tmp_path: Path) -> None:
    slow: tuple[Fault, ...] = (Slow(200_000),)
    large = package({"01/a.bin": os.urandom(1_000_000)})
    with pool_of([slow], {"ID": OriginMeeting(large)}, plain=True) as pool:
        command = [sys.executable, "-m", "kiosk", "fetch", "ID", "--json"]
        command += [*map(str, servers(pool, 1)), "--data-dir", str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if json.loads(line).get("receivedBytes", 0) > 100_000:
                    break
            process.send_signal(signal.SIGINT)
            last = [json.loads(line) for line in process.stdout][-1]
            assert process.wait(30) == 130
    assert last["event"] == "downloadCancelled"
    assert last["receivedBytes"] > 100_000


def test_purge_prints_a_receipt_and_leaves_nothing(pool: OriginPool, tmp_path: Path) -> None:
    assert kiosk("fetch", "ID", *servers(pool), "--data-dir", tmp_path).returncode == 0
    receipt = json.loads(kiosk("purge", "ID", "--data-dir", tmp_path).stdout)
    assert receipt["meetings"] == ["ID"]
    assert receipt["objects"] == len(FILES)
    assert not [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert kiosk("verify", "--data-dir", tmp_path).returncode == 0


def test_verify_lists_damage_and_is_exit_1(pool: OriginPool, tmp_path: Path) -> None:
    assert kiosk("fetch", "ID", *servers(pool), "--data-dir", tmp_path).returncode == 0
    rotten = next(path for path in (tmp_path / "objects").rglob("*") if path.is_file())
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"!")
    done = kiosk("verify", "--json", "--data-dir", tmp_path)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert not report["whole"]
    assert report["damage"][0]["path"].endswith(rotten.name)


def test_settings_come_from_the_environment_too(pool: OriginPool, tmp_path: Path) -> None:
    done = kiosk(
        "fetch", "ID", "--data-dir", tmp_path,
        KIOSK_SERVER_IP=pool.base, KIOSK_SERVER_PORT=str(pool.port), KIOSK_SERVER_COUNT="5",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_on_a_terminal_a_bar_moves_in_one_line(tmp_path: Path) -> None:
    slow: tuple[Fault, ...] = (Slow(60_000),)
    with pool_of([slow], {"ID": OriginMeeting(package())}, plain=True) as pool:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "kiosk", "fetch", "ID", *map(str, servers(pool, 1))]
        with subprocess.Popen(
            [*command, "--data-dir", str(tmp_path)], stderr=theirs, stdout=theirs
        ) as process:
            os.close(theirs)
            shown = read_all(ours)
            assert process.wait(30) == 0
        os.close(ours)
    percents = [float(text) for text in re.findall(r"([\d.]+) %", shown)]
    assert len(percents) > 3
    assert percents == sorted(percents)
    assert shown.count("\n") == 1, "only the last line stays"


def read_all(handle: int) -> str:
    shown, give_up = b"", time.monotonic() + 20
    while time.monotonic() < give_up:
        if not select.select([handle], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(handle, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    return shown.decode()


@pytest.mark.parametrize(
    "command", ["", "serve", "fetch", "verify", "export", "purge", "demo", "doctor", "install"]
)
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(cli.kiosk, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5


def test_the_shell_can_complete_it() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "kiosk"],
        env={**os.environ, "_KIOSK_COMPLETE": "bash_source"},
        capture_output=True,
        text=True,
    )
    assert "complete" in done.stdout
