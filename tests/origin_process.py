"""A real origin for tests: ``python -m kiosk node --folder`` as a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kiosk_process import KioskProcess
from node_process import NodeProcess


class OriginProcess(NodeProcess):
    """A running origin over ``folder``, on a free port of 127.0.0.1."""

    def __init__(
        self, folder: Path, data_dir: Path, front: str = "threads", **settings: Any
    ) -> None:
        where = ("--host", "127.0.0.1", "--folder", str(folder))
        KioskProcess.__init__(self, data_dir, "threading", *where, front=front, **settings)
        self.folder = folder

    def secretary(self, path: str = "") -> str:
        """An address of the secretary's page."""
        return f"{self.url}/secretary{path}"
