"""Sends a package's bytes, rightly or in the way a fault demands.

`Delivery.send` decides status and headers (RFC 9110 §14: one range, If-Range, 416), then sends the
body with sendfile where nothing stands against it.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import struct
import termios
import time
from typing import NamedTuple

from kiosk.demo.origin import faults as f
from kiosk.demo.origin.log import Request, client_left
from kiosk.demo.origin.meeting import Source

PIECE = 1 << 20
CHUNK = 64 << 10


class ClientLeft(Exception):
    """The client closed the connection before its answer was sent."""


class Span(NamedTuple):
    """The part of the package that is asked for: bytes ``start`` to ``stop``, exclusive."""

    start: int
    stop: int


def asked_span(headers: dict[str, str], size: int, etag: str | None) -> Span | None:
    """What Range asks for, None for everything; ValueError where nothing can satisfy it.

    A Range that is malformed, has several parts or fails its If-Range is ignored (RFC 9110 §14.2).
    """
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", headers.get("range", "").strip())
    condition = headers.get("if-range")
    if not found or found.group(0) == "bytes=-" or (condition and condition != etag):
        return None
    first, last = found.groups()
    if not first:
        span = Span(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return None
    else:
        span = Span(int(first), min(size, int(last) + 1) if last else size)
    if span.start >= span.stop:
        raise ValueError("nothing there")
    return span


class Delivery:
    """One answer with package bytes over ``connection``."""

    def __init__(
        self,
        connection: socket.socket,
        request: Request,
        source: Source,
        struck: dict[f.Kind, f.Fault],
    ) -> None:
        self._connection, self._request, self._source = connection, request, source
        self._struck = struck
        self._etag = None if "etag" in struck else source.etag
        self._length = struck.get("length")
        self._framed = isinstance(self._length, f.NoLength) and self._length.chunked

    def send(self) -> bool:
        """Sends it all; returns whether the connection may be used again."""
        size, span = self._source.size, None
        if "ranges" not in self._struck:
            try:
                span = asked_span(self._request.headers, size, self._etag)
            except ValueError:
                return self._send_head(416, {"Content-Range": f"bytes */{size}"}, 0)
        extra = {"Content-Type": "application/zip"}
        if "ranges" not in self._struck:
            extra["Accept-Ranges"] = "bytes"
        if self._etag:
            extra["ETag"] = self._etag
        if span:
            extra["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
        whole = span or Span(0, size)
        alive = self._send_head(206 if span else 200, extra, whole.stop - whole.start)
        if self._request.method == "HEAD":
            return alive
        return self._send_body(whole) and alive

    def _send_head(self, status: int, extra: dict[str, str], length: int) -> bool:
        headers = dict(extra)
        if self._framed:
            headers["Transfer-Encoding"] = "chunked"
        elif self._length is None:
            headers["Content-Length"] = str(length)
        else:
            headers["Connection"] = "close"
        self._request.status = status
        lines = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'No'}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return "Connection" not in headers

    def _send_body(self, span: Span) -> bool:
        end = self._struck.get("end")
        stop = span.stop
        if isinstance(end, f.CutAt | f.ResetAt | f.StopAt):
            stop = min(stop, span.start + f.position(end.at, self._source.size))
        self._send_bytes(Span(span.start, stop))
        if stop < span.stop:
            self._end_early(end)
            return False
        if self._framed:
            self._connection.sendall(b"0\r\n\r\n")
        return True

    def _send_bytes(self, span: Span) -> None:
        pace = self._struck.get("pace")
        rate = pace.bytes_per_second if isinstance(pace, f.Slow) else None
        piece = PIECE if not self._framed else CHUNK
        if rate is not None:
            piece = max(1, min(piece, int(rate / 20)))
        position, began = span.start, time.monotonic()
        while position < span.stop:
            if client_left(self._connection):
                raise ClientLeft
            count = min(piece, span.stop - position)
            position += self._send_piece(position, count)
            if rate is not None:
                ahead_s = (position - span.start) / rate - (time.monotonic() - began)
                if ahead_s > 0 and client_left(self._connection, ahead_s):
                    raise ClientLeft

    def _send_piece(self, position: int, count: int) -> int:
        source, connection = self._source, self._connection
        if self._framed:
            connection.sendall(b"%x\r\n" % count)
        if source.file is None or "bytes" in self._struck:
            connection.sendall(self._spoiled(position, source.read(position, count)))
            sent = count
        else:
            sent = self._send_file(source.file, position, count)
        if self._framed:
            connection.sendall(b"\r\n")
        self._request.sent += sent
        return sent

    def _send_file(self, file: int, position: int, count: int) -> int:
        sent = 0
        while sent < count:
            now = os.sendfile(self._connection.fileno(), file, position + sent, count - sent)
            if now == 0:
                raise ClientLeft
            sent += now
        return sent

    def _spoiled(self, position: int, piece: bytes) -> bytes:
        fault = self._struck.get("bytes")
        if not isinstance(fault, f.WrongBytes):
            return piece
        at = f.position(fault.at, self._source.size)
        first = max(at, position) - position
        last = min(at + fault.count, position + len(piece)) - position
        if first >= last:
            return piece
        return piece[:first] + bytes(b ^ 0xFF for b in piece[first:last]) + piece[last:]

    def _end_early(self, how: f.Fault | None) -> None:
        if isinstance(how, f.StopAt):
            client_left(self._connection, within_s=3600)
            raise ClientLeft
        if isinstance(how, f.ResetAt):
            reset(self._connection)


def reset(connection: socket.socket) -> None:
    """Makes the coming close a reset, once what was sent has arrived on the other side."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        waiting = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4))
        if struct.unpack("i", waiting)[0] == 0 or client_left(connection, within_s=0.005):
            break
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
