"""What a material is for the page: its viewer, its text, and what was found out about it.

Documents are hostile, and the libraries that draw them are large. So they are never read by the
terminal itself: `render_all` starts ``python -m kiosk.render``, which draws each object in a child
of its own with limits on time, memory and output, and leaves the results in ``renditions/``. All of
it can be thrown away and made again.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.render.kinds import media_type, viewer_of
from kiosk.render.words import text_of

__all__ = ["info", "media_type", "render_all", "text_of", "thumbnail_path", "viewer_of"]

log = logging.getLogger("kiosk.render")

COMMAND = (sys.executable, "-P", "-m", "kiosk.render")
EACH_S = 20.0
START_S = 20.0
BATCH = 200
MAX_INFO_BYTES = 64 << 10
MOST = 1 << 40  # no count of pages, seconds or points comes near
PICTURE = "page1.webp"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def info(data_dir: Path, sha256: str) -> dict[str, Any] | None:
    """What is known about an object: ``pages``, ``seconds``, ``width``, ``height`` (or None each),
    ``thumbnail`` (bool), ``trouble`` (a word, or None). None where it was not looked at yet, or
    where what is written makes no sense: it comes from a process that read hostile bytes.
    """
    if not _SHA256.fullmatch(sha256):
        return None
    try:
        with open(data_dir / "renditions" / sha256 / "info.json", "rb") as file:
            known = json.loads(file.read(MAX_INFO_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return known if _makes_sense(known) else None


def _makes_sense(known: object) -> bool:
    if not isinstance(known, dict):
        return False
    counts = (known.get(name) for name in ("pages", "seconds", "width", "height"))
    trouble = known.get("trouble")
    return (
        isinstance(known.get("thumbnail"), bool)
        and (trouble is None or isinstance(trouble, str))
        and all(one is None or _is_count(one) for one in counts)
    )


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < MOST  # false for NaN, too


def thumbnail_path(data_dir: Path, sha256: str) -> Path | None:
    """The picture of an object's first page, WebP of at most 640 px in width; None without one."""
    known = info(data_dir, sha256)
    path = data_dir / "renditions" / sha256 / PICTURE
    return path if known and known["thumbnail"] and path.is_file() else None


def render_all(data_dir: Path, objects: Sequence[str], each_s: float = EACH_S) -> None:
    """Look at these objects (SHA-256), ``each_s`` seconds for each at most; OSError at a bad start.

    Returns when it is done. Whatever it started has ended by then or been killed, as a group. What
    is not the name of an object is left out.
    """
    objects = [sha256 for sha256 in objects if _SHA256.fullmatch(sha256)]
    for start in range(0, len(objects), BATCH):
        batch = objects[start : start + BATCH]
        process = subprocess.Popen(
            [*COMMAND, f"--each={each_s}", f"--parent={os.getpid()}", str(data_dir), *batch],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait(process, START_S + (each_s + 1) * len(batch))
        finally:
            _end_group(process)
        if process.returncode:
            log.warning("render-ended status=%d objects=%d", process.returncode, len(batch))


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> None:
    """Polls, because that way a green thread lets others have their turn."""
    give_up = time.monotonic() + limit_s
    while process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        log.debug("render-group-gone pid=%d", process.pid)
    process.wait()
