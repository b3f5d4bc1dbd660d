"""Marks of the reader: strokes and notes on the pages of materials, on this terminal alone.

They belong to a meeting and a document (`files`), outlive its replacement where a page of the new
one is equal (`equal`, `view`), and can be written as PDF (`export`). What a page is known by, and
the PDF, are made in a process of its own with limits (`python -m kiosk.marks`), because documents
are hostile. `marks/` is part of what a purge removes.
"""

from __future__ import annotations

from kiosk.marks.equal import Print
from kiosk.marks.files import MOST_PAGES, Document, Entry, Shelf, remove, tidy
from kiosk.marks.prints import known_prints, make_prints, run
from kiosk.marks.shape import PageMarks, parse
from kiosk.marks.view import Kept, Others, View, candidates, view

__all__ = [
    "MOST_PAGES", "Document", "Entry", "Kept", "Others", "PageMarks", "Print", "Shelf", "View",
    "candidates", "known_prints", "make_prints", "parse", "remove", "run", "tidy", "view",
]  # fmt: skip
