"""Holds the imports of kiosk/ against the map in kiosk/__init__.py: arrows only point down.

The map is the indented list in that docstring. A line names stages, the lines below it are what
they may import; a folder counts as the stage of its name. The checks are functions of a tree, so
that each is also shown to fail on a small tree that breaks its rule.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

DOORS = {
    "requests": {"fetch", "upstream"},
    "urllib3": {"fetch", "upstream"},
    "flask": {"web", "node"},
    "flask_socketio": {"web", "node"},
    "socketio": {"web", "node"},
    "werkzeug": {"web", "node"},
    "eventlet": {"__main__"},
    "click": {"cli"},
    "zeroconf": {"discovery"},
    "ifaddr": {"discovery"},
}
IMPURE = {
    "asyncio", "http", "io", "multiprocessing", "os", "pathlib", "queue", "select", "selectors",
    "shutil", "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
}  # fmt: skip
STRANGERS = {"web", "node"}
LOWEST = 10_000
IMPURE_CALLS = {"open", "print", "input", "exec", "eval"}


@dataclass(frozen=True)
class Module:
    """One file of kiosk/ and what it imports, wherever in the file it does so."""

    name: str
    stage: str
    tree: ast.Module
    ours: frozenset[str]
    foreign: frozenset[str]


@dataclass(frozen=True)
class Map:
    """The order of the stages: a smaller level stands higher."""

    level: Mapping[str, int]
    pure: frozenset[str]


def read_map(root: Path) -> Map:
    """The list of stages in the docstring of kiosk/__init__.py."""
    tree = ast.parse((root / "kiosk" / "__init__.py").read_text("utf-8"))
    text = ast.get_docstring(tree, clean=False) or ""
    level: dict[str, int] = {}
    pure: set[str] = set()
    for number, line in enumerate(text.splitlines()):
        found = re.match(r"    ((?:\w+, )*\w+) +\S", line)
        for stage in found[1].split(", ") if found else ():
            level[stage] = number
            if line.rstrip().endswith("(pure)"):
                pure.add(stage)
    return Map(level, frozenset(pure))


def read_modules(root: Path) -> list[Module]:
    """Every module below kiosk/ but the one with the map."""
    names = {_name(root, path): path for path in sorted((root / "kiosk").rglob("*.py"))}
    modules = []
    for name, path in names.items():
        if name == "kiosk":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        targets = set(_imported(tree, name, is_package=path.name == "__init__.py"))
        ours = {_module_of(target, names) for target in targets if _is_ours(target)}
        foreign = {target.split(".")[0] for target in targets if not _is_ours(target)}
        ours -= {"kiosk", name}
        modules.append(Module(name, name.split(".")[1], tree, frozenset(ours), frozenset(foreign)))
    return modules


def _name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_ours(target: str) -> bool:
    return target.split(".")[0] == "kiosk"


def _module_of(target: str, names: Mapping[str, Path]) -> str:
    """The module a dotted name leads to; the name itself where there is no such module (yet)."""
    parent = target.rpartition(".")[0]
    return parent if target not in names and parent in names and parent != "kiosk" else target


def _imported(tree: ast.Module, name: str, *, is_package: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = name.split(".")[: len(name.split(".")) - node.level + is_package]
                base = ".".join([*above, base] if base else above)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def unmapped(root: Path) -> list[str]:
    """Stages that are not on the map, and lines of the map without a module."""
    level = read_map(root).level
    stages = {module.stage for module in read_modules(root)}
    missing = [f"{stage} is not on the map" for stage in sorted(stages - set(level))]
    return missing + [f"{stage} is only on the map" for stage in sorted(set(level) - stages)]


def upward(root: Path) -> list[str]:
    """Imports from a line that stands higher."""
    level = read_map(root).level
    return [
        f"{module.name} imports {target}, which stands above it"
        for module in read_modules(root)
        for target in sorted(module.ours)
        if level.get(_stage(target), LOWEST) < level.get(module.stage, 0)
    ]


def _stage(target: str) -> str:
    return target.split(".")[1]


def _dunder_free(target: str) -> bool:
    """Whether it is a module: ``kiosk.__version__`` is a name in the package itself."""
    return target == "kiosk.__main__" or not _stage(target).startswith("__")


def cycles(root: Path) -> list[str]:
    """Rings of imports, between files and between stages."""
    files = {module.name: set(module.ours) for module in read_modules(root)}
    stages: dict[str, set[str]] = {}
    for module in read_modules(root):
        targets = {_stage(target) for target in module.ours if _dunder_free(target)}
        stages.setdefault(module.stage, set()).update(targets - {module.stage})
    found = []
    for graph in (files, stages):
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as ring:
            found.append("a ring of imports: " + " → ".join(ring.args[1]))
    return found


def wrong_doors(root: Path) -> list[str]:
    """Libraries that are imported outside the one place that deals with them."""
    return [
        f"{module.name} imports {library}, which belongs in {', '.join(sorted(DOORS[library]))}"
        for module in read_modules(root)
        for library in sorted(module.foreign & DOORS.keys())
        if module.stage not in DOORS[library]
    ]


def impure(root: Path) -> list[str]:
    """Clocks, sockets and files in a module that the map calls pure."""
    pure = read_map(root).pure
    found = []
    for module in read_modules(root):
        if module.stage not in pure:
            continue
        found += [f"{module.name} imports {name}" for name in sorted(module.foreign & IMPURE)]
        called = {
            node.func.id
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        found += [f"{module.name} calls {name}()" for name in sorted(called & IMPURE_CALLS)]
    return found


def strangers(root: Path) -> list[str]:
    """Imports between stages that stand on one line and have nothing to do with each other."""
    return [
        f"{module.name} imports {target}, which is none of its business"
        for module in read_modules(root)
        for target in sorted(module.ours)
        if {module.stage, _stage(target)} == STRANGERS
    ]


CHECKS = [unmapped, upward, cycles, wrong_doors, impure, strangers]


def test_the_map_is_read_with_its_levels_and_its_pure_stages() -> None:
    found = read_map(ROOT)
    assert found.level["cli"] < found.level["web"] < found.level["terminal"]
    assert found.level["fetch"] < found.level["pool"] < found.level["errors"]
    assert found.level["journey"] < found.level["lane"] < found.level["part"] < found.level["plan"]
    assert {"pool", "standings", "plan", "spans", "transfer", "progress"} <= found.pure


@pytest.mark.parametrize("check", CHECKS)
def test_kiosk_keeps_the_rule(check) -> None:
    found = check(ROOT)
    assert not found, "\n".join(found)


MADE_UP_MAP = '''"""A house.

    cli        the commands
    web        the pages
    fetch      HTTP
    pool       which server next      (pure)
    errors     what can go wrong
"""
'''
SOUND = {
    "__init__": MADE_UP_MAP,
    "cli": "import click\nfrom kiosk import web, __version__\n",
    "web/__init__": "import flask\nfrom kiosk.web import pages\n",
    "web/pages": "from kiosk.fetch import ask\nfrom ..errors import Fault\n",
    "fetch": "import requests, time\nfrom kiosk.pool import Server\ndef ask(): ...\n",
    "pool": "import ipaddress\nfrom kiosk import errors\n",
    "errors": "class Fault(Exception): ...\n",
}
BROKEN = [
    (unmapped, {"extra": ""}, "extra is not on the map"),
    (unmapped, {"fetch": None}, "fetch is only on the map"),
    (upward, {"errors": "from kiosk import pool"}, "kiosk.errors imports kiosk.pool, "),
    (upward, {"pool": "def f():\n    from kiosk.web.pages import page"}, "imports kiosk.web.pages"),
    (upward, {"web/pages": "from ..cli import main"}, "kiosk.web.pages imports kiosk.cli"),
    (upward, {"web/deep/__init__": "from ...cli import main"}, "kiosk.web.deep imports kiosk.cli"),
    (upward, {"fetch": "import kiosk.cli"}, "kiosk.fetch imports kiosk.cli"),
    (strangers, {"node/a": "from kiosk.web import app"}, "kiosk.node.a imports kiosk.web, which"),
    (cycles, {"web/pages": "from kiosk.web import create_app"}, "kiosk.web → "),
    (cycles, {"web/a": "from . import b", "web/b": "from . import a"}, "kiosk.web.a → "),
    (cycles, {"pool": "import kiosk.errors", "errors": "import kiosk.pool"}, "pool → "),
    (wrong_doors, {"pool": "from requests.adapters import HTTPAdapter"}, "imports requests"),
    (wrong_doors, {"cli": "import flask"}, "imports flask"),
    (wrong_doors, {"web/pages": "def f():\n    import eventlet"}, "imports eventlet"),
    (impure, {"pool": "import os.path"}, "kiosk.pool imports os"),
    (impure, {"pool": "from time import monotonic"}, "kiosk.pool imports time"),
    (impure, {"pool": "open('x')"}, "kiosk.pool calls open()"),
]


def build(root: Path, files: Mapping[str, str | None]) -> Path:
    """A made-up kiosk/ below ``root``; None leaves a file out."""
    for name, text in files.items():
        if text is not None:
            path = root / "kiosk" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return root


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_tree_is_not_complained_of(check, tmp_path: Path) -> None:
    assert check(build(tmp_path, SOUND)) == []


@pytest.mark.parametrize(("check", "change", "complaint"), BROKEN)
def test_a_broken_rule_is_seen(check, change, complaint: str, tmp_path: Path) -> None:
    found = check(build(tmp_path, {**SOUND, **change}))
    assert any(complaint in line for line in found), found
