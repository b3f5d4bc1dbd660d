"""What a check found: a state, and a key under which `words` has a sentence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the table. ``fail``: it cannot work so; ``warn``: something will be missing.

    ``code`` names the sentence in `words`, or in the catalogue of errors where it is of a server;
    ``details`` fill it and are printed, so no secret may be among them.
    """

    check: str
    state: State
    code: str
    subject: str = ""
    details: Mapping[str, str | int | float] = field(default_factory=dict)
