"""What a seat says of itself (contract §3b), checked. Pure.

Everything in a report is a stranger's word: types, lengths and counts are held to the bounds below,
and what is out of them is refused as a whole (`UsageError` ``bad-request``), so that nothing is
shown that nobody said. Text loses what cannot be seen: it is shown, written to a file, and logged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.errors import UsageError

MAX_MEETINGS = 50
MAX_MEETING_ID = 200
MAX_SEAT = 80
MAX_TEXT = 300
MAX_DETAILS = 12
MAX_BYTES = 1 << 60
PHASES = (
    "absent", "waiting", "connecting", "downloading", "verifying", "publishing", "cancelled",
    "failed", "ready",
)  # fmt: skip
"""How a meeting stands on a seat: nothing of it, five kinds of on its way, three endings."""

_ID = re.compile(r"[0-9a-f]{16,64}")
_REVISION = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")

Json = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """Why a download failed: a code of errors.py, its sentence, its hint, what filled them.

    ``status`` is that of its ending (events.DownloadError).
    """

    code: str
    message: str = ""
    hint: str = ""
    details: Mapping[str, str | int | float] | None = None
    status: str = ""

    def to_json(self) -> Json:
        """The shape in which every error of this program is told."""
        told = {"code": self.code, "message": self.message, "hint": self.hint}
        return {**told, "details": dict(self.details or {}), "status": self.status}


@dataclass(frozen=True)
class Held:
    """One meeting on a seat. ``revision`` is what can be read there; ``update``: others are out."""

    meeting: str
    revision: str | None = None
    phase: str = "absent"
    percent: int = 0
    update: bool = False
    trouble: Trouble | None = None

    def to_json(self) -> Json:
        """The meeting as a page shows it."""
        return {
            "meeting": self.meeting,
            "revision": self.revision,
            "phase": self.phase,
            "percent": self.percent,
            "update": self.update,
            "error": self.trouble.to_json() if self.trouble else None,
        }


@dataclass(frozen=True)
class Report:
    """What one seat said. ``id`` stays the same over restarts; ``free_bytes`` None: not known."""

    id: str
    seat: str
    version: str = ""
    free_bytes: int | None = None
    meetings: tuple[Held, ...] = ()


def parsed(document: object) -> Report:
    """The report in a document; UsageError ``bad-request`` where it is none."""
    if not isinstance(document, dict):
        raise _bad("a report is an object")
    rows = document.get("meetings", [])
    if not isinstance(rows, list) or len(rows) > MAX_MEETINGS:
        raise _bad(f"meetings must be a list of at most {MAX_MEETINGS}")
    held = tuple(_held(row) for row in rows)
    if len({one.meeting for one in held}) != len(held):
        raise _bad("a meeting is there twice")
    return Report(
        id=_matching(document.get("id"), _ID, "id must be 16 to 64 hexadecimal digits"),
        seat=text(document.get("seat"), MAX_SEAT, "seat"),
        version=text(document.get("version", ""), 40, "version"),
        free_bytes=_bytes(document.get("freeBytes")),
        meetings=held,
    )


def _held(row: object) -> Held:
    if not isinstance(row, dict):
        raise _bad("a meeting is an object")
    phase, update = row.get("phase"), row.get("update", False)
    if phase not in PHASES or not isinstance(phase, str):
        raise _bad("a phase that is none")
    if not isinstance(update, bool):
        raise _bad("update must be true or false")
    revision = row.get("revision")
    if revision is not None:
        revision = _matching(revision, _REVISION, "a revision is 64 hexadecimal digits")
    meeting = row.get("meeting")
    if not isinstance(meeting, str) or not 0 < len(meeting) <= MAX_MEETING_ID:
        raise _bad("a meeting without its id")
    if not meeting.isprintable():
        raise _bad("an id that cannot be seen")
    return Held(
        meeting, revision, phase, _percent(row.get("percent", 0)), update, _trouble(row, phase)
    )


def _trouble(row: Json, phase: str) -> Trouble | None:
    error = row.get("error")
    if error is None:
        return Trouble("internal") if phase == "failed" else None
    if not isinstance(error, dict):
        raise _bad("an error is an object")
    return Trouble(
        _matching(error.get("code"), _CODE, "an error without a code", MAX_SEAT),
        text(error.get("message", ""), MAX_TEXT, "message"),
        text(error.get("hint", ""), MAX_TEXT, "hint"),
        _details(error.get("details", {})),
        _matching(error.get("status", "failed"), _CODE, "a status that is none", 40),
    )


def _details(details: object) -> dict[str, str | int | float]:
    if not isinstance(details, dict) or len(details) > MAX_DETAILS:
        raise _bad(f"details must be an object of at most {MAX_DETAILS}")
    checked: dict[str, str | int | float] = {}
    for name, value in details.items():
        name = _matching(name, _CODE, "a detail without a name", 40)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isfinite(value) or abs(value) > MAX_BYTES:
                raise _bad("a number that is none")
            checked[name] = value
        else:
            checked[name] = text(value, MAX_TEXT, "details")
    return checked


def text(value: object, most: int, name: str) -> str:
    """One line of at most ``most`` characters, of which each can be seen."""
    if not isinstance(value, str):
        raise _bad(f"{name} must be text")
    if len(value) > most:
        raise _bad(f"{name} must be at most {most} characters")
    return "".join(one if one.isprintable() else " " for one in value).strip()


def _matching(value: object, form: re.Pattern[str], why: str, most: int = 64) -> str:
    if not isinstance(value, str) or len(value) > most or not form.fullmatch(value):
        raise _bad(why)
    return value


def _percent(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad("percent must be a number")
    if not 0 <= value <= 100:
        raise _bad("percent must be from 0 to 100")
    return int(value)


def _bytes(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_BYTES:
        raise _bad("freeBytes must be a whole number")
    return value


def _bad(why: str) -> UsageError:
    return UsageError("bad-request", why=why)
