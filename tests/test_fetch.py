"""HTTP to other machines: every foreign fault has a name, every exchange can be cut."""

from __future__ import annotations

import errno
import http.client
import inspect
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import pytest
import requests
import urllib3
from rawserver import raw_server

from kiosk import fetch
from kiosk.answers import Wanted
from kiosk.demo.origin import (
    DripHead,
    Gzip,
    Origin,
    OriginMeeting,
    RedirectTo,
    Silent,
    Status,
)
from kiosk.errors import ServerError, UnfitError
from kiosk.fetch import Call, Stream

SERVER = "10.1.1.11:8001"
PACKAGE = b"PK\x03\x04" + bytes(100_000)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(meetings={"M1": OriginMeeting(PACKAGE, {"title": "x"})}) as running:
        yield running


def ask(url: str, call: Call | None = None) -> bytes:
    """All of the package at ``url``."""
    with call or Call(SERVER) as talking:
        stream = talking.stream(Wanted(url, SERVER))
        return b"".join(bytes(piece) for piece in stream.chunks())


def drain(stream: Stream, got: bytearray) -> None:
    for piece in stream.chunks():
        got += piece


def package_of(origin: Origin) -> str:
    return f"{origin.url}/meetings/M1/download-package"


def all_foreign() -> list[type[BaseException]]:
    modules = (requests.exceptions, urllib3.exceptions, http.client, socket, ssl)
    found = {
        kind
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and not issubclass(kind, Warning) and name[0] != "_"
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


@pytest.mark.parametrize(
    "kind", all_foreign(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
def test_every_foreign_exception_becomes_a_server_error(kind: type[Exception]) -> None:
    with pytest.raises(ServerError) as caught, fetch.translated(SERVER):
        raise kind.__new__(kind)
    assert SERVER in caught.value.message


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.ECONNRESET, "reset"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.ETIMEDOUT, "connect-timeout"),
    ],
)
def test_the_errno_below_names_the_fault(number: int, code: str) -> None:
    low = OSError(number, "x")
    with pytest.raises(ServerError) as caught, fetch.translated(SERVER):
        raise requests.ConnectionError(urllib3.exceptions.ProtocolError("x", low))
    assert caught.value.code == code


def test_a_closed_port_is_refused(origin: Origin) -> None:
    origin.close()
    with pytest.raises(ServerError) as caught:
        ask(package_of(origin))
    assert caught.value.code == "refused"


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(ServerError) as caught:
        ask("http://no-such-host.invalid/p")
    assert caught.value.code == "unreachable"


def test_a_whole_body_comes_as_it_is(origin: Origin) -> None:
    assert ask(package_of(origin)) == PACKAGE


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nPK\x03\x04",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nPK\x03\x04",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nPK\x03\x04\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nPK\x03\x04\r\nzz\r\n",
    ],
)
def test_a_body_that_ends_early_is_cut_off_and_what_came_is_delivered(answer: bytes) -> None:
    got = bytearray()
    with raw_server(answer) as server, Call(SERVER) as call:
        stream = call.stream(Wanted(server.url, SERVER))
        with pytest.raises(ServerError) as caught:
            drain(stream, got)
    assert (caught.value.code, bytes(got)) == ("cut-off", b"PK\x03\x04")


@pytest.mark.parametrize(
    "answer",
    [b"\r\n\r\n", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 banana OK\r\n\r\n", b"\x00" * 70000,
     b"HTTP/1.1 200 OK\r\n" + b"X-Header: y\r\n" * 1000 + b"\r\n"],
)  # fmt: skip
def test_what_is_not_http_is_a_server_error(answer: bytes) -> None:
    with raw_server(answer) as server, pytest.raises(ServerError):
        ask(server.url)


@pytest.mark.parametrize("fault", [Silent(), DripHead(0.05)])
def test_cutting_the_line_ends_a_wait_for_headers(origin: Origin, fault: Silent | DripHead) -> None:
    origin.faults = [fault]
    call = Call(SERVER)
    threading.Timer(0.3, call.cut).start()
    with pytest.raises(ServerError):
        ask(package_of(origin), call)
    assert origin.log.wait_for(lambda log: bool(log[:]) and log[0].client_left)


def test_a_line_that_was_cut_before_it_connected_sends_nothing(origin: Origin) -> None:
    call = Call(SERVER)
    call.cut()
    with pytest.raises(ServerError):
        ask(package_of(origin), call)
    assert not origin.log[:]


def test_a_redirect_to_another_server_is_followed_one_connection_at_a_time(origin: Origin) -> None:
    with Origin(meetings=origin.meetings, log=origin.log) as other:
        origin.faults = [RedirectTo(f"http://{other.name}{{path}}")]
        assert ask(package_of(origin)) == PACKAGE
    assert [request.status for request in origin.log.packages] == [302, 200]
    assert origin.open_packages == 1


def test_a_redirect_loop_ends(origin: Origin) -> None:
    origin.faults = [RedirectTo("{path}")]
    with pytest.raises(ServerError) as caught:
        ask(package_of(origin))
    assert caught.value.code == "bad-redirect"
    assert len(origin.log.packages) == fetch.MAX_HOPS + 1


@pytest.mark.parametrize(
    "target",
    ["", "file:///etc/passwd", "gopher://a/", "http://u:p@h/", "http://169.254.169.254/",
     "http://[fe80::1]/", "http://a:99999/", "http://a:0/", "javascript:alert(1)"],
)  # fmt: skip
def test_a_redirect_to_nowhere_good_is_refused(target: str) -> None:
    with pytest.raises(UnfitError):
        fetch.redirected("http://10.1.1.11:8001/p", target, SERVER)


def test_a_redirect_never_leaves_https() -> None:
    with pytest.raises(UnfitError):
        fetch.redirected("https://a/p", "http://a/p", SERVER)
    assert fetch.redirected("http://a/p", "https://b/q", SERVER) == "https://b/q"


def test_json_is_read_within_bounds(origin: Origin) -> None:
    got = fetch.get_json(f"{origin.url}/meetings/M1/data", origin.name)
    assert got["title"] == "x"


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "bad-answer"), (b"[" * 200_000, "bad-answer"),
     (b"[" * 60 + b"]" * 60, "bad-answer"), (b'{"a":' * 60 + b"1" + b"}" * 60, "bad-answer"),
     (b"\xff\xfe", "bad-answer")],
)  # fmt: skip
def test_what_is_not_json_is_a_bad_answer(body: bytes, code: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with raw_server(head + body) as server, pytest.raises(ServerError) as caught:
        fetch.get_json(server.url, SERVER)
    assert caught.value.code == code


def test_endless_json_is_stopped_at_a_bound() -> None:
    body = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (fetch.MAX_JSON_BYTES + 1)
    with raw_server(body) as server, pytest.raises(ServerError) as caught:
        fetch.get_json(server.url, SERVER)
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("fault", [Silent(path="/data"), DripHead(0.05, path="/data")])
def test_a_server_that_never_finishes_its_json_is_left(
    origin: Origin, fault: Silent | DripHead
) -> None:
    origin.faults = [fault]
    with pytest.raises(ServerError) as caught:
        fetch.get_json(f"{origin.url}/meetings/M1/data", origin.name, 0.3)
    assert caught.value.code == "silent"


def test_packed_json_is_not_unpacked(origin: Origin) -> None:
    origin.faults = [Gzip(zeros=1 << 30, path="/data")]
    with pytest.raises(ServerError) as caught:
        fetch.get_json(f"{origin.url}/meetings/M1/data", origin.name, 10.0)
    assert caught.value.code == "bad-answer"


def test_the_body_of_a_redirect_is_not_read(origin: Origin) -> None:
    head = f"HTTP/1.1 302 F\r\nLocation: {origin.url}/meetings/M1/data\r\n\r\n".encode()
    with raw_server(head + bytes(1 << 20), close=False) as server:
        assert fetch.get_json(server.url, SERVER, 10.0)["title"] == "x"


def test_cookies_are_not_sent_back() -> None:
    told = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nSet-Cookie: a=b; Path=/\r\n\r\n1"
    with raw_server(told, close=False) as server, Call(SERVER) as call:
        for _ in range(2):
            call.document(server.url)
    assert not any(b"ookie" in request for request in server.asked)


def test_a_status_has_the_same_name_for_json(origin: Origin) -> None:
    origin.faults = [Status(503, retry_after=3, path="/data")]
    with pytest.raises(ServerError) as caught:
        fetch.get_json(f"{origin.url}/meetings/M1/data", origin.name)
    assert caught.value.code == "busy"


def test_proxies_of_the_environment_are_ignored(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert json.dumps(fetch.get_json(f"{origin.url}/meetings/M1/data", origin.name))


def test_no_thread_and_no_connection_stays_behind(origin: Origin) -> None:
    for _ in range(20):
        fetch.get_json(f"{origin.url}/meetings/M1/data", origin.name)
    until = time.monotonic() + 5
    while time.monotonic() < until and sum(
        isinstance(thread, threading.Timer) for thread in threading.enumerate()
    ):
        time.sleep(0.02)
    assert not [t for t in threading.enumerate() if isinstance(t, threading.Timer)]
