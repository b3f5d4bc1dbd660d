"""Holds the tree against the house rules: sizes, names, first lines, and what must not be in it.

The checks are functions of a tree, so that each is also shown to fail on a small tree that breaks
its rule. What ruff and mypy see is left to them.
"""

from __future__ import annotations

import ast
import functools
import io
import os
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FILE_LINES, FUNCTION_LINES, PARAMETERS, MOCKED_SHARE, NAP_S = 400, 50, 5, 0.05, 2
NOT_OURS = {".git", ".venv", "node_modules", "vendor", "build", "dist", "__pycache__"}
SOURCE = {".py", ".js", ".css"}
WRITTEN = SOURCE | {".html", ".md", ".toml", ".json", ".lock", ".sh", ".in", ""}
BANNED_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|common|managers?)(?:$|_)", re.IGNORECASE)
LEFT_OVER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
NOT_RUN = {"skip", "skipif", "skipIf", "skipUnless", "importorskip", "xfail"}
NOT_RUN_JS = re.compile(r"\b(?:test|it|describe|suite)\.(?:skip|todo|only)\b|\bskip: *true\b")
MOCKS = {"Mock", "MagicMock", "AsyncMock", "create_autospec", "patch", "mocker"}
# Written in halves, so that this file does not hold what it looks for.
REGISTRIES = [
    "py" + "pi.org", "python" + "hosted", "npm" + "js.org", "npm" + "js.com", "npm" + "mirror",
    "--index" + "-url", "--extra-index" + "-url", "trusted" + "-host", "un" + "pkg.com",
    "js" + "delivr", "cdn" + "js.", "fonts.google" + "apis",
]  # fmt: skip
NEAR_HOSTS = re.compile(r"127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|localhost\b|\[::1\]")
NAMESPACES = ("www.w3.org/", "openoffice.org/2001/registry")  # names, never fetched


def files(root: Path, kinds: set[str]) -> Iterator[Path]:
    """What people wrote, without what make made."""
    return (path for path in written(root) if path.suffix in kinds)


@functools.cache
def written(root: Path) -> list[Path]:
    found = []
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not is_made(name)]
        found += [Path(folder, name) for name in names if not is_made(name) and is_shown(name)]
    return sorted(found)


def is_made(name: str) -> bool:
    return name in NOT_OURS or name.endswith("_cache")


def is_shown(name: str) -> bool:
    return not name.startswith(".") or name == ".gitignore"


@functools.cache
def text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


@functools.cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(text(path))))


def functions(root: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Each function of each Python file, with ``path:line name`` to tell it by."""
    for path in files(root, {".py"}):
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(root)}:{node.lineno} {node.name}", node


def long_files(root: Path) -> list[str]:
    lengths = {path: len(text(path).splitlines()) for path in files(root, SOURCE)}
    return [
        f"{path.relative_to(root)} has {lines} lines"
        for path, lines in lengths.items()
        if lines > FILE_LINES
    ]


def long_functions(root: Path) -> list[str]:
    lengths = {place: (node.end_lineno or 0) - node.lineno + 1 for place, node in functions(root)}
    return [f"{place} has {n} lines" for place, n in lengths.items() if n > FUNCTION_LINES]


def wide_functions(root: Path) -> list[str]:
    found = []
    for place, node in functions(root):
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        count = sum(argument.arg not in {"self", "cls"} for argument in given)
        if count > PARAMETERS:
            found.append(f"{place} has {count} parameters")
    return found


def unintroduced_files(root: Path) -> list[str]:
    """Files whose first line does not say what they are for."""
    found = []
    for path in files(root, SOURCE):
        lines = text(path).splitlines() or [""]
        opening = {".py": r'r?"""\S', ".js": r"//.*\w|/\*", ".css": r"/\*"}[path.suffix]
        first = 1 if lines[0].startswith("#!") and len(lines) > 1 else 0
        if not re.match(opening, lines[first]):
            found.append(f"{path.relative_to(root)} does not say what it is for")
    return found


def banned_names(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)} has a name that says nothing"
        for path in files(root, SOURCE)
        if any(BANNED_NAMES.search(part.split(".")[0]) for part in path.relative_to(root).parts)
    ]


def registries(root: Path) -> list[str]:
    """Places that packages or assets come from: those are the machine's affair."""
    return [
        f"{path.relative_to(root)} names {host}"
        for path in files(root, WRITTEN)
        for lower in [text(path).lower()]
        for host in REGISTRIES
        if host in lower
    ]


def far_hosts(root: Path) -> list[str]:
    """Addresses beyond the own network in what is delivered: the product never calls out."""
    found = []
    for folder in ("kiosk", "templates", "static"):
        for path in files(root / folder, SOURCE | {".html", ".json"}):
            hosts = re.findall(r"(?:https?|wss?)://([\w.\[:\]-]+[\w/]*)", text(path))
            found += [f"{path.relative_to(root)} names {host}" for host in hosts if is_far(host)]
    return found


def is_far(host: str) -> bool:
    return "." in host and not NEAR_HOSTS.match(host) and not host.startswith(NAMESPACES)


def left_overs(root: Path) -> list[str]:
    """Notes to oneself, in comments; in files without a parser of ours, anywhere."""
    return [
        f"{path.relative_to(root)} has a note to oneself"
        for path in files(root, SOURCE | {".html", ".md", ".toml", ""})
        if LEFT_OVER.search(text(path))
        and (path.suffix != ".py" or LEFT_OVER.search(comments(path)))
    ]


def comments(path: Path) -> str:
    tokens = tokenize.generate_tokens(io.StringIO(text(path)).readline)
    return "\n".join(token.string for token in tokens if token.type == tokenize.COMMENT)


def omitted_tests(root: Path) -> list[str]:
    found = []
    for path in files(root / "tests", {".py", ".js"}):
        if path.suffix == ".js":
            not_run = bool(NOT_RUN_JS.search(text(path)))
        else:
            used = {getattr(node, "attr", "") for node in nodes(path)}
            not_run = bool(used & NOT_RUN)
        if not_run:
            found.append(f"{path.relative_to(root)} leaves tests out")
    return found


def mocked_tests(root: Path) -> list[str]:
    """More mocks than the house allows; a fixture that mocks counts like a test."""
    tests = [node for place, node in functions(root / "tests") if node.name.startswith("test_")]
    mocked = [place for place, node in functions(root / "tests") if is_mocked(node)]
    if len(mocked) <= MOCKED_SHARE * len(tests):
        return []
    return [f"{len(mocked)} of {len(tests)} tests mock: {', '.join(mocked)}"]


def is_mocked(function: ast.AST) -> bool:
    for node in ast.walk(function):
        name = getattr(node, "id", getattr(node, "attr", getattr(node, "arg", None)))
        owner = getattr(getattr(node, "value", None), "id", "")
        if name in MOCKS or (owner == "monkeypatch" and name in {"setattr", "setitem"}):
            return True
    return False


def long_naps(root: Path) -> list[str]:
    """Sleeps of a fixed time in a test: it should wait for what it waits for."""
    return [
        f"{place} sleeps {node.args[0].value} s"
        for place, function in functions(root / "tests")
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "sleep"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value >= NAP_S
    ]


CHECKS = [
    long_files, long_functions, wide_functions, unintroduced_files, banned_names, registries,
    far_hosts, left_overs, omitted_tests, mocked_tests, long_naps,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_the_rule(check) -> None:
    found = check(ROOT)
    assert not found, "\n".join(found)


SOUND = {
    "kiosk/pool.py": '"""Servers."""\n\ndef url():\n    return "http://10.1.1.11:8001/"\n',
    "static/js/page.js": "/** A page. */\nconst SVG = 'http://www.w3.org/2000/svg';\n",
    "static/css/page.css": "/* A page. */\n",
    "static/vendor/lib.js": "fetch('https://example.com') // TODO\n",
    "tests/test_pool.py": '"""Pool."""\n\ndef test_a():\n    word = "TODO"\n    time.sleep(0.1)\n',
    "README.md": "# A house\n",
}
ONE_MOCK = '"""T."""\ndef test_it(monkeypatch):\n    monkeypatch.setattr(a, "b", 1)\n'
MOCK_CLASS = '"""T."""\nfrom unittest import mock\ndef test_it():\n    a = mock.MagicMock()\n'
BROKEN = [
    (long_files, "kiosk/a.py", '"""A."""\n' + "a = 1\n" * 400, "has 401 lines"),
    (long_files, "static/js/a.js", "// A.\n" * 401, "has 401 lines"),
    (long_functions, "kiosk/a.py", "def f():\n" + "    a = 1\n" * 50, "f has 51 lines"),
    (wide_functions, "kiosk/a.py", "def f(self, a, b, c, *, d, e, g): ...", "f has 6 param"),
    (unintroduced_files, "kiosk/a.py", "import os\n", "does not say"),
    (unintroduced_files, "kiosk/empty.py", "", "does not say"),
    (unintroduced_files, "static/js/a.js", "import './b.js';\n", "does not say"),
    (banned_names, "kiosk/web/utils.py", '"""U."""\n', "says nothing"),
    (banned_names, "static/js/dom_helpers.test.js", "// H\n", "says nothing"),
    (banned_names, "kiosk/common/a.py", '"""U."""\n', "says nothing"),
    (registries, "requirements.lock", f"--{REGISTRIES[5]} https://a/simple", "names"),
    (registries, "Makefile", f"curl https://{REGISTRIES[0]}/", "names"),
    (far_hosts, "static/js/a.js", "fetch('https://example.com/a')", "names example.com"),
    (far_hosts, "kiosk/a.py", "A = 'http://8.8.8.8/'", "names 8.8.8.8"),
    (left_overs, "kiosk/a.py", '"""A."""\n# TODO: later\n', "note to oneself"),
    (left_overs, "static/css/a.css", "/* FIXME */\n", "note to oneself"),
    (omitted_tests, "tests/test_a.py", "@pytest.mark.skip\ndef test_a(): ...", "leaves"),
    (omitted_tests, "tests/test_a.py", "def test_a():\n    pytest.xfail('no')", "leaves"),
    (omitted_tests, "tests/js/a.test.js", "test.skip('a', () => {});", "leaves"),
    (mocked_tests, "tests/test_a.py", ONE_MOCK, "1 of 2 tests mock"),
    (mocked_tests, "tests/test_a.py", MOCK_CLASS, "1 of 2 tests mock"),
    (long_naps, "tests/test_a.py", "def test_a():\n    time.sleep(2)", "sleeps 2 s"),
]


def build(root: Path, contents: Mapping[str, str]) -> Path:
    """A made-up tree below ``root``."""
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return root


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_tree_is_not_complained_of(check, tmp_path: Path) -> None:
    assert check(build(tmp_path, SOUND)) == []


@pytest.mark.parametrize(("check", "name", "content", "complaint"), BROKEN)
def test_a_broken_rule_is_seen(check, name: str, content: str, complaint: str, tmp_path) -> None:
    found = check(build(tmp_path, {**SOUND, name: content}))
    assert any(complaint in line for line in found), found
