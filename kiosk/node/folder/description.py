"""meeting.toml: what somebody says of a meeting, checked; every word of it is optional.

::

    title = "经营工作会"
    time = "2026-11-24 09:00"
    status = "进行中"            # or in-progress, ended, planned
    intro = "……"

    [[agenda]]
    title = "工作报告"
    reporter = "王芳"
    minutes = 20
    files = ["01 报告.pdf", "附件"]   # files, or folders for all that is in them
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.agenda.document import MAX_INTRO, MAX_TEXT, text
from kiosk.errors import UsageError
from kiosk.words import decoded

MAX_BYTES = 1 << 20
MAX_ITEMS = 500
MAX_NAMED = 2000
IN_PROGRESS, ENDED, PLANNED = "进行中", "已结束", "未开始"
STATUSES = {
    "进行中": IN_PROGRESS, "in-progress": IN_PROGRESS, "in progress": IN_PROGRESS,
    "started": IN_PROGRESS, "已结束": ENDED, "结束": ENDED, "ended": ENDED,
    "未开始": PLANNED, "planned": PLANNED,
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A point of the agenda; ``files`` are paths of files and folders, ``minutes`` minutes."""

    title: str
    reporter: str = ""
    minutes: int | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """What meeting.toml says; empty where it says nothing. ``status`` is one of `STATUSES`."""

    title: str = ""
    time: str = ""
    status: str = ""
    intro: str = ""
    agenda: tuple[Point, ...] = ()


def parse(raw: bytes, folder: str) -> Description:
    """The description in a meeting.toml; UsageError ``bad-description`` with the reason."""
    try:
        if len(raw) > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES} bytes")
        return _description(tomllib.loads(decoded(raw).replace("\r\n", "\n")))
    except (ValueError, RecursionError) as fault:
        why = str(fault) or type(fault).__name__
        raise UsageError("bad-description", folder=folder, why=why[:300]) from None


def _description(document: Mapping[str, Any]) -> Description:
    status = _words(document, "status")
    if status and status.lower() not in STATUSES:
        raise ValueError("status must be 进行中 (in-progress), 已结束 (ended) or 未开始 (planned)")
    rows = document.get("agenda", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("agenda must be a list of tables: [[agenda]]")
    if len(rows) > MAX_ITEMS:
        raise ValueError(f"agenda must have at most {MAX_ITEMS} items")
    points = tuple(_point(row) for row in rows)
    if sum(len(point.files) for point in points) > MAX_NAMED:
        raise ValueError(f"the agenda must name at most {MAX_NAMED} files")
    return Description(
        title=_words(document, "title"),
        time=_time(document),
        status=STATUSES[status.lower()] if status else "",
        intro=_words(document, "intro", MAX_INTRO),
        agenda=points,
    )


def _point(row: Mapping[str, Any]) -> Point:
    minutes = row.get("minutes")
    is_count = isinstance(minutes, int) and not isinstance(minutes, bool)
    if minutes is not None and not (is_count and 0 <= minutes <= 10_000):
        raise ValueError("minutes must be a whole number")
    files = row.get("files", [])
    if not isinstance(files, list) or not all(isinstance(one, str) for one in files):
        raise ValueError("files must be a list of texts")
    return Point(_words(row, "title"), _words(row, "reporter"), minutes, tuple(files))


def _time(document: Mapping[str, Any]) -> str:
    """Text as it is, or a time of TOML as people write it."""
    value = document.get("time", "")
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return _words(document, "time")


def _words(row: Mapping[str, Any], name: str, most: int = MAX_TEXT) -> str:
    value = row.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")
    if len(value) > most:
        raise ValueError(f"{name} must have at most {most} characters")
    return text(value, most)
