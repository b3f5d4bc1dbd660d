"""Many Socket.IO clients in one process: ``python crowd.py URL COUNT``.

They speak WebSocket by hand, so that receiving costs next to nothing and the moment of arrival is
taken before anything is parsed. Prints ``ready`` when all have had their snapshot, and, when all
have heard the end of a download, one JSON line with what each received and when.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit

ENDINGS = ("downloadComplete", "downloadError", "downloadCancelled")
PATIENCE_S = 300


class Client(asyncio.Protocol):
    """One browser's live line; ``heard`` holds (arrival, event, payload)."""

    def __init__(self, host: str, port: int) -> None:
        self.heard: list[tuple[float, str, dict[str, Any]]] = []
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._address = f"{host}:{port}"
        self._waiting = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(
            (
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
                f"Host: {self._address}\r\nOrigin: http://{self._address}\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: a2lvc2sgYmVuY2htYXJrIQ==\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        arrival = time.monotonic()
        self._waiting += data
        if not self._open:
            head, found, rest = self._waiting.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.splitlines()[0]:
                raise RuntimeError(head.decode("latin-1"))
            self._open, self._waiting = True, rest
        while (frame := self._next_frame()) is not None:
            self._take(frame, arrival)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(ConnectionError(f"the line was cut: {exc}"))

    def close(self) -> None:
        """Hang up."""
        self._transport.abort()

    def _next_frame(self) -> bytes | None:
        data = self._waiting
        if len(data) < 2:
            return None
        length, start = data[1] & 0x7F, 2
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(data[2:start], "big")
        if len(data) < start + length:
            return None
        self._waiting = data[start + length :]
        return data[start : start + length]

    def _send(self, text: bytes) -> None:
        mask = os.urandom(4)
        hidden = bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))
        self._transport.write(bytes([0x81, 0x80 | len(text)]) + mask + hidden)

    def _take(self, frame: bytes, arrival: float) -> None:
        if frame.startswith(b"0{"):
            self._send(b"40")
        elif frame == b"2":
            self._send(b"3")
        elif frame.startswith(b"42"):
            name, payload = json.loads(frame[2:])
            if name == "snapshot":
                self.ready.set_result(None)
            else:
                self.heard.append((arrival, name, payload))
            if name in ENDINGS and not self.ended.done():
                self.ended.set_result(None)


async def main(url: str, count: int) -> None:
    """Connect all, wait for the end, tell."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(count):
        _, client = await loop.create_connection(lambda: Client(host, port), host, port)
        clients.append(client)
    await asyncio.wait_for(asyncio.gather(*(client.ready for client in clients)), PATIENCE_S)
    print("ready", flush=True)
    await asyncio.wait_for(asyncio.gather(*(client.ended for client in clients)), PATIENCE_S)
    print(json.dumps([client.heard for client in clients]), flush=True)
    for client in clients:
        client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
