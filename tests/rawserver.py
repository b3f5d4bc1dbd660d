"""A server that says just the bytes that it is given, whatever it is asked."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

HANG_UP = b""
"""In a script: close the connection, without a word."""


@dataclass
class RawServer:
    """``asked`` are the requests; ``connections`` counts how often somebody has connected."""

    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextlib.contextmanager
def raw_server(*answers: bytes, close: bool = True, host: str = "127.0.0.1") -> Iterator[RawServer]:
    """Gives ``answers`` in turn, over one connection after another; the last one again and again.

    ``close``: each answer ends its connection; else the connection takes further requests.
    """
    listener = socket.create_server(
        (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    )
    server, turn = RawServer(), iter(answers)
    server.url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/p"

    def converse(connection: socket.socket) -> None:
        while request := _request(connection):
            server.asked.append(request)
            answer = next(turn, answers[-1])
            connection.sendall(answer)
            if close or answer == HANG_UP:
                return

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                converse(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def _request(connection: socket.socket) -> bytes:
    """One request with its body, where it has one: head and body may come apart."""
    request = connection.recv(65536)
    length = re.search(rb"\r\ncontent-length: *(\d+)", request, re.IGNORECASE)
    while length and len(request.partition(b"\r\n\r\n")[2]) < int(length[1]):
        request += connection.recv(65536)
    return request


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer as it should be."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
