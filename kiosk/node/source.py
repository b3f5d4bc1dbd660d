"""What a node serves from: which meetings are in progress, and what of them is here.

A source publishes each revision in the node's `Library` itself, with the objects it needs, and then
calls `heard`. A revision that other nodes are to have the same of keeps to what they make of it:
titles and names as `agenda.document.text` leaves them, paths composed (NFC), a ``crc32`` for every
material that is here, and the ``fingerprint`` that `agenda.parse` gives for the document that is
served (`kiosk.node.wire.document_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kiosk.library import Library
from kiosk.manifest import Manifest
from kiosk.node.coming import Coming
from kiosk.pool import Server
from kiosk.settings import Settings


@dataclass(frozen=True)
class Offered:
    """A meeting in progress. ``document`` is what upstream's ``/data`` says of it, if anybody did;
    ``manifest`` the revision of it that is published here, None while there is none.
    """

    id: str
    title: str = ""
    time: str = ""
    status: str = ""
    document: Mapping[str, Any] | None = field(default=None, compare=False)
    manifest: Manifest | None = None


@dataclass(frozen=True)
class SourceState:
    """Whether who is asked (``asked``: its name, for people) answers.

    ``heard_at`` is when it did last, in Unix time; None where it never has. ``note`` is what a
    person should know besides, such as a store that is full.
    """

    online: bool
    asked: str
    heard_at: float | None = None
    note: str = ""


class Source(Protocol):
    """Where the meetings of a node come from. All but `run` may be called from any thread."""

    def run(self) -> None:
        """The life of its thread, until `stop`."""

    def stop(self) -> None:
        """End `run` soon, and everything that was started for it."""

    def offered(self) -> tuple[Offered, ...]:
        """The meetings in progress, in the order in which they are listed."""

    def state(self) -> SourceState:
        """Whether what is offered is up to date."""

    def coming(self, meeting_id: str) -> Coming | None:
        """Its package while that is on its way, where it can be given out as far as it is here."""

    def ours(self) -> Server | None:
        """The server of ours that it brings its meetings from, while that answers."""

    def want(self, meeting_id: str) -> None:
        """Somebody asks for a package that is not here: bring it as soon as can be."""


Heard = Callable[[], None]
"""Called, from any thread, when `Source.offered` or `Source.state` have changed."""

MakeSource = Callable[[Settings, Library, Heard], Source]
"""How a source is made: nothing of it runs yet, and the library is not tidied yet."""
