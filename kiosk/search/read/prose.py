"""The words of one part of an Office file in which text stands in elements of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.search.read.archive import Archive, Enough
from kiosk.search.sections import MOST_CHARACTERS


@dataclass(frozen=True)
class Rules:
    """Elements by their local names: those with ``text`` in them, what the ``ends`` of others
    stand for, and those that say something ``again`` for programs that did not understand it.
    """

    text: tuple[str, ...]
    ends: Mapping[str, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()


OFFICE = Rules(("t",), {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "tc": "\t"}, ("Fallback",))


def words(archive: Archive, name: str, rules: Rules = OFFICE) -> str:
    """The text of a part, a line for each paragraph."""
    gathered = _Words(rules)
    archive.walk(name, gathered.start, gathered.end, gathered.text)
    return "".join(gathered.seen)


class _Words:
    def __init__(self, rules: Rules) -> None:
        self.seen: list[str] = []
        self._rules = rules
        self._left = MOST_CHARACTERS
        self._within = 0  # elements of text that are open
        self._again = 0  # of what is said again

    def start(self, name: str, _: dict[str, str]) -> None:
        self._within += name in self._rules.text
        self._again += name in self._rules.again

    def end(self, name: str) -> None:
        self._within -= name in self._rules.text
        self._again -= name in self._rules.again
        if not self._again and name in self._rules.ends:
            self.seen.append(self._rules.ends[name])

    def text(self, text: str) -> None:
        if self._within and not self._again:
            self.seen.append(text)
            self._left -= len(text)
            if self._left < 0:
                raise Enough
