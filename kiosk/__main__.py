"""The entry: ``python -m kiosk`` and the ``kiosk`` command.

The web server runs on eventlet, which has to replace parts of the standard library before anything
else is imported; so it happens here and nowhere else. ``KIOSK_ASYNC_MODE=threading`` (or
``--async-mode threading``) runs the same program on ordinary threads.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Mapping, Sequence

# What is imported stays: looking through it for waste at every 700th object takes a tenth of the
# time until the first request.
COLLECT_AT = (10_000, 10, 10)
SERVING = ("serve", "demo")


def on_eventlet(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether this command line starts a web server that runs on eventlet."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words or words[0] not in SERVING:
        return False
    mode = environ.get("KIOSK_ASYNC_MODE", "eventlet")
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == "--async-mode":
            mode = following
        elif word.startswith("--async-mode="):
            mode = word.partition("=")[2]
    return mode == "eventlet"


def main() -> None:
    """Patch if need be, then hand over to the commands."""
    gc.set_threshold(*COLLECT_AT)
    if on_eventlet(sys.argv[1:], os.environ):
        with warnings.catch_warnings():
            # It says that it is in maintenance: known, and docs/design.md says what follows.
            warnings.simplefilter("ignore")
            import eventlet

        eventlet.monkey_patch()
    from kiosk.cli import kiosk

    kiosk()


if __name__ == "__main__":
    main()
