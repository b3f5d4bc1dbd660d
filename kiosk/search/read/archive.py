"""The parts of an Office file, read by measure: no bomb, no document type, no entity."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.parsers import expat

MOST_IN_PART = 96 << 20
MOST_IN_ALL = 384 << 20
BLOCK = 64 << 10
_RELATION = "relationships id"  # the end of that name in each of the format's two dialects

Start = Callable[[str, dict[str, str]], None]


class Refused(Exception):
    """It will not be read; ``word`` says why: encrypted, broken or too-large."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


class Enough(Exception):
    """What reads a part has as much of it as it wants."""


class Archive:
    """An Office file. What zipfile and expat raise passes through."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        self._left = MOST_IN_ALL

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, fault: BaseException | None, __: TracebackType | None
    ) -> None:
        self._zip.close()

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name in self._zip.NameToInfo

    def walk(
        self, name: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]
    ) -> None:
        """Go through a part: elements by their names without namespace, attributes likewise but for
        ``r:id``. Ends early, and well, where one of the functions raises `Enough`.
        """
        parser = _parser(start, end, text)
        try:
            self._feed(name, parser)
        except Enough:
            return

    def related(self, name: str) -> dict[str, str]:
        """The parts that a part refers to: relation to name."""
        folder, base = posixpath.split(name)
        relations = f"{folder}/_rels/{base}.rels"
        found: dict[str, str] = {}

        def start(element: str, attributes: dict[str, str]) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[attributes.get("Id", "")] = path

        if self.has(relations):
            self.walk(relations, start, _nothing, _nothing)
        return found

    def _feed(self, name: str, parser: expat.XMLParserType) -> None:
        info = self._zip.NameToInfo[name]
        if info.flag_bits & 1:
            raise Refused("encrypted")
        read = 0
        with self._zip.open(info) as part:
            while block := part.read(BLOCK):
                read += len(block)
                self._left -= len(block)
                if read > MOST_IN_PART or self._left < 0:
                    raise Refused("too-large")
                parser.Parse(block, False)
        parser.Parse(b"", True)


def _parser(
    start: Start, end: Callable[[str], None], text: Callable[[str], None]
) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, given: start(_local(name), _attributes(given))
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = text
    # Office files have no document type; whoever has one means entities.
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise Refused("broken")


def _nothing(_: str) -> None:
    """Of an element or a text that does not matter."""


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _attributes(given: dict[str, str]) -> dict[str, str]:
    return {
        "r:id" if name.endswith(_RELATION) else _local(name): value for name, value in given.items()
    }
