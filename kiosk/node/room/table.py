"""The room as a table for a spreadsheet: RFC 4180, in UTF-8 with the mark by which Excel knows it.

A cell that a spreadsheet would take for a formula gets an apostrophe before it: what a seat calls
itself must not run on the machine of whoever opens the table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from kiosk.node.room.seats import Row

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"
COLUMNS = (
    "seat", "address", "colour", "reason", "since", "meeting", "phase", "percent", "revision",
    "error", "message", "free_bytes", "version", "id",
)  # fmt: skip


def table(rows: Iterable[Row]) -> str:
    """One line for each meeting of each seat, and one for a seat without a meeting."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in rows:
        for held in row["meetings"] or [{}]:
            error = held.get("error") or {}
            cells = (
                row["seat"], row["address"], row["colour"], row["reason"], row["since"],
                held.get("meeting"), held.get("phase"), held.get("percent"), held.get("revision"),
                error.get("code"), error.get("message"), row["freeBytes"], row["version"],
                row["id"],
            )  # fmt: skip
            writer.writerow([_cell(cell) for cell in cells])
    return MARK + file.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
