"""The process that reads: ``python -m kiosk.search DATA_DIR SHA256…``.

Each object is read by a forked child with hard limits, and its index appears by a rename. One that
could not be read gets an index that says so, and is not tried again. The process steps back behind
everything that people wait for, and ends when whoever started it is gone.
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
import sqlite3
import sys
import time
from pathlib import Path

from kiosk import logs, search
from kiosk.render import child
from kiosk.render.work import DOCUMENT
from kiosk.search import index
from kiosk.search.index import About
from kiosk.search.read import Reading, reading_of
from kiosk.search.sections import Bounded

log = logging.getLogger("kiosk.search")

FILE_BYTES = 256 << 20
NICENESS = 10
READING_SHARE = 0.7  # of the time; the rest is for writing the index of what was read


def main() -> int:
    """Index everything asked for; 0 also where some of it could not be read, 1 at an early end."""
    logs.set_up(logging.INFO)
    asked = _asked()
    os.nice(NICENESS)
    try:
        for sha256 in asked.objects:
            _index(asked, sha256)
            if os.getppid() != asked.parent:
                return 1
    except (OSError, sqlite3.Error) as fault:
        # What the disk refuses once it refuses for the others, too.
        log.error("not-written why=%r", str(fault))
        return 1
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("kiosk.search", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("objects", nargs="*", metavar="SHA256")
    parser.add_argument("--each", type=float, default=60.0, help="seconds for each at most")
    parser.add_argument("--parent", type=int, default=os.getppid(), help="who waits for it")
    return parser.parse_args()


def _index(asked: argparse.Namespace, sha256: str) -> None:
    """Read one object and put its index in its place."""
    target = search.path_of(asked.data_dir, sha256)
    # With its name in it and there from the start, so that a purge ends what is being made, too:
    # either it removes this file, or the object is gone before it is read.
    work = target.with_name(f".new-{os.getpid()}-{sha256}")
    target.parent.mkdir(exist_ok=True)
    work.touch()
    try:
        reading = functools.partial(_read, _sources(asked, sha256), work, asked.each)
        trouble = child.in_child(reading, asked.each, asked.parent, FILE_BYTES)
        if trouble == "gone" or os.getppid() != asked.parent:
            return
        if trouble is not None:
            log.warning("not-indexed sha256=%s why=%s", sha256, trouble)
            work.write_bytes(b"")
            index.finish(work, About(trouble=trouble))
        _settle(asked, sha256, work)
    finally:
        work.unlink(missing_ok=True)


def _settle(asked: argparse.Namespace, sha256: str, work: Path) -> None:
    """Show the index, unless its object was purged meanwhile: then nothing of it may stay."""
    target = search.path_of(asked.data_dir, sha256)
    try:
        work.replace(target)
    except FileNotFoundError:
        log.info("purged-meanwhile sha256=%s", sha256)
    if not any(path.exists() for path in _places(asked, sha256)):
        target.unlink(missing_ok=True)


def _places(asked: argparse.Namespace, sha256: str) -> list[Path]:
    """Where the bytes of an object may be; publishing moves what came early."""
    stored = asked.data_dir / "objects" / sha256[:2] / sha256
    return [stored, *asked.data_dir.glob(f"download/*.part.entries/{sha256}"), stored]


def _sources(asked: argparse.Namespace, sha256: str) -> list[Path]:
    """What may be read, best first: the PDF that was made of it, then the bytes themselves."""
    document = search.document_of(asked.data_dir, sha256)
    return [*([document] if document else []), *_places(asked, sha256)]


def _read(sources: list[Path], work: Path, each_s: float) -> None:
    """Only ever in a child: read the first of these that is there, and write its index."""
    until = time.monotonic() + READING_SHARE * each_s
    found = _first(sources)
    sections = Bounded(found.sections, until)
    count = index.write(work, sections)
    index.finish(work, About(found.source, count, found.cut or sections.cut, found.trouble))


def _first(sources: list[Path]) -> Reading:
    for path in sources:
        try:
            reading = reading_of(path)
        except FileNotFoundError:
            continue
        if path.name == DOCUMENT:
            reading.source = "document"
        return reading
    raise FileNotFoundError(sources[-1])


if __name__ == "__main__":
    sys.exit(main())
