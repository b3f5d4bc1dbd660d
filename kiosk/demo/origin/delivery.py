"""Sends a package's bytes, rightly or in the way a fault demands.

`Delivery.send` decides status and headers (RFC 9110 §14: one range, If-Range, 416), then sends the
body with sendfile where nothing stands against it. Whole answers that have nothing to do with a
range are in misbehaving.py.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import re
import socket
import struct
import termios
import time
from typing import NamedTuple

from kiosk.demo.origin import faults as f
from kiosk.demo.origin.log import ClientLeft, Request, client_left
from kiosk.demo.origin.meeting import Source

PIECE = 1 << 20
CHUNK = 64 << 10
PIECES_A_SECOND = 200  # of a slow body: what comes at once is no more than 5 ms of its rate
LOOK_S = 0.01
LONGER = 1000
BOUNDARY = "part-of-the-package"
_COUNT = itertools.count(1)


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
    if not found or found.group(0) == "bytes=-" or (condition and not _holds(condition, etag)):
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


def _holds(condition: str, etag: str | None) -> bool:
    """Whether If-Range is met: only ever by a strong ETag (RFC 9110 §13.1.5)."""
    return condition == etag and not condition.startswith("W/")


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
        self._etag = _etag(struck.get("etag"), source.etag)
        self._length = struck.get("length")
        self._framed = isinstance(self._length, f.NoLength) and self._length.chunked
        self._ranges = struck.get("ranges")

    def send(self) -> bool:
        """Sends it all; returns whether the connection may be used again."""
        size, span = self._source.size, None
        if not isinstance(self._ranges, f.NoRanges):
            try:
                span = asked_span(self._request.headers, size, self._etag)
            except ValueError:
                return self._send_head(416, {"Content-Range": f"bytes */{size}"}, 0)
        extra = {"Content-Type": "application/zip"} | self._validators()
        if isinstance(self._ranges, f.WrongRange) and (span or self._ranges.wrong == "200"):
            return self._send_wrongly(self._ranges.wrong, span or Span(0, size), extra)
        if span:
            extra["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
        return self._send_part(206 if span else 200, extra, span or Span(0, size))

    def _validators(self) -> dict[str, str]:
        ranges = {} if isinstance(self._ranges, f.NoRanges) else {"Accept-Ranges": "bytes"}
        etag = {"ETag": self._etag} if self._etag else {}
        digest = {"Repr-Digest": self._source.digest} if self._source.digest else {}
        return ranges | etag | digest

    def _send_part(self, status: int, extra: dict[str, str], span: Span) -> bool:
        alive = self._send_head(status, extra, span.stop - span.start)
        if self._request.method == "HEAD":
            return alive
        return self._send_body(span) and alive

    def _send_wrongly(self, wrong: str, span: Span, extra: dict[str, str]) -> bool:
        size = self._source.size
        if wrong == "multipart":
            return self._send_multipart(span, extra)
        if wrong == "start":
            span = Span(span.start + (1 if span.stop - span.start > 1 else -1), span.stop)
        if wrong != "none":
            told = size + 1 if wrong == "total" else size
            extra["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{told}"
        return self._send_part(200 if wrong == "200" else 206, extra, span)

    def _send_multipart(self, span: Span, extra: dict[str, str]) -> bool:
        """The one part in the form for several (RFC 9110 §14.6)."""
        said = f"bytes {span.start}-{span.stop - 1}/{self._source.size}"
        head = f"\r\n--{BOUNDARY}\r\nContent-Range: {said}\r\n\r\n".encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        extra["Content-Type"] = f"multipart/byteranges; boundary={BOUNDARY}"
        self._send_head(206, extra, len(head) + span.stop - span.start + len(tail))
        self._connection.sendall(head)
        whole = self._send_body(span)
        self._connection.sendall(tail if whole else b"")
        return False

    def _send_head(self, status: int, extra: dict[str, str], length: int) -> bool:
        headers = [*extra.items(), *self._framing(length)]
        self._request.status = status
        lines = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'No'}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return ("Connection", "close") not in headers

    def _framing(self, length: int) -> list[tuple[str, str]]:
        """The headers that say where the body ends."""
        if self._framed:
            return [("Transfer-Encoding", "chunked")]
        if not isinstance(self._length, f.WrongLength):
            told = [("Content-Length", str(length))]
            return told if self._length is None else [("Connection", "close")]
        told = [("Content-Length", value) for value in _lies(self._length.wrong, length)]
        return told if self._length.wrong == "short" else [*told, ("Connection", "close")]

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
        if isinstance(pace, f.Drip):
            piece = pace.bytes
        elif rate is not None:
            piece = max(1, min(piece, int(rate / PIECES_A_SECOND)))
        position, began, wait_s = span.start, time.monotonic(), 0.0
        while position < span.stop:
            if client_left(self._connection, max(0.0, wait_s)):
                raise ClientLeft
            count = self._let_go(position, min(piece, span.stop - position))
            self._request.ending = position + count == span.stop
            position += self._send_piece(position, count)
            if rate is not None:
                wait_s = (position - span.start) / rate - (time.monotonic() - began)
            elif isinstance(pace, f.Drip):
                wait_s = pace.every_s

    def _let_go(self, position: int, count: int) -> int:
        """How many of the next bytes may be sent, as soon as any may."""
        hold = self._struck.get("hold")
        if not isinstance(hold, f.HoldAt) or hold.until.is_set():
            return count
        at = f.position(hold.at, self._source.size)
        if position < at:
            return min(count, at - position)
        while not hold.until.is_set():
            if client_left(self._connection, LOOK_S):
                raise ClientLeft
        return count

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


def _etag(fault: f.Fault | None, etag: str) -> str | None:
    """What an answer gives as its ETag. A weak one never is what an If-Range holds against."""
    if isinstance(fault, f.ChangingETag):
        return f'"{next(_COUNT):x}-{etag[1:]}'
    if isinstance(fault, f.WeakETag):
        return f"W/{etag}"
    return None if fault else etag


def _lies(wrong: str, length: int) -> list[str]:
    """The values of Content-Length."""
    if wrong == "twice":
        return [str(length), str(length + LONGER)]
    lies = {"long": length + LONGER, "short": max(0, length - 1), "negative": -length - 1}
    return [str(lies[wrong]) if wrong in lies else "12abc"]


def reset(connection: socket.socket) -> None:
    """Makes the coming close a reset, once what was sent has arrived on the other side."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        waiting = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4))
        if struct.unpack("i", waiting)[0] == 0 or client_left(connection, within_s=0.005):
            break
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
