"""Answers of the scripted server that are wrong in themselves are so on the wire, as described."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import socket
import time
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise

import pytest

from kiosk.demo.origin import (
    CLOSED,
    SWALLOW_SYN,
    ChangingETag,
    CutAt,
    Drip,
    EmptyBody,
    Endless,
    Fault,
    Gzip,
    HangUp,
    Origin,
    OriginMeeting,
    OtherPackage,
    Status,
    WeakETag,
    WrongLength,
    WrongRange,
    pool_of,
)

PACKAGE = bytes(range(256)) * 40
PATH = "/api/v1/meetings/M1/download-package"
PART = PACKAGE[100:200]


def origin(*faults: Fault, meeting: OriginMeeting | None = None) -> Origin:
    return Origin(meetings={"M1": meeting or OriginMeeting(PACKAGE)}, faults=faults)


def ask(server: Origin, *lines: str, path: str = PATH, most: int = 1 << 20) -> tuple[bytes, bytes]:
    """Head and body of one answer, byte for byte, as far as it comes within a moment."""
    with closing(socket.create_connection((server.host, server.port), timeout=10)) as connection:
        head = "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *lines, "", ""])
        connection.sendall(head.encode())
        received = bytearray()
        while len(received) < most and (piece := connection.recv(65536)):
            received += piece
            connection.settimeout(0.3)
            if is_all(bytes(received)):
                break
    before, _, body = bytes(received).partition(b"\r\n\r\n")
    return before, body


def is_all(received: bytes) -> bool:
    """Whether it is an answer with one right Content-Length, and all of it."""
    head, end, body = received.partition(b"\r\n\r\n")
    told = values(head, "Content-Length")
    close = values(head, "Connection") == ["close"]
    return bool(end) and not close and len(told) == 1 and len(body) >= int(told[0])


def values(head: bytes, name: str) -> list[str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    return [value for one, value in pairs if one == name]


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(f"01_a/{name}.pdf", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("wrong", "status", "told", "body"),
    [
        ("start", 206, ["bytes 101-199/10240"], PART[1:]),
        ("total", 206, ["bytes 100-199/10241"], PART),
        ("none", 206, [], PART),
        ("200", 200, ["bytes 100-199/10240"], PART),
    ],
)
def test_a_wrong_range_is_wrong_in_just_that_way(
    wrong: str, status: int, told: Sequence[str], body: bytes
) -> None:
    with origin(WrongRange(wrong)) as server:  # type: ignore[arg-type]
        head, got = ask(server, "Range: bytes=100-199")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert (values(head, "Content-Range"), got) == (told, body)
    assert values(head, "Content-Length") == [str(len(body))]


def test_a_multipart_range_holds_the_part_and_says_its_length() -> None:
    with origin(WrongRange("multipart")) as server:
        head, body = ask(server, "Range: bytes=100-199", "Connection: close")
    assert head.startswith(b"HTTP/1.1 206 ") and values(head, "Content-Range") == []
    assert values(head, "Content-Type") == ["multipart/byteranges; boundary=part-of-the-package"]
    assert values(head, "Content-Length") == [str(len(body))]
    assert b"Content-Range: bytes 100-199/10240\r\n\r\n" + PART + b"\r\n--part" in body


@pytest.mark.parametrize("wrong", ["start", "total", "none", "multipart"])
def test_a_wrong_range_is_right_where_the_whole_is_asked(wrong: str) -> None:
    with origin(WrongRange(wrong)) as server:  # type: ignore[arg-type]
        head, body = ask(server)
    assert head.startswith(b"HTTP/1.1 200 ") and body == PACKAGE


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("long", ["1100"]),
        ("negative", ["-101"]),
        ("twice", ["100", "1100"]),
        ("garbage", ["12abc"]),
    ],
)
def test_a_wrong_length_is_told_and_the_connection_ends_the_right_body(
    wrong: str, told: list[str]
) -> None:
    with origin(WrongLength(wrong)) as server:  # type: ignore[arg-type]
        head, body = ask(server, "Range: bytes=100-199")
    assert (values(head, "Content-Length"), body) == (told, PART)
    assert values(head, "Connection") == ["close"]


def test_a_length_that_is_too_short_leaves_a_byte_on_a_connection_that_is_kept() -> None:
    with origin(WrongLength("short", times=1)) as server:
        request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nRange: bytes=100-199\r\n\r\n".encode()
        with closing(socket.create_connection((server.host, server.port), timeout=10)) as one:
            one.sendall(request)
            first = one.recv(65536)
            while not first.endswith(PART):
                first += one.recv(65536)
            one.sendall(request)
            assert one.recv(65536).startswith(b"HTTP/1.1 206 ")
    assert b"Content-Length: 99\r\n" in first


def test_a_changing_etag_is_strong_never_the_same_and_never_held_against() -> None:
    with origin(ChangingETag()) as server:
        tags = [values(ask(server, "Range: bytes=0-9")[0], "ETag")[0] for _ in range(3)]
        assert len(set(tags)) == 3 and all(tag.startswith('"') for tag in tags)
        head, _ = ask(server, "Range: bytes=0-9", f"If-Range: {tags[-1]}")
    assert head.startswith(b"HTTP/1.1 200 ")


def test_a_weak_etag_is_no_proof() -> None:
    with origin(WeakETag()) as server:
        (tag,) = values(ask(server, "Range: bytes=0-9")[0], "ETag")
        assert tag.startswith('W/"')
        for shown in (tag, tag.removeprefix("W/")):
            head, _ = ask(server, "Range: bytes=0-9", f"If-Range: {shown}")
            assert head.startswith(b"HTTP/1.1 200 ")


def test_gzip_packs_what_was_asked_for_as_it_is() -> None:
    with origin(Gzip()) as server:
        answer, body = through_http(server)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert zlib.decompress(body, 31) == PACKAGE


def test_a_gzip_bomb_is_a_thousandth_of_what_comes_out_of_it() -> None:
    with origin(Gzip(zeros=100 << 20)) as server:
        _, body = through_http(server)
    unpacker = zlib.decompressobj(31)
    assert len(body) < 1 << 20 and unpacker.decompress(body, 1 << 20) == bytes(1 << 20)


def through_http(server: Origin) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=30)) as connection:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        return answer, answer.read()


@pytest.mark.parametrize(("told", "length"), [(True, ["0"]), (False, [])])
def test_an_empty_body_is_200_and_nothing(told: bool, length: list[str]) -> None:
    with origin(EmptyBody(told)) as server:
        head, body = ask(server)
    assert head.startswith(b"HTTP/1.1 200 ") and body == b""
    assert values(head, "Content-Length") == length


@pytest.mark.parametrize("chunked", [True, False])
def test_an_endless_body_begins_as_the_package_and_goes_on(chunked: bool) -> None:
    with origin(Endless(chunked)) as server:
        head, body = ask(server, most=3 << 20)
        assert server.log.wait_for(lambda log: log[0].closed_at is not None)
        assert server.log[0].client_left
    assert values(head, "Content-Length") == []
    assert PACKAGE in body and len(body) > 2 << 20


def test_an_endless_document_is_endless_too() -> None:
    with origin(Endless(path="/data")) as server:
        _, body = ask(server, path="/api/v1/meetings/M1/data", most=1 << 20)
    assert body.startswith(b"{}\0") and len(body) > 1 << 19


def test_another_package_comes_with_its_own_size_and_etag() -> None:
    other = OriginMeeting(b"other" * 10, etag="other")
    with origin(OtherPackage(other, after=1, times=1)) as server:
        answers = [ask(server, "Range: bytes=10-") for _ in range(3)]
    ranges = [values(head, "Content-Range") for head, _ in answers]
    assert ranges == [["bytes 10-10239/10240"], ["bytes 10-49/50"], ["bytes 10-10239/10240"]]
    assert values(answers[1][0], "ETag") == ['"other"'] and answers[1][1] == b"other" * 8


def test_a_drip_sends_so_many_bytes_at_a_time() -> None:
    with origin(Drip(40, 0.1)) as server:
        with closing(socket.create_connection((server.host, server.port), timeout=10)) as one:
            one.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-99\r\n\r\n".encode())
            received, at = b"", []
            while len(received.partition(b"\r\n\r\n")[2]) < 100:
                received += one.recv(65536)
                at.append(time.monotonic())
        assert len(at) >= 3 and max(later - one for one, later in pairwise(at)) > 0.05
        assert server.log.wait_for(lambda log: log[0].closed_at is not None)
        assert server.log[0].sent == 100


def test_a_hang_up_comes_after_a_right_answer_that_did_not_announce_it() -> None:
    server = origin(HangUp())
    with server, closing(socket.create_connection((server.host, server.port), timeout=10)) as one:
        one.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b"".join(iter(lambda: one.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert body == PACKAGE and values(head, "Connection") == []


def test_the_first_requests_can_be_spared() -> None:
    with origin(Status(503, after=1, times=1), CutAt(5, after=1)) as server:
        answers = [ask(server) for _ in range(3)]
    assert [head[9:12] for head, _ in answers] == [b"200", b"503", b"200"]
    assert [answers[0][1], answers[2][1]] == [PACKAGE, PACKAGE[:5]]


def test_a_place_that_swallows_syns_neither_accepts_nor_refuses() -> None:
    with pool_of([SWALLOW_SYN, [], CLOSED], {"M1": OriginMeeting(PACKAGE)}) as pool:
        host, port = pool.names[0].split(":")
        for _ in range(3):
            with pytest.raises(TimeoutError):
                socket.create_connection((host, int(port)), timeout=0.4)
        assert pool.origins[0] is None and ask(pool[1])[1] == PACKAGE
        with pytest.raises(IndexError):
            pool[0]


def test_a_modern_meeting_has_a_manifest_and_says_what_its_package_is() -> None:
    package = archive(a1=b"one", a2=b"second")
    listed = [
        {"name": "a2.pdf", "display_name": "二.pdf", "temp_id": "a2", "agenda_folder": "01_a"}
    ]
    data = {"title": "x", "agenda_items": [{"title": "t", "files": listed}]}
    with origin(meeting=OriginMeeting(package, data, modern=True)) as server:
        head, body = ask(server, "Range: bytes=0-9")
        told = json.loads(ask(server, path="/api/v1/meetings/M1/manifest")[1])
    digest = hashlib.sha256(package)
    assert body == package[:10] and values(head, "ETag") == [f'"sha256-{digest.hexdigest()}"']
    encoded = base64.b64encode(digest.digest()).decode()
    assert values(head, "Repr-Digest") == [f"sha-256=:{encoded}:"]
    assert told["package"] == {"bytes": len(package), "sha256": digest.hexdigest()}
    assert [entry["path"] for entry in told["entries"]] == ["01_a/a1.pdf", "01_a/a2.pdf"]
    assert told["entries"][1]["offset"] == package.index(b"PK\x03\x04", 4)
    sha256 = hashlib.sha256(b"second").hexdigest()
    assert told["agenda"][0]["materials"] == [
        {"path": "01_a/a2.pdf", "name": "二.pdf", "bytes": 6, "sha256": sha256, "pages": None}
    ]


def test_the_revision_is_that_of_the_content_and_the_same_on_every_server() -> None:
    one, same = (OriginMeeting(archive(a1=b"one"), modern=True) for _ in range(2))
    other = OriginMeeting(archive(a1=b"two"), modern=True)
    revisions = [meeting.manifest("M1")["revision"] for meeting in (one, same, other)]
    assert revisions[0] == revisions[1] != revisions[2] and len(revisions[0]) == 64
    rest = {key: value for key, value in one.manifest("M1").items() if key != "revision"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == revisions[0]
    assert one.manifest("M1")["agenda"][0]["title"] == "01_a"


def test_a_meeting_can_be_replaced_while_the_server_runs() -> None:
    old, new = (OriginMeeting(archive(a1=text), modern=True) for text in (b"old", b"new"))
    with origin(meeting=old) as server:
        before, _ = ask(server)
        server.meetings["M1"] = new
        after, body = ask(server, f"If-Range: {values(before, 'ETag')[0]}", "Range: bytes=5-")
        told = json.loads(ask(server, path="/api/v1/meetings/M1/manifest")[1])
    assert after.startswith(b"HTTP/1.1 200 ") and body == new.package
    assert told["package"]["sha256"] in values(after, "ETag")[0]


def test_meetings_of_existing_servers_have_no_manifest() -> None:
    with origin() as server:
        head, _ = ask(server, path="/api/v1/meetings/M1/manifest")
    assert head.startswith(b"HTTP/1.1 404 ")


def test_ranges_on_kept_connections_of_two_servers_never_count_as_two() -> None:
    with pool_of([[], []], {"M1": OriginMeeting(PACKAGE)}) as pool:
        both = [
            http.client.HTTPConnection(one.host, one.port, timeout=10) for one in (pool[0], pool[1])
        ]
        for turn in range(200):
            connection = both[turn % 2]
            connection.request("GET", PATH, headers={"Range": f"bytes={turn}-"})
            assert connection.getresponse().read() == PACKAGE[turn:]
        for connection in both:
            connection.close()
        assert pool.log.open_packages == 1 and len(pool.log) == 200


def test_a_request_while_another_one_is_read_slowly_counts_as_two() -> None:
    big = OriginMeeting(bytes(32 << 20))
    with pool_of([[], []], {"M1": big}) as pool:
        with closing(socket.create_connection((pool[0].host, pool[0].port), timeout=10)) as slow:
            slow.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert slow.recv(10)
            ask(pool[1], "Range: bytes=0-9")
        assert pool.log.open_packages == 2
