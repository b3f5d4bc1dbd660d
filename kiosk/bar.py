"""The progress of `kiosk fetch` for a person at a command line."""

from __future__ import annotations

import shutil
from typing import TextIO

from kiosk import events

WIDTH = 28


class Bar:
    """One line that is redrawn on a terminal; elsewhere only what happened, a line each."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._drawn = False

    def __call__(self, event: events.Event) -> None:
        if isinstance(event, events.DownloadProgress):
            if self._live:
                self._draw(progress_line(event))
        elif (line := sentence(event)) is not None:
            self._clear()
            self._out.write(line + "\n")
            self._out.flush()

    def _draw(self, line: str) -> None:
        room = shutil.get_terminal_size().columns - 1
        self._out.write("\r\x1b[K" + line[:room])
        self._out.flush()
        self._drawn = True

    def _clear(self) -> None:
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._drawn = False


def progress_line(event: events.DownloadProgress) -> str:
    """Percent, bar, speed, time left and server in one line."""
    full = int(WIDTH * event.percent / 100)
    bar = "█" * full + "·" * (WIDTH - full)
    here = size(event.received_bytes + event.reused_bytes)
    total = size(event.total_bytes) if event.total_bytes is not None else "?"
    left = "" if event.seconds_left is None else f" · {round(event.seconds_left)} s left"
    if event.phase in ("verifying", "publishing"):
        return f"{event.percent:5.1f} % {bar} {here} of {total} · {event.phase}"
    return (
        f"{event.percent:5.1f} % {bar} {here} of {total} · {size(event.bytes_per_second)}/s{left}"
        f" · server {event.server_index} of {event.server_count} ({event.server}) · {event.phase}"
    )


def sentence(event: events.Event) -> str | None:
    """What happened, in words; None where there is nothing to say."""
    if isinstance(event, events.ServerSwitch):
        again = (
            "trying it again"
            if event.to_server == event.from_server
            else (f"trying {event.to_server}")
        )
        when = f" in {event.wait_seconds:.0f} s" if event.wait_seconds >= 1 else ""
        return f"{event.message}; {again}{when}"
    if isinstance(event, events.DownloadComplete):
        parts = [f"{size(event.received_bytes)} in {event.seconds:.1f} s from {len(event.servers)}"]
        lacking = f"; missing: {', '.join(event.missing)}" if event.missing else ""
        return f"{parts[0]} server(s), checked and published{lacking}"
    if isinstance(event, events.DownloadError):
        reasons = [f"  {row['server']}: {row['message']}" for row in event.attempts]
        kept = ["The version that was here stays readable."] if event.kept else []
        return "\n".join([f"{event.message}. {event.hint}", *reasons, *kept])
    if isinstance(event, events.DownloadCancelled):
        return f"cancelled; {size(event.received_bytes)} kept for the next try"
    return None


def size(count: float) -> str:
    """Bytes for people, in the units of the SI."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} GB"
