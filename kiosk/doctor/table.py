"""Findings in words: as a table for people, and as JSON for machines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiosk import assets
from kiosk.doctor.finding import Finding
from kiosk.doctor.words import CHECKS, ENDS, STATES, WORDS
from kiosk.settings import Settings

GAP = "  "
MAX_LINE = 500


def language_of(settings: Settings, environ: Mapping[str, str]) -> str:
    """The language that is set, or else that of the shell, or else the default."""
    told = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if settings.source("language") != "default" or not told[:2].isalpha() or len(told) < 2:
        return settings.language
    return "zh-CN" if told.startswith("zh") else "en"


def lines(findings: Sequence[Finding], language: str) -> Iterator[str]:
    """The table: state, check, what was found, and below it what to do."""
    names = [CHECKS[language][one.check] for one in findings]
    states = STATES[language]
    margin, column = max(map(_width, states.values())), max(map(_width, names), default=0)
    for one, name in zip(findings, names, strict=True):
        message, hint = words_of(one, language)
        found = message if one.subject in message else f"{one.subject}{GAP}{message}"
        yield GAP.join((_padded(states[one.state], margin), _padded(name, column), found))
        if hint:
            yield GAP.join((" " * margin, " " * column, f"→ {hint}"))
    counts = {state: sum(one.state == state for one in findings) for state in ("warn", "fail")}
    end = "broken" if counts["fail"] else "warned" if counts["warn"] else "fine"
    yield ENDS[language][end].format_map(counts)


def document(findings: Sequence[Finding], language: str) -> dict[str, Any]:
    """The same for machines: ``code`` and ``details`` do not depend on the language."""
    rows = []
    for one in findings:
        message, hint = words_of(one, language)
        row = {"check": one.check, "state": one.state, "code": one.code, "subject": one.subject}
        rows.append({**row, "details": dict(one.details), "message": message, "hint": hint})
    return {"fine": is_fine(findings), "findings": rows}


def is_fine(findings: Sequence[Finding]) -> bool:
    """Whether nothing has failed."""
    return all(one.state != "fail" for one in findings)


def words_of(finding: Finding, language: str) -> tuple[str, str]:
    """What it says, and what to do about it: nothing where all is well."""
    if finding.code.startswith("error."):
        said = assets.catalogue(language)
        message, hint = (str(said[f"{finding.code}.{part}"]) for part in ("message", "hint"))
    else:
        message, hint = WORDS[language][finding.code]
    return _filled(message, finding.details), _filled(hint, finding.details)


def _filled(text: str, details: Mapping[str, str | int | float]) -> str:
    """The details may be a stranger's words: one line, without what moves a terminal's cursor."""
    told = text.format_map(_Lenient(details))
    return "".join(one if one.isprintable() else " " for one in told[:MAX_LINE])


class _Lenient(dict[str, "str | int | float"]):
    """Shows a missing detail as ``?``, as the errors do."""

    def __missing__(self, key: str) -> str:
        return "?"


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character has two (UAX #11)."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
