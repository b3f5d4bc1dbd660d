"""The process that draws: ``python -m kiosk.render DATA_DIR SHA256…``.

Each object is drawn by a forked child with hard limits, so the next one works whatever the last one
did. The result is a folder that appears by a rename, and one JSON line on standard output. The
process ends when whoever started it is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import resource
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from kiosk import logs
from kiosk.render.draw import NOTHING, look

log = logging.getLogger("kiosk.render")

MEMORY_BYTES = 3 << 30
FILE_BYTES = 32 << 20
POLL_S = 0.01


def main() -> int:
    """Draw everything asked for; 0 also where some of it could not be drawn."""
    logs.set_up(logging.INFO)
    asked = _asked()
    for sha256 in asked.objects:
        found = render(asked, sha256)
        if os.getppid() != asked.parent:
            return 1
        sys.stdout.write(json.dumps({"sha256": sha256, **found}) + "\n")
        sys.stdout.flush()
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("kiosk.render", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("objects", nargs="*", metavar="SHA256")
    parser.add_argument("--each", type=float, default=20.0, help="seconds for each at most")
    parser.add_argument("--parent", type=int, default=os.getppid(), help="who waits for it")
    return parser.parse_args()


def render(asked: argparse.Namespace, sha256: str) -> dict[str, Any]:
    """Draw one object and put the result in its place; tells what was found."""
    source = asked.data_dir / "objects" / sha256[:2] / sha256
    renditions = asked.data_dir / "renditions"
    work = renditions / f".new-{os.getpid()}-{sha256}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        trouble = _in_child(source, work, asked)
        if trouble is not None:
            _remove_content(work)
            log.warning("not-drawn sha256=%s why=%s", sha256, trouble)
            _tell(work, {**NOTHING, "trouble": trouble})
        found: dict[str, Any] = json.loads((work / "info.json").read_bytes())
        _settle(source, work, renditions / sha256)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return found


def _settle(source: Path, work: Path, target: Path) -> None:
    """Show the result, unless its object was purged meanwhile: then nothing of it may stay."""
    shutil.rmtree(target, ignore_errors=True)
    with contextlib.suppress(FileExistsError):
        work.rename(target)
    if not source.exists():
        shutil.rmtree(target, ignore_errors=True)


def _in_child(source: Path, work: Path, asked: argparse.Namespace) -> str | None:
    """Look at the object in a child; a word for what went wrong, or None."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _limit(asked.each)
            _tell(work, look(source, work))
            status = 0
        except MemoryError:
            status = 2
        except FileNotFoundError:
            status = 3
        finally:
            os._exit(status)
    ended = _await(child, asked)
    if ended is None:
        return "took-too-long"
    code = os.waitstatus_to_exitcode(ended)
    return {0: None, 2: "too-large", 3: "gone"}.get(code, "broken")


def _await(child: int, asked: argparse.Namespace) -> int | None:
    """The child's wait status; None where it had to be ended."""
    give_up = time.monotonic() + asked.each
    while time.monotonic() < give_up and os.getppid() == asked.parent:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(POLL_S)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _limit(each_s: float) -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, int(each_s) + 1),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def _tell(work: Path, found: dict[str, Any]) -> None:
    (work / "info.json").write_text(json.dumps(found), "utf-8")


def _remove_content(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
