"""A meeting document that a server did not give in time: waited for while the package comes.

Without it the materials have the names that they have in the archive, so it is worth a wait that
costs nobody anything: it is over long before most packages are here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from kiosk import fetch
from kiosk.errors import ServerError

log = logging.getLogger("kiosk.lane")


class Owed(threading.Thread):
    """Asks for the document at ``url`` once more; ``given`` hears of it if it comes in time."""

    def __init__(
        self, call: fetch.Call, url: str, patience_s: float, given: Callable[[Any], None]
    ) -> None:
        super().__init__(name="owed-document", daemon=True)
        self._call, self._url, self._patience_s = call, url, patience_s
        self._given = given
        self.start()

    def end(self) -> None:
        """Nobody wants it any more."""
        self._call.cut()

    def run(self) -> None:
        """The thread's life."""
        with self._call:
            try:
                self._given(self._call.document(self._url, self._patience_s))
            except ServerError as fault:
                log.info("no-document url=%s why=%r", self._url, fault.message)
