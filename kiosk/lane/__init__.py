"""One connection to one server: a thread that carries out orders, one after another.

A lane connects by itself and then stands, silent, until it is told to `Learn` what the server has,
and to `Fetch` ranges of it. It only does and reports; whether it has been silent for too long, and
what its fault means, is decided in transfer.py. Its `look` may be read at any time from any thread.

What it learns: the directory at the end of the package, with one request for its last bytes. So
two servers are known to hold the same build before their bytes are joined. A server that answers
with the whole package instead knows no ranges; that very answer is then read from its first byte.
"""

from kiosk.lane.connection import Lane
from kiosk.lane.errand import DOCUMENT_S, Errand
from kiosk.lane.words import (
    Copy,
    Failed,
    Fetch,
    Fetched,
    Flow,
    Learn,
    Learned,
    Report,
    Stood,
    Streamed,
    Streaming,
)

__all__ = [
    "DOCUMENT_S",
    "Copy",
    "Errand",
    "Failed",
    "Fetch",
    "Fetched",
    "Flow",
    "Lane",
    "Learn",
    "Learned",
    "Report",
    "Stood",
    "Streamed",
    "Streaming",
]
