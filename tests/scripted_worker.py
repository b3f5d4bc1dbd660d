"""An engine process that says what a test says, and tells the test what it is told.

``scripted_worker.py`` connects to the loopback port in ``SCRIPT_PORT``: what comes in there goes to
standard output, what comes on standard input goes out there. It ends when either side does.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import BinaryIO


def relay(source: BinaryIO, target: BinaryIO) -> None:
    """Line by line, until there are no more; then the whole process ends."""
    for line in iter(source.readline, b""):
        target.write(line)
        target.flush()
    os._exit(0)


if __name__ == "__main__":
    test = socket.create_connection(("127.0.0.1", int(os.environ["SCRIPT_PORT"])))
    told, says = test.makefile("wb"), test.makefile("rb")
    threading.Thread(target=relay, args=(sys.stdin.buffer, told), daemon=True).start()
    relay(says, sys.stdout.buffer)
