"""``kiosk serve`` as it is, but with `scripted_worker` as its engine."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

if __name__ == "__main__":
    if os.environ.get("KIOSK_ASYNC_MODE", "eventlet") == "eventlet":
        warnings.simplefilter("ignore")
        import eventlet

        eventlet.monkey_patch()
    from kiosk import cli
    from kiosk.terminal import engine

    engine.COMMAND = (sys.executable, str(Path(__file__).with_name("scripted_worker.py")))
    cli.kiosk(["serve", *sys.argv[1:]])
