"""Whole answers: documents as they should be, and what a fault says instead of what was asked."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator, Mapping

from kiosk.demo.origin import faults as f
from kiosk.demo.origin.log import ClientLeft, Request, client_left
from kiosk.demo.origin.meeting import OriginMeeting

LOGIN_PAGE = "<!doctype html><title>Login</title><h1>Please log in to use this network</h1>"
PIECE = 256 << 10


def misbehave(
    connection: socket.socket, request: Request, fault: f.Fault, meeting: OriginMeeting | None
) -> bool:
    """Answers as the fault says; ``meeting`` is the one whose package was asked for.

    Returns whether the connection may be used again.
    """
    if isinstance(fault, f.Status):
        wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return send(connection, request, fault.status, {"detail": "scripted"}, wait)
    if isinstance(fault, f.HtmlPage):
        return send(connection, request, 200, LOGIN_PAGE)
    if isinstance(fault, f.RedirectTo):
        path = urllib.parse.quote(request.path)
        target = {"Location": fault.url.replace("{path}", path)}
        return send(connection, request, fault.status, "", target)
    if isinstance(fault, f.EmptyBody):
        head = {"Content-Length": "0"} if fault.told else {"Connection": "close"}
        return _send_head(connection, request, head) and fault.told
    if isinstance(fault, f.Gzip):
        return _send_packed(connection, request, fault, meeting)
    if isinstance(fault, f.Endless):
        return _send_without_end(connection, request, fault, meeting)
    return _say_nothing(connection, fault)


def send(
    connection: socket.socket,
    request: Request,
    status: int,
    content: object,
    extra: Mapping[str, str] | None = None,
) -> bool:
    """Sends a text (as HTML) or anything else as JSON; the connection may be used again."""
    if request.method not in ("GET", "HEAD"):
        status, content = 405, {"detail": "Method Not Allowed"}
    html = isinstance(content, str)
    body = str(content).encode() if html else _json(content)
    headers = {
        "Content-Type": "text/html; charset=utf-8" if html else "application/json",
        "Content-Length": str(len(body)),
        **(extra or {}),
    }
    head = _head(status, headers)
    request.status, request.ending = status, True
    connection.sendall(head if request.method == "HEAD" else head + body)
    request.sent = len(body)
    return True


def _json(content: object) -> bytes:
    """In UTF-8 as a master sends it; halves of characters, which no encoding can write, escaped."""
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(content).encode()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _send_head(connection: socket.socket, request: Request, headers: Mapping[str, str]) -> bool:
    """Sends the head of a 200 with something like a package in it."""
    request.status = 200
    connection.sendall(_head(200, {"Content-Type": "application/zip", **headers}))
    return True


def _send_packed(
    connection: socket.socket, request: Request, fault: f.Gzip, meeting: OriginMeeting | None
) -> bool:
    _send_head(connection, request, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"})
    packer = zlib.compressobj(1, wbits=31)
    plain = itertools.repeat(bytes(PIECE), fault.zeros // PIECE) if fault.zeros else _body(meeting)
    _send_chunks(connection, request, (packer.compress(piece) for piece in plain))
    _send_chunks(connection, request, [packer.flush()])
    connection.sendall(b"0\r\n\r\n")
    return True


def _send_without_end(
    connection: socket.socket, request: Request, fault: f.Endless, meeting: OriginMeeting | None
) -> bool:
    framing = {"Transfer-Encoding": "chunked"} if fault.chunked else {"Connection": "close"}
    _send_head(connection, request, framing)
    body = itertools.chain(_body(meeting), itertools.repeat(bytes(PIECE)))
    if fault.chunked:
        _send_chunks(connection, request, body)
    for piece in body:
        _send_piece(connection, request, piece)
    return False


def _send_chunks(connection: socket.socket, request: Request, body: Iterable[bytes]) -> None:
    for piece in body:
        if piece:
            connection.sendall(b"%x\r\n" % len(piece))
            _send_piece(connection, request, piece)
            connection.sendall(b"\r\n")


def _send_piece(connection: socket.socket, request: Request, piece: bytes) -> None:
    if client_left(connection):
        raise ClientLeft
    connection.sendall(piece)
    request.sent += len(piece)


def _body(meeting: OriginMeeting | None) -> Iterator[bytes]:
    """The package, piece by piece; an object where it is not one that was asked for."""
    if meeting is None:
        yield b"{}"
        return
    with contextlib.closing(meeting.source()) as source:
        for start in range(0, source.size, PIECE):
            yield source.read(start, PIECE)


def _say_nothing(connection: socket.socket, fault: f.Fault) -> bool:
    """Until the client leaves; a head that never ends, drop by drop, at most."""
    if isinstance(fault, f.DripHead):
        for byte in itertools.chain(b"HTTP/1.1 200 OK\r\nX-Slow: ", itertools.repeat(ord("a"))):
            connection.send(bytes([byte]))
            if client_left(connection, fault.seconds):
                break
    else:
        client_left(connection, within_s=3600)
    raise ClientLeft
