"""What the servers of a site do for each other: whom they send on, to whom they speak at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from downloads import Start
from folders import fill
from kiosk_process import KioskProcess, eventually
from node_process import API, NodeProcess
from origin_process import OriginProcess

from kiosk.demo.origin import Origin, RedirectTo
from kiosk.fetch.bearer import Bearer
from kiosk.node.peers import Peers

TOKEN = "a-word.that_the/site+shares~0123=="
ELSEWHERE = "127.0.0.1:9"
LARGE = {"M1/a.bin": bytes(40 << 20)}  # more than all buffers on the way


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# Sent on


def beat(origin: NodeProcess, revision: str) -> None:
    """A node says that it gives out this revision."""
    said = {"node_id": "n1", "address": ELSEWHERE, "status": "online", "synced_meetings": ["M1"],
            "synced_revisions": {"M1": revision}}  # fmt: skip
    url = f"{origin.url}{API}/nodes/heartbeat"
    assert requests.post(url, json=said, timeout=10).status_code == 200


@contextlib.contextmanager
def held(origin: NodeProcess) -> Iterator[None]:
    """Somebody is being sent the package, and takes his time."""
    url = f"{origin.url}{API}/meetings/M1/download-package"
    with requests.get(url, stream=True, timeout=10) as answer:
        assert answer.status_code == 200
        yield


def told(origin: NodeProcess, path: str) -> tuple[int, str]:
    answer = origin.get(path, allow_redirects=False)
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.fault("N6")
def test_who_would_have_to_wait_is_sent_to_a_node_that_has_the_same(tmp_path: Path) -> None:
    folder = fill(tmp_path / "meetings", LARGE)
    with OriginProcess(folder, tmp_path / "origin", "nginx", streams=1) as origin:
        origin.wait_until_served()
        meeting = f"{API}/meetings/M1"
        usual, direct = f"{meeting}/download-package", f"{meeting}/download-package-direct"
        static = origin.data()["package_url"]
        there = (302, f"http://{ELSEWHERE}{direct}")
        with held(origin):
            assert told(origin, usual) == (503, ""), "nobody else is here"
            beat(origin, "0" * 64)
            assert told(origin, usual) == (503, ""), "it has another revision"
            beat(origin, origin.manifest()["revision"])
            assert told(origin, usual) == told(origin, static) == there
            assert told(origin, direct) == (503, ""), "who was sent on is not sent on"
        assert eventually(lambda: origin.package(Range="bytes=0-9").status_code == 206)


def test_everybody_is_sent_on_where_that_is_wanted(tmp_path: Path) -> None:
    folder = fill(tmp_path / "meetings", {"M1/a.bin": bytes(100_000)})
    with OriginProcess(folder, tmp_path / "origin", send_on="always") as origin:
        etag = origin.wait_until_served()
        assert origin.package().headers["ETag"] == etag, "as long as there is nobody else"
        with NodeProcess(tmp_path / "node", origin.url) as node:
            assert node.wait_until_served() == etag
            answer = eventually(lambda: sent_to(node, origin.package()))
            assert answer.headers["ETag"] == etag
            assert origin.get(f"{API}/meetings/M1/download-package-direct").history == []


def sent_to(node: NodeProcess, answer: requests.Response) -> requests.Response | None:
    return answer if answer.url.startswith(node.url) else None


def test_what_a_node_says_of_its_revisions_is_held_to_its_form() -> None:
    peers = Peers()
    beat: dict[str, Any] = {"node_id": "n1", "address": "10.0.0.7:8001"}
    for nonsense in (None, [], "M1", {"M1": 1}, {"M1": "f" * 63}, {"../x": "f" * 64}):
        peers.heard({**beat, "synced_revisions": nonsense}, "10.0.0.7")
        assert peers.one_with("M1", "f" * 64) is None
    peers.heard({**beat, "synced_revisions": {"M1": "f" * 64}}, "10.0.0.7")
    assert peers.one_with("M1", "f" * 64) == "10.0.0.7:8001"
    assert peers.one_with("M2", "f" * 64) is None


# Each file by its address


def test_each_file_has_an_address_as_long_as_its_meeting_is_in_progress(tmp_path: Path) -> None:
    files = {"01 a#b/100%?.txt": b"odd", "02 预算/表 格.bin": bytes(range(256)) * 400}
    folder = fill(tmp_path / "meetings", {f"M1/{name}": body for name, body in files.items()})
    with OriginProcess(folder, tmp_path / "origin") as origin:
        origin.wait_until_served()
        items = origin.json(f"{API}/meetings/M1")["agenda_items"]
        urls = [row["url"] for item in items for row in item["files"]]
        answers = [origin.get(url) for url in urls]
        assert [one.content for one in answers] == list(files.values())
        last = answers[1]
        assert last.headers["Content-Type"] == "application/octet-stream"
        assert last.headers["Content-Disposition"].startswith("attachment")
        part = origin.get(
            urls[1], headers={"Range": "bytes=10-19", "If-Range": last.headers["ETag"]}
        )
        assert (part.status_code, part.content) == (206, files["02 预算/表 格.bin"][10:20])
        assert "url" not in origin.data()["agenda_items"][0]["files"][0]
        for wrong in ("x", "..%2F..%2Fsettings.toml", "%2e%2e/%2e%2e/settings.toml"):
            assert origin.get(f"{API}/meetings/M1/files/{wrong}").status_code == 404
        fill(folder, {"M1/meeting.toml": 'status = "ended"'})
        eventually(lambda: origin.get(urls[0]).status_code == 404)


# The token


def test_who_does_not_say_the_token_is_given_nothing(tmp_path: Path) -> None:
    folder = fill(tmp_path / "meetings", {"M1/a.txt": "a"})
    with OriginProcess(folder, tmp_path / "origin", "nginx", node_token=TOKEN) as origin:
        eventually(lambda: origin.health()["served"])
        meeting = f"{API}/meetings/M1"
        data = origin.get(f"{meeting}/data", headers=bearer()).json()
        paths = [
            f"{API}/meetings/status/token", f"{meeting}/data", meeting, f"{meeting}/manifest",
            f"{meeting}/download-package", f"{meeting}/download-package-direct",
            f"{meeting}/download-nodes-info", data["package_url"], "/status",
        ]  # fmt: skip
        for path in paths:
            assert origin.get(path, headers=bearer()).status_code == 200, path
            for wrong in (
                {},
                bearer("x" * 20),
                bearer(TOKEN[:-1]),
                bearer("é"),
                {"Authorization": TOKEN},
            ):
                told = {name: value.encode() for name, value in wrong.items()}
                answer = origin.get(path, headers=told)
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token-needed")
                assert answer.headers["WWW-Authenticate"] == "Bearer"
        beat = requests.post(f"{origin.url}{API}/nodes/heartbeat", json={}, timeout=10)
        assert beat.status_code == 401
        assert [origin.get(path).status_code for path in ("/healthz", "/metrics", "/room")] == [
            200, 200, 200,
        ]  # fmt: skip


def test_a_site_that_shares_a_token_works_as_one_without(tmp_path: Path) -> None:
    folder = fill(tmp_path / "meetings", {"M1/01 报告/a.txt": "words"})
    site = {"node_token": TOKEN, "interval_s": 1}
    with (
        OriginProcess(folder, tmp_path / "origin", send_on="always", **site) as origin,
        NodeProcess(tmp_path / "node", origin.url, **site) as node,
    ):
        eventually(lambda: node.health()["served"])
        info = f"{API}/meetings/M1/download-nodes-info"
        eventually(lambda: len(origin.get(info, headers=bearer()).json()) == 2)
        one = {"server_ip": "127.0.0.1", "server_port": origin.port, "in_order": True}
        with (
            KioskProcess(tmp_path / "seat", "threading", **one, **site, auto_download=True,
                         start_delay_s=0) as kiosk,
            KioskProcess(tmp_path / "stranger", "threading", **one, interval_s=1) as stranger,
        ):  # fmt: skip
            eventually(lambda: any(row["local"] for row in kiosk.json("/api/meetings")["meetings"]))
            assert kiosk.get(kiosk.meeting()["agenda"][0]["materials"][0]["url"]).text == "words"
            asked = stranger.send("POST", "/api/servers/test", {}).json()["servers"][0]
            assert (asked["reachable"], asked["code"]) == (True, "token-needed")
            assert TOKEN not in kiosk.get("/api/settings").text
            for one_log in (kiosk.log, node.log, origin.log):
                assert TOKEN not in one_log
        for path in (tmp_path / "seat").rglob("*"):
            if path.is_file() and path.name != "settings.toml":
                assert TOKEN.encode() not in path.read_bytes(), path


def test_a_redirect_takes_the_token_to_servers_of_the_pool_alone(start: Start) -> None:
    download = start((), ())
    said = bearer()["Authorization"]
    with Origin(meetings=download.pool[0].meetings) as stranger:
        download.pool[0].faults = [RedirectTo(f"http://{stranger.name}{{path}}")]
        assert download.run(token=TOKEN) == 0
        assert {one.headers.get("authorization") for one in stranger.log[:]} == {None}
    assert {one.headers.get("authorization") for one in download.pool.log[:]} == {said}
    download.pool[0].faults = [RedirectTo(f"http://{download.pool.names[1]}{{path}}")]
    before = len(download.pool.log)
    assert download.run(token=TOKEN, force=True) == 0
    later = download.pool.log[before:]
    assert {one.headers.get("authorization") for one in later} == {said}


def test_a_token_goes_to_the_very_origin_that_is_trusted() -> None:
    ours = Bearer()
    ours.trust("t" * 16, ["http://10.0.0.7:8001/api/v1", "http://Master.local"])
    told = {"Authorization": "Bearer " + "t" * 16}
    for url in ("http://10.0.0.7:8001/x", "http://master.local./y", "http://MASTER.local:80/"):
        assert ours.header(url) == told
    for url in (
        "https://10.0.0.7:8001/x",
        "http://10.0.0.7/",
        "http://10.0.0.70:8001/",
        "http://[/",
    ):
        assert ours.header(url) == {}
    ours.trust("", ["http://10.0.0.7:8001"])
    assert ours.header("http://10.0.0.7:8001/x") == {}
