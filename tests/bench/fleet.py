"""Many terminals at one server, in one process: ``python fleet.py HOST PORT PATH FILE COUNT``.

Each asks as a terminal does: first for the end of the package, then, on the same connection, for
the rest of it. What comes is compared with ``FILE``, byte for byte, and not kept, so that it is the
server that is measured. Prints one line of JSON: the seconds of each, and how many were not right.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import re
import selectors
import socket
import sys
import time
from pathlib import Path

TAIL = 65_557
READ_BYTES = 256 << 10
PATIENCE_S = 120.0
HEAD_BYTES = 16 << 10
memcmp = ctypes.CDLL(None).memcmp
memcmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]


class Package:
    """What has to come, in memory."""

    def __init__(self, path: Path) -> None:
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        self.size = len(self._map)
        self._at = ctypes.addressof(ctypes.c_char.from_buffer(self._map))

    def has(self, at: int, found: int, count: int) -> bool:
        """Whether the bytes at the address ``found`` are those at ``at`` of the package."""
        return not memcmp(self._at + at, found, count)


class Terminal:
    """One of them; ``over`` once it has everything, or an answer that is no good (``wrong``)."""

    def __init__(self, address: tuple[str, int], path: str, package: Package) -> None:
        self.began = time.monotonic()
        self.seconds = 0.0
        self.over = False
        self.wrong = ""
        self._package = package
        tail, size = TAIL, package.size
        self._spans = [(size - tail, size, f"-{tail}"), (0, size - tail, f"0-{size - tail - 1}")]
        self._at = self._stop = 0
        self._head = b""
        self._host, self._path = f"{address[0]}:{address[1]}", path
        self.socket = socket.create_connection(address, PATIENCE_S)
        self._ask()
        self.socket.setblocking(False)

    def read(self, buffer: bytearray, place: int) -> None:
        """Take what has come; ``place`` is the address of ``buffer``."""
        try:
            count = self.socket.recv_into(buffer)
        except BlockingIOError:
            return
        if not count:
            self._end("cut off")
        elif self._at < self._stop:
            self._body(place, count)
        else:
            self._begin(bytes(buffer[:count]))

    def _ask(self) -> None:
        self._at = self._stop = 0
        self._head = b""
        lines = [f"GET {self._path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"Range: bytes={self._spans[0][2]}", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())

    def _begin(self, data: bytes) -> None:
        self._head += data
        head, found, rest = self._head.partition(b"\r\n\r\n")
        if not found:
            if len(self._head) > HEAD_BYTES:
                self._end("no end of headers")
            return
        start, stop, _ = self._spans.pop(0)
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if not head.startswith(b"HTTP/1.1 206") or not length or int(length[1]) != stop - start:
            self._end(head.partition(b"\r\n")[0].decode("latin-1"))
            return
        self._at, self._stop = start, stop
        if rest:
            first = ctypes.create_string_buffer(rest, len(rest))
            self._body(ctypes.addressof(first), len(rest))

    def _body(self, place: int, count: int) -> None:
        if count > self._stop - self._at:
            self._end("more than its length")
        elif not self._package.has(self._at, place, count):
            self._end("other bytes")
        else:
            self._at += count
            if self._at == self._stop and self._spans:
                self.socket.setblocking(True)
                self._ask()
                self.socket.setblocking(False)
            elif self._at == self._stop:
                self._end()

    def _end(self, wrong: str = "") -> None:
        self.over, self.wrong = True, wrong
        self.seconds = time.monotonic() - self.began


def main(host: str, port: int, path: str, package: Package, count: int) -> None:
    """All at once, each to its end."""
    buffer = bytearray(READ_BYTES)
    place = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        terminals = [Terminal((host, port), path, package) for _ in range(count)]
        for one in terminals:
            selector.register(one.socket, selectors.EVENT_READ, one)
        while selector.get_map() and time.monotonic() - began < PATIENCE_S:
            for key, _ in selector.select(1.0):
                one = key.data
                one.read(buffer, place)
                if one.over:
                    selector.unregister(one.socket)
                    one.socket.close()
    took = time.monotonic() - began
    wrong = [one.wrong or "not over" for one in terminals if one.wrong or not one.over]
    seconds = [one.seconds for one in terminals if one.over]
    print(json.dumps({"took": took, "seconds": seconds, "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Package(Path(sys.argv[4])), int(sys.argv[5]))
