"""The scripted fault server does on the wire what each fault says."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CutAt,
    DripHead,
    Fault,
    HtmlPage,
    Log,
    NoETag,
    NoLength,
    NoRanges,
    Origin,
    OriginMeeting,
    PlainOrigin,
    RedirectTo,
    ResetAt,
    Silent,
    Slow,
    SlowStart,
    Status,
    StopAt,
    WrongBytes,
    pool_of,
)

PACKAGE = bytes(range(256)) * 40
PATH = "/api/v1/meetings/M1/download-package"
STATIC = "/static/packages/第 1 次.zip"

Start = Callable[..., Origin]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an origin over one meeting whose package is a file."""
    running: list[Origin] = []
    path = tmp_path / "package.zip"
    path.write_bytes(PACKAGE)

    def begin(*faults: Fault, kind: type[Origin] = Origin, **about: str) -> Origin:
        meeting = OriginMeeting(path, {"title": "经营会", "agenda_items": []}, **about)
        running.append(kind(meetings={"M1": meeting}, faults=faults))
        return running[-1]

    yield begin
    for origin in running:
        origin.close()


def ask(
    origin: Origin, path: str = PATH, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection(origin.host, origin.port, timeout=10)) as connection:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer, answer.read()


def ask_raw(origin: Origin, path: str = PATH) -> socket.socket:
    connection = socket.create_connection((origin.host, origin.port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def receive_into(connection: socket.socket, received: bytearray) -> None:
    while piece := connection.recv(65536):
        received += piece


def everything(connection: socket.socket) -> bytes:
    received = bytearray()
    receive_into(connection, received)
    return bytes(received)


def seconds_of(origin: Origin) -> float:
    """How long the first request took."""
    assert origin.log.wait_for(lambda log: log[0].closed_at is not None)
    request = origin.log[0]
    return (request.closed_at or 0) - request.opened_at


def test_a_node_gives_length_strong_etag_and_ranges(start: Start) -> None:
    answer, body = ask(start())
    assert answer.status == 200 and body == PACKAGE
    assert answer.headers["Content-Length"] == str(len(PACKAGE))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=100-", 100, 10239),
        ("bytes=5-9", 5, 9),
        ("bytes=-7", 10233, 10239),
        ("bytes=10000-99999", 10000, 10239),
    ],
)
def test_a_range_is_answered_with_just_that_part(
    start: Start, asked: str, first: int, last: int
) -> None:
    answer, body = ask(start(), Range=asked)
    assert answer.status == 206 and body == PACKAGE[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(PACKAGE)}"


def test_a_range_behind_the_end_is_416_with_the_size(start: Start) -> None:
    answer, body = ask(start(), Range="bytes=10240-")
    assert (answer.status, body) == (416, b"")
    assert answer.headers["Content-Range"] == "bytes */10240"


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=-", "bytes=1-2,5-6", "lines=1-2", "bytes=x-"]
)
def test_a_malformed_range_is_ignored(start: Start, asked: str) -> None:
    answer, body = ask(start(), Range=asked)
    assert (answer.status, body) == (200, PACKAGE)


def test_if_range_gives_the_part_only_for_the_same_etag(start: Start) -> None:
    origin = start()
    etag = ask(origin)[0].headers["ETag"]
    assert ask(origin, Range="bytes=9-", If_Range=etag)[0].status == 206
    assert ask(origin, Range="bytes=9-", If_Range='"other"')[0].status == 200


def test_head_is_405_on_the_package_and_works_on_the_static_file(start: Start) -> None:
    origin = start(package_url=STATIC)
    assert ask(origin, method="HEAD")[0].status == 405
    answer, body = ask(origin, "/static/packages/%E7%AC%AC%201%20%E6%AC%A1.zip", "HEAD")
    assert (answer.status, answer.headers["Content-Length"], body) == (200, "10240", b"")


def test_the_static_package_has_ranges_where_the_master_has_none(start: Start) -> None:
    origin = start(*AS_EXISTING_MASTER, package_url=STATIC)
    chunked, body = ask(origin, Range="bytes=5-9")
    assert chunked.status == 200 and body == PACKAGE
    assert chunked.headers["Transfer-Encoding"] == "chunked"
    assert not {"Content-Length", "ETag", "Accept-Ranges"} & set(chunked.headers)
    path = "/static/packages/%E7%AC%AC%201%20%E6%AC%A1.zip"
    assert ask(origin, path, Range="bytes=5-9")[1] == PACKAGE[5:10]


def test_the_master_tells_its_meetings_while_they_are_in_progress(start: Start) -> None:
    origin = start(package_url=STATIC)
    told = json.loads(ask(origin, "/api/v1/meetings/status/token")[1])
    assert told == {"id": "token-1", "meetings": [{"id": "M1", "title": "经营会", "time": ""}]}
    data = json.loads(ask(origin, "/api/v1/meetings/M1/data")[1])
    assert data["id"] == "token-1" and data["meeting_id"] == "M1"
    assert data["package_url"] == STATIC and data["status"] == "进行中"
    origin.meetings["M1"].status = "已结束"
    assert ask(origin, "/api/v1/meetings/M1/data")[0].status == 404
    assert ask(origin)[0].status == 503
    assert json.loads(ask(origin, "/api/v1/meetings/status/token")[1])["id"] == "none"
    assert ask(origin, "/api/v1/meetings/M1")[0].status == 200


def test_nodes_info_lists_the_master_first(start: Start) -> None:
    origin = start()
    origin.nodes = ["127.0.0.9:81"]
    told = json.loads(ask(origin, "/api/v1/meetings/M1/download-nodes-info")[1])
    assert [row["ip"] for row in told] == [origin.name, "127.0.0.9:81"]
    assert told[1]["download_url"] == f"http://127.0.0.9:81{PATH}"


def test_a_plain_server_knows_nothing_but_the_package(start: Start) -> None:
    origin = start(kind=PlainOrigin)
    assert ask(origin)[1] == PACKAGE
    for path in ("status/token", "M1", "M1/data", "M1/download-nodes-info", "M2/download-package"):
        assert ask(origin, f"/api/v1/meetings/{path}")[0].status == 404


@pytest.mark.parametrize("status", [404, 500, 503])
def test_status_answers_that_status(start: Start, status: int) -> None:
    answer, body = ask(start(Status(status, retry_after=7)))
    assert (answer.status, answer.headers["Retry-After"]) == (status, "7")
    assert json.loads(body) == {"detail": "scripted"}


def test_html_page_looks_like_a_captive_portal(start: Start) -> None:
    answer, body = ask(start(HtmlPage()))
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
    assert body.startswith(b"<!doctype html>")


def test_redirect_leads_to_the_other_server(start: Start) -> None:
    answer, _ = ask(start(RedirectTo("http://127.0.0.9:81{path}")))
    assert (answer.status, answer.headers["Location"]) == (302, f"http://127.0.0.9:81{PATH}")


@pytest.mark.parametrize(("at", "bytes_sent"), [(1000, 1000), (0.5, 5120), (0, 0)])
def test_cut_closes_after_exactly_so_much_body(
    start: Start, at: int | float, bytes_sent: int
) -> None:
    with closing(ask_raw(start(CutAt(at)))) as connection:
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert b"Content-Length: 10240" in head and body == PACKAGE[:bytes_sent]


def test_reset_is_a_reset_after_so_much_body(start: Start) -> None:
    with closing(ask_raw(start(ResetAt(1000)))) as connection:
        received = bytearray()
        with pytest.raises(ConnectionResetError):
            receive_into(connection, received)
    assert received.partition(b"\r\n\r\n")[2] == PACKAGE[:1000]


def test_a_cut_chunked_body_has_no_last_chunk(start: Start) -> None:
    with closing(ask_raw(start(NoLength(), CutAt(1000)))) as connection:
        received = everything(connection)
    assert received.endswith(PACKAGE[992:1000] + b"\r\n")


def test_without_length_and_chunks_the_connection_ends_the_body(start: Start) -> None:
    with closing(ask_raw(start(NoLength(chunked=False)))) as connection:
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert b"Content-Length" not in head and b"chunked" not in head and body == PACKAGE


def test_wrong_bytes_keep_the_length_and_differ_just_there(start: Start) -> None:
    _, body = ask(start(WrongBytes(300, count=2)))
    assert [i for i in range(len(PACKAGE)) if body[i] != PACKAGE[i]] == [300, 301]
    assert len(body) == len(PACKAGE)


def test_no_ranges_gives_everything_and_no_etag_gives_none(start: Start) -> None:
    answer, body = ask(start(NoRanges(), NoETag()), Range="bytes=5-9")
    assert (answer.status, body) == (200, PACKAGE)
    assert "Accept-Ranges" not in answer.headers and "ETag" not in answer.headers


@pytest.mark.parametrize("fault", [Silent(), StopAt(100), DripHead(0.01)])
def test_a_server_that_hangs_notices_at_once_when_its_client_leaves(
    start: Start, fault: Fault
) -> None:
    origin = start(fault)
    connection = ask_raw(origin)
    assert origin.log.wait_for(lambda log: len(log) == 1)
    if not isinstance(fault, Silent):
        assert connection.recv(1)
    assert origin.log[0].closed_at is None
    left_at = time.monotonic()
    connection.close()
    assert origin.log.wait_for(lambda log: log[0].closed_at is not None)
    closed_at = origin.log[0].closed_at
    assert closed_at is not None and closed_at >= left_at and origin.log[0].client_left


def test_silent_says_not_one_byte(start: Start) -> None:
    with closing(ask_raw(start(Silent()))) as connection:
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_slow_takes_the_time_its_rate_means(start: Start) -> None:
    origin = start(Slow(20_480))
    assert ask(origin)[1] == PACKAGE
    assert seconds_of(origin) >= 0.45


def test_slow_start_waits_and_then_answers(start: Start) -> None:
    origin = start(SlowStart(0.3))
    assert ask(origin)[1] == PACKAGE
    assert seconds_of(origin) >= 0.29


def test_faults_strike_in_the_order_of_the_script_and_wear_off(start: Start) -> None:
    origin = start(Status(503, times=1), Status(404, times=1), WrongBytes(0, times=1))
    assert [ask(origin)[0].status for _ in range(2)] == [503, 404]
    assert [ask(origin)[1] == PACKAGE for _ in range(2)] == [False, True]


def test_a_fault_for_a_path_leaves_the_others_alone(start: Start) -> None:
    origin = start(Status(500, path="/data"))
    assert ask(origin, "/api/v1/meetings/M1/data")[0].status == 500
    assert ask(origin)[0].status == 200


def test_faults_can_be_replaced_while_it_runs(start: Start) -> None:
    origin = start(Status(500))
    assert ask(origin)[0].status == 500
    origin.faults = []
    assert ask(origin)[0].status == 200


def test_the_log_says_what_was_asked_and_how_much_was_sent(start: Start) -> None:
    origin = start(CutAt(100, times=1))
    with closing(ask_raw(origin)) as connection:
        everything(connection)
    ask(origin, Range="bytes=100-")
    ask(origin, "/api/v1/meetings/M1/data")
    assert [(r.range, r.sent) for r in origin.log.packages] == [(None, 100), ("bytes=100-", 10140)]
    assert [r.path for r in origin.log if not r.package] == ["/api/v1/meetings/M1/data"]
    assert origin.open_packages == 1


def test_two_package_requests_at_once_are_counted_over_all_servers_of_a_log() -> None:
    with pool_of([[Silent()], [Silent()]], {"M1": OriginMeeting(PACKAGE)}) as pool:
        with closing(ask_raw(pool[0])), closing(ask_raw(pool[1])):
            assert pool.log.wait_for(lambda log: len(log) == 2)
        assert pool.log.open_packages == 2


def test_leaving_one_server_before_asking_the_next_never_counts_as_two() -> None:
    with pool_of([[Silent()], [Silent()]], {"M1": OriginMeeting(PACKAGE)}) as pool:
        for turn in range(50):
            with closing(ask_raw(pool[turn % 2])):
                assert pool.log.wait_for(lambda log, turn=turn: len(log) == turn + 1)
        assert pool.log.open_packages == 1


def test_a_pool_stands_on_consecutive_addresses_and_one_port() -> None:
    with pool_of([None, [], None, []], {"M1": OriginMeeting(PACKAGE)}) as pool:
        first = int(pool.base.rpartition(".")[2])
        assert pool.names == [f"127.0.0.{first + i}:{pool.port}" for i in range(4)]
        assert [origin and origin.name for origin in pool.origins] == [
            None,
            pool.names[1],
            None,
            pool.names[3],
        ]
        assert ask(pool[1])[1] == ask(pool[3])[1] == PACKAGE
        for closed in (0, 2):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((f"127.0.0.{first + closed}", pool.port), 2)


def test_a_closed_server_refuses_and_can_come_back_on_its_port() -> None:
    origin = Origin(meetings={"M1": OriginMeeting(PACKAGE)}, faults=[Silent()])
    with closing(ask_raw(origin)) as connection:
        assert origin.log.wait_for(lambda log: len(log) == 1)
        origin.close()
        assert connection.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((origin.host, origin.port), 2)
    with Origin(origin.host, origin.port, {"M1": OriginMeeting(PACKAGE)}, log=Log()) as again:
        assert ask(again)[1] == PACKAGE


def test_two_requests_can_use_one_connection(start: Start) -> None:
    origin = start()
    with closing(http.client.HTTPConnection(origin.host, origin.port, timeout=10)) as connection:
        for _ in range(2):
            connection.request("GET", PATH)
            assert connection.getresponse().read() == PACKAGE
    assert origin.log[0].peer == origin.log[1].peer
