"""What the secretary sees of a meeting: its state, and what became of each of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kiosk.manifest import Manifest

State = Literal["ready", "waiting", "copying", "refused", "unreadable", "empty", "missing"]


@dataclass(frozen=True)
class Row:
    """A file, and what it became. ``why`` is set where it is refused (`tree.Refused`).

    ready: it can be read · waiting: it is read when the meeting begins · copying, unreadable: the
    version from before, if there was one, stays · missing: meeting.toml names it.
    """

    path: str
    state: State
    bytes: int | None = None
    why: str = ""

    @property
    def may_go(self) -> bool:
        """Whether it is a file that the page can take away."""
        return self.state not in ("refused", "missing")


@dataclass(frozen=True)
class View:
    """A meeting as the origin has it now.

    ``said`` tells that its status comes from meeting.toml. ``fault`` is why what lies there is not
    published, as errors.py tells it; ``published`` is the revision that is given out. ``restless``:
    something is still being copied.
    """

    id: str
    folder: str
    title: str
    time: str
    status: str
    said: bool = False
    fault: Mapping[str, Any] | None = None
    rows: tuple[Row, ...] = ()
    published: Manifest | None = None
    restless: bool = False
