"""Holds docs/faults.md against the tests: each row has one, and each mark names a row.

Tests are read, not run, so that those of `make soak` count too.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| ([A-Z]\d+) \|(.*)\|$", re.MULTILINE)
SECTIONS = {"A": 15, "B": 16, "C": 11, "Z": 10, "P": 6, "F": 9, "N": 7, "R": 7}
"""How many rows each section has at least; they are numbered from 1."""


def rows(root: Path) -> list[str]:
    """The numbers of the table, in its order."""
    return [found[1] for found in ROW.finditer(table(root))]


def table(root: Path) -> str:
    return (root / "docs" / "faults.md").read_text("utf-8")


def marks(root: Path) -> Iterator[tuple[str, str]]:
    """Each row that a test is marked with, and where: on the test, a case of it, or its module."""
    for path in sorted((root / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                for argument in node.args:
                    yield ast.literal_eval(argument), f"{path.relative_to(root)}:{node.lineno}"


def untested(root: Path) -> list[str]:
    tested = {row for row, _ in marks(root)}
    return [f"{row} has no test" for row in rows(root) if row not in tested]


def unknown(root: Path) -> list[str]:
    known = set(rows(root))
    return [
        f"{place} names {row}, which is no row" for row, place in marks(root) if row not in known
    ]


def disordered(root: Path) -> list[str]:
    """Rows that are there twice, out of order or missing, or that say nothing."""
    found = rows(root)
    wrong = [f"{row} is there {n} times" for row, n in Counter(found).items() if n > 1]
    for letter, least in SECTIONS.items():
        numbers = [int(row[1:]) for row in found if row[0] == letter]
        if numbers != list(range(1, max(least, len(numbers)) + 1)):
            wrong.append(f"section {letter} has the rows {numbers}")
    return wrong + [
        f"{one[1]} does not say what the fault is and what happens"
        for one in ROW.finditer(table(root))
        if [len(cell.strip()) > 3 for cell in one[2].split("|")] != [True, True]
    ]


CHECKS = [untested, unknown, disordered]


@pytest.mark.parametrize("check", CHECKS)
def test_the_table_of_faults_keeps_the_rule(check) -> None:
    found = check(ROOT)
    assert not found, "\n".join(found)


def build(root: Path, change: tuple[str, str] = ("", "")) -> Path:
    """A made-up tree that lacks nothing, but for the change of one text into another."""
    numbers = [f"{letter}{n + 1}" for letter, least in SECTIONS.items() for n in range(least)]
    lines = [f"| {row} | it breaks | it is mended |" for row in numbers]
    listed = ", ".join(f'"{row}"' for row in numbers)
    test = f'"""T."""\n\n@pytest.mark.fault({listed})\ndef test_it() -> None: ...\n'
    for name, content in (("docs/faults.md", "\n".join(lines)), ("tests/soak/test_a.py", test)):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(content.replace(*change) if change[0] else content)
    return root


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_table_is_not_complained_of(check, tmp_path: Path) -> None:
    assert check(build(tmp_path)) == []


@pytest.mark.parametrize(
    ("check", "change", "complaint"),
    [
        (untested, ('"B7", ', ""), "B7 has no test"),
        (unknown, ('"B7"', '"B77"'), "tests/soak/test_a.py:3 names B77"),
        (disordered, ("| B7 |", "| B6 |"), "B6 is there 2 times"),
        (disordered, ("| P6 |", "| P9 |"), "section P has"),
        (disordered, ("| it breaks |", "| |"), "A1 does not say"),
    ],
)
def test_a_gap_in_the_table_is_seen(
    check, change: tuple[str, str], complaint: str, tmp_path: Path
) -> None:
    found = check(build(tmp_path, change))
    assert any(complaint in line for line in found), found
