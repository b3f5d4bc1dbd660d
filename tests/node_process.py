"""A real node for tests: ``python -m kiosk node`` as a process, and what it answers."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from kiosk_process import KioskProcess, eventually

from kiosk.package import inspect, read_entry

FRONTS = ("threads", "nginx")
API = "/api/v1"


class NodeProcess(KioskProcess):
    """A running node on a free port of 127.0.0.1 that asks ``upstream``."""

    program = ("-m", "kiosk", "node")

    def __init__(
        self, data_dir: Path, *upstream: str, front: str = "threads", **settings: Any
    ) -> None:
        named = [word for url in upstream for word in ("--upstream", url)]
        if (folder := settings.pop("folder", None)) is not None:
            named += ["--folder", str(folder)]
        settings = {"interval_s": 1, "front": front, **settings}
        super().__init__(data_dir, "threading", "--host", "127.0.0.1", *named, **settings)

    def health(self) -> Any:
        return self.json("/healthz")

    def api(self, path: str, **more: Any) -> requests.Response:
        return self.get(f"{API}{path}", **more)

    def package(self, meeting_id: str = "M1", **headers: str) -> requests.Response:
        return self.api(f"/meetings/{meeting_id}/download-package", headers=headers)

    def data(self, meeting_id: str = "M1") -> Any:
        return self.json(f"{API}/meetings/{meeting_id}/data")

    def manifest(self, meeting_id: str = "M1") -> Any:
        return self.json(f"{API}/meetings/{meeting_id}/manifest")

    def wait_until_served(self, meeting_id: str = "M1", not_etag: str = "") -> str:
        """The ETag of the package, as soon as there is one, and another one than ``not_etag``."""

        def served() -> str:
            answer = requests.head(
                f"{self.url}{API}/meetings/{meeting_id}/download-package", timeout=10
            )
            etag = answer.headers.get("ETag", "") if answer.status_code == 200 else ""
            return "" if etag == not_etag else etag

        return str(eventually(served))

    def serving_process(self) -> int:
        """The process in which the node itself lives: gunicorn's worker."""

        def child() -> int:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            return int(children[0]) if children else 0

        return int(eventually(child))

    def kill(self, pid: int | None = None) -> None:
        """kill -9, of the whole or of one of its processes."""
        os.kill(self.pid if pid is None else pid, signal.SIGKILL)


def files_in(package: bytes) -> list[bytes]:
    """The materials of a package of ours, in its order, each held to its CRC."""
    file = io.BytesIO(package)
    return [b"".join(read_entry(file, entry)) for entry in inspect(file).entries[1:]]


def fetched(node: NodeProcess, data_dir: Path) -> dict[str, Any]:
    """What the last event of a `kiosk fetch` says that reads from the node alone."""
    command = [sys.executable, "-m", "kiosk", "fetch", "M1", "--json", "--server", node.url]
    ran = subprocess.run([*command, "--data-dir", str(data_dir)], capture_output=True, timeout=60)
    ending = json.loads(ran.stdout.splitlines()[-1])
    assert ran.returncode == 0, ending
    return dict(ending)
