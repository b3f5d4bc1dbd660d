"""What somebody looks for: from any typed text to an expression of FTS5 and to patterns.

White space separates terms, all of which must be there; everything else that is not a letter or a
digit separates words inside a term. So nothing of what was typed is ever syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.search.folding import Run, fold, runs, words
from kiosk.search.sections import cleaned

MOST_CHARACTERS = 200
MOST_TERMS = 8
_BETWEEN = r"[\W_]*+"


@dataclass(frozen=True)
class Query:
    """``match`` is for FTS5. ``terms`` and ``marks`` are for a folded text: each of the ones is
    there where it is found at all, the other finds every place to mark. ``plain`` stands for a
    place wherever it is in a text as it is; empty where no text is sure to be one.
    """

    match: str
    plain: str
    terms: tuple[re.Pattern[str], ...]
    marks: re.Pattern[str]


def parse(typed: str) -> Query | None:
    """None where there is nothing in it to look for. At most `MOST_CHARACTERS` of it count."""
    text = fold(cleaned(typed[:MOST_CHARACTERS]))
    terms = [found for term in text.split() if (found := list(runs(term)))][:MOST_TERMS]
    if not terms:
        return None
    patterns = [_pattern(term) for term in terms]
    # The whole of it first: where its terms stand together, they are one mark.
    whole = [_BETWEEN.join(patterns)] if len(patterns) > 1 else []
    return Query(
        " AND ".join(map(_match, terms)),
        terms[0][0].text if len(terms[0]) == 1 else "",
        tuple(map(re.compile, patterns)),
        re.compile("|".join(whole + sorted(patterns, key=len, reverse=True))),
    )


def _match(term: Sequence[Run]) -> str:
    """A phrase whose last word may go on, as it does while somebody types."""
    *before, last = term
    kept = [word for run in before for word in words(run)]
    own = words(last)
    is_open = len(own) == 1
    phrase = " ".join([*kept, *(own if is_open else own[:-1])])
    return f'"{phrase}" *' if is_open else f'"{phrase}"'


def _pattern(term: Sequence[Run]) -> str:
    return _BETWEEN.join(
        r"\s*+".join(map(re.escape, run.text)) if run.wide else re.escape(run.text) for run in term
    )
