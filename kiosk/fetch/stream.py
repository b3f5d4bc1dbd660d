"""The body of one package request, as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kiosk.answers import Answer
from kiosk.errors import TransientError
from kiosk.fetch.naming import translated

if TYPE_CHECKING:
    from kiosk.fetch.asking import Reply


class Stream:
    """One answer that may be read: what it is (``answer``) and who gave it (``source``).

    ``source`` is the address behind all redirects. Read `chunks`, then `end` it.
    """

    def __init__(
        self, answer: Answer, source: str, reply: Reply, server: str, buffer: memoryview
    ) -> None:
        self.answer = answer
        self.source = source
        self.received = 0
        self.failed: Callable[[], None] = lambda: None
        self._reply = reply
        self._server = server
        self._buffer = buffer

    def chunks(self) -> Iterator[memoryview]:
        """The body, piece by piece; each piece is valid only until the next one is asked for.

        Never more than the answer's length. ServerError where it breaks off: ``cut-off`` where it
        ends before its length, also where it has none and brings nothing.
        """
        left, translation = self.answer.length, translated(self._server)
        try:
            while left is None or left > 0:
                with translation:
                    count = self._reply.take(self._buffer[:left])
                if not count:
                    break
                self.received += count
                translation.received = self.received
                left = None if left is None else left - count
                piece = self._buffer[:count]
                yield piece
                piece.release()
            if left or not self.received:
                raise TransientError("cut-off", server=self._server, received=self.received)
        except Exception:
            self.failed()
            raise

    def end(self) -> None:
        """No more of it. Read wholly, its connection serves the next request; else it is closed."""
        self._reply.end()
