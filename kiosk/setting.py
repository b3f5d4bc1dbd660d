"""One row of the table of settings: what a flag, a variable, the page and a document know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from kiosk import checks
from kiosk.checks import Check
from kiosk.errors import UsageError

Type = Literal["text", "whole", "number", "yes-no", "choice", "list", "secret", "token", "colour"]
SECRETS = ("secret", "token")
Group = Literal["servers", "download", "look", "access", "machine", "node"]


@dataclass(frozen=True)
class Setting:
    """One row of the table: what ``--name``, ``KIOSK_NAME`` and the options page know of it."""

    name: str
    type: Type
    group: Group
    default: Any
    help: str
    check: Check
    choices: tuple[str, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    on_page: bool = True
    in_file: bool = True

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return "KIOSK_" + self.name.upper()

    def read(self, value: object) -> Any:
        """The checked value of what a person, a file or a variable gave.

        UsageError ``bad-setting`` where it is not one.
        """
        try:
            return self.check(value, self)
        except ValueError as fault:
            raise UsageError("bad-setting", name=self.name, why=str(fault)) from None


def row(default: Any, type_: Type, group: Group, help_: str, **more: Any) -> Any:
    """A field of `Settings` that carries its row; the name is filled in from the field."""
    check = more.pop("check", None) or checks.BY_TYPE[type_]
    its = {"type": type_, "group": group, "default": default, "help": help_, "check": check, **more}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=its)
    return field(default=default, metadata=its, repr=type_ not in SECRETS)
