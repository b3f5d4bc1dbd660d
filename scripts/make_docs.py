"""Writes docs/settings.md, docs/events.md and docs/errors.md from the tables in the code, and draws
the state machine of a download into docs/design.md.

``make docs`` runs it; a test fails while a page is not what this would write.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from pathlib import Path

from kiosk.cli import kiosk
from kiosk.errors import (
    CODES,
    KioskError,
    LocalError,
    PackageError,
    TransientError,
    UnfitError,
    UsageError,
)
from kiosk.events import EVENTS, Event, payload
from kiosk.setting import Setting
from kiosk.settings import SETTINGS
from kiosk.transfer import TABLE

MARK = "transfer-table"
DOCS = Path(__file__).resolve().parent.parent / "docs"

GROUPS = {
    "servers": "Servers",
    "download": "Download",
    "look": "Look",
    "access": "Access",
    "machine": "Machine",
    "node": "Node (`kiosk node`)",
}
TYPES = {
    "text": "text",
    "whole": "whole number",
    "number": "number",
    "yes-no": "yes or no",
    "list": "list, separated by commas",
    "secret": "text, kept as a salted hash",
    "token": "text",
    "colour": "colour, as #rrggbb",
}
KINDS = {
    TransientError: "A server did not deliver; it is asked again later",
    UnfitError: "A server is ruled out for this download",
    PackageError: "The package is at fault, whoever delivers it",
    LocalError: "This machine is at fault, no server is to blame",
    UsageError: "A person has to change something",
}


SETTINGS_WORDS = """
A value comes from the first of these that has one: the command-line flag, the environment variable,
`settings.toml` in the data directory (or the file given with `--config`), the default. What a flag
or a variable fixes cannot be changed on the options page.

In `settings.toml` a setting has the name of the first column: `server_ip = "10.1.1.11"`. A line
that makes no sense is logged and passed over, because a terminal has to start; a flag or a variable
that makes none ends the program with exit code 2.
"""

EVENTS_WORDS = """
What can happen during a download. `kiosk fetch --json` and the worker process print one a line, as
`{"event": NAME, …}`; the terminal sends them to the page over Socket.IO under the same names, each
with a rising `seq` and the time `at` (RFC 3339, UTC) besides.

Exactly one of `downloadComplete`, `downloadError` and `downloadCancelled` ends a download.
"""

ERRORS_WORDS = """
Each has a code, which never changes its meaning, a sentence and a hint. Words in braces are filled
in. The page says the same in the language it is set to.
"""


def settings_page() -> str:
    """docs/settings.md."""
    lines = _opening("Settings", "kiosk/settings.py", SETTINGS_WORDS)
    for group, title in GROUPS.items():
        rows = [setting for setting in SETTINGS if setting.group == group]
        lines += [
            "",
            f"## {title}",
            "",
            "| name | meaning | value | default |",
            "|---|---|---|---|",
        ]
        lines += [_setting_row(setting) for setting in rows]
    return _page(lines)


def _setting_row(setting: Setting) -> str:
    place = "" if setting.on_page else " Not on the options page."
    names = [setting.name, *_flags(setting), setting.variable]
    shown = "<br>".join(f"`{name}`" for name in names)
    return _row(shown, setting.help + place, _values(setting), _default(setting))


def _flags(setting: Setting) -> list[str]:
    """The flags, as the command line itself has them."""
    command = "node" if setting.group == "node" else "serve"
    options = {option.name: option for option in kiosk.commands[command].params}
    option = options[setting.name]
    return [*option.opts, *option.secondary_opts]


def _values(setting: Setting) -> str:
    if setting.choices:
        return ", ".join(f"`{choice}`" for choice in setting.choices)
    shown = TYPES[setting.type]
    if setting.minimum is not None and setting.maximum is not None:
        shown += f", {setting.minimum:.10g} to {setting.maximum:.10g}"
    return f"{shown} {setting.unit}".strip()


def _default(setting: Setting) -> str:
    value = setting.default
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("", []):
        return "empty"
    return (
        f"{value:.10g} {setting.unit}".strip() if isinstance(value, int | float) else f"`{value}`"
    )


def events_page() -> str:
    """docs/events.md."""
    lines = _opening("Events", "kiosk/events.py", EVENTS_WORDS)
    for name, kind in EVENTS.items():
        lines += ["", f"## {name}", "", _event_words(kind), "", *_event_rows(kind)]
    return _page(lines)


def _event_words(kind: type[Event]) -> str:
    """The docstring, with the names that the wire uses."""
    words = inspect.cleandoc(kind.__doc__ or "").replace("``", "`")
    words = re.sub(r"\bNone\b", "null", words)
    for python_name, wire_name in _names(kind).items():
        words = re.sub(rf"`([^`]*)\b{python_name}\b", rf"`\1{wire_name}", words)
    return words


def _event_rows(kind: type[Event]) -> list[str]:
    names = _names(kind)
    rows = ["| field | type | unless said otherwise |", "|---|---|---|"]
    for field in dataclasses.fields(kind):
        made = field.default_factory
        value = made() if made is not dataclasses.MISSING else field.default
        shown = "—" if value is dataclasses.MISSING else f"`{json.dumps(value)}`"
        rows.append(_row(f"`{names[field.name]}`", _json_type(str(field.type)), shown))
    return rows


def _names(kind: type[Event]) -> dict[str, str]:
    """Python's name of each field, and the wire's."""
    fields = [field.name for field in dataclasses.fields(kind)]
    return dict(zip(fields, payload(kind(meeting_id="")), strict=True))


def _json_type(annotation: str) -> str:
    if annotation.startswith("dict[str, int]"):
        return "object of whole numbers"
    if annotation.startswith("list[dict"):
        return "array of objects"
    words = {
        "str": "string", "int": "whole number", "float": "number", "bool": "true or false",
        "None": "null", "list[str]": "array of strings", "dict[str, Any]": "object",
    }  # fmt: skip
    return " or ".join(words[part] for part in annotation.split(" | "))


def errors_page() -> str:
    """docs/errors.md."""
    lines = _opening("Errors", "kiosk/errors.py", ERRORS_WORDS)
    for kind, title in KINDS.items():
        lines += ["", f"## {title}", "", f"`{kind.__name__}`: {_what_next(kind)}", ""]
        lines += ["| code | says | what to do |", "|---|---|---|"]
        lines += [
            _row(f"`{code}`", problem.message, problem.hint)
            for code, problem in CODES.items()
            if problem.kind is kind
        ]
    return _page(lines)


def _what_next(kind: type[KioskError]) -> str:
    return inspect.cleandoc(kind.__doc__ or "").splitlines()[0]


def design_page() -> str:
    """docs/design.md as it stands, with the diagram drawn anew between its two marks."""
    page = (DOCS / "design.md").read_text("utf-8")
    head, rest = page.split(f"<!-- {MARK} -->\n")
    _, tail = rest.split(f"<!-- /{MARK} -->\n")
    return f"{head}<!-- {MARK} -->\n{state_diagram()}<!-- /{MARK} -->\n{tail}"


def state_diagram() -> str:
    """The table of transfer.py as a Mermaid diagram."""
    lines = ["```mermaid", "stateDiagram-v2", "  [*] --> idle"]
    for state, moves in TABLE.items():
        for goal in dict.fromkeys(moves.values()):
            words = "; ".join(move.value for move, to in moves.items() if to is goal)
            lines.append(f"  {state.value} --> {goal.value}: {words}")
    lines += [f"  {state.value} --> [*]" for state, moves in TABLE.items() if not moves]
    return "\n".join([*lines, "```"]) + "\n"


def _opening(title: str, source: str, words: str) -> list[str]:
    made = f"<!-- Written by `make docs` from {source}; change it there. -->"
    return [f"# {title}", "", made, "", words.strip()]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _page(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


PAGES = {
    "settings.md": settings_page,
    "events.md": events_page,
    "errors.md": errors_page,
    "design.md": design_page,
}


def main() -> None:
    """Writes the pages."""
    DOCS.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
