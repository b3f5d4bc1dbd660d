"""settings.toml: what an operator chose, read with care and written at once.

A file that cannot be parsed is set aside and a line that makes no sense is passed over, each with
a line in the log: a terminal has to start.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk.errors import LocalError, UsageError

log = logging.getLogger("kiosk.settings")

HEAD = "# Written by the options page. What is set here yields to flags and KIOSK_*."


def read(path: Path, check: Callable[[str, object], Any], *, named: bool = False) -> dict[str, Any]:
    """The sound values of the file; ``check`` gives each its value or raises UsageError.

    ``named`` says that a person named this very file: then a fault of the whole file is a
    UsageError.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if named:
            raise UsageError("bad-setting", name="config", why=f"no file {path}") from None
        return {}
    except (OSError, ValueError) as fault:
        if named:
            raise UsageError("bad-setting", name="config", why=str(fault)) from None
        log.warning("settings-set-aside path=%s why=%r", path, str(fault))
        with contextlib.suppress(OSError):
            path.rename(path.with_name(path.name + ".broken"))
        return {}
    values: dict[str, Any] = {}
    for name, value in document.items():
        try:
            values[name] = check(name, value)
        except UsageError as fault:
            log.warning("setting-ignored path=%s name=%s why=%r", path, name, fault.message)
    return values


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Replace the file; a reader sees the old one or the new one. LocalError where it cannot."""
    lines = [HEAD, *(f"{name} = {toml(value)}" for name, value in values.items())]
    aside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(aside, "w", encoding="utf-8", opener=_private) as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as fault:
        raise LocalError("storage-failed", why=fault.strerror or str(fault)) from fault


def toml(value: object) -> str:
    """The value as TOML; every checked value is text without controls, a number or a list."""
    return json.dumps(value, ensure_ascii=False)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
