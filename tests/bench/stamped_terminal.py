"""``kiosk serve`` as it is, on eventlet, but with `stamped_worker` as its engine."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    import eventlet

    eventlet.monkey_patch()
    from kiosk import cli
    from kiosk.terminal import engine

    engine.COMMAND = (sys.executable, str(Path(__file__).with_name("stamped_worker.py")))
    cli.kiosk(["serve", *sys.argv[1:]])
