"""What is said to a server: once, within bounds, to that one only."""

from __future__ import annotations

import json

import pytest
from rawserver import HANG_UP, answer, raw_server

from kiosk import fetch
from kiosk.errors import ServerError, TransientError, UnfitError

SERVER = "10.1.1.11:8001"


def said(request: bytes) -> object:
    """The document in a request."""
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    assert f"content-length: {len(body)}".encode() in head.lower()
    return json.loads(body)


def test_a_document_is_said_as_json_and_the_answer_is_read() -> None:
    with raw_server(answer(b'{"retry": ["M1"]}')) as server:
        heard = fetch.post_json(server.url, SERVER, {"seat": "主席台", "free": 3})
        assert heard == {"retry": ["M1"]}
        assert server.asked[0].startswith(b"POST /p HTTP/1.1\r\n")
        assert said(server.asked[0]) == {"seat": "主席台", "free": 3}


def test_an_answer_without_a_body_is_none() -> None:
    with raw_server(b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        assert fetch.post_json(server.url, SERVER, {}) is None


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answer(b"", status="404 Not Found"), "not-here"),
        (answer(b"", status="503 Service Unavailable"), "busy"),
        (answer(b"<html>"), "bad-answer"),
        (answer(b"[" * 100_000), "bad-answer"),
        (answer(b"", "Location: /other", status="302 Found"), "bad-redirect"),
        (answer(b"", "Location: /other", status="307 Temporary Redirect"), "bad-redirect"),
    ],
)
def test_every_other_answer_has_a_name(reply: bytes, code: str) -> None:
    with raw_server(reply) as server:
        with pytest.raises(ServerError) as caught:
            fetch.post_json(server.url, SERVER, {})
        assert caught.value.code == code
        assert len(server.asked) == 1


def test_it_is_not_said_again_where_the_connection_breaks() -> None:
    with raw_server(HANG_UP) as server:
        with pytest.raises(TransientError):
            fetch.post_json(server.url, SERVER, {"n": 1})
        assert len(server.asked) == 1


def test_an_endless_answer_is_stopped_at_a_bound() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (fetch.MAX_JSON_BYTES + 1)
    with raw_server(endless) as server:
        with pytest.raises(UnfitError) as caught:
            fetch.post_json(server.url, SERVER, {})
        assert caught.value.code == "too-large"


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\n", close=False) as server:
        with pytest.raises(TransientError) as caught:
            fetch.post_json(server.url, SERVER, {}, 0.3)
        assert caught.value.code == "silent"


def test_proxies_of_the_environment_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    with raw_server(answer(b"{}")) as server:
        assert fetch.post_json(server.url, SERVER, {}) == {}
