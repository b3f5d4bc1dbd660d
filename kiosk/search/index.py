"""The index of one document: a small database of its own, written once and then only read.

It is named by the SHA-256 of the document's content, appears by a rename, and is opened as
something that nobody changes: so there is no journal beside it, no free page in it, and removing
the text of a document is removing one file. It was written by a process that read hostile bytes,
and may have been damaged since: what makes no sense in it is `Damaged`, and to be thrown away.

Where SQLite has no FTS5, an index has only the text, and every section of it is looked through.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kiosk.search.folding import fold, indexed
from kiosk.search.passage import Passage, around
from kiosk.search.query import Query
from kiosk.search.sections import Section

FORMAT = 1
STEPS = 500  # of SQLite's machine between two looks at the clock
# Its words are made by folding.py; this tokenizer leaves them as they are on every version.
_WORDS = "CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, tokenize='ascii')"
_ADD = "INSERT INTO words (rowid, text) VALUES (?, ?)"
_ABOUT = "CREATE TABLE about (format, fast, source, sections, cut, trouble)"
_FOUND = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid"

Place = tuple[int | None, Passage]


class Damaged(Exception):
    """The file is not an index, or not of this format, or not whole."""


@dataclass(frozen=True)
class About:
    """What an index says of itself: what it was made from, and how many sections it has.

    ``source``: pdf, document (the PDF made of an Office file), office, words, markup or none.
    ``trouble``: why there is no text where there might be some (a word), or None.
    """

    source: str = "none"
    sections: int = 0
    cut: bool = False
    trouble: str | None = None


@dataclass(frozen=True)
class Found:
    """How many sections have it, and the first ones: page (or None) and passage."""

    about: About
    count: int = 0
    passages: tuple[Place, ...] = ()


def write(path: Path, sections: Iterable[Section]) -> int:
    """Begin an index in the empty file at ``path`` with these sections; how many there were.

    `finish` ends it. Neither makes the file anew where somebody has removed it meanwhile.
    """
    with _writing(path) as base:
        base.execute("CREATE TABLE sections (id INTEGER PRIMARY KEY, page INTEGER, text TEXT)")
        fast = _has_fts5(base)
        count = 0
        for count, section in enumerate(sections, 1):
            row = (count, section.page, section.text)
            base.execute("INSERT INTO sections VALUES (?, ?, ?)", row)
            if fast:
                base.execute(_ADD, (count, indexed(section.text)))
        if fast:
            base.execute("INSERT INTO words (words) VALUES ('optimize')")
    return count


def finish(path: Path, about: About) -> None:
    """Say what it is; only now it is an index. The file is on the disk afterwards."""
    with _writing(path) as base:
        base.execute(_ABOUT)
        fast = base.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'words'").fetchone()[0]
        row = (FORMAT, fast, about.source, about.sections, about.cut, about.trouble)
        base.execute("INSERT INTO about VALUES (?, ?, ?, ?, ?, ?)", row)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def about(path: Path) -> About | None:
    """What an index is of; None where there is none; `Damaged`."""
    if not path.is_file():
        return None
    with _reading(path) as base:
        return _about(base)[0]


def find(path: Path, query: Query | None, most: int, until: float) -> Found | None:
    """What an index has of it, ``most`` passages; None where there is no index; `Damaged`.

    TimeoutError where it takes longer than ``until``, by time.monotonic().
    """
    if not path.is_file():
        return None
    with _reading(path, until) as base:
        about, is_fast = _about(base)
        if query is None or not about.sections:
            return Found(about)
        look = _matched if is_fast else _looked_through
        count, passages = look(base, query, most)
        return Found(about, count, tuple(passages))


def _matched(base: sqlite3.Connection, query: Query, most: int) -> tuple[int, list[Place]]:
    found = base.execute(_FOUND, (query.match,)).fetchall()
    passages: list[Place] = []
    for id_ in found[:most]:
        row = base.execute("SELECT page, text FROM sections WHERE id = ?", id_).fetchone()
        page, text = _row(row or ())
        passages.append((page, around(text, query)))
    return len(found), passages


def _looked_through(base: sqlite3.Connection, query: Query, most: int) -> tuple[int, list[Place]]:
    count = 0
    passages: list[Place] = []
    for page, text in map(_row, base.execute("SELECT page, text FROM sections ORDER BY id")):
        folded = fold(text)
        if all(term.search(folded) for term in query.terms):
            count += 1
            if count <= most:
                passages.append((page, around(text, query)))
    return count, passages


def _row(row: tuple[object, ...]) -> tuple[int | None, str]:
    page, text = row if len(row) == 2 else (None, None)
    if not isinstance(text, str) or not (page is None or isinstance(page, int)):
        raise Damaged("a section that is none")
    return page, text


def _about(base: sqlite3.Connection) -> tuple[About, bool]:
    """What it is, and whether its words are indexed."""
    row = base.execute("SELECT format, fast, source, sections, cut, trouble FROM about").fetchone()
    format_, fast, source, sections, cut, trouble = row or (None,) * 6
    if format_ != FORMAT or not isinstance(source, str) or not isinstance(sections, int):
        raise Damaged("not an index of this format")
    told = trouble if isinstance(trouble, str) else None
    return About(source, sections, bool(cut), told), bool(fast)


def _has_fts5(base: sqlite3.Connection) -> bool:
    try:
        base.execute(_WORDS)
    except sqlite3.OperationalError:
        return False
    return True


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction without a journal: what is not finished is thrown away as a whole."""
    with contextlib.closing(_opened(path, "mode=rw")) as base:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
            base.execute(f"PRAGMA {pragma}")
        base.execute("BEGIN")
        yield base
        base.execute("COMMIT")


@contextlib.contextmanager
def _reading(path: Path, until: float | None = None) -> Iterator[sqlite3.Connection]:
    """A database that is not believed: nothing in it may be run, and nothing takes for ever."""
    try:
        with contextlib.closing(_opened(path, "mode=ro&immutable=1")) as base:
            if until is not None:
                base.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            base.execute("PRAGMA trusted_schema = OFF")
            yield base
    except sqlite3.Error as fault:
        if getattr(fault, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise TimeoutError from None
        raise Damaged(str(fault)) from None


def _opened(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None)
