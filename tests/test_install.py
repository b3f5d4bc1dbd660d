"""`kiosk install`: units that systemd takes, that give little away, and that can be taken back."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess
from node_process import NodeProcess

from kiosk.errors import UsageError
from kiosk.install import Role, apply, files_of, remove, service_of
from kiosk.install.units import quoted
from kiosk.settings import Settings

EXPOSURE = "25"  # tenths; the most that systemd's own judgement may say of either unit
UPSTREAM = "http://10.1.1.10:8001"
NEEDED = {  # beyond the usual; each is named in kiosk/install/units.py or done by what we start
    "unshare", "setns", "prctl", "prlimit64", "setrlimit", "setpriority", "syncfs", "fallocate",
    "chown", "fchown", "flock", "inotify_init1", "sendfile", "copy_file_range", "epoll_wait",
}  # fmt: skip


def installed(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", "install", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def systemd(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``make test`` sees to it that systemd-analyze is there."""
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A staging root with both services installed, by the command."""
    root = tmp_path_factory.mktemp("root")
    for words in (("terminal", "--browser", "--port", 8090), ("node", "--upstream", UPSTREAM)):
        done = installed(*words, "--root", root)
        assert done.returncode == 0, done.stderr
        assert "next    systemd-sysusers /etc/sysusers.d/kiosk" in done.stdout
    return root


def unit(root: Path, name: str) -> Path:
    return root / "etc/systemd/system" / f"{name}.service"


@pytest.mark.parametrize("name", ["kiosk", "kiosk-node"])
def test_systemd_takes_the_unit_and_finds_little_in_it_to_attack(root: Path, name: str) -> None:
    path = str(unit(root, name))
    verified = systemd("verify", "--man=no", path)
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = systemd("security", "--offline=true", f"--threshold={EXPOSURE}", path)
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]


def test_what_our_programs_call_is_not_filtered_away(root: Path) -> None:
    lines = re.findall(r"^SystemCallFilter=(.+)$", unit(root, "kiosk").read_text(), re.MULTILINE)
    assert lines == ["@system-service", "~@privileged", "@chown"]
    service, privileged, chown = (calls_of(line.lstrip("~")) for line in lines)
    assert (service - privileged | chown) >= NEEDED


def calls_of(group: str) -> set[str]:
    """The system calls of a group of systemd's, and of the groups in it."""
    found: set[str] = set()
    for line in systemd("syscall-filter", group).stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= calls_of(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


def test_the_user_is_made_by_sysusers(root: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for name in ("kiosk", "kiosk-node"):
        line = root / "etc/sysusers.d" / f"{name}.conf"
        done = subprocess.run(
            ["systemd-sysusers", f"--root={tmp_path}", str(line)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        made = (tmp_path / "etc/passwd").read_text("utf-8")
        assert re.search(rf"^{name}:.*:/var/lib/{name}:/.*nologin$", made, re.MULTILINE)


def test_a_second_time_changes_nothing_and_a_changed_wish_is_told(tmp_path: Path) -> None:
    def done(*words: str) -> list[str]:
        service = service_of("node", Settings.load({"upstream": list(words)}, environ={}))
        return [one.what for one in apply(files_of(service), tmp_path)]

    assert done(UPSTREAM) == ["written", "written"]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert done(UPSTREAM) == ["kept", "kept"]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert done(UPSTREAM, "http://10.1.1.11:8001") == ["changed", "kept"]
    assert unit(tmp_path, "kiosk-node").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("role", ["terminal", "node"])
def test_removal_takes_all_of_it_and_what_enable_has_linked(role: Role, tmp_path: Path) -> None:
    own = {"upstream": [UPSTREAM]} if role == "node" else {}
    service = service_of(role, Settings.load(own, environ={}))
    list(apply(files_of(service, browser_port=8080 if role == "terminal" else None), tmp_path))
    wants = tmp_path / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / f"{service.name}.service").symlink_to(unit(Path("/"), service.name))
    (wants / "other.service").symlink_to("/other")
    assert {one.what for one in remove(role, tmp_path)} == {"removed"}
    left = [path for path in tmp_path.rglob("*") if not path.is_dir() or path.is_symlink()]
    assert left == [wants / "other.service"]
    assert list(remove(role, tmp_path)) == []


def test_print_writes_nothing(tmp_path: Path) -> None:
    done = installed("terminal", "--print", "--root", tmp_path / "root")
    assert done.returncode == 0
    assert "ExecStart=" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_browser_is_started_on_the_page_that_waits(root: Path) -> None:
    text = (root / "etc/xdg/autostart/kiosk-browser.desktop").read_text("utf-8")
    command = next(line for line in text.splitlines() if line.startswith("Exec="))
    words = shlex.split(shlex.split(command)[2].removeprefix("while :; do ").partition(";")[0])
    assert Path(words[0]).name.startswith(("chromium", "google-chrome"))
    assert "--kiosk" in words
    page, _, address = words[-1].removeprefix("file://").partition("#")
    assert Path(page).is_file()
    assert address == "http://127.0.0.1:8090/"


def test_a_folder_is_all_that_the_service_may_write_besides_its_own() -> None:
    service = service_of("node", Settings.load(environ={}), Path("/srv/my meetings"))
    text = service.unit()
    assert 'ReadWritePaths="/srv/my meetings"' in text
    assert text.count("ReadWritePaths") == 1
    assert '--folder "/srv/my meetings"' in text


@pytest.mark.parametrize(
    ("given", "folder", "why"),
    [
        ({}, None, "give --upstream or --folder"),
        ({"upstream": [UPSTREAM]}, Path("/srv/m"), "give --upstream or --folder"),
        ({}, Path("/home/anna/meetings"), "a service sees no home directories"),
    ],
)
def test_what_could_not_run_is_not_installed(
    given: dict[str, object], folder: Path | None, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        service_of("node", Settings.load(given, environ={}), folder)


def test_a_terminal_is_given_no_folder_and_a_node_no_browser(tmp_path: Path) -> None:
    for words in (("terminal", "--folder", "/srv/m"), ("node", "--folder", "/srv/m", "--browser")):
        assert installed(*words, "--root", tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("word", "written"),
    [("/srv/a b", '"/srv/a b"'), ("50%", "50%%"), ("$HOME", "$$HOME"), ('a"b', '"a\\"b"')],
)
def test_a_word_means_itself_to_systemd(word: str, written: str) -> None:
    assert quoted([word]) == written


@pytest.fixture
def notified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd would hear of what is started now."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(15)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "100000")
        yield ear


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_terminal_says_when_it_is_ready_and_that_it_lives(
    mode: str, notified: socket.socket, tmp_path: Path
) -> None:
    with KioskProcess(tmp_path / "data", mode):
        assert [notified.recv(99) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


def test_a_node_says_when_its_worker_is_ready(notified: socket.socket, tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "data", folder=os.fspath(tmp_path)):
        assert notified.recv(99) == b"READY=1"
