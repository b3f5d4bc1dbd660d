"""Tells its node how this terminal stands, so that one page shows the whole room (contract §3b).

Only a server of ours is told anything; while an existing master answers, `Reporting` is still.
What has changed is said at once, though never more often than every `GAP_S` seconds and progress
every `PROGRESS_S`; otherwise a sign of life goes out every 10 to 15 s, from a terminal that waits
for somebody every 3 to 5 s. Where nobody takes it, the pauses grow. The answer may name meetings
that are to be tried again. Nothing waits for this thread, and whatever goes wrong in it is logged
and tried again later.
"""

from __future__ import annotations

import logging
import random
import shutil
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from kiosk import __version__, events, fetch
from kiosk.errors import ServerError, UsageError
from kiosk.pool import Server
from kiosk.settings import Settings
from kiosk.terminal.feed import Feed
from kiosk.terminal.identity import identity

log = logging.getLogger("kiosk.reporting")

GAP_S = 0.5
PROGRESS_S = 2.0
ALIVE_S = (10.0, 15.0)
WAITING_S = (3.0, 5.0)
AGAIN_S = (2.0, 4.0)
LONGEST_PAUSE_S = 60.0
TIMEOUT_S = 2.0
MOST = 50
MOST_RETRIES = 20
LONGEST_SEAT = 80
LONGEST_TEXT = 300
MOVING = ("connecting", "downloading", "verifying", "publishing")
# Of the events of a download these change how the terminal stands.
HEARD = {
    events.name_of(kind(""))
    for kind in (
        events.DownloadQueued, events.DownloadStart, events.DownloadComplete, events.DownloadError,
        events.DownloadCancelled, events.MeetingsChanged, events.SettingsChanged,
    )
}  # fmt: skip

Json = dict[str, Any]


class Here(Protocol):
    """The terminal, as far as it is told of."""

    @property
    def settings(self) -> Settings: ...
    @property
    def feed(self) -> Feed: ...
    def meetings(self) -> Json: ...
    def download(self, meeting_id: str) -> tuple[Json, bool]: ...


class Reporting:
    """``node()`` is whom to tell; None while nobody of ours answers."""

    def __init__(self, here: Here, node: Callable[[], Server | None]) -> None:
        self._here = here
        self._node = node
        self._id = ""
        self._wake, self._ended = threading.Event(), threading.Event()
        self._chance = random.Random()
        # To whom something was said last, and what; when it was, and when there is more to say.
        self._told: Server | None = None
        self._said: Json | None = None
        self._said_at = self._next_at = float("-inf")
        self._failures = 0
        here.feed.subscribe(self._hear)

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        self._id = identity(self._here.settings.directory / "terminal.json")
        while not self._ended.is_set():
            node, now = self._node(), time.monotonic()
            if node is None:
                # Whoever comes back may have been started anew, and knows nothing.
                self._told = None
            elif self._is_due(node, now):
                self._tell(node)
            self._wake.wait(self._pause(time.monotonic()))
            self._ended.wait(max(0.0, self._said_at + GAP_S - time.monotonic()))
            self._wake.clear()

    def stop(self) -> None:
        """End the thread after what it may be saying."""
        self._ended.set()
        self._wake.set()

    def _hear(self, _: int, name: str, _payload: Json) -> None:
        if name in HEARD:
            self._wake.set()

    def _is_due(self, node: Server, now: float) -> bool:
        """Whether there is something to say: to somebody new, something new, or just "here"."""
        if node != self._told:
            self._told, self._said, self._failures = node, None, 0
            return True
        if now >= self._next_at:
            return True
        if self._failures or self._said is None:
            return False
        report = self.report()
        moved = report != self._said and now >= self._said_at + PROGRESS_S
        return moved or _without_progress(report) != _without_progress(self._said)

    def _pause(self, now: float) -> float:
        """Until the next look, in seconds."""
        if self._told is None:
            return ALIVE_S[0]  # that somebody is there now is heard as a change
        held = self._said["meetings"] if self._said else []
        if self._failures == 0 and any(one["phase"] in MOVING for one in held):
            return PROGRESS_S
        return min(max(GAP_S, self._next_at - now), LONGEST_PAUSE_S)

    def _tell(self, node: Server) -> None:
        report = self.report()
        answer: object = None
        try:
            answer = fetch.post_json(node.url("/terminals/report"), node.name, report, TIMEOUT_S)
        except ServerError as fault:
            self._failures += 1
            log.info("not-reported node=%s why=%r", node.name, fault.message)
        else:
            self._failures, self._said = 0, report
        self._said_at = time.monotonic()
        self._next_at = self._said_at + self._silence(report)
        for meeting_id in _retries(answer):
            self._try_again(meeting_id)

    def _silence(self, report: Json) -> float:
        """How long nothing need be said; with jitter, so that a room does not speak in chorus."""
        if self._failures:
            pause = self._chance.uniform(*AGAIN_S) * 2.0 ** min(self._failures - 1, 6)
            return min(LONGEST_PAUSE_S, pause)
        waits = any(one["phase"] == "failed" for one in report["meetings"])
        return self._chance.uniform(*(WAITING_S if waits else ALIVE_S))

    def _try_again(self, meeting_id: str) -> None:
        """A node may have begun again what has failed here, and nothing else."""
        failed = {
            one["meeting"] for one in self.report()["meetings"] if one["phase"] == "failed"
        }  # fmt: skip
        if meeting_id not in failed:
            log.info("nothing-to-retry meeting=%r", meeting_id)
            return
        log.info("retry-asked-for meeting=%r", meeting_id)
        try:
            self._here.download(meeting_id)
        except UsageError as fault:
            log.warning("not-retried meeting=%r why=%r", meeting_id, fault.message)

    def report(self) -> Json:
        """How this terminal stands, as it goes over the wire."""
        settings = self._here.settings
        rows = [_held(row) for row in self._here.meetings()["meetings"] if _is_of_interest(row)]
        return {
            "id": self._id,
            "seat": (settings.seat or socket.gethostname())[:LONGEST_SEAT],
            "version": __version__,
            "freeBytes": _free(settings),
            "meetings": rows[:MOST],
        }


def _is_of_interest(row: Json) -> bool:
    download = row["download"]
    return row["status"] == "ongoing" or bool(download and download["ending"] is None)


def _held(row: Json) -> Json:
    local, download = row["local"], row["download"]
    phase = _phase(row)
    return {
        "meeting": row["id"],
        "revision": local["revision"] if local else None,
        "phase": phase,
        "percent": int(download["percent"]) if _is_under_way(download) else 0,
        "update": bool(row["update"]),
        "error": _error(download["ending"]) if phase == "failed" else None,
    }


def _phase(row: Json) -> str:
    download = row["download"]
    if _is_under_way(download):
        return str(download["state"])
    if row["local"] and not row["update"]:
        return "ready"
    if download and download["state"] in ("failed", "cancelled"):
        return str(download["state"])
    return "ready" if row["local"] else "absent"


def _is_under_way(download: Json | None) -> bool:
    return download is not None and download["ending"] is None


def _error(ending: Json) -> Json:
    """What ended it, and of the reasons the last one."""
    attempts = ending.get("attempts") or [{}]
    last = attempts[-1]
    told = last if last.get("code") else {"code": ending["status"].replace("_", "-"), **ending}
    details = {
        key: value if type(value) in (int, float) else str(value)[:LONGEST_TEXT]
        for key, value in (last.get("details") or {}).items()
    }
    return {
        "status": ending["status"],
        "code": told["code"],
        "message": str(told.get("message", ""))[:LONGEST_TEXT],
        "hint": str(told.get("hint", ""))[:LONGEST_TEXT],
        "details": details,
    }


def _without_progress(report: Json) -> Json:
    """What is said at once when it is another: neither percent nor the last megabytes of space."""
    free = report["freeBytes"]
    meetings = [{**held, "percent": 0} for held in report["meetings"]]
    return {**report, "freeBytes": free and free >> 30, "meetings": meetings}


def _retries(answer: object) -> list[str]:
    """The meetings that the node wants tried again; what is no such list counts as none."""
    named = answer.get("retry") if isinstance(answer, dict) else None
    rows = named[:MOST_RETRIES] if isinstance(named, list) else []
    return [one for one in rows if isinstance(one, str)]


def _free(settings: Settings) -> int | None:
    try:
        return shutil.disk_usage(settings.directory).free
    except OSError:
        return None
