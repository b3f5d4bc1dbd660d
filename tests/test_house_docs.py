"""Holds the documents and the catalogues of words against the tables in the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import make_docs
import pytest

from kiosk.cli import kiosk
from kiosk.errors import CODES
from kiosk.events import EVENTS
from kiosk.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent

LANGUAGES = ("zh-CN", "en")
PLURALS = {"zero", "one", "two", "few", "many", "other"}
# A quoted word that starts like a key; ${…} may stand for a part, or at the start for a whole key,
# and a dot at the end for the rest.
QUOTED_KEY = re.compile(r"""["'`]((?:[a-z][\w-]*|\$\{[^}]*\})\.(?:[\w.-]|\$\{[^}]*\})*)["'`]""")
FILE_NAME = re.compile(r"\.(?:js|mjs|css|html|json|toml|md|png|svg|webp|zip|pdf|py)$")
HOLE = re.compile(r"\$\{[^}]*\}")


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_the_page_is_what_make_docs_would_write(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == make_docs.PAGES[name]()


def test_every_setting_event_and_error_is_in_the_documents() -> None:
    settings, events, errors, _ = (make_docs.PAGES[name]() for name in make_docs.PAGES)
    assert [row.name for row in SETTINGS if f"`{row.name}`" not in settings] == []
    assert [name for name in EVENTS if f"## {name}" not in events] == []
    assert [code for code in CODES if f"| `{code}` |" not in errors] == []


def unknown_commands(root: Path, commands: Sequence[str]) -> list[str]:
    """Commands that the README tells people to type and that do not exist."""
    readme = (root / "README.md").read_text("utf-8")
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    code = re.finditer(r"```sh\n(.*?)```|`([^`\n]+)`", readme, re.DOTALL)
    typed = "\n".join(found[1] or found[2] for found in code)
    return [
        *(f"make {word}" for word in _words_after("make", typed) if word not in targets),
        *(f"kiosk {word}" for word in _words_after("kiosk", typed) if word not in commands),
    ]


def _words_after(program: str, typed: str) -> list[str]:
    return re.findall(rf"^ *{program} +([a-z]\w*)", typed, re.MULTILINE)


def test_every_command_in_the_readme_exists() -> None:
    assert unknown_commands(ROOT, list(kiosk.commands)) == []


def test_the_readme_leads_with_the_two_commands() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert "make run" in blocks[0]
    assert "make test" in blocks[0]


def catalogue(root: Path, language: str) -> dict[str, str | dict[str, str]]:
    """A language's words by dotted key; plural forms stay together."""
    document = json.loads((root / "static" / "i18n" / f"{language}.json").read_text("utf-8"))
    return dict(_flat(document, ""))


def _flat(node: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str | dict[str, str]]]:
    for name, value in node.items():
        if isinstance(value, dict) and not set(value) <= PLURALS:
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str | dict):
            yield prefix + name, value


def one_sided(root: Path) -> list[str]:
    """Keys, and fields in braces, that only one language has."""
    chinese, english = (catalogue(root, language) for language in LANGUAGES)
    found = [f"{key} is only in one language" for key in sorted(set(chinese) ^ set(english))]
    return found + [
        f"{key} has other fields in the other language"
        for key in sorted(set(chinese) & set(english))
        if _fields(chinese[key]) != _fields(english[key])
    ]


def _fields(words: str | Mapping[str, str]) -> set[str]:
    texts = [words] if isinstance(words, str) else words.values()
    return {field for text in texts for field in re.findall(r"\{(\w+)\}", text)}


def empty_words(root: Path) -> list[str]:
    return [
        f"{language} says nothing for {key}"
        for language in LANGUAGES
        for key, words in catalogue(root, language).items()
        if not all(text.strip() for text in ([words] if isinstance(words, str) else words.values()))
    ]


def unsaid(root: Path) -> list[str]:
    """Errors and settings that a catalogue has no words for."""
    wanted = [f"error.{code}.{part}" for code in CODES for part in ("message", "hint")]
    for row in SETTINGS:
        if row.on_page:
            wanted += [f"settings.{row.name}.label", f"settings.{row.name}.help"]
    return [
        f"{language} lacks {key}"
        for language in LANGUAGES
        for key in wanted
        if key not in catalogue(root, language)
    ]


def strange_fields(root: Path) -> list[str]:
    """Fields in an error's sentence that the error does not fill."""
    return [
        f"{language} error.{code} has {{{field}}}"
        for language in LANGUAGES
        for code, problem in CODES.items()
        for part in ("message", "hint")
        for field in sorted(
            _fields(catalogue(root, language).get(f"error.{code}.{part}", ""))
            - _fields(problem.message)
        )
    ]


def keys_in_use(root: Path) -> dict[str, re.Pattern[str]]:
    """What the scripts and templates ask for, as written, and which keys that may be."""
    used = {}
    for path in [*(root / "static" / "js").rglob("*.js"), *(root / "templates").rglob("*.html")]:
        for written in QUOTED_KEY.findall(path.read_text("utf-8")):
            if not FILE_NAME.search(written):
                used[written] = as_pattern(written)
    return used


def as_pattern(written: str) -> re.Pattern[str]:
    """Which keys it may be: ${…} is one part of a key, or at the start any number of them."""
    hole = r"[\w.-]+" if written.startswith("$") else r"[\w-]+"
    rest = r"[\w.-]+" if written.endswith(".") else ""
    return re.compile(hole.join(map(re.escape, HOLE.split(written))) + rest)


def missing_keys(root: Path) -> list[str]:
    """Quoted words that start like a key and are neither one nor the beginning of some."""
    keys = catalogue(root, "en")
    areas = {key.split(".")[0] for key in keys}
    keys |= {key.rpartition(".")[0]: "" for key in keys}
    return [
        f"{written} is not in the catalogue"
        for written, pattern in keys_in_use(root).items()
        if written.split(".")[0] in areas and not any(map(pattern.fullmatch, keys))
    ]


def unused_keys(root: Path) -> list[str]:
    patterns = keys_in_use(root).values()
    return [
        f"{key} is asked for nowhere"
        for key in catalogue(root, "en")
        if not any(pattern.fullmatch(key) for pattern in patterns)
    ]


CHECKS = [one_sided, empty_words, unsaid, strange_fields, missing_keys, unused_keys]


@pytest.mark.parametrize("check", CHECKS)
def test_the_catalogues_keep_the_rule(check) -> None:
    found = check(ROOT)
    assert not found, "\n".join(found)


def words_for_everything() -> dict[str, object]:
    """A catalogue that lacks nothing."""
    words: dict[str, object] = {
        "welcome.open": "Open",
        "n.files": {"one": "{n} file", "other": "x"},
    }
    for code in CODES:
        words |= {f"error.{code}.message": "It broke", f"error.{code}.hint": "Mend it"}
    for row in SETTINGS:
        words |= {f"settings.{row.name}.label": row.name, f"settings.{row.name}.help": "?"}
    return words


SCRIPT = """
import { t } from './welcome.js';
t('welcome.open'); t("n." + kind); t(`error.${code}.message`); t(`error.${code}.hint`);
"""
TEMPLATE = """<b data-t="settings.${name}.label"></b><b data-t='settings.${x}.help'></b>"""


def build(root: Path, english: dict[str, object], script: str = "") -> Path:
    """A made-up tree: Chinese lacks nothing, English is as given."""
    for folder in ("static/i18n", "static/js", "templates"):
        (root / folder).mkdir(parents=True)
    for language, words in (("zh-CN", words_for_everything()), ("en", english)):
        path = root / "static" / "i18n" / f"{language}.json"
        path.write_text(json.dumps(words), "utf-8")
    (root / "static" / "js" / "page.js").write_text(SCRIPT + script, "utf-8")
    (root / "templates" / "shell.html").write_text(TEMPLATE, "utf-8")
    return root


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_tree_is_not_complained_of(check, tmp_path: Path) -> None:
    assert check(build(tmp_path, words_for_everything())) == []


@pytest.mark.parametrize(
    ("check", "change", "script", "complaint"),
    [
        (one_sided, {"welcome.new": "New"}, "", "welcome.new is only in one language"),
        (one_sided, {"n.files": "files"}, "", "n.files has other fields"),
        (empty_words, {"welcome.open": " "}, "", "en says nothing for welcome.open"),
        (unsaid, {"error.refused.hint": None}, "", "en lacks error.refused.hint"),
        (unsaid, {"settings.server_ip.help": None}, "", "en lacks settings.server_ip.help"),
        (strange_fields, {"error.refused.message": "{who}?"}, "", "error.refused has {who}"),
        (missing_keys, {}, "t('welcome.opne')", "welcome.opne is not in the catalogue"),
        (missing_keys, {}, "t(`welcome.${state}.title`)", "is not in the catalogue"),
        (unused_keys, {"welcome.old": "Old"}, "", "welcome.old is asked for nowhere"),
        (unused_keys, {"welcome.old": "Old"}, "t(`${key}.hint`)", "welcome.old is asked for"),
    ],
)
def test_a_broken_rule_is_seen(check, change, script: str, complaint: str, tmp_path: Path) -> None:
    words = {**words_for_everything(), **change}
    english = {key: value for key, value in words.items() if value is not None}
    found = check(build(tmp_path, english, script))
    assert any(complaint in line for line in found), found


def test_a_command_that_the_readme_only_dreams_of_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("run: venv\n", "utf-8")
    readme = "```sh\nmake run\nmake coffee\n```\n`kiosk serve`, `kiosk dance --now`, `kiosk`\n"
    (tmp_path / "README.md").write_text(readme, "utf-8")
    assert unknown_commands(tmp_path, ["serve"]) == ["make coffee", "kiosk dance"]
