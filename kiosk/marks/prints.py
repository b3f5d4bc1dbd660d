"""What the pages of a document are known by: made once in a process of its own, and kept.

They lie beside the other renditions of the document (``renditions/<sha256>/prints.json``) and can
be thrown away like those.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from pathlib import Path

from kiosk.marks.equal import Print
from kiosk.marks.files import prints_of

log = logging.getLogger("kiosk.marks")

COMMAND = (sys.executable, "-P", "-m", "kiosk.marks")
LIMIT_S = 120.0
MAX_BYTES = 4 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def known_prints(data_dir: Path, sha256: str) -> tuple[Print, ...] | None:
    """The prints that were made of a document; None where there are none yet.

    Empty where it could not be read. What is written there comes from a process that read hostile
    bytes, so it is not believed either.
    """
    try:
        with open(_path(data_dir, sha256), "rb") as file:
            return prints_of(json.loads(file.read(MAX_BYTES)))
    except (OSError, ValueError, RecursionError):
        return None


def make_prints(data_dir: Path, sha256: str, source: Path) -> tuple[Print, ...]:
    """Find out what the pages of a document are known by; empty where it fails.

    ``source`` is a PDF, or the first of the pictures that were made of a scan's pages.

    The result is kept, that it failed as well. OSError as it comes.
    """
    path = _path(data_dir, sha256)
    aside = path.parent.with_name(f".new-{os.getpid()}-{sha256}.prints")
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        ended = run("prints", source, aside, LIMIT_S)
        made = _read(aside) if ended == 0 else None
        if made is None:
            log.warning("no-prints sha256=%s status=%s", sha256, ended)
            aside.write_bytes(b"[]\n")
        _put(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    if not source.exists():  # purged meanwhile: nothing of it may stay
        path.unlink(missing_ok=True)
    return made or ()


def _put(aside: Path, path: Path) -> None:
    """In its place, which whoever draws the document may replace as a whole at any moment."""
    try:
        path.parent.mkdir(exist_ok=True)
        aside.replace(path)
    except FileNotFoundError as fault:
        log.info("prints-not-kept path=%s why=%r", path, str(fault))


def run(task: str, source: Path, out: Path, limit_s: float) -> int:
    """One task of ``python -m kiosk.marks``, in a process of its own; 0 where it is done.

    Nothing that it started outlives this. OSError where it cannot be started.
    """
    from kiosk.render import process  # every download would wait for what draws documents

    return process.run([*COMMAND, f"--seconds={limit_s}", task, str(source), str(out)], limit_s)


def _read(path: Path) -> tuple[Print, ...] | None:
    try:
        return prints_of(json.loads(path.read_bytes()[:MAX_BYTES]))
    except (OSError, ValueError, RecursionError):
        return None


def _path(data_dir: Path, sha256: str) -> Path:
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return data_dir / "renditions" / sha256 / "prints.json"
