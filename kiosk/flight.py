"""The flight recorder: what happened in one download, as JSON lines a technician can send.

The first line says which program, which meeting and when; each further one has ``t`` (seconds
since), ``what``, and its facts. A record never has a secret in it (addresses lose their user and
query), never grows beyond `MOST_BYTES`, and never disturbs the download it tells of.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kiosk import __version__
from kiosk.errors import UsageError

log = logging.getLogger("kiosk.flight")

VERSION = 1
KEPT_FILES = 20
MOST_BYTES = 1 << 20
# What is told at the end still fits when everything before was too much.
RESERVE = 16 << 10
LONGEST = 2000
DAY_S = 24 * 3600.0

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#\s]*@)?([^?#\s]*)[?#]?\S*")


class Flight:
    """The record of one download, in a file of its own below ``directory``. For one thread."""

    def __init__(self, directory: Path, meeting_id: str) -> None:
        self._began = time.monotonic()
        self._written = 0
        self._full = self._told = False
        self._handle: int | None = None
        now = datetime.now(UTC)
        folder = re.sub(r"[^A-Za-z0-9._-]", "_", meeting_id)[:64]
        stamp = now.strftime("%Y%m%dT%H%M%S") + f".{now.microsecond // 1000:03d}Z"
        self.path = directory / f"{stamp}-{folder}.jsonl"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            _remove_old(directory)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._handle = os.open(self.path, flags, 0o600)
        except OSError as fault:
            self._refused(fault)
        at = now.isoformat(timespec="milliseconds")
        self.note("flight", version=VERSION, kiosk=__version__, at=at, meeting=meeting_id)

    def note(self, what: str, **facts: object) -> None:
        """Add a line. Never raises; what a disk refuses is missing, and logged once."""
        if self._handle is None:
            return
        line = {"t": round(time.monotonic() - self._began, 3), "what": what}
        text = json.dumps(line | _clean(facts), ensure_ascii=False, default=str)
        content = text.encode("utf-8", "backslashreplace") + b"\n"
        if self._written + len(content) > MOST_BYTES - (0 if what == "ending" else RESERVE):
            if self._full:
                return
            self._full = True
            content = json.dumps({"t": line["t"], "what": "full"}).encode() + b"\n"
        try:
            self._written += os.write(self._handle, content)
        except OSError as fault:
            self._refused(fault)

    def close(self) -> None:
        """Nothing is added any more. May be called twice."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None

    def _refused(self, fault: OSError) -> None:
        if not self._told:
            self._told = True
            log.warning("flight-not-kept path=%s why=%r", self.path, fault.strerror or str(fault))


def forget(directory: Path, meeting_id: str | None = None) -> int:
    """Remove the records of a meeting, or all of them; gives how many. LocalError never."""
    count = 0
    for path in _records(directory):
        if meeting_id is None or _meeting_of(path) == meeting_id:
            with contextlib.suppress(OSError):
                path.unlink()
                count += 1
    return count


def _remove_old(directory: Path) -> None:
    """Leave room for one more. A date in the future is that of a clock that was wrong."""
    now = time.time()
    aged = []
    for path in _records(directory):
        at = path.stat().st_mtime
        aged.append((at if at < now + DAY_S else 0.0, path))
    for _, path in sorted(aged, reverse=True)[KEPT_FILES - 1 :]:
        path.unlink(missing_ok=True)


def _records(directory: Path) -> list[Path]:
    try:
        return [path for path in directory.iterdir() if path.suffix == ".jsonl"]
    except OSError:
        return []


def _meeting_of(path: Path) -> object:
    """The meeting that the first line names; None where there is none."""
    with contextlib.suppress(OSError, ValueError, RecursionError), open(path, "rb") as file:
        head = json.loads(file.readline(MOST_BYTES))
        return head.get("meeting") if isinstance(head, dict) else None
    return None


def _clean(facts: dict[str, object]) -> dict[str, object]:
    return {name: _harmless(value) for name, value in facts.items()}


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return _ADDRESS.sub(r"\1\2", value)[:LONGEST]
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _harmless(one) for name, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value


# Read again

_SAID = {
    "start": "asks {servers}",
    "connect": "connects to {server}",
    "stood": "{server} accepted",
    "ask": "asks {server}",
    "learned": "{server} holds a package of {total}",
    "plan": "{missing} of {total} have to come, {entries} files; {reused} are here",
    "range": "{start} up to {stop} from {server}",
    "idle": "has nothing left to ask {server} for",
    "fault": "{message}",
    "switch": "leaves {left} for {to}",
    "entry": "whole: {path}, {bytes}",
    "damaged": "damaged: {path}, sent by {servers}",
    "front": "somebody waits for {path}",
    "lacking": "{entries} files are not whole yet",
    "progress": "{bytes} are here, {rate} a second",
    "check": "every byte is here",
    "ending": "the end",
    "full": "the record was full: what follows is missing",
}
_SIZES = {"total", "missing", "reused", "bytes", "received", "rate"}


def replay(path: Path) -> Iterator[str]:
    """The record as a timeline for people, line by line.

    UsageError ``bad-setting`` where the file is no record; a line that makes no sense is said so.
    """
    servers: dict[object, object] = {}
    with open(path, "rb") as file:
        lines = file.read(2 * MOST_BYTES).splitlines()
    head = _line(lines[0]) if lines else None
    if head is None or head.get("what") != "flight":
        raise UsageError("bad-setting", name="replay", why="not the record of a download")
    yield _shown(f"meeting {head.get('meeting')}, {head.get('at')}, kiosk {head.get('kiosk')}")
    for raw in lines[1:]:
        facts = _line(raw)
        if facts is None:
            yield "         ?  a line that cannot be read"
            continue
        lane = facts.pop("lane", None)
        if "server" in facts:
            servers[str(lane)] = facts["server"]
        elif str(lane) in servers:
            facts["server"] = servers[str(lane)]
        yield _told(facts, lane)


def _told(facts: dict[str, object], lane: object) -> str:
    t, what = facts.pop("t", None), str(facts.pop("what", "?"))
    sentence = _SAID.get(what, what)
    used = set(re.findall(r"\{(\w+)\}", sentence))
    said = re.sub(r"\{(\w+)\}", lambda field: _value(field[1], facts.get(field[1])), sentence)
    rest = [f"{name}={_value(name, facts[name])}" for name in facts if name not in used]
    if "server" not in used and "server" in facts and what != "fault":
        rest = [one for one in rest if not one.startswith("server=")]
    when = f"{t:10.3f}" if isinstance(t, int | float) else " " * 9 + "?"
    who = f"lane {lane}" if lane is not None else ""
    return _shown(f"{when}  {who:8} {said}" + (f"  ({', '.join(rest)})" if rest else ""))


def _value(name: str, value: object) -> str:
    if name in _SIZES and isinstance(value, int | float):
        return _size(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "?" if value is None else str(value)


def _size(count: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if abs(count) < 1000 or unit == "MB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"


def _line(raw: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _shown(text: str) -> str:
    """What a stranger put into a name cannot steer the terminal."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
