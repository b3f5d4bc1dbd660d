"""Where a part lies, and what the journals of a folder claim."""

from __future__ import annotations

from pathlib import Path

from kiosk.part import journal


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
    """What a journal proves; nothing where there is none. OSError as it comes."""
    try:
        return journal.read(path.read_bytes())
    except FileNotFoundError:
        return journal.Record()
