"""docs/design.md says what is so: the modules, the dependencies, the machine."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import kiosk

ROOT = Path(__file__).parent.parent
DESIGN = (ROOT / "docs" / "design.md").read_text("utf-8")


def test_every_direct_dependency_has_a_line_that_says_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    browser = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    names = {re.split(r"[<>=\[ ]", line)[0] for line in project["dependencies"]} | set(browser)
    table = DESIGN.split("## Dependencies")[1].split("\n## ")[0]
    told = {
        name.strip()
        for row in re.findall(r"^\| ([^|]+) \|", table, re.M)
        for name in row.split(",")
    }
    assert names - told == set()


def test_every_module_is_on_the_map() -> None:
    here = {path.stem for path in (ROOT / "kiosk").glob("*.py")} - {"__init__"}
    here |= {path.parent.name for path in (ROOT / "kiosk").glob("*/__init__.py")}
    words = set(re.findall(r"\w+", kiosk.__doc__ or ""))
    assert here - words == set()


def test_every_page_that_the_documents_link_to_is_there() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
