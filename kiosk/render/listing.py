"""What lies in a ZIP archive that is a material: its files and folders, by name and size.

The archive is judged by the rules for packages (Z1 to Z12): what two readers could read
differently, what unpacks to far more than it says or has names that are no names is not listed but
explained, by the code of its fault. Nothing is unpacked. Runs in a child of the render process
only; what it left behind is checked when it is read.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path
from typing import Any

from kiosk.errors import PackageError
from kiosk.order import Key, natural_path
from kiosk.package import Limits, Package, inspect

NAME = "listing.json"
MOST_SHOWN = 2000
MAX_BYTES = 4 << 20
MOST = 1 << 60
LIMITS = Limits(max_directory_bytes=16 << 20)
_CODE = re.compile(r"[a-z-]{1,40}")

Listing = dict[str, Any]


def write(path: Path, folder: Path) -> str | None:
    """Leave the listing of the archive at ``path`` in ``folder``; the code of what is wrong."""
    try:
        with open(path, "rb") as file:
            listing = _of(inspect(file, LIMITS))
    except PackageError as fault:
        listing = {"trouble": fault.code, "files": 0, "bytes": 0, "entries": []}
    (folder / NAME).write_text(json.dumps(listing, ensure_ascii=False), "utf-8")
    trouble = listing["trouble"]
    return trouble if isinstance(trouble, str) else None


def _of(package: Package) -> Listing:
    """Files of a folder first, then its folders, each in natural order."""
    entries = sorted(package.entries, key=lambda entry: _order(entry.path))
    return {
        "trouble": None,
        "files": len(entries),
        "bytes": sum(entry.size for entry in entries),
        "entries": [[entry.path, entry.size] for entry in islice(entries, MOST_SHOWN)],
    }


def _order(path: str) -> tuple[list[tuple[int, Key]], str]:
    *folders, name = natural_path(path)
    return [*((1, folder) for folder in folders), (0, name)], path


def read(folder: Path) -> Listing | None:
    """The listing in ``folder``; None where there is none, or what is written makes no sense.

    ``trouble`` is a code or None, ``files`` and ``bytes`` count all that is in the archive, and
    ``entries`` are path and size in bytes of the first `MOST_SHOWN`.
    """
    try:
        with open(folder / NAME, "rb") as file:
            found = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return found if _makes_sense(found) else None


def _makes_sense(found: object) -> bool:
    if not isinstance(found, dict) or set(found) != {"trouble", "files", "bytes", "entries"}:
        return False
    trouble, entries = found["trouble"], found["entries"]
    return (
        (trouble is None or (isinstance(trouble, str) and bool(_CODE.fullmatch(trouble))))
        and _is_size(found["files"])
        and _is_size(found["bytes"])
        and isinstance(entries, list)
        and len(entries) <= MOST_SHOWN
        and all(_is_entry(entry) for entry in entries)
    )


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], str)
        and _is_size(entry[1])
    )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST
