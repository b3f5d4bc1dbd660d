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
from kiosk.package import TAIL_BYTES, inspect
from kiosk.part import entries_folder

TAIL = f"bytes=-{TAIL_BYTES}"
"""What is asked of a package before anything else."""
BLOCK = 256 << 10
"""What may have been received and not written yet when a connection ended."""

AT_ONCE_S = 5.0
"""On a busy machine; less than the patience with any server that says nothing."""

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


def span_of(packed: bytes, path: str) -> tuple[int, int]:
    """Where all that belongs to a file lies in the package: start, and stop (exclusive)."""
    (entry,) = (one for one in inspect(io.BytesIO(packed)).entries if one.path == path)
    return entry.offset, entry.until


def needed(packed: bytes, *others: str) -> int:
    """Bytes of the package that its materials take: all but its note, and these paths."""
    entries = inspect(io.BytesIO(packed)).entries
    passed_over = {"README.txt", *others}
    return sum(one.until - one.offset for one in entries if one.path not in passed_over)


def begin_of(asked_range: str | None) -> int:
    """Where the bytes begin that a Range header asks for."""
    return int((asked_range or "").removeprefix("bytes=").partition("-")[0])


PACKAGE = package(FILES)
NEEDED = needed(PACKAGE)
"""What a download of it counts up to."""
MEETINGS = {"M1": OriginMeeting(PACKAGE, DATA)}


class Download:
    """A job against a pool, run in this process; keeps what was emitted."""

    def __init__(self, servers: OriginPool, directory: Path) -> None:
        self.pool = servers
        self.directory = directory
        self.events: list[events.Event] = []
        self.stop = threading.Event()
        self.fronts = worker.Fronts()
        self.parallel = 1
        self.on_event: Callable[[events.Event], None] | None = None

    def run(self, **more: Any) -> int:
        servers = [f"http://{name}/api/v1" for name in self.pool.names]
        job = Job("M1", str(self.directory), servers, in_order=True, min_free_mb=0, **more)
        self.parallel = max(self.parallel, job.parallel)
        self.events.clear()
        return worker.run(job, self._heard, self.stop, self.fronts)

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
    def ready(self) -> list[events.MaterialReady]:
        """The materials in the order in which each could be opened."""
        return [event for event in self.events if isinstance(event, events.MaterialReady)]

    @property
    def progress(self) -> list[events.DownloadProgress]:
        return [event for event in self.events if isinstance(event, events.DownloadProgress)]

    def opened(self, sha256: str | None) -> bytes | None:
        """What a material that is said to be ready holds; None where it cannot be opened."""
        if sha256 is None:
            return None
        early = entries_folder(self.library.part_path("M1")) / sha256
        places = (early, self.library.object_path(sha256))
        return next((path.read_bytes() for path in places if path.is_file()), None)

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
    begun: list[Download] = []

    def begin(*servers: tuple[Fault, ...] | None, meetings: Any = None, **more: Any) -> Download:
        pool = pool_of(servers, MEETINGS if meetings is None else meetings, **more)
        begun.append(Download(pool, tmp_path / "data"))
        return begun[-1]

    yield begin
    for one in begun:
        one.pool.close()
        most = one.parallel
        assert one.pool.log.open_packages <= most, "never more package requests than were allowed"


def expect_whole(download: Download) -> None:
    assert download.materials() == {
        "工作报告.pdf": FILES["01_工作报告/a1.pdf"],
        "附件.pdf": FILES["01_工作报告/a2.pdf"],
        "预算草案.txt": FILES["02_预算/b1.txt"],
    }
    assert download.library.verify() == []
    assert list((download.directory / "download").iterdir()) == []
