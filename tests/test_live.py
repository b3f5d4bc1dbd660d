"""The live line: what it says to pages, and what it does with what strangers send (S6, P2, P4)."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from flask import Flask
from kiosk_process import KioskProcess, Live, eventually, meeting_of
from werkzeug.serving import make_server

from kiosk.demo.origin import OriginPool, Slow, pool_of
from kiosk.events import MaterialReady
from kiosk.settings import Settings
from kiosk.terminal import Terminal
from kiosk.web import create_app
from kiosk.web.live import MAX_WAITING

CONNECT = "40"


@pytest.fixture(scope="module")
def origins() -> Iterator[OriginPool]:
    with pool_of([()], {"M1": meeting_of({"a.bin": os.urandom(500_000)})}) as origins:
        yield origins


@pytest.fixture(params=["eventlet", "threading"])
def kiosk(
    request: pytest.FixtureRequest, tmp_path: Path, origins: OriginPool
) -> Iterator[KioskProcess]:
    origins[0].faults = []
    pool = {"server_ip": origins.base, "server_port": origins.port, "interval_s": 1}
    with KioskProcess(tmp_path / "data", request.param, **pool) as kiosk:
        yield kiosk


class Raw:
    """A WebSocket on which anything can be sent."""

    def __init__(self, kiosk: KioskProcess) -> None:
        url = kiosk.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        self.socket = websocket.create_connection(url, timeout=10, origin=kiosk.url)
        self.opened = json.loads(self.socket.recv()[1:])

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.shutdown()

    def join(self) -> None:
        """Connect to the default namespace; the snapshot is taken off the line."""
        self.socket.send(CONNECT)
        while not str(self.socket.recv()).startswith('42["snapshot"'):
            continue

    def is_dropped(self) -> bool:
        try:
            while self.socket.recv() not in ("", b""):
                continue
        except (OSError, websocket.WebSocketException):
            return True
        return True


def test_snapshot_is_the_first_thing_a_page_hears(kiosk: KioskProcess) -> None:
    for transport in ("websocket", "polling"):
        with kiosk.live(transport) as page:
            snapshot = page.wait("snapshot")
            assert page.heard[0][0] == "snapshot"
            assert {"seq", "online", "meetings", "downloads"} <= snapshot.keys()


def test_every_event_has_the_next_number_and_the_time(kiosk: KioskProcess) -> None:
    with kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        page.wait_for_ending()
        numbers = [payload["seq"] for _, payload in page.heard]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert all(payload["at"].endswith("Z") for _, payload in page.heard[1:])
        names = [name for name, _ in page.heard]
        assert names.index("downloadQueued") < names.index("downloadStart")
        assert names.count("downloadComplete") == 1


NONSENSE: list[Any] = [None, [], "M1", {"meetingId": 7}, {"meetingId": "x" * 300}, {}]


def test_nonsense_is_acknowledged_as_an_error(kiosk: KioskProcess) -> None:
    with kiosk.live() as page:
        for name in ("startDownload", "cancelDownload"):
            told = [page.call(name, body)["error"]["code"] for body in NONSENSE]
            assert told == ["bad-request"] * len(NONSENSE)
        assert page.call("cancelDownload", {"meetingId": "none"})["error"]["code"] == (
            "unknown-meeting"
        )


@pytest.mark.fault("S6")
def test_unknown_events_and_broken_messages_hurt_nobody(kiosk: KioskProcess) -> None:
    with kiosk.live() as page, Raw(kiosk) as raw:
        page.emit("nothing", {"x": 1})
        raw.join()
        for message in ('42["nothing",{}]', "42[", "42", "4", "9", "42[]", '42{"a":1}', "xyz"):
            raw.socket.send(message)
        assert page.call("cancelDownload", {"meetingId": "none"})["error"]
    assert kiosk.get("/healthz").status_code == 200
    assert "Traceback" not in kiosk.log


@pytest.mark.fault("S6")
def test_message_that_is_too_large_drops_its_sender(kiosk: KioskProcess) -> None:
    with kiosk.live() as page:
        for size in ((64 << 10) + 1, 20 << 20):
            with Raw(kiosk) as raw:
                assert raw.opened["maxPayload"] == 64 << 10
                raw.join()
                try:
                    raw.socket.send('42["startDownload","' + "x" * size + '"]')
                except OSError:
                    pass  # it was dropped before all of it was sent
                assert raw.is_dropped(), size
        assert page.call("cancelDownload", {"meetingId": "none"})["error"]
    assert "Traceback" not in kiosk.log


@pytest.mark.fault("P4")
def test_page_that_never_reads_holds_up_nobody(kiosk: KioskProcess, origins: OriginPool) -> None:
    origins[0].faults = [Slow(250_000)]
    with Raw(kiosk) as deaf, kiosk.live() as page:
        deaf.join()
        page.call("startDownload", {"meetingId": "M1"})
        assert page.wait_for_ending()[0] == "downloadComplete"
        assert sum(name == "downloadProgress" for name, _ in page.heard) > 5


@pytest.mark.fault("P2")
def test_dropped_line_twenty_times_ends_in_the_same_place(
    kiosk: KioskProcess, origins: OriginPool
) -> None:
    origins[0].faults = [Slow(250_000)]
    percents = []
    assert kiosk.send("POST", "/api/downloads", {"meetingId": "M1"}).status_code == 202
    for _ in range(20):
        page = Live(kiosk.url)
        percents += [row["percent"] for row in page.wait("snapshot")["downloads"]]
        page.close()
    assert percents == sorted(percents)
    eventually(lambda: kiosk.json("/api/downloads/M1")["ending"])
    with kiosk.live() as page:
        (download,) = page.wait("snapshot")["downloads"]
        assert download["state"] == "complete"
        assert download["percent"] == 100


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Terminal, Flask, int]]:
    """A terminal served by this very process, so that its inside can be looked at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    flags = {"data_dir": str(tmp_path), "async_mode": "threading"}
    terminal = Terminal(Settings.load(flags, environ={}))
    app = create_app(terminal, port)
    app.extensions["socketio"].server.eio.ping_interval = 0.5  # a thread sleeps for that long
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield terminal, app, port
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["socketio"].server.shutdown()


def lines_of(app: Flask) -> list[Any]:
    return list(app.extensions["socketio"].server.eio.sockets.values())


@pytest.mark.fault("P4")
def test_line_of_a_page_that_never_reads_is_dropped_before_it_fills_the_memory(
    served: tuple[Terminal, Flask, int],
) -> None:
    terminal, app, port = served
    url = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    deaf = websocket.create_connection(url, timeout=10, origin=f"http://127.0.0.1:{port}")
    try:
        deaf.send(CONNECT)
        eventually(lambda: lines_of(app) and lines_of(app)[0].connected)
        most = 0
        event = MaterialReady("M1", 1, "x" * 60_000)
        for _ in range(3000):
            terminal.feed.publish(event)
            waiting = [line.queue.qsize() for line in lines_of(app)]
            most = max([most, *waiting])
            if most > MAX_WAITING // 2:
                time.sleep(0.001)
            if all(line.closed for line in lines_of(app)):
                break
        assert all(line.closed for line in lines_of(app))
        assert most <= MAX_WAITING + 50
    finally:
        deaf.shutdown()
