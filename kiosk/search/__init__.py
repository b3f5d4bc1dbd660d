"""Full text: what a document says, page by page, indexed in the background and found again.

Documents are hostile, so they are never read by the terminal itself: `index_all` starts
``python -m kiosk.search``, which reads each object in a child of its own with limits on time,
memory and output, and leaves one database for each in ``texts/``. All of it can be thrown away and
made again. `find` only ever opens those databases.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.render import document_path, process
from kiosk.render.work import DOCUMENT
from kiosk.search import index
from kiosk.search.index import About, Damaged, Found
from kiosk.search.passage import Passage, whole
from kiosk.search.query import MOST_CHARACTERS, Query, parse

__all__ = [
    "MOST_CHARACTERS", "About", "Found", "Passage", "Query", "document_of", "find", "index_all",
    "is_current", "is_outdated", "parse", "path_of", "whole",
]  # fmt: skip

log = logging.getLogger("kiosk.search")

COMMAND = (sys.executable, "-P", "-m", "kiosk.search")
EACH_S = 60.0
START_S = 20.0
BATCH = 50
_SHA256 = re.compile(r"[0-9a-f]{64}")


def path_of(data_dir: Path, sha256: str) -> Path:
    """Where the index of an object is or would be; ValueError where that is no SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return data_dir / "texts" / f"{sha256}.db"


def is_current(data_dir: Path, sha256: str) -> bool:
    """Whether there is an index, and it is of the best that there is to read: the PDF that was made
    of an Office file has the pages that people see.
    """
    path = path_of(data_dir, sha256)
    try:
        known = index.about(path)
    except Damaged as fault:
        _throw_away(path, fault)
        return False
    return known is not None and not is_outdated(data_dir, sha256, known)


def is_outdated(data_dir: Path, sha256: str, about: About) -> bool:
    """Whether there is more to read now than its index was made from."""
    return about.source != "document" and document_of(data_dir, sha256) is not None


def find(data_dir: Path, sha256: str, query: Query | None, most: int, until: float) -> Found | None:
    """What an object says of it, ``most`` passages; None where its index is not there, or damaged,
    in which case it is removed, so that it is made again.

    TimeoutError where it takes longer than ``until``, by time.monotonic().
    """
    path = path_of(data_dir, sha256)
    try:
        return index.find(path, query, most, until)
    except Damaged as fault:
        _throw_away(path, fault)
        return None


def index_all(
    data_dir: Path,
    objects: Sequence[str],
    each_s: float = EACH_S,
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Read these objects (SHA-256), ``each_s`` seconds for each at most; OSError at a bad start.

    Once ``goes_on()`` is false, what is left is not read.
    Returns when it is done. Whatever it started has ended by then or been killed, as a group.
    """
    objects = [sha256 for sha256 in objects if _SHA256.fullmatch(sha256)]
    for start in range(0, len(objects), BATCH):
        batch = objects[start : start + BATCH]
        command = [*COMMAND, f"--each={each_s}", f"--parent={os.getpid()}", str(data_dir), *batch]
        if not goes_on():
            return
        status = process.run(command, START_S + (each_s + 1) * len(batch), goes_on)
        if status and goes_on():
            log.warning("indexing-ended status=%d objects=%d", status, len(batch))


def document_of(data_dir: Path, sha256: str) -> Path | None:
    """The PDF that was made of an Office file, if there is one."""
    # The first look is cheap, and for most files the last one.
    is_there = (data_dir / "renditions" / sha256 / DOCUMENT).is_file()
    return document_path(data_dir, sha256) if is_there else None


def _throw_away(path: Path, fault: Damaged) -> None:
    log.warning("index-thrown-away name=%s why=%r", path.name, str(fault))
    try:
        path.unlink(missing_ok=True)
    except OSError as refused:
        log.warning("index-stays name=%s why=%r", path.name, str(refused))
