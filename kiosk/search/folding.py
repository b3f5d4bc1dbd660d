"""What is compared of a text, and the words that an index keeps of it.

Case, width, accents and compatibility forms count for nothing: every character is folded by itself,
so that a place in the folded text leads back to the text. Chinese has no spaces between words, so
each of its characters begins a word of its own that reaches into the next one: 会议材料 is kept
as 会议 议材 材料 料. A phrase of any length is then a row of such words, and one character alone
is the beginning of one. White space inside such a run counts for nothing: it may be a line's end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# Scripts that are written without spaces, Korean, and the private characters of Chinese names.
WIDE = (
    "\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u1049\u1100-\u11ff\u1780-\u17d3\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u309f\u30a1-\u30fa\u30fc-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\ue000-\uf8ff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"([{WIDE}]++(?:\s++[{WIDE}]++)*+)|\d++|[^\W\d_{WIDE}]++")
_ACCENT = re.compile("[\u0300-\u036f]")


class _Folded(dict[int, str]):
    """What each character is folded to, found out when it is met first."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).casefold()
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", plain))
    plain = unicodedata.normalize("NFC", plain)
    if any(map(str.isalnum, plain)) or not plain:
        return plain
    return character


_TABLE = _Folded()


@dataclass(frozen=True)
class Run:
    """Characters of one kind in a row: ``wide`` ones without the space between them, or a word."""

    text: str
    wide: bool


def fold(text: str) -> str:
    """The text as it is compared; it may have another length."""
    return text.translate(_TABLE)


def origins(text: str) -> list[int]:
    """For each character of the folded text, which one of ``text`` it comes from."""
    return [at for at, character in enumerate(text) for _ in _TABLE[ord(character)]]


def runs(folded: str) -> Iterator[Run]:
    """The runs of a folded text; what lies between them is never compared."""
    for found in _RUN.finditer(folded):
        wide = found[1] is not None
        yield Run("".join(found[0].split()) if wide else found[0], wide)


def words(run: Run) -> list[str]:
    """The words that an index keeps of a run: one for each character of a wide one."""
    if not run.wide:
        return [run.text]
    return [*map("".join, pairwise(run.text)), run.text[-1]]


def indexed(text: str) -> str:
    """All words of a text, with a space between any two."""
    return " ".join(word for run in runs(fold(text)) for word in words(run))
