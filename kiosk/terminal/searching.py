"""What a search through a whole meeting finds: ``GET /api/meetings/{id}/search``.

Titles of agenda items come first, then names of materials, then their texts in agenda order. A hit
in a text is a page, or a piece of what has no pages; the first ones of each material are shown, all
are counted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk import search
from kiosk.errors import UsageError
from kiosk.manifest import Manifest
from kiosk.search import Found, Passage, Query
from kiosk.terminal.early import Early

MOST_OF_ONE = 20
MOST_IN_ALL = 200
LIMIT_S = 2.0
TURN = 10
# What people take for text even where there is none in it: a scan, a locked file.
PAPERS = ("pdf", "document", "office")

Shown = dict[str, Any]


def asked(typed: str) -> Query | None:
    """What is looked for; None where that is nothing; UsageError where it is too long."""
    if len(typed) > search.MOST_CHARACTERS:
        why = f"q must be text of at most {search.MOST_CHARACTERS} characters"
        raise UsageError("bad-request", why=why)
    return search.parse(typed)


def contents(meeting: Shown, manifest: Manifest | None, early: Early) -> dict[int, str]:
    """The SHA-256 by number of those materials of a shown meeting that are here."""
    if manifest is not None:
        numbered = enumerate(manifest.materials, 1)
        return {n: material.sha256 for n, material in numbered if material.sha256}
    rows = [row for item in meeting["agenda"] for row in item["materials"] if row["url"]]
    came = ((row["n"], early.find(meeting["id"], row["n"])) for row in rows)
    return {n: found[0].sha256 for n, found in came if found and found[0].sha256}


class Searching:
    """One search through the ``agenda`` of a meeting as it is shown.

    ``contents`` are as of the function of that name. `answer` may take `LIMIT_S` and a little.
    """

    def __init__(self, data_dir: Path, agenda: list[Shown], contents: Mapping[int, str]) -> None:
        self.unread: list[str] = []
        """Contents that have no index, or one of something worse than what there is now."""
        self._data_dir = data_dir
        self._agenda = agenda
        self._rows = [row for item in agenda for row in item["materials"]]
        self._contents = contents
        self._until = time.monotonic() + LIMIT_S
        self._hits: list[Shown] = []
        self._counts = dict.fromkeys((row["n"] for row in self._rows), 0)
        self._silent = self._partial = 0
        self._cut = False

    def answer(self, query: Query | None) -> Shown:
        """The answer; without a query only what there is to search."""
        titles = self._look_at_titles(query) if query else 0
        for number, row in enumerate(self._rows, 1):
            sha256 = self._contents.get(row["n"])
            if sha256 is not None:
                self._look_into(row, sha256, query)
            if number % TURN == 0:
                # Indexes are read without a pause: others have their turn between some of them.
                time.sleep(0)
        found = [row for row in self._rows if self._counts[row["n"]]]
        return {
            "hits": self._hits,
            "materials": [_counted(row, self._counts[row["n"]]) for row in found],
            "total": titles + sum(self._counts.values()),
            "pending": len(self.unread),
            "silent": self._silent,
            "partial": self._partial,
            "cut": self._cut,
        }

    def _look_at_titles(self, query: Query) -> int:
        """Titles of items, whose count it gives, then names of materials."""
        for item in self._agenda:
            if passage := search.whole(item["title"], query):
                self._note("title", passage, position=item["position"])
        titles = len(self._hits)
        for row in self._rows:
            if passage := search.whole(row["name"], query):
                self._counts[row["n"]] += 1
                self._note("name", passage, n=row["n"])
        return titles

    def _look_into(self, row: Shown, sha256: str, query: Query | None) -> None:
        found = self._found(sha256, query)
        if found is None:
            return
        self._silent += found.about.source in PAPERS and not found.about.sections
        self._partial += found.about.cut
        self._counts[row["n"]] += found.count
        self._cut |= len(self._hits) == MOST_IN_ALL and found.count > 0
        for page, passage in found.passages:
            self._note("text", passage, n=row["n"], page=page)

    def _found(self, sha256: str, query: Query | None) -> Found | None:
        try:
            most = min(MOST_OF_ONE, MOST_IN_ALL - len(self._hits))
            found = search.find(self._data_dir, sha256, query, most, self._until)
        except TimeoutError:
            self._cut = True
            return None
        if found is None or search.is_outdated(self._data_dir, sha256, found.about):
            self.unread.append(sha256)
        return found

    def _note(self, kind: str, passage: Passage, **where: int | None) -> None:
        if len(self._hits) == MOST_IN_ALL:
            self._cut = True
            return
        marks = [list(mark) for mark in passage.marks]
        place = {"position": None, "n": None, "page": None, **where}
        self._hits.append({"kind": kind, **place, "snippet": passage.text, "marks": marks})


def _counted(row: Shown, hits: int) -> Shown:
    return {"n": row["n"], "name": row["name"], "type": row["type"], "hits": hits}
