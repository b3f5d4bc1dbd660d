"""Answers whoever asks for the node's health beside the queue that a whole room stands in.

A hundred terminals that ask at the same moment are answered one after another. A watchdog that had
to wait behind them would think that the node is stuck, when it is only busy. So nginx brings that
question to a socket of its own, at which one thread serves nothing else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from kiosk.terminal.part import spawn

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("kiosk.node.aside")

IDLE_S = 15


class Aside:
    """``app`` at ``address``, for one at a time; listens from the beginning."""

    def __init__(self, address: str, app: WSGIApplication) -> None:
        self._server = make_server(address, 0, app, request_handler=_Handler)

    def start(self) -> None:
        """Answer from now on."""
        spawn(self._server.serve_forever)

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(WSGIRequestHandler):
    timeout = IDLE_S

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        log.debug("wsgi " + message.rstrip(), *args)
