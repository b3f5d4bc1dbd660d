"""Disks for the tests: a small one, one that cannot be written to, one that fails now and then.

``disks.py DATA_DIR`` is also a process: it reads a list of steps as JSON from its standard input,
takes them on the disk it finds there, and prints what came of each.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk import events, worker
from kiosk.job import Job
from kiosk.library import Library

Json = dict[str, Any]
SMALL = "size=6m"


def mounted(place: Path, mount: str) -> list[str]:
    """The beginning of a command for which ``mount`` was done, and for nobody else.

    Empty where this system lets nobody mount, as in most containers.
    """
    for who in ([], ["--user", "--map-root-user"]) if shutil.which("unshare") else ():
        prefix = ["unshare", *who, "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]
        if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    return []


def small(place: Path, size: str = SMALL) -> list[str]:
    """An empty disk of that size at ``place``."""
    return mounted(place, f'mount -t tmpfs -o {size} none "{place}"')


def read_only(place: Path) -> list[str]:
    """What is at ``place`` cannot be changed."""
    bind = f'mount --bind "{place}" "{place}"'
    return mounted(place, f'{bind} && mount -o remount,ro,bind "{place}"')


def no_growth(size: int) -> Callable[[], None]:
    """For a child process: no file may become larger than ``size``."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def take(prefix: list[str], data_dir: Path, steps: list[Json]) -> list[Json]:
    """What came of these steps, taken by a process on that disk.

    Without a disk of its own no file may grow beyond 1 MiB there.
    """
    done = subprocess.run(
        [*prefix, sys.executable, __file__, str(data_dir)],
        input=json.dumps(steps), capture_output=True, text=True, timeout=120,
        preexec_fn=None if prefix else no_growth(1 << 20),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class Step:
    """One download on this disk; ``fill_at``: so many bytes here, and somebody fills the disk."""

    def __init__(self, data_dir: Path, meeting: str, servers: list[str], fill_at: int = 0) -> None:
        self._library = Library(data_dir)
        self._ballast = data_dir / "ballast"
        self._job = Job(meeting, str(data_dir), servers, in_order=True, min_free_mb=0, retries=2)
        self._fill_at = fill_at
        self._ending: Json = {}

    def run(self) -> Json:
        """Exit status, ending, what people see, and which files are there."""
        self._library.collect()
        code = worker.run(self._job, self._hear, threading.Event())
        self._ballast.unlink(missing_ok=True)
        shown = {
            one.meeting: {item.name: item.sha256 for item in one.materials}
            for one in self._library.meetings()
        }
        damage = list(map(str, self._library.verify()))
        return {"code": code, "ending": self._ending, "shown": shown, "damage": damage,
                "temp": self._temp()}  # fmt: skip

    def _temp(self) -> list[str]:
        """What is neither published nor a note of ours."""
        data_dir = self._library.data_dir
        used = {sha for one in self._library.meetings() for sha in one.objects}
        files = [path for path in data_dir.rglob("*") if path.is_file()]
        begun = [path for path in files if "download" in path.parts or path.name.startswith(".new")]
        objects = [path for path in files if "objects" in path.parts and path.name not in used]
        return sorted(str(path.relative_to(data_dir)) for path in {*begun, *objects})

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.ENDINGS):
            self._ending = json.loads(events.encode(event))
        far = self._fill_at and getattr(event, "received_bytes", 0) > self._fill_at
        if far and isinstance(event, events.DownloadProgress):
            self._fill()

    def _fill(self) -> None:
        try:
            with open(self._ballast, "ab") as file:
                while True:
                    file.write(bytes(64 << 10))
                    file.flush()
        except OSError:
            pass  # full: that was meant


if __name__ == "__main__":
    for step in json.load(sys.stdin):
        print(json.dumps(Step(Path(sys.argv[1]), **step).run()))
