"""A connection is made without a word, at the first address that accepts, and ended at once."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rawserver import answer, raw_server

from kiosk.demo.origin import CLOSED, SWALLOW_SYN, Origin, OriginMeeting, OriginPool, pool_of
from kiosk.errors import ServerError
from kiosk.fetch import Call, Line, addresses

IPV6 = Path("/proc/net/if_inet6")
HOSTS = ["127.0.0.1", *(["::1"] if IPV6.exists() and " lo\n" in IPV6.read_text() else [])]
MEETINGS = {"M1": OriginMeeting(b"PK\x03\x04" + bytes(1000), {"title": "x"})}


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(meetings=MEETINGS) as running:
        yield running


@pytest.fixture
def pool() -> Iterator[OriginPool]:
    """A place that swallows SYNs, one that is closed, and a server."""
    with pool_of([SWALLOW_SYN, CLOSED, []], MEETINGS) as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the system's resolver knows: names and their addresses, in order."""
    known: dict[str, list[str]] = {}

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(addresses.NAMES, "_kept", {})
    return known


def fault_of(line: Line, url: str) -> str:
    with pytest.raises(ServerError) as caught:
        Call("a", line).dial(url)
    return caught.value.code


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_dial_says_nothing(origin: Origin) -> None:
    line = Line()
    line.dial(origin.url)
    assert line.connected and line.tries == 1
    line.cut()
    assert not origin.log[:]


def test_what_was_dialled_takes_the_first_request(origin: Origin) -> None:
    with Call("a") as call:
        call.dial(origin.url)
        assert call.connected
        assert call.document(f"{origin.url}/meetings/M1/data")["title"] == "x"
        assert call.line.tries == 1


def test_another_server_than_the_dialled_one_gets_a_connection_of_its_own(origin: Origin) -> None:
    with Origin(meetings=MEETINGS) as other, Call("a") as call:
        call.dial(origin.url)
        call.document(f"{other.url}/meetings/M1/data")
        assert call.line.tries == 2
    assert not origin.log[:]


def test_a_dialled_connection_that_was_closed_meanwhile_is_replaced(origin: Origin) -> None:
    origin.keep_alive_s = 0.05  # type: ignore[misc]
    with Call("a") as call:
        call.dial(origin.url)
        time.sleep(0.3)
        assert call.document(f"{origin.url}/meetings/M1/data")["title"] == "x"
        assert call.line.tries == 2


def test_a_closed_port_refuses(pool: OriginPool) -> None:
    assert fault_of(Line(), f"http://{pool.names[1]}/") == "refused"


@pytest.mark.parametrize("end", ["cut", "hang_up"])
def test_a_connect_that_nobody_answers_is_ended_from_another_thread(
    pool: OriginPool, end: str
) -> None:
    line, before = Line(), descriptors()
    threading.Timer(0.2, getattr(line, end)).start()
    assert fault_of(line, f"http://{pool.names[0]}/") == "reset"
    assert descriptors() == before


def test_what_was_hung_up_can_be_dialled_again_and_what_was_cut_cannot(pool: OriginPool) -> None:
    line = Line()
    line.dial(pool[2].url)
    line.hang_up()
    line.dial(pool[2].url)
    line.cut()
    assert fault_of(line, pool[2].url) == "reset"


def test_a_cut_before_the_dial_ends_it_before_it_begins(origin: Origin) -> None:
    line = Line()
    line.cut()
    assert fault_of(line, origin.url) == "reset" and not line.connected


def test_a_document_from_a_host_that_is_switched_off_ends_in_time(pool: OriginPool) -> None:
    with Call("a") as call:
        with pytest.raises(ServerError) as caught:
            call.document(f"http://{pool.names[0]}/x", 0.3)
        assert (caught.value.code, caught.value.details["seconds"]) == ("connect-timeout", 0.3)
        assert call.document(f"{pool[2].url}/meetings/M1/data")["title"] == "x"


def test_many_endings_leave_no_descriptor_behind(pool: OriginPool) -> None:
    before = descriptors()
    for _ in range(50):
        line = Line()
        line.dial(pool[2].url)
        threading.Thread(target=line.cut).start()
        with contextlib.suppress(OSError):
            line.dial(pool[2].url)
        line.cut()
        del line
    assert pool.log.wait_for(lambda _: descriptors() <= before + 2)


def test_of_several_addresses_the_first_that_accepts_is_taken(
    pool: OriginPool, names: dict[str, list[str]]
) -> None:
    swallowing, closed, good = (name.split(":")[0] for name in pool.names)
    names["node.example"] = [swallowing, closed, good]
    with Call("a") as call:
        began = time.monotonic()
        call.dial(f"http://node.example:{pool.port}/")
        assert time.monotonic() - began >= 0.25
        url = f"http://node.example:{pool.port}/api/v1/meetings/M1/data"
        assert call.document(url)["title"] == "x"
        assert call.line.tries == 1


def test_where_no_address_accepts_the_last_fault_is_told(
    pool: OriginPool, names: dict[str, list[str]]
) -> None:
    names["node.example"] = [pool.names[1].split(":")[0]] * 3
    assert fault_of(Line(), f"http://node.example:{pool.port}/") == "refused"


@pytest.mark.parametrize("host", HOSTS)
def test_an_address_of_either_kind_is_dialled(host: str) -> None:
    with raw_server(answer(b"1"), host=host) as server, Call("a") as call:
        call.dial(server.url)
        assert call.document(server.url) == 1 and call.line.tries == 1


def test_a_name_is_looked_up_once_in_a_process(names: dict[str, list[str]]) -> None:
    names["node.example"] = ["127.0.0.1"]
    first = addresses.NAMES.look_up("node.example", 80)
    assert first.ready.wait(30) and len(first.addresses()) == 1
    names["node.example"] = ["127.0.0.2"]
    assert addresses.NAMES.look_up("node.example", 80) is first
    addresses.NAMES.forget("node.example", 80)
    assert addresses.NAMES.look_up("node.example", 80) is not first


def test_a_name_that_was_not_known_is_looked_up_again(names: dict[str, list[str]]) -> None:
    assert fault_of(Line(), "http://node.example/") == "unreachable"
    names["node.example"] = ["127.0.0.1"]
    lookup = addresses.NAMES.look_up("node.example", 80)
    assert lookup.ready.wait(30) and lookup.addresses()


def test_an_old_answer_is_not_believed_for_ever(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names["node.example"] = ["127.0.0.1"]
    first = addresses.NAMES.look_up("node.example", 80)
    assert first.ready.wait(30)
    monkeypatch.setattr(addresses, "KEPT_S", 0.0)
    assert addresses.NAMES.look_up("node.example", 80) is not first


def test_a_resolver_that_hangs_holds_nobody(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        released.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    line = Line()
    threading.Timer(0.2, line.cut).start()
    assert fault_of(line, "http://hanging.example/") == "reset"
    with pytest.raises(ServerError) as caught, Call("a") as call:
        call.document("http://hanging.example/x", 0.2)
    assert caught.value.code == "connect-timeout"
    lookups = [one for one in threading.enumerate() if one.name == "resolve hanging.example"]
    assert len(lookups) == 1, "who comes later joins who waits already"
    released.set()
    lookups[0].join(30)


@pytest.mark.parametrize("host", ["", "x" * 70 + ".example", "..", "a..b"])
def test_a_host_that_is_none_is_a_server_error(host: str) -> None:
    with pytest.raises(ServerError), Call("a") as call:
        call.document(f"http://{host}:80/x", 2.0)
