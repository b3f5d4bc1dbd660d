"""One conversation: ranges on one connection, redirects remembered, never two requests at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rawserver import HANG_UP, answer, raw_server

from kiosk.answers import Answer, RangeRefused, Wanted
from kiosk.demo.origin import (
    ChangingETag,
    EmptyBody,
    Endless,
    Gzip,
    HangUp,
    HtmlPage,
    NoLength,
    NoRanges,
    Origin,
    OriginMeeting,
    RedirectTo,
    Silent,
    Status,
    WrongLength,
    WrongRange,
)
from kiosk.errors import ServerError
from kiosk.fetch import Call, Stream
from kiosk.spans import Span

PACKAGE = b"PK\x03\x04" + bytes(range(256)) * 16000
PATH = "/meetings/M1/download-package"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(meetings={"M1": OriginMeeting(PACKAGE, {"title": "x"})}) as running:
        yield running


@pytest.fixture
def call(origin: Origin) -> Iterator[Call]:
    with Call(origin.name) as made:
        yield made


def body_of(stream: Stream) -> bytes:
    body = b"".join(bytes(piece) for piece in stream.chunks())
    stream.end()
    return body


def drain(stream: Stream, got: bytearray) -> None:
    for piece in stream.chunks():
        got += piece


def part(origin: Origin, start: int, stop: int | None, known: Stream | None = None) -> Wanted:
    """A range, with what ``known`` told of the package."""
    url, span = origin.url + PATH, Span(start, stop)
    if known is None:
        return Wanted(url, origin.name, span)
    told = known.answer
    return Wanted(url, origin.name, span, 0, told.validator, told.total, known.source)


def code_of(call: Call, wanted: Wanted) -> str:
    """The fault that comes of it, in the headers or in the body."""
    with pytest.raises(ServerError) as caught:
        body_of(call.stream(wanted))
    return caught.value.code


def test_documents_and_ranges_of_every_kind_go_over_one_connection(
    origin: Origin, call: Call
) -> None:
    call.dial(origin.url)
    assert call.document(f"{origin.url}/meetings/M1/data")["title"] == "x"
    tail = call.stream(Wanted(origin.url + PATH, origin.name, suffix=1000))
    assert tail.answer.start == len(PACKAGE) - 1000 and not tail.answer.whole
    assert body_of(tail) == PACKAGE[-1000:]
    for start, stop in [(0, 1), (5, 300_000), (300_000, None)]:
        stream = call.stream(part(origin, start, stop, tail))
        assert body_of(stream) == PACKAGE[start:stop] and stream.received == stream.answer.length
    assert body_of(call.stream(Wanted(origin.url + PATH, origin.name))) == PACKAGE
    assert len({request.peer for request in origin.log}) == 1 and origin.open_packages == 1


def test_what_does_not_exist_leaves_the_connection(origin: Origin, call: Call) -> None:
    for _ in range(2):
        with pytest.raises(ServerError):
            call.document(f"{origin.url}/meetings/M2/data")
    assert body_of(call.stream(part(origin, 0, 9))) == PACKAGE[:9]
    assert call.line.tries == 1


def test_the_proof_is_asked_for_only_of_who_gave_it(origin: Origin, call: Call) -> None:
    first = call.stream(part(origin, 0, 9))
    body_of(first)
    body_of(call.stream(part(origin, 9, 20, first)))
    shown = [request.headers.get("if-range") for request in origin.log.packages]
    assert shown == [None, first.answer.validator]


def test_a_range_that_is_left_in_the_middle_is_closed_before_the_next_is_asked(
    origin: Origin, call: Call
) -> None:
    for start in (0, 1000, 2000):
        stream = call.stream(part(origin, start, None))
        assert bytes(next(stream.chunks())[:4]) == PACKAGE[start : start + 4]
        stream.end()
    assert len({request.peer for request in origin.log}) == 3 and origin.open_packages == 1


def test_the_stream_before_ends_with_the_next_request(origin: Origin, call: Call) -> None:
    for start in (0, 1000, 2000):
        call.stream(part(origin, start, None))
    assert len(origin.log.packages) == 3 and origin.open_packages == 1


def test_a_piece_is_not_there_any_more_once_the_next_was_asked_for(
    origin: Origin, call: Call
) -> None:
    pieces = list(call.stream(part(origin, 0, None)).chunks())
    with pytest.raises(ValueError, match="released"):
        bytes(pieces[0])


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_unnoticed(
    origin: Origin, call: Call
) -> None:
    origin.faults = [HangUp(), HangUp(path="/data")]
    for start in (0, 10, 20):
        assert body_of(call.stream(part(origin, start, start + 10))) == PACKAGE[start : start + 10]
        assert call.document(f"{origin.url}/meetings/M1/data")["title"] == "x"
    assert call.line.tries == len(origin.log) == 6


def test_a_kept_connection_that_ends_just_as_it_is_asked_is_replaced_once() -> None:
    with raw_server(answer(b"1"), HANG_UP, answer(b"2"), close=False) as server, Call("a") as call:
        assert [call.document(server.url) for _ in range(2)] == [1, 2]
        assert server.connections == 2 and len(server.asked) == 3


def test_a_fresh_connection_that_ends_without_an_answer_is_not_tried_again() -> None:
    with raw_server(HANG_UP) as server, Call("a") as call:
        call.dial(server.url)
        with pytest.raises(ServerError) as caught:
            call.document(server.url)
        assert (caught.value.code, server.connections) == ("cut-off", 1)


def test_what_is_over_belongs_to_nothing() -> None:
    long = answer(b"1") + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n9"
    with raw_server(long, answer(b"2"), close=False) as server, Call("a") as call:
        assert [call.document(server.url) for _ in range(2)] == [1, 2]
        assert server.connections == 2


@pytest.mark.parametrize("headers", [["Connection: close"], ["Connection: keep-alive", "X: y"]])
def test_the_server_says_whether_the_connection_is_kept(headers: list[str]) -> None:
    kept = headers != ["Connection: close"]
    with raw_server(answer(b"1", *headers), close=not kept) as server, Call("a") as call:
        for _ in range(3):
            call.document(server.url)
        assert server.connections == (1 if kept else 3)
        assert all(b"onnection: close" not in request for request in server.asked)


def test_a_range_that_is_chunked_is_read_to_its_length_and_not_beyond() -> None:
    head = "HTTP/1.1 206 P\r\nContent-Range: bytes 2-5/9\r\nTransfer-Encoding: chunked\r\n\r\n"
    with raw_server(head.encode() + b"6\r\n234567\r\n0\r\n\r\n", close=False) as server:
        with Call("a") as call:
            for _ in range(2):
                stream = call.stream(Wanted(server.url, "a", Span(2, 6)))
                assert body_of(stream) == b"2345"
        assert server.connections == 2


def test_a_redirect_is_remembered_for_the_ranges_that_follow(origin: Origin) -> None:
    with Origin(meetings=origin.meetings, log=origin.log) as node, Call(origin.name) as call:
        origin.faults = [RedirectTo(f"http://{node.name}{{path}}")]
        call.dial(origin.url)
        first = call.stream(Wanted(origin.url + PATH, origin.name, suffix=9))
        assert body_of(first) == PACKAGE[-9:] and first.source == node.url + PATH
        for start in (0, 100):
            stream = call.stream(part(origin, start, start + 100, first))
            assert body_of(stream) == PACKAGE[start : start + 100]
        packages = origin.log.packages
    assert [request.status for request in packages] == [302, 206, 206, 206]
    assert [request.headers.get("if-range") for request in packages[1:]] == [
        None, first.answer.validator, first.answer.validator,
    ]  # fmt: skip
    assert len({request.peer for request in packages[1:]}) == 1 and origin.open_packages == 1


@pytest.mark.parametrize("fault", [Status(503, times=1), WrongRange("none", times=1)])
def test_where_a_redirect_led_to_a_server_that_fails_the_first_address_is_asked_again(
    origin: Origin, fault: Status | WrongRange
) -> None:
    with Origin(meetings=origin.meetings, log=origin.log) as node, Call(origin.name) as call:
        origin.faults = [RedirectTo(f"http://{node.name}{{path}}", times=1)]
        body_of(call.stream(part(origin, 0, 9)))
        node.faults = [fault]
        assert code_of(call, part(origin, 9, 20)) in ("busy", "bad-answer")
        assert body_of(call.stream(part(origin, 9, 20))) == PACKAGE[9:20]
    servers = [request.server for request in origin.log.packages]
    assert servers == [origin.name, node.name, node.name, origin.name]
    assert origin.open_packages == 1


def test_a_redirect_to_a_dead_server_costs_one_try(origin: Origin) -> None:
    with Origin(meetings=origin.meetings) as node, Call(origin.name) as call:
        origin.faults = [RedirectTo(f"http://{node.name}{{path}}", times=1)]
        body_of(call.stream(part(origin, 0, 9)))
        node.close()
        assert code_of(call, part(origin, 9, 20)) in ("refused", "cut-off", "reset")
        assert body_of(call.stream(part(origin, 9, 20))) == PACKAGE[9:20]


def test_a_redirect_that_leads_elsewhere_than_before_has_to_be_learned_anew(
    origin: Origin,
) -> None:
    with Origin(meetings=origin.meetings) as one, Origin(meetings=origin.meetings) as other:
        first = None
        for node in (one, other):
            origin.faults = [RedirectTo(f"http://{node.name}{{path}}")]
            with Call(origin.name) as call:
                if first is None:
                    first = call.stream(part(origin, 0, 9))
                    body_of(first)
                    continue
                with pytest.raises(RangeRefused) as caught:
                    call.stream(part(origin, 9, 20, first))
                assert caught.value.fault.code == "bad-answer"
        assert other.log[0].headers.get("if-range") is None


def test_another_package_than_before_has_to_be_learned_anew(origin: Origin, call: Call) -> None:
    first = call.stream(part(origin, 0, 9))
    body_of(first)
    origin.meetings["M1"] = OriginMeeting(PACKAGE + b"!")
    replaced = call.stream(part(origin, 9, 20, first))
    assert replaced.answer.whole and replaced.answer.total == len(PACKAGE) + 1
    unproved = Wanted(origin.url + PATH, origin.name, Span(9, 20), total=len(PACKAGE))
    with pytest.raises(RangeRefused):
        call.stream(unproved)
    assert body_of(call.stream(part(origin, 9, 20))) == PACKAGE[9:20]


def test_416_tells_the_size_and_leaves_the_connection(origin: Origin, call: Call) -> None:
    with pytest.raises(RangeRefused) as caught:
        call.stream(part(origin, len(PACKAGE), None))
    assert caught.value.total == len(PACKAGE)
    assert body_of(call.stream(part(origin, 0, 9))) == PACKAGE[:9]
    assert call.line.tries == 1


def test_a_refusal_counts_although_its_body_breaks_off() -> None:
    for status, code in (("404 N", "not-here"), ("503 B", "busy")):
        broken = answer(b"12345", status=status)[:-2]
        with raw_server(broken) as server, Call("a") as call:
            with pytest.raises(ServerError) as caught:
                call.document(server.url)
            assert caught.value.code == code
    refused = raw_server(answer(b"12345", status="416 R")[:-2])
    with refused as server, Call("a") as call, pytest.raises(RangeRefused):
        call.stream(Wanted(server.url, "a", suffix=9))


@pytest.mark.parametrize("fault", [NoRanges(), ChangingETag()])
def test_the_whole_is_told_apart_from_the_range(
    origin: Origin, call: Call, fault: NoRanges | ChangingETag
) -> None:
    known = call.stream(part(origin, 0, 9))
    body_of(known)
    origin.faults = [fault]
    stream = call.stream(part(origin, 9, 20, known))
    assert stream.answer == Answer(
        0, len(PACKAGE), len(PACKAGE), stream.answer.validator, whole=True
    )
    assert body_of(stream) == PACKAGE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (WrongRange("start"), "bad-answer"),
        (WrongRange("none"), "bad-answer"),
        (WrongRange("multipart"), "bad-answer"),
        (WrongRange("200"), "bad-answer"),
        (WrongLength("long"), "bad-answer"),
        (WrongLength("short"), "bad-answer"),
        (WrongLength("negative"), "bad-answer"),
        (WrongLength("twice"), "bad-answer"),
        (WrongLength("garbage"), "bad-answer"),
        (Gzip(), "bad-answer"),
        (Gzip(zeros=1 << 30), "bad-answer"),
        (EmptyBody(), "bad-answer"),
        (EmptyBody(told=False), "cut-off"),
        (HtmlPage(), "not-a-package"),
    ],
    ids=repr,
)
def test_an_answer_that_lies_is_refused_and_the_next_one_is_right(
    origin: Origin, call: Call, fault: WrongRange, code: str
) -> None:
    origin.faults = [fault]
    assert code_of(call, part(origin, 100, 200)) == code
    origin.faults = []
    assert body_of(call.stream(part(origin, 100, 200))) == PACKAGE[100:200]
    assert origin.open_packages == 1


def test_a_length_that_is_too_long_for_the_whole_is_cut_off(origin: Origin, call: Call) -> None:
    origin.faults = [WrongLength("long")]
    stream, got = call.stream(Wanted(origin.url + PATH, origin.name)), bytearray()
    with pytest.raises(ServerError) as caught:
        drain(stream, got)
    assert (caught.value.code, bytes(got)) == ("cut-off", PACKAGE)
    assert caught.value.details["received"] == len(PACKAGE)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_endless_body_comes_piece_by_piece_and_can_be_left(
    origin: Origin, call: Call, chunked: bool
) -> None:
    origin.faults = [Endless(chunked)]
    stream = call.stream(Wanted(origin.url + PATH, origin.name))
    assert stream.answer.total is None and stream.answer.whole
    for piece in stream.chunks():
        assert len(piece) <= 1 << 20
        if stream.received > 8 << 20:
            break
    stream.end()
    assert origin.log.wait_for(lambda log: log[0].client_left)


def test_a_body_without_a_length_ends_where_the_connection_does(origin: Origin, call: Call) -> None:
    for chunked in (True, False):
        origin.faults = [NoLength(chunked=chunked), NoRanges()]
        assert body_of(call.stream(part(origin, 5, None))) == PACKAGE


def test_a_silent_document_is_left_in_time_and_the_call_goes_on(origin: Origin, call: Call) -> None:
    origin.faults = [Silent(path="/data")]
    call.dial(origin.url)
    with pytest.raises(ServerError) as caught:
        call.document(f"{origin.url}/meetings/M1/data", 0.2)
    assert caught.value.code == "silent"
    assert body_of(call.stream(part(origin, 0, 9))) == PACKAGE[:9]
    assert call.line.tries == 2
