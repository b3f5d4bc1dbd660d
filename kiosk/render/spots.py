"""Words that are sought, marked in a page of HTML where they are shown as text.

Nothing in a frame without scripts could find them, but an address with a name leads there. The
words are as a search tells them: between two of them may be anything that is no word, also the end
of a paragraph or of a cell; within one there may be what does not end a line. Whatever begins in a
page and never ends reaches to the end of it; so a page is gone through once, whatever is in it.
"""

from __future__ import annotations

import re
from html.entities import codepoint2name

MOST_MARKS = 200
FOUND = "kiosk-found"
FIRST = f' id="{FOUND}" style="scroll-margin-top: 30vh"'  # with what stands before it in sight
INLINE = (
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tspan", "tt", "u", "var", "wbr",
)  # fmt: skip
"""Elements that are part of a line; every other one ends it."""
_TEXTLESS = (
    "script", "style", "title", "textarea", "template", "noscript", "select", "svg", "math", "xmp",
)  # fmt: skip
_ENDS = "(?=[\t\n\f\r />]|\\Z)"  # of a tag's name
_REST = """(?:"[^"]*+(?:"|\\Z)|'[^']*+(?:'|\\Z)|[^'">])*+(?:>|\\Z)"""
_TAG = f"<[!?/a-zA-Z]{_REST}"
_COMMENT = "<!--(?:[^-]++|-(?!->))*+(?:-->|\\Z)"
_UNREAD = (
    f"(?i:<(?P<unread>{'|'.join(_TEXTLESS)}){_ENDS}{_REST}(?:[^<]++|<(?!/(?P=unread){_ENDS}))*+)"
)
_NAMED = "&#?\\w{1,31};"
_WITHIN = f"(?:{_COMMENT}|(?i:</?(?:{'|'.join(INLINE)}){_ENDS}){_REST}|&shy;|[\xad\u200b-\u200d])"
_BETWEEN = f"(?:{_COMMENT}|{_TAG}|{_NAMED}|(?:[^\\w<&]|_)++|&|<(?![!?/a-zA-Z]))"
_TAGS = re.compile(f"({_COMMENT}|{_TAG})")


def marked(page: str, words: str) -> str:
    """The page with ``words`` marked; the first place is called `FOUND`."""
    sought = _pattern(words)
    if not sought:
        return page
    passed = re.compile(f"{_COMMENT}|{_UNREAD}|{_TAG}|(?P<found>{sought})|{_NAMED}")
    pieces, at, count = [], 0, 0
    for place in passed.finditer(page):
        if place["found"] is None:
            continue
        pieces += [page[at : place.start()], _as_marks(place["found"], "" if count else FIRST)]
        at, count = place.end(), count + 1
        if count == MOST_MARKS:
            break
    return "".join([*pieces, page[at:]])


def _pattern(words: str) -> str:
    """How these words may be written in a page; empty where there are none."""
    runs = [map(_letter, run) for run in re.split(r"[\W_]+", words) if run]
    return f"{_BETWEEN}{{1,64}}".join(f"{_WITHIN}{{0,16}}".join(run) for run in runs)


def _letter(character: str) -> str:
    code = ord(character)
    named = f"|&{codepoint2name[code]};" if code in codepoint2name else ""
    return f"(?:{re.escape(character)}|&#0*{code};|(?i:&#x0*{code:x};){named})"


def _as_marks(found: str, name: str) -> str:
    """One mark for each piece between tags, for around the end of a cell it would have no place."""
    pieces = _TAGS.split(found)
    for at in range(0, len(pieces), 2):
        if pieces[at].strip():
            pieces[at] = f"<mark{name}>{pieces[at]}</mark>"
            name = ""
    return "".join(pieces)
