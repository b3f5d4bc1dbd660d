"""servers.json: what was learned of each server, kept for the next download and the next start.

It is a memory, not a setting: where it is damaged it is set aside with a line in the log, where it
cannot be written that is logged, and the download goes on without.
"""

from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path

from kiosk.errors import LocalError
from kiosk.standings import Standings
from kiosk.store import write_whole

log = logging.getLogger("kiosk.remembered")

NAME = "servers.json"
MOST_BYTES = 1 << 20


def load(directory: Path) -> Standings:
    """What is remembered in the data directory; nothing where there is no sound file."""
    path = directory / NAME
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError("too large")
        return Standings.of_json(json.loads(content))
    except FileNotFoundError:
        return Standings()
    except (OSError, ValueError, RecursionError) as fault:
        log.warning("servers-set-aside path=%s why=%r", path, str(fault))
        with contextlib.suppress(OSError):
            path.replace(path.with_name(NAME + ".broken"))
        return Standings()


def save(directory: Path, standings: Standings) -> None:
    """Replace what is remembered; a disk that refuses is logged."""
    content = json.dumps(standings.to_json(), ensure_ascii=False, indent=1)
    try:
        write_whole(directory / NAME, content.encode("utf-8", "backslashreplace") + b"\n")
    except LocalError as fault:
        log.warning("servers-not-kept path=%s why=%r", directory / NAME, fault.message)
