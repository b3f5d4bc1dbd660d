"""The origin as a process: served, dropped into, read on a terminal, brought to by the page."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from folders import fill
from kiosk_process import KioskProcess, Live, eventually
from node_process import FRONTS, NodeProcess
from origin_process import OriginProcess

from kiosk.library import Library

OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"M1/1 report/a.pdf": os.urandom(400_000), "M1/2 plan/b.pdf": os.urandom(300_000)}
    return fill(tmp_path / "meetings", files)


def terminal_of(origin: NodeProcess, data_dir: Path, **more: Any) -> KioskProcess:
    settings = {"servers": [origin.url], "master": origin.url, "interval_s": 1, "retries": 2}
    return KioskProcess(data_dir, "threading", **{**settings, **more})


def is_update(complete: Any) -> bool:
    """Whether it was not the first download, of which documents are ready before its end."""
    return bool(complete["reusedBytes"])


def names_on(terminal: KioskProcess) -> list[str]:
    """What can be read of the meeting there, in agenda order."""
    answer = terminal.get("/api/meetings/M1")
    agenda = answer.json().get("agenda", []) if answer.status_code == 200 else []
    shown = [one for item in agenda for one in item["materials"]]
    return [one["name"] for one in shown if one["state"] == "ready"]


def test_two_origins_over_copies_serve_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path in sorted(folder.rglob("*.pdf"), reverse=True):
        fill(copy, {str(path.relative_to(folder)): path.read_bytes()})
        os.utime(copy / path.relative_to(folder), (1_000_000_000, 1_000_000_000))
    packages = []
    for number, place in enumerate((folder, copy)):
        with OriginProcess(place, tmp_path / f"data{number}") as origin:
            etag = origin.wait_until_served()
            packages.append(
                (etag, origin.package().content, origin.api("/meetings/M1/manifest").content)
            )
    assert packages[0] == packages[1]
    assert packages[0][0].startswith('"sha256-')


def test_what_is_dropped_in_can_be_read_on_a_terminal_and_only_that_moved(
    folder: Path, tmp_path: Path
) -> None:
    with (
        OriginProcess(folder, tmp_path / "origin") as origin,
        terminal_of(origin, tmp_path / "kiosk", auto_download=True, start_delay_s=0) as terminal,
    ):
        eventually(lambda: names_on(terminal) == ["a.pdf", "b.pdf"])
        live = Live(terminal.url)
        fill(folder, {"M1/1 report/a2.pdf": os.urandom(20_000)})
        complete = live.wait("downloadComplete", is_update)
        live.close()
        eventually(lambda: names_on(terminal) == ["a.pdf", "a2.pdf", "b.pdf"])
        # The file, and of the package no more than its directory.
        assert 20_000 <= complete["receivedBytes"] < 100_000
        assert complete["reusedBytes"] >= 700_000
        # A new item before the others changes where everything lies, and moves nothing else.
        live = Live(terminal.url)
        fill(folder, {"M1/0 welcome/w.pdf": os.urandom(10_000)})
        complete = live.wait("downloadComplete", is_update)
        live.close()
        eventually(lambda: names_on(terminal) == ["w.pdf", "a.pdf", "a2.pdf", "b.pdf"])
        assert complete["receivedBytes"] < 100_000


def test_an_ended_meeting_is_not_listed_and_comes_back_when_it_is_started(
    folder: Path, tmp_path: Path
) -> None:
    with OriginProcess(folder, tmp_path / "origin") as origin:
        origin.wait_until_served()
        for status, listed in (("ended", []), ("in-progress", ["M1"])):
            said = requests.put(
                origin.secretary("/api/meetings/M1/status"), json={"status": status}, timeout=10
            )
            assert said.status_code == 200
            path = "/api/v1/meetings/status/token"
            eventually(
                lambda path=path, listed=listed: (
                    [one["id"] for one in origin.json(path)["meetings"]] == listed
                )
            )
            status_code = 200 if listed else 404
            eventually(lambda wanted=status_code: origin.package().status_code == wanted)


@pytest.mark.fault("C1")
def test_killed_while_it_takes_files_in_it_goes_on_where_it_was(
    folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "origin"
    for number in range(2):
        with OriginProcess(folder, data) as origin:
            origin.wait_until_served()
            fill(folder, {f"M1/{number}.bin": os.urandom(8_000_000)})
            until = time.monotonic() + 0.25 + 0.2 * number
            eventually(lambda until=until: time.monotonic() > until)
            serving = origin.serving_process()
            origin.kill()
            origin.kill(serving)
    with OriginProcess(folder, data) as origin:
        shown = [f"{number}.bin" for number in range(2)] + ["a.pdf", "b.pdf"]
        eventually(lambda: names_in(origin) == shown)
    library = Library(data)
    assert list(map(str, library.verify())) == []
    assert [path.name for path in data.glob("objects/.new-*")] == []


def names_in(origin: OriginProcess) -> list[str]:
    answer = origin.api("/meetings/M1/manifest")
    agenda = answer.json()["agenda"] if answer.status_code == 200 else []
    return [one["name"] for item in agenda for one in item["materials"]]


@pytest.fixture(scope="module", params=FRONTS)
def fronted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OriginProcess]:
    place = tmp_path_factory.mktemp("fronted")
    folder = fill(place / "meetings", {"M1/a.pdf": b"words"})
    with OriginProcess(folder, place / "origin", request.param) as origin:
        yield origin


def test_a_large_file_is_brought_through_what_stands_in_front(fronted: OriginProcess) -> None:
    body = os.urandom(5_000_000)
    before = fronted.wait_until_served()
    address = fronted.secretary("/api/meetings/M1/files/film.mp4")
    sent = requests.put(address, data=body, headers=OCTETS, timeout=30)
    assert sent.status_code == 201, sent.text
    fronted.wait_until_served(not_etag=before)
    assert body in fronted.package().content
    page = fronted.get("/secretary")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.fault("F9")
def test_a_sender_that_leaves_in_the_middle_leaves_nothing(fronted: OriginProcess) -> None:
    meeting, before = fronted.folder / "M1", fronted.wait_until_served()
    head = (
        "PUT /secretary/api/meetings/M1/files/half.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", fronted.port), 10) as line:
        line.sendall(head.encode() + bytes(100_000))
        eventually(lambda: list(meeting.glob(".kiosk-*.part")))
    eventually(lambda: not list(meeting.glob(".kiosk-*.part")))
    assert not (meeting / "half.pdf").exists()
    assert fronted.wait_until_served() == before


def moved_last(data_dir: Path) -> int:
    """The bytes that the last download into this directory brought, by its record."""
    record = max((data_dir / "flights").glob("*.jsonl"))
    lines = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    return max(int(line["receivedBytes"]) for line in lines if "receivedBytes" in line)


def test_only_what_is_dropped_in_moves_on_every_hop(folder: Path, tmp_path: Path) -> None:
    """Origin, node, node, terminal: one package, and an update moves one file."""
    places = [tmp_path / name for name in ("origin", "near", "far", "kiosk")]
    with (
        OriginProcess(folder, places[0], "nginx") as origin,
        NodeProcess(places[1], origin.url) as near,
        NodeProcess(places[2], near.url) as far,
        terminal_of(far, places[3], auto_download=True, start_delay_s=0) as terminal,
    ):
        eventually(lambda: names_on(terminal) == ["a.pdf", "b.pdf"])
        before = far.wait_until_served()
        live = Live(terminal.url)
        fill(folder, {"M1/1 report/a2.pdf": os.urandom(20_000)})
        live.wait("downloadComplete", is_update)
        live.close()
        eventually(lambda: names_on(terminal) == ["a.pdf", "a2.pdf", "b.pdf"])
        etags = {one.wait_until_served(not_etag=before) for one in (origin, near, far)}
        assert len(etags) == 1
        assert len({one.package().content for one in (origin, near, far)}) == 1
        assert origin.manifest() == near.manifest() == far.manifest()
        for place in places[1:]:
            assert 20_000 <= moved_last(place) < 100_000
