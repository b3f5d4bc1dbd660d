"""The room at a real node: terminals report, one is red, and is made green from the node."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kiosk_process import KioskProcess, Live, eventually
from node_process import NodeProcess
from room_node import room_node
from roomful import PATH, Roomful, seat

from kiosk.demo.origin import OriginPool, Status
from kiosk.node.room.seats import MOST

Json = dict[str, Any]
Node = tuple[NodeProcess, OriginPool]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with room_node(tmp_path / "node") as running:
        yield running


class Page:
    """A page of the room, as its script keeps it: the whole room, then what changes."""

    def __init__(self, node: NodeProcess) -> None:
        self.live = Live(node.url)
        self.whole = self.live.wait("room")
        self.rows = {row["id"]: row for row in self.whole["rows"]}

    def until(self, fact: Any) -> None:
        """Follow the changes until ``fact`` holds of the seats' reasons, by name."""
        while not fact({row["seat"]: row["reason"] for row in self.rows.values()}):
            news = self.live.wait("change")
            self.rows |= {row["id"]: row for row in news.get("rows", [])}
            for key in news.get("gone", []):
                self.rows.pop(key, None)


@pytest.fixture
def page(node: Node) -> Iterator[Page]:
    page = Page(node[0])
    yield page
    page.live.close()


def figures(node: NodeProcess) -> dict[str, float]:
    lines = [line for line in node.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def terminal(data_dir: Path, master: str, seat: str, **settings: Any) -> KioskProcess:
    return KioskProcess(
        data_dir, "eventlet", master=master, servers=[master], seat=seat, retries=1,
        auto_download=True, start_delay_s=0, interval_s=1, **settings,
    )  # fmt: skip


def test_of_two_terminals_one_is_red_and_is_made_green_from_the_node(
    node: Node, page: Page, tmp_path: Path
) -> None:
    ours, _ = node
    with (
        terminal(tmp_path / "a", ours.url, "列席 10") as good,
        terminal(tmp_path / "b", ours.url, "列席 9", min_free_mb=1_000_000) as bad,
    ):
        page.until(lambda seats: seats == {"列席 10": "ready", "列席 9": "failed"})
        rows = list(csv.DictReader(io.StringIO(ours.get("/room.csv").text.lstrip("\ufeff"))))
        assert [(row["seat"], row["colour"], row["error"]) for row in rows] == [
            ("列席 9", "red", "disk-full"), ("列席 10", "green", "")
        ]  # fmt: skip
        assert rows[1]["revision"] == good.meeting()["local"]["revision"]
        bad.send("PUT", "/api/settings", {"min_free_mb": 0})
        answer = ours.send("POST", "/api/v1/room/retry", {})
        assert (answer.status_code, answer.json()) == (200, {"seats": 1})
        page.until(lambda seats: seats == {"列席 10": "ready", "列席 9": "ready"})
        assert bad.meeting()["local"]["complete"]
        assert figures(ours)['kiosk_node_seats{colour="green"}'] == 2


def test_the_page_hears_the_whole_room_and_then_only_what_changes(node: Node, page: Page) -> None:
    ours, _ = node
    assert page.whole["mayRetry"] is True
    room = Roomful(ours.url, 3)
    room.say()
    page.until(lambda seats: len(seats) == 3)
    room.seats[2] = seat(2, "failed")
    room.say()
    news = page.live.wait("change", lambda news: "rows" in news)
    assert [row["seat"] for row in news["rows"]] == ["座位 2"]


def test_the_node_says_when_its_own_master_is_gone(node: Node, page: Page) -> None:
    ours, masters = node
    eventually(lambda: figures(ours)["kiosk_node_online"] == 1)
    masters[0].faults = [Status(503, path="/token")]
    news = page.live.wait("change", lambda news: news.get("node", {}).get("online") is False)
    assert news["node"]["heardAt"] > 1_700_000_000
    assert figures(ours)["kiosk_node_online"] == 0


def test_one_seat_alone_can_be_told_to_try_again(node: Node) -> None:
    ours, _ = node
    room = Roomful(ours.url, 3)
    room.seats = {n: seat(n, "failed") for n in room.seats}
    room.say()
    only = [seat(2)["id"], "f" * 32, 5]
    assert ours.send("POST", "/api/v1/room/retry", {"only": only}).json() == {"seats": 1}
    room.say()
    room.say()
    assert room.retries == [2]


def send(node: NodeProcess, body: bytes, kind: str = "application/json") -> requests.Response:
    return requests.post(node.url + PATH, body, headers={"Content-Type": kind}, timeout=15)


def deep(depth: int) -> bytes:
    return b'{"id": "' + b"0" * 32 + b'", "seat": ' + b"[" * depth + b"]" * depth + b"}"


NONSENSE: list[tuple[bytes, str, set[int]]] = [
    (b"", "application/json", {400}),
    (b"{", "application/json", {400}),
    (b"\xff\xfe", "application/json", {400}),
    (b"null", "application/json", {400}),
    (b"[]", "application/json", {400}),
    (b'{"id": 5}', "application/json", {400}),
    (json.dumps({**seat(1), "freeBytes": float("inf")}).encode(), "application/json", {400}),
    (json.dumps(seat(1)).encode(), "text/plain", {415}),
    (b"id=1&seat=x", "application/x-www-form-urlencoded", {415}),
    (deep(40_000), "application/json", {400}),
    (deep(1_000), "application/json", {400}),
    (b" " * (1 << 20), "application/json", {413}),
    (b'{"seat": "' + b"x" * 200_000 + b'"}', "application/json", {413}),
]


@pytest.mark.fault("R1")
def test_a_report_that_is_none_is_refused_and_the_room_goes_on(node: Node) -> None:
    ours, _ = node
    for body, kind, statuses in NONSENSE:
        answer = send(ours, body, kind)
        assert answer.status_code in statuses, (body[:40], answer.text)
        assert "Traceback" not in answer.text
        assert send(ours, json.dumps(seat(2)).encode()).json() == {"retry": []}
    assert figures(ours)['kiosk_node_seats{colour="green"}'] == 1
    assert "Traceback" not in ours.log


@pytest.mark.fault("R2")
def test_thousands_of_invented_seats_stay_within_bounds(node: Node) -> None:
    ours, _ = node
    room = Roomful(ours.url, MOST + 500)
    room.say()
    told = figures(ours)
    assert told['kiosk_node_seats{colour="green"}'] == MOST
    assert told["kiosk_node_reports_total"] == MOST + 500


@pytest.mark.fault("R7")
def test_a_node_that_is_started_again_is_told_again(node: Node, tmp_path: Path) -> None:
    ours, _ = node
    with terminal(tmp_path / "a", ours.url, "列席 1") as kiosk:
        eventually(lambda: "列席 1" in ours.get("/room.csv").text)
        ours.stop()
        eventually(lambda: not kiosk.json("/api/meetings")["online"])
        ours.start(ours.port)
        eventually(lambda: "列席 1" in ours.get("/room.csv").text)


def test_figures_hold_no_names(node: Node) -> None:
    ours, _ = node
    Roomful(ours.url, 1).say()
    text = ours.get("/metrics").text
    assert "座位" not in text and "M1" not in text
    lines = [line for line in text.splitlines() if line.startswith("# TYPE ")]
    assert len(lines) == len(set(lines)) > 8


@pytest.mark.fault("R6")
def test_another_site_cannot_have_the_seats_try_again(node: Node) -> None:
    ours, _ = node
    for headers in ({"Origin": "http://evil.example"}, {"Host": f"evil.example:{ours.port}"}):
        answer = ours.send("POST", "/api/v1/room/retry", {}, headers=headers)
        assert answer.status_code == 403
    assert ours.get("/room.csv", headers={"Host": "evil.example"}).status_code == 403
    form = requests.post(ours.url + "/api/v1/room/retry", {"only": "x"}, timeout=15)
    assert form.status_code == 415


@pytest.mark.fault("R6")
def test_a_password_locks_page_table_and_deeds_and_not_the_figures(tmp_path: Path) -> None:
    with room_node(tmp_path / "node", node_password="correct horse") as (ours, _):
        Roomful(ours.url, 1).say()
        assert ours.get("/room.csv").status_code == 403
        assert ours.send("POST", "/api/v1/room/retry", {}).status_code == 403
        assert ours.get("/metrics").status_code == 200
        closed = Live(ours.url)
        closed.wait("locked")
        closed.close()
        with requests.Session() as browser:
            path = ours.url + "/api/v1/room/unlock"
            wrong = browser.post(path, json={"password": "wrong horse"}, timeout=15)
            assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "wrong-password")
            assert int(wrong.headers["Retry-After"]) >= 1
            right = eventually(lambda: _entered(browser, path))
            assert "HttpOnly" in right.headers["Set-Cookie"]
            assert "SameSite=Strict" in right.headers["Set-Cookie"]
            assert browser.get(ours.url + "/room.csv", timeout=15).status_code == 200
            said = browser.post(ours.url + "/api/v1/room/retry", json={}, timeout=15)
            assert said.json() == {"seats": 0}
        assert "horse" not in ours.log


def _entered(browser: requests.Session, path: str) -> requests.Response | None:
    answer = browser.post(path, json={"password": "correct horse"}, timeout=15)
    return answer if answer.ok else None


def test_many_pages_hear_the_same(node: Node) -> None:
    ours, _ = node
    pages = [Page(ours) for _ in range(6)]
    try:
        Roomful(ours.url, 5).say()
        following = [
            threading.Thread(target=page.until, args=(lambda seats: len(seats) == 5,))
            for page in pages
        ]
        for thread in following:
            thread.start()
        for thread in following:
            thread.join()
        assert all(page.rows == pages[0].rows for page in pages)
    finally:
        for page in pages:
            page.live.close()


def test_the_live_line_goes_through_nginx_and_the_machine_itself_is_known(tmp_path: Path) -> None:
    with room_node(tmp_path / "node", front="nginx") as (ours, _):
        page = Page(ours)
        try:
            assert page.whole["mayRetry"] is True
            Roomful(ours.url, 2).say()
            page.until(lambda seats: len(seats) == 2)
            assert {row["address"] for row in page.rows.values()} == {"127.0.0.1"}
        finally:
            page.live.close()
