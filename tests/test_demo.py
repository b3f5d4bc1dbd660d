"""The demo: its packages are those of an existing master, its servers fail as they should."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest

from kiosk.demo import packages
from kiosk.demo.origin import OriginMeeting

Meetings = dict[str, OriginMeeting]
COMMITTED_BYTES = 12_000_000


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def meetings(cache: Path) -> Meetings:
    return packages.sample_meetings(cache / "kiosk-demo" / "packages")


def files_of(meeting: OriginMeeting) -> list[dict[str, Any]]:
    return [file for item in meeting.data["agenda_items"] for file in item["files"]]


def entry_of(file: dict[str, Any]) -> str:
    return f"{file['agenda_folder']}/{file['temp_id']}{Path(file['display_name']).suffix}"


def test_a_package_holds_a_readme_and_then_just_what_the_agenda_names(meetings: Meetings) -> None:
    for meeting in meetings.values():
        assert isinstance(meeting.package, Path)
        with zipfile.ZipFile(meeting.package) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            assert archive.testzip() is None
        assert next(iter(sizes)) == "README.txt"
        named = {entry_of(file): file["size"] for file in files_of(meeting)}
        assert sizes == {"README.txt": sizes["README.txt"], **named}


def test_the_names_that_people_see_stand_in_no_package(meetings: Meetings) -> None:
    for meeting in meetings.values():
        assert isinstance(meeting.package, Path)
        content = meeting.package.read_bytes()
        names = [Path(file["display_name"]).stem.encode() for file in files_of(meeting)]
        with zipfile.ZipFile(meeting.package) as archive:
            listed = "".join(archive.namelist()).encode()
        assert content and not [name for name in names if name in listed]


def test_the_documents_have_5_12_40_and_200_pages(meetings: Meetings) -> None:
    for meeting in meetings.values():
        pages = [file["total_pages"] for file in files_of(meeting) if file["total_pages"]]
        assert {5, 12, 40, 200} <= set(pages)


def test_text_in_the_pdfs_can_be_searched(meetings: Meetings) -> None:
    folder = packages.SAMPLES / "ql-2026-q4"
    with pypdfium2.PdfDocument(folder / "study.pdf") as document:
        words = document[3].get_textpage().get_text_bounded()
    assert "清澜市现状以清江为单一水源" in words.replace("\r\n", "")


def test_all_kinds_of_materials_are_there(meetings: Meetings) -> None:
    kinds = {Path(file["display_name"]).suffix for m in meetings.values() for file in files_of(m)}
    shown = {".pdf", ".png", ".jpg", ".txt", ".md", ".mp4", ".webm", ".mp3", ".ogg"}
    assert kinds == shown | {".html", ".svg", ".docx", ".xlsx", ".pptx"}


def test_one_text_is_gbk_and_the_others_are_utf_8() -> None:
    texts = [path.read_bytes() for path in packages.SAMPLES.glob("*/*.txt")]
    gbk = [text for text in texts if "营业收费系统" in text.decode("gbk", "ignore")]
    assert len(gbk) == 1
    for text in texts:
        assert text.decode("gbk" if text in gbk else "utf-8")


def test_an_item_of_the_agenda_has_no_materials(meetings: Meetings) -> None:
    counts = [len(item["files"]) for m in meetings.values() for item in m.data["agenda_items"]]
    assert 0 in counts and len(counts) == 12


def test_the_packages_are_large_and_what_is_shipped_is_small(meetings: Meetings) -> None:
    sizes = [m.package.stat().st_size for m in meetings.values() if isinstance(m.package, Path)]
    assert all(20_000_000 < size < 45_000_000 for size in sizes)
    shipped = sum(path.stat().st_size for path in packages.SAMPLES.rglob("*") if path.is_file())
    assert shipped < COMMITTED_BYTES


def test_a_package_is_made_once_and_then_reused(cache: Path, meetings: Meetings) -> None:
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.zip")}
    packages.sample_meetings(cache / "kiosk-demo" / "packages")
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.zip")} == before
    assert len(before) == 2


def test_packages_of_an_earlier_version_are_removed_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / "ql-2026-q4-0ld.zip", tmp_path / "ql-2026-q4-y0ung.zip"
    for path in (old, young):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    packages.sample_meetings(tmp_path)
    assert not old.exists() and young.exists()


def line_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout
    return process.stdout.readline().decode().strip()


@pytest.fixture
def servers(cache: Path, meetings: Meetings) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "kiosk.demo.servers", str(cache / "kiosk-demo" / "packages")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_one_server_is_dead_one_cuts_half_way_and_one_is_well(
    servers: subprocess.Popen[bytes], meetings: Meetings
) -> None:
    where = json.loads(line_of(servers))
    first = int(where["server_ip"].rpartition(".")[2])
    hosts = [f"127.0.0.{first + i}" for i in range(where["server_count"])]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((hosts[0], where["server_port"]), 5)
    for host in hosts[1:]:
        with closing(http.client.HTTPConnection(host, where["server_port"], timeout=5)) as asked:
            asked.request("GET", "/api/v1/meetings/ql-2026-q4/download-package")
            answer = asked.getresponse()
            assert answer.status == 200 and answer.read(2) == b"PK"
    with urllib.request.urlopen(f"{where['master']}/api/v1/meetings/status/token") as answer:
        assert [row["id"] for row in json.load(answer)["meetings"]] == list(meetings)


def test_the_servers_end_when_whoever_started_them_is_gone(
    servers: subprocess.Popen[bytes],
) -> None:
    assert line_of(servers)
    assert servers.stdin
    servers.stdin.close()
    assert servers.wait(5) == 0


class Demo:
    """The whole demo, as a process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.url = line_of(process)

    def ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Origin": self.url.rstrip("/")}
        request = urllib.request.Request(self.url.rstrip("/") + path, data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            kind = answer.headers["Content-Type"]
            return json.load(answer) if kind == "application/json" else answer.read()

    def wait_for(self, path: str, happened: Any) -> Any:
        give_up = time.monotonic() + 60
        while not happened(answer := self.ask(path)):
            assert time.monotonic() < give_up, answer
            time.sleep(0.1)
        return answer


@pytest.fixture
def demo(cache: Path, meetings: Meetings) -> Iterator[Demo]:
    """Started as `kiosk demo` starts it, on a free port."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-m", "kiosk", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        yield Demo(process)
        process.kill()


def test_the_demo_downloads_past_its_bad_servers_and_shows_every_material(
    demo: Demo, cache: Path
) -> None:
    assert b"<!doctype html>" in demo.ask("/").lower()
    demo.wait_for("/api/meetings", lambda told: len(told["meetings"]) == 2)
    demo.ask("/api/downloads", {"meetingId": "board-2026-12", "now": True})
    ended = demo.wait_for(
        "/api/downloads/board-2026-12",
        lambda told: told["state"] in ("complete", "failed", "cancelled"),
    )
    switches = [line["reason"] for line in ended["timeline"] if line["kind"] == "switch"]
    assert (ended["state"], switches) == ("complete", ["refused", "cut-off"])
    first, second = ended["ending"]["servers"].values()
    assert 0.7 < first / second < 1.4, "the third server sent what the second had not"
    agenda = demo.ask("/api/meetings/board-2026-12")["agenda"]
    materials = [material for item in agenda for material in item["materials"]]
    assert len(materials) == 16
    for material in materials:
        path = urlsplit(material["url"])
        shown = demo.ask(f"{path.path}?{path.query}")
        # Office files are shown as the PDF that was made of them, where it is ready by now.
        made = "/documents/" in path.path
        assert shown.startswith(b"%PDF-") if made else len(shown) == material["bytes"]


def test_the_demo_ends_in_order_and_leaves_no_data(demo: Demo, cache: Path) -> None:
    demo.wait_for("/api/meetings", lambda told: len(told["meetings"]) == 2)
    demo.ask("/api/downloads", {"meetingId": "ql-2026-q4", "now": True})
    demo.wait_for("/api/downloads/ql-2026-q4", lambda told: told["state"] == "downloading")
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(15) == 0
    assert demo.process.stdout
    assert demo.process.stdout.read() == b"", "one line, and no other"
    assert not list((cache / "kiosk-demo").glob("data-*"))
