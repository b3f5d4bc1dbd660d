"""Nodes announce themselves on the network and are heard there: real processes, by 127.0.0.1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import KioskProcess, eventually
from neighbours import HERE, OURS, Neighbour, row
from node_process import NodeProcess
from origin_process import OriginProcess

from kiosk import __version__
from kiosk.discovery import hearing, networks
from kiosk.discovery.heard import MOST, Node, nodes_of
from kiosk.discovery.hearing import Hearing, hear
from kiosk.errors import UsageError
from kiosk.node import presence
from kiosk.settings import Settings

ELSEWHERE = ["192.0.2.77"]  # no address of this machine (RFC 5737)
NOBODY = "http://127.0.0.9:8009"
SOON_S = 1.6


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OriginProcess]:
    """An origin that is announced; tests of other processes may be heard beside it."""
    root = tmp_path_factory.mktemp("announced")
    (root / "meetings").mkdir()
    with OriginProcess(root / "meetings", root / "data", discovery_on=HERE) as origin:
        yield origin


@pytest.fixture(scope="module")
def own(origin: OriginProcess) -> Node:
    """That origin, as it is heard."""
    return next(iter(eventually(lambda: at(origin.port))))


def at(port: int) -> list[Node]:
    return [node for node in hear(HERE, SOON_S).nodes if node.server == f"127.0.0.1:{port}"]


def test_an_origin_is_heard_with_its_address_role_and_version(
    own: Node, origin: OriginProcess
) -> None:
    assert own.url == f"http://127.0.0.1:{origin.port}/api/v1"
    assert (own.role, own.version) == ("origin", __version__)
    assert own.name == os.uname().nodename.partition(".")[0][:40]


def test_a_terminal_hears_it_and_uses_nothing_by_itself(own: Node, tmp_path: Path) -> None:
    with KioskProcess(tmp_path / "data", "eventlet", discovery_on=HERE) as kiosk:
        answers: list[Any] = []
        ask = lambda: answers.append(kiosk.send("POST", "/api/servers/hear", {}).json())  # noqa: E731
        asking = threading.Thread(target=ask)
        asking.start()
        lived = 0
        while asking.is_alive():
            lived += kiosk.get("/healthz").ok
        asking.join()
        assert lived > 2, "the page lives on"
        heard = {node["server"]: node for node in answers[0]["heard"]}
        assert heard[own.server]["role"] == "origin"
        assert answers[0]["deaf"] is False
        settings = {one["name"]: one["value"] for one in kiosk.json("/api/settings")["settings"]}
        assert (settings["servers"], settings["master"]) == ([], "")


def test_the_doctor_shows_it(own: Node, tmp_path: Path) -> None:
    where = ("--data-dir", str(tmp_path), "--discovery-on", "127.0.0.1", "--port", "0")
    command = [sys.executable, "-m", "kiosk", "doctor", "--node", "--json", *where]
    told = json.loads(subprocess.run(command, capture_output=True, timeout=60).stdout)
    found = {one["subject"]: one for one in told["findings"] if one["check"] == "heard"}
    assert found[own.server]["code"] == "heard.origin"
    assert __version__ in found[own.server]["message"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_node_that_ends_says_goodbye_however_it_ends(end: str, tmp_path: Path) -> None:
    with Neighbour() as watch:
        watch.watch()
        node = NodeProcess(tmp_path / "data", NOBODY, discovery_on=HERE)
        try:
            name = eventually(lambda: watch.names.get(node.port))
            assert name not in watch.gone
            if end == "kill":
                node.kill()
        finally:
            node.stop()
        eventually(lambda: name in watch.gone)


@pytest.mark.fault("S14")
def test_what_strangers_announce_is_judged(own: Node) -> None:
    with Neighbour() as stranger:
        for n in range(20):
            stranger.announce(f"silent-{n}", 0, {})
        stranger.announce("s-ssh", 22, OURS)
        stranger.announce("s-other", 7001, {**OURS, "api": "/api/v9"})
        stranger.announce("s-role", 7002, {**OURS, "role": "master"})
        stranger.announce("s-far", 7003, OURS, "203.0.113.9", "169.254.169.254", "224.0.0.1")
        stranger.announce(
            "s-binary", 7004, {**OURS, "name": b"\xff\x00\xfe" * 60, "version": "1\n2"}
        )
        stranger.announce("s-markup", 7005, {**OURS, "name": "<b>\u202ehall\x1b[2J"})
        told = hear(HERE).nodes
    heard = {int(node.server.rpartition(":")[2]): node for node in told}
    assert not {22, 7001, 7002, 7003} & set(heard)
    assert heard[7004].name.isprintable() and heard[7004].version == ""
    assert heard[7005].name == "<b> hall [2J"
    assert own in told, "nobody drowns it"


@pytest.mark.fault("S14")
@pytest.mark.parametrize(
    "said",
    [
        None, 7, "x", [], {}, row(port="8001"), row(port=0), row(port=70000), row(port=-1),
        row(port=None), row(port=22), row(port=1.5), row(addresses="10.1.1.11"), row(addresses=[]),
        row(addresses=[None, 7, {}, "::1", "fe80::1", "files.local", "10.1.1", "10.1.1.11/x"]),
        row(addresses=["0.0.0.0", "255.255.255.255", "224.0.0.251", "169.254.169.254"]),
        row(api="/api/v2"), row(api=None), row(role="master"), row(role=[]), row(role={}),
    ],
)  # fmt: skip
def test_a_row_that_can_be_no_server_is_none(said: object) -> None:
    assert nodes_of([said]) == []


@pytest.mark.fault("S14")
def test_so_many_are_offered_and_no_more_each_address_once() -> None:
    many = [row(addresses=[f"10.1.{n // 250}.{n % 250 + 1}"]) for n in range(1000)]
    assert len(nodes_of(many)) == MOST
    assert len(nodes_of([row(name=str(n)) for n in range(5)])) == 1
    assert nodes_of([row(name="x" * 9000)])[0].name == "x" * 60
    assert nodes_of([row(name="\u202e \n", version="<b>")]) == [
        Node("10.1.1.11:8001", "http://10.1.1.11:8001/api/v1", "node", "")
    ]


def test_only_addresses_of_the_same_network_count_and_the_machines_own_come_last() -> None:
    far = ["8.8.8.8", "127.0.0.1", "127.0.0.11"]
    assert networks.nearby(far, HERE) == ["127.0.0.11", "127.0.0.1"]
    assert networks.nearby(far, ELSEWHERE) == []
    assert networks.present(["10.255.255.1", *HERE]) == HERE
    assert "127.0.0.1" not in networks.present([])


@pytest.mark.fault("N8")
def test_a_node_without_a_network_says_so_once_and_serves(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "data", NOBODY, discovery_on=ELSEWHERE) as node:
        eventually(lambda: "not-announced" in node.log)
        assert node.health()["status"] == "ok"
        assert node.log.count("not-announced") == 1
    assert hear(ELSEWHERE).why == os.strerror(100)


def test_who_asks_meanwhile_gets_what_is_being_heard() -> None:
    one, answers, begin = Hearing(), [], threading.Barrier(3)

    def ask() -> None:
        begin.wait()
        answers.append(one.now(ELSEWHERE))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(answer) for answer in answers}) == 1
    assert one.now(ELSEWHERE) is not answers[0]


@pytest.mark.fault("S14")
@pytest.mark.parametrize(
    "says", ["''", "'[]'", "'{}'", '\'{"heard": 7, "why": ""}\'', "'[' * 99999", "'x' * 3000000"]
)
def test_a_listening_process_that_talks_nonsense_is_heard_as_nobody(
    says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "COMMAND", (sys.executable, "-ISc", f"print({says})"))
    heard = hear(HERE)
    assert heard.nodes == ()
    assert heard.why


@pytest.mark.parametrize(
    ("values", "is_announced"),
    [
        ({"host": "0.0.0.0"}, True), ({"host": "10.1.1.11"}, True), ({"host": "box"}, True),
        ({"host": "127.0.0.1"}, False), ({"host": "::"}, False), ({"host": "localhost"}, False),
        ({"host": "127.0.0.1", "discovery_on": HERE}, True),
        ({"host": "0.0.0.0", "discoverable": False}, False),
    ],
)  # fmt: skip
def test_a_node_is_announced_where_others_can_reach_it(
    values: dict[str, object], is_announced: bool
) -> None:
    settings = Settings.load(values, environ={})
    assert (presence.of(settings, "node") is not None) == is_announced


@pytest.mark.parametrize("value", ["here", ["10.1.1"], ["::1"], ["10.1.1.1:80"], 7])
def test_networks_are_named_by_addresses(value: object) -> None:
    with pytest.raises(UsageError):
        Settings.load({"discovery_on": value}, environ={})
