"""Over TLS, under random answers, and ended at random instants: always one of our own errors."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from examples import examples
from rawserver import raw_server

from kiosk.answers import RangeRefused, Wanted
from kiosk.demo.origin import HangUp, NoLength, Origin, OriginMeeting, Silent, Slow, StopAt
from kiosk.errors import ServerError
from kiosk.fetch import Call
from kiosk.spans import Span

PACKAGE = b"PK\x03\x04" + bytes(range(256)) * 4000
PATH = "/meetings/M1/download-package"
WAIT_S = 30.0
CERTIFICATE = Path(__file__).with_name("vectors") / "loopback.pem"
"""A certificate of 127.0.0.1 that signs itself, with its key; nobody but these tests trusts it."""


class SecureOrigin(Origin):
    """The scripted server behind TLS."""

    context: ssl.SSLContext

    def _serve(self, connection: socket.socket, peer: str) -> None:
        with contextlib.suppress(OSError):
            super()._serve(self.context.wrap_socket(connection, server_side=True), peer)


@pytest.fixture
def secure() -> Iterator[SecureOrigin]:
    SecureOrigin.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    SecureOrigin.context.load_cert_chain(CERTIFICATE)
    with SecureOrigin(meetings={"M1": OriginMeeting(PACKAGE, {"title": "x"})}) as running:
        yield running


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(CERTIFICATE))


def url_of(origin: Origin) -> str:
    return origin.url.replace("http:", "https:")


@pytest.mark.usefixtures("trusted")
def test_ranges_over_tls_go_over_one_connection(secure: SecureOrigin) -> None:
    with Call("a") as call:
        call.dial(url_of(secure))
        assert call.document(f"{url_of(secure)}/meetings/M1/data")["title"] == "x"
        for start in (0, 1000):
            stream = call.stream(Wanted(url_of(secure) + PATH, "a", Span(start, start + 300_000)))
            assert b"".join(map(bytes, stream.chunks())) == PACKAGE[start : start + 300_000]
        assert call.line.tries == 1 and secure.open_packages == 1


@pytest.mark.usefixtures("trusted")
def test_a_body_over_tls_is_cut_from_another_thread(secure: SecureOrigin) -> None:
    secure.faults = [StopAt(1000)]
    with Call("a") as call:
        stream = call.stream(Wanted(url_of(secure) + PATH, "a"))
        threading.Timer(0.2, call.cut).start()
        with pytest.raises(ServerError):
            list(stream.chunks())
    assert secure.log.wait_for(lambda log: log[0].client_left)


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: SecureOrigin) -> None:
    with pytest.raises(ServerError) as caught, Call("a") as call:
        call.document(f"{url_of(secure)}/meetings/M1/data")
    assert caught.value.code == "bad-answer" and not secure.log[:]


@pytest.mark.parametrize("timeout_s", [0.3, WAIT_S])
def test_a_handshake_that_nobody_answers_ends(timeout_s: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, Call("a") as call:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
        call.dial(url)
        if timeout_s == WAIT_S:
            threading.Timer(0.2, call.cut).start()
        with pytest.raises(ServerError) as caught:
            call.document(url, timeout_s)
        assert caught.value.code == ("silent" if timeout_s < WAIT_S else "cut-off")


FIELDS = st.sampled_from(
    [
        b"Content-Length: 4", b"Content-Length: 9", b"Content-Length: -1", b"Content-Length: x",
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Content-Encoding: gzip",
        b"Content-Range: bytes 0-3/9", b"Content-Range: bytes 0-8/9", b"Content-Range: bytes */9",
        b"ETag: \"x\"", b"ETag: W/\"x\"", b"Location: /p", b"Location: http://[",
        b"Connection: close", b"Content-Type: text/html", b"Retry-After: 1", b"no field at all",
        b"\xff\xfe: \x00",
    ]
)  # fmt: skip
LINES = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 206 P", b"HTTP/1.0 200 OK", b"HTTP/1.1 302 F",
     b"HTTP/1.1 416 R", b"HTTP/1.1 503 B", b"HTTP/1.1 204 N", b"HTTP/1.1 100 C",
     b"HTTP/9.9 200 OK", b"HTTP/1.1 2000 X"]
)  # fmt: skip
BODIES = st.sampled_from(
    [b"", b"PK\x03\x04", b"PK\x03\x04more!", b"4\r\nPK\x03\x04\r\n0\r\n\r\n", b"-1\r\n"]
)
ANSWERS = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.builds(
        lambda line, fields, body: b"\r\n".join([line, *fields, b"", b""]) + body,
        LINES, st.lists(FIELDS, max_size=4), BODIES,
    ),
)  # fmt: skip


@examples(300)
@hypothesis.given(ANSWERS, st.sampled_from(["whole", "span", "suffix"]))
def test_no_answer_raises_anything_but_our_errors(told: bytes, kind: str) -> None:
    span, suffix = (Span(0, 4) if kind == "span" else None), (4 if kind == "suffix" else 0)
    with raw_server(told) as server, Call("a") as call:
        for _ in range(2):
            with contextlib.suppress(ServerError, RangeRefused):
                stream = call.stream(Wanted(server.url, "a", span, suffix))
                received = sum(len(piece) for piece in stream.chunks())
                assert stream.answer.length in (None, received)
                stream.end()


def test_a_call_that_is_cut_at_any_instant_ends_with_our_error() -> None:
    chance = random.Random(3)
    faults = [NoLength(after=5, times=5), Slow(3e6, times=20), HangUp(times=30), Silent(times=5)]
    with Origin(meetings={"M1": OriginMeeting(PACKAGE)}, faults=faults) as origin:
        for _ in range(60):
            call = Call("a")
            thread = threading.Thread(target=converse, args=(call, origin))
            thread.start()
            time.sleep(chance.uniform(0, 0.02))
            call.cut()
            thread.join(WAIT_S)
            assert not thread.is_alive()
        assert origin.open_packages <= 1


def converse(call: Call, origin: Origin) -> None:
    """Ask for one range after another until it is cut."""
    with call, contextlib.suppress(ServerError):
        call.dial(origin.url)
        while True:
            stream = call.stream(Wanted(origin.url + PATH, "a", Span(0, 400_000)))
            for piece in stream.chunks():
                assert piece[0] in PACKAGE
