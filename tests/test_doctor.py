"""`kiosk doctor`: what it finds, what it makes of it, and that it says what to do."""

from __future__ import annotations

import email.utils
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, kiosk_on, meeting_of
from rawserver import answer, raw_server

from kiosk.demo.origin import CLOSED, pool_of
from kiosk.doctor import Finding, machine, programs, servers, table
from kiosk.doctor.words import CHECKS, WORDS
from kiosk.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LISTING = b'{"id": "none", "meetings": []}'


def doctor(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "doctor", *map(str, arguments)],
        capture_output=True, text=True, env={**os.environ, **more}, timeout=60,
    )  # fmt: skip


def settings(tmp_path: Path, **values: object) -> Settings:
    return Settings.load({"data_dir": str(tmp_path), **values}, environ={})


def by_check(report: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for row in json.loads(report)["findings"]:
        found.setdefault(row["check"], []).append(row)
    return found


def test_a_terminal_at_work_is_fine_though_one_of_its_servers_is_dead(tmp_path: Path) -> None:
    meetings = {"M1": meeting_of({"a.pdf": b"%PDF-1.4"})}
    with pool_of([CLOSED, ()], meetings) as origins:
        terminal: KioskProcess = kiosk_on(origins, tmp_path / "data", "threading")
        with terminal:
            done = doctor("--json", "--data-dir", terminal.data_dir, "--port", terminal.port)
    found = by_check(done.stdout)
    assert [(row["state"], row["code"]) for row in found["server"]] == [
        ("warn", "error.refused"), ("ok", "server.existing.meeting"),
    ]  # fmt: skip
    assert found["port"][0]["code"] == "port.ours"
    assert found["settings"][0]["code"] == "settings.ok"
    assert {found[check][0]["state"] for check in ("fonts", "office", "browser")} == {"ok"}
    assert done.returncode == 0
    assert json.loads(done.stdout)["fine"] is True


def test_without_a_server_it_fails_and_says_what_to_do_in_the_readers_language(
    tmp_path: Path,
) -> None:
    for language, words in (("zh_CN.UTF-8", "没有设置服务器"), ("en_GB.UTF-8", "no server is set")):
        done = doctor("--data-dir", tmp_path, LC_ALL=language, PATH="")
        assert done.returncode == 1
        assert words in done.stdout
        assert "--server-ip" in done.stdout.splitlines()[-2]
    assert not any(tmp_path.iterdir()), "it changes nothing"


def test_a_node_is_held_to_what_a_node_needs(tmp_path: Path) -> None:
    with raw_server(answer(LISTING, "Poll-Interval: 1")) as upstream:
        origin = upstream.url.rpartition("/")[0]
        done = doctor("--json", "--data-dir", tmp_path, "--upstream", origin, "--port", 0)
    found = by_check(done.stdout)
    assert found["server"][0]["code"] == "server.ours.idle"
    assert found["nginx"][0]["state"] == "ok"
    assert not {"fonts", "office", "browser"} & set(found)
    assert done.returncode == 0


def test_no_secret_is_printed_and_lines_without_sense_are_named(tmp_path: Path) -> None:
    text = 'pin = "98765x"\nnode_password = "hunter22hunter"\nport = "many"\nnever_heard = 1\n'
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    done = doctor("--json", "--data-dir", tmp_path, "--port", 0)
    (row,) = by_check(done.stdout)["settings"]
    assert (row["state"], row["details"]["names"]) == ("warn", "pin, port, never_heard")
    assert not re.search("98765x|hunter22", done.stdout + done.stderr)


def test_a_settings_file_that_was_set_aside_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\0\xff")
    found = machine.saved_settings(settings(tmp_path))
    assert (found.state, found.code) == ("warn", "settings.aside")


@pytest.mark.parametrize(
    ("values", "state", "code"),
    [
        ({"min_free_mb": 0, "max_package_mb": 1}, "ok", "disk.ok"),
        ({"min_free_mb": 1_000_000}, "fail", "disk.full"),
        ({"min_free_mb": 0, "max_package_mb": 1_000_000}, "warn", "disk.tight"),
        ({"data_dir": "/proc/kiosk"}, "fail", "disk.refused"),
    ],
)
def test_the_disk_has_to_take_what_is_written(
    values: dict[str, object], state: str, code: str, tmp_path: Path
) -> None:
    found = machine.disk(settings(tmp_path / "not" / "made" / "yet", **values))
    assert (found.state, found.code) == (state, code)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_of_somebody_else_is_a_warning(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, -1)
    else:
        tmp_path = Path("/dev/shm")  # anybody may write there, and it is root's
    found = machine.disk(settings(tmp_path, min_free_mb=0, max_package_mb=1))
    assert (found.state, found.code) == ("warn", "disk.foreign")
    assert "sudo -u" in table.words_of(found, "en")[1]


def test_a_port_that_another_program_has_is_a_failure() -> None:
    with raw_server(answer(b'{"status": "fine"}')) as other:
        port = int(other.url.rpartition(":")[2].partition("/")[0])
        assert machine.port("127.0.0.1", port).code == "port.taken"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert machine.port("127.0.0.1", port).code == "port.free"
    assert machine.port("192.0.2.1", port).code == "port.refused"


@pytest.mark.parametrize(
    ("offset_s", "code"), [(0, "clock.ok"), (3600, "clock.behind"), (-86400, "clock.ahead")]
)
def test_the_clock_is_held_against_the_servers(offset_s: int, code: str, tmp_path: Path) -> None:
    date = email.utils.formatdate(time.time() + offset_s, usegmt=True)
    with raw_server(answer(LISTING, f"Date: {date}")) as server:
        found = list(
            servers.findings(
                settings(tmp_path, servers=[server.url.rpartition("/")[0]]), node=False
            )
        )
    assert [one.code for one in found] == ["server.existing.idle", code]
    assert abs(found[1].details["seconds"] - abs(offset_s)) < 30


@pytest.mark.parametrize("date", ["", "soon", "Tue, 99 Jan 2026 99:99:99 GMT", "0" * 4000])
def test_a_date_that_is_none_is_no_clock(date: str, tmp_path: Path) -> None:
    with raw_server(answer(LISTING, f"Date: {date}")) as server:
        own = settings(tmp_path, servers=[server.url.rpartition("/")[0]])
        assert [one.check for one in servers.findings(own, node=False)] == ["server"]


def test_what_is_missing_is_judged_by_what_it_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert programs.fonts(settings(tmp_path)).details["count"] > 0
    monkeypatch.setenv("PATH", "")
    assert programs.browser(settings(tmp_path)).state == "fail", "nobody else may open the page"
    assert programs.browser(settings(tmp_path, host="0.0.0.0")).state == "warn"
    assert programs.fonts(settings(tmp_path)).state == "ok", "found by the names of its files"
    assert programs.nginx_of(settings(tmp_path, front="threads")).code == "nginx.unused"


def test_a_program_that_does_not_start_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("soffice", "chromium"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n", "ascii")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (programs.office().state, programs.office().code) == ("warn", "office.silent")
    assert programs.browser(settings(tmp_path)).code == "browser.silent"


def test_every_finding_has_its_words_in_both_languages() -> None:
    chinese, english = WORDS["zh-CN"], WORDS["en"]
    assert set(chinese) == set(english)
    assert set(CHECKS["zh-CN"]) == set(CHECKS["en"])
    for code, pair in english.items():
        for ours, theirs in zip(pair, chinese[code], strict=True):
            assert sorted(re.findall(r"{\w+}", ours)) == sorted(re.findall(r"{\w+}", theirs)), code
            assert bool(ours) == bool(theirs), code
    files = [path for path in (ROOT / "kiosk/doctor").glob("*.py") if path.stem != "words"]
    sources = "".join(path.read_text("utf-8") for path in files).replace('"settings.toml"', "")
    checks = "|".join(CHECKS["en"])
    named = set(re.findall(rf'"((?:{checks})\.[a-z.]+)"', sources))
    assert named == set(english)
    for state_and_code in re.findall(r'"(warn|fail)", "([a-z]+\.[a-z]+)"', sources):
        assert english[state_and_code[1]][1], f"{state_and_code[1]} says what to do"


def test_the_table_is_in_columns_and_a_strangers_words_stay_in_their_line() -> None:
    hostile = {"server": "10.1.1.1:8001", "why": "\x1b[2J\nok  all is well"}
    found = [
        Finding("python", "ok", "python.ok", details={"version": "3.11.2"}),
        Finding("server", "fail", "error.bad-answer", "10.1.1.1:8001", hostile),
    ]
    first, second, hint, end = table.lines(found, "zh-CN")
    assert table._width(first.partition("3.11.2")[0]) == table._width(second.partition("10.")[0])
    assert table._width(hint.partition("→")[0]) == table._width(second.partition("10.")[0])
    assert "\x1b" not in second
    assert end == "有 1 处故障、0 处需要注意。"
