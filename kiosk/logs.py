"""How this program logs: one line an event, ``time level logger event key=value …`` on stderr."""

from __future__ import annotations

import logging
import sys
import time


class _Line(logging.Formatter):
    """UTC with milliseconds; what a stranger could put into a value stays on one line."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        head, newline, trace = text.partition("\n")
        # A traceback keeps its lines; a message has one.
        return head + newline + trace if record.exc_info else text.replace("\n", "\\n")


def set_up(level: int = logging.WARNING) -> None:
    """Log to standard error from ``level`` on; safe to call twice."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
