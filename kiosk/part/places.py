"""Where a part lies, and what the journals of a folder claim."""

from __future__ import annotations

import errno
import logging
from pathlib import Path

from kiosk.part import journal

log = logging.getLogger("kiosk.part")

_BUSY = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def entries_folder(part: Path) -> Path:
    """Where the files of a part lie: whole ones under their SHA-256."""
    return part.with_name(part.name + ".entries")


def claimed(downloads: Path) -> set[str]:
    """The SHA-256 of every file that a journal among the ``downloads`` says is whole."""
    return {
        sha256
        for path in sorted(downloads.glob("*.journal"))
        for sha256 in record_in(path).done.values()
    }


def record_in(path: Path) -> journal.Record:
    """What a journal proves; nothing where there is none that can be read.

    OSError where it is this process that can read nothing now: then others are not believed gone.
    """
    try:
        if path.stat().st_size > journal.MAX_BYTES:
            log.warning("journal-endless path=%s", path)
            return journal.Record()
        return journal.read(path.read_bytes())
    except FileNotFoundError:
        return journal.Record()
    except OSError as fault:
        if fault.errno in _BUSY:
            raise
        log.warning("journal-unreadable path=%s why=%r", path, str(fault))
        return journal.Record()
