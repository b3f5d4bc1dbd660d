"""A download from scripted servers, run in this process, for the tests of the engine."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import events, worker
from kiosk.demo.origin import Fault, OriginMeeting, OriginPool, pool_of
from kiosk.job import Job
from kiosk.library import Library

FILES = {
    "01_工作报告/a1.pdf": b"%PDF-1.4\n" + os.urandom(300_000),
    "01_工作报告/a2.pdf": b"%PDF-1.4\n" + os.urandom(120_000),
    "02_预算/b1.txt": "预算草案\n".encode() * 5000,
}
DATA = {
    "id": "token-1",
    "meeting_id": "M1",
    "title": "经营工作会",
    "intro": None,
    "time": "2026-11-24 09:00",
    "status": "进行中",
    "agenda_items": [
        {
            "position": 1,
            "title": "工作报告",
            "files": [
                {"name": "a1.pdf", "display_name": "工作报告.pdf", "size": 300_009,
                 "temp_id": "a1", "agenda_folder": "01_工作报告", "total_pages": 12},
                {"name": "a2.pdf", "display_name": "附件.pdf", "size": 120_009,
                 "temp_id": "a2", "agenda_folder": "01_工作报告"},
            ],
        },
        {
            "position": 2,
            "title": "预算",
            "files": [
                {"name": "b1.txt", "display_name": "预算草案.txt", "size": 65_000,
                 "temp_id": "b1", "agenda_folder": "02_预算"},
            ],
        },
    ],
}  # fmt: skip


def package(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "x")
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


PACKAGE = package(FILES)
MEETINGS = {"M1": OriginMeeting(PACKAGE, DATA)}


class Download:
    """A job against a pool, run in this process; keeps what was emitted."""

    def __init__(self, servers: OriginPool, directory: Path) -> None:
        self.pool = servers
        self.directory = directory
        self.events: list[events.Event] = []
        self.stop = threading.Event()
        self.on_event: Callable[[events.Event], None] | None = None

    def run(self, **more: Any) -> int:
        servers = [f"http://{name}/api/v1" for name in self.pool.names]
        job = Job("M1", str(self.directory), servers, in_order=True, min_free_mb=0, **more)
        self.events.clear()
        return worker.run(job, self._heard, self.stop)

    def _heard(self, event: events.Event) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    @property
    def library(self) -> Library:
        return Library(self.directory)

    @property
    def ending(self) -> Any:
        endings = [event for event in self.events if isinstance(event, events.ENDINGS)]
        assert len(endings) == 1, "exactly one ending"
        assert self.events[-1] is endings[0]
        return endings[0]

    @property
    def switches(self) -> list[str]:
        return [event.reason for event in self.events if isinstance(event, events.ServerSwitch)]

    def materials(self) -> dict[str, bytes]:
        manifest = self.library.current("M1")
        assert manifest is not None
        return {
            one.name: self.library.object_path(one.sha256).read_bytes()
            for one in manifest.materials
            if one.sha256
        }


Start = Callable[..., Download]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A pool with these faults for each server, and a download from it."""
    pools: list[OriginPool] = []

    def begin(*servers: tuple[Fault, ...] | None, meetings: Any = None, **more: Any) -> Download:
        pools.append(pool_of(servers, MEETINGS if meetings is None else meetings, **more))
        return Download(pools[-1], tmp_path / "data")

    yield begin
    for one in pools:
        one.close()
        assert one.log.open_packages <= 1, "never two package requests at once"


def expect_whole(download: Download) -> None:
    assert download.materials() == {
        "工作报告.pdf": FILES["01_工作报告/a1.pdf"],
        "附件.pdf": FILES["01_工作报告/a2.pdf"],
        "预算草案.txt": FILES["02_预算/b1.txt"],
    }
    assert download.library.verify() == []
    assert list((download.directory / "download").iterdir()) == []
