"""The engine process as it is, but its progress carries the moment at which it was told.

The stamp (``time.monotonic()``, the same clock for all processes of a machine) travels in
``secondsLeft``, which everything on the way passes on as it is. So what the clients compare their
clock with is the engine's word itself: a hub that stood still in between cannot hide it.
"""

from __future__ import annotations

import dataclasses
import sys
import time

from kiosk import events, worker

_encode = events.encode


def stamped(event: events.Event) -> str:
    """The line of ``event``, with the stamp if it is progress."""
    if isinstance(event, events.DownloadProgress):
        event = dataclasses.replace(event, seconds_left=time.monotonic())
    return _encode(event)


if __name__ == "__main__":
    events.encode = stamped
    sys.exit(worker.main())
