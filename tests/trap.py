"""A server on loopback that nobody may ask: what hostile materials point to."""

from __future__ import annotations

import socket
import threading


class Trap:
    """It notes whoever comes; `close` it in the end."""

    def __init__(self) -> None:
        self.caught: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                connection.settimeout(1)
                try:
                    asked = connection.recv(4096)
                except TimeoutError:
                    asked = b"connected"
            if asked == b"end":
                return
            self.caught.append(asked)

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()) as connection:
            connection.sendall(b"end")
        self._thread.join()
        self._listener.close()
