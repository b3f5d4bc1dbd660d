"""No way from text to markup: every place in the sources that could make elements of text is known.

A name that a server made up is text everywhere because nothing in the page turns text into
elements, addresses of other places, styles or code. Where markup is wanted (Markdown), the one
place is on the list below with its reason. `test_browser_names.py` looks at the same in a browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SINKS = {
    ".js": re.compile(
        r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe"
        r"|parseHTMLUnsafe|parseFromString|srcdoc|cssText|insertRule|importScripts)\b"
        r"|\bdocument\.(write|writeln|domain)\b|\beval\s*\(|\bnew Function\b|\.sanitize\("
        r"|\bset(Timeout|Interval)\(\s*[\"'`]|javascript:|\bsetAttribute\(\s*[\"'](on|style|src)"
    ),
    ".html": re.compile(
        r"\|\s*safe\b|autoescape|\{%\s*raw|\son\w+\s*=|<script(?![^>]*\ssrc=)|style="
    ),
    ".py": re.compile(r"\bMarkup\(|render_template_string|\bautoescape|from_string\("),
}
FOLDERS = {".js": "static/js", ".html": "templates", ".py": "kiosk"}
KNOWN = {
    ("static/js/contained/archive.js", "parseFromString"): "parts of an office file, read as XML",
    ("static/js/viewers/markdown.js", ".sanitize("): "what DOMPurify leaves, made inert afterwards",
    (
        "static/js/viewers/visible.js",
        "parseFromString",
    ): "a page that is never shown or run",
}


def places(root: Path) -> Iterator[tuple[str, str]]:
    """Each place where text could become more than text, and by which means."""
    for suffix, folder in FOLDERS.items():
        for path in sorted((root / folder).rglob(f"*{suffix}")):
            for found in SINKS[suffix].finditer(path.read_text("utf-8")):
                yield str(path.relative_to(root)), found[0].strip()


def unknown(root: Path) -> list[str]:
    return [f"{path} has {what}" for path, what in places(root) if (path, what) not in KNOWN]


def test_text_becomes_markup_nowhere_but_where_it_is_known_to() -> None:
    assert unknown(ROOT) == []


def test_the_list_names_nothing_that_is_gone() -> None:
    assert [place for place in KNOWN if place not in set(places(ROOT))] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("static/js/a.js", "node.innerHTML = name;"),
        ("static/js/a.js", "node.insertAdjacentHTML('beforeend', name);"),
        ("static/js/a.js", "element('iframe', { srcdoc: name });"),
        ("static/js/a.js", "node.setAttribute('onclick', name);"),
        ("static/js/a.js", "setTimeout('alert(1)', 9);"),
        ("static/js/views/a.js", "link.href = `javascript:${name}`;"),
        ("templates/a.html", "<h1>{{ title | safe }}</h1>"),
        ("templates/a.html", "<body onload='x()'>"),
        ("templates/a.html", "<script>var a = {{ title }}</script>"),
        ("kiosk/web/a.py", "return Markup(title)"),
    ],
)
def test_a_new_way_is_seen(tmp_path: Path, name: str, line: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert len(unknown(tmp_path)) == 1


def test_text_as_text_is_not_complained_of(tmp_path: Path) -> None:
    path = tmp_path / "static" / "js" / "a.js"
    path.parent.mkdir(parents=True)
    path.write_text("node.textContent = name; node.setAttribute('title', name); node.append(name);")
    assert unknown(tmp_path) == []
