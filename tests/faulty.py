"""What a download under faults came to: the files it left, who was asked, how much was sent."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest
from bundles import PAPERS, Bundle
from downloads import Download

from kiosk import worker
from kiosk.job import Job

MODERN = dataclasses.replace(PAPERS, more={"modern": True})
EITHER = pytest.mark.parametrize("bundle", [PAPERS, MODERN], ids=["existing", "modern"])
"""Runs a test against servers as they are in the field, and against ours with a manifest."""


def expect(download: Download, bundle: Bundle) -> None:
    """These files are here, whole, and nothing is left over."""
    assert told(download.materials()) == told(bundle.files)
    assert download.library.verify() == []
    assert leftovers(download) == []


def told(files: dict[str, bytes]) -> dict[str, tuple[int, str]]:
    """Files by name in few words: how long, and the beginning of their SHA-256."""
    return {
        name: (len(content), hashlib.sha256(content).hexdigest()[:8])
        for name, content in files.items()
    }


def leftovers(download: Download) -> list[str]:
    """What is under way on the disk."""
    return sorted(path.name for path in (download.directory / "download").rglob("*"))


def nothing_published(download: Download) -> bool:
    """No revision, and no file of one."""
    objects = [path for path in download.directory.glob("objects/*/*") if path.is_file()]
    return download.library.current("M1") is None and objects == []


def sent(download: Download, *servers: int) -> int:
    """Package bytes that these servers of the pool sent; without a number all of them."""
    names = [download.pool.names[index] for index in servers] or download.pool.names
    return sum(request.sent for request in download.pool.log.packages if request.server in names)


def asked(download: Download, server: int) -> list[str | None]:
    """The Range of each package request that this server got; None: everything."""
    name = download.pool.names[server]
    return [request.range for request in download.pool.log.packages if request.server == name]


def run(download: Download, **more: Any) -> int:
    """As `Download.run`, with every part of the job to be chosen."""
    servers = [f"http://{name}/api/v1" for name in download.pool.names]
    settings = {"servers": servers, "in_order": True, "min_free_mb": 0, **more}
    download.events.clear()
    job = Job("M1", str(download.directory), **settings)
    download.parallel = max(download.parallel, job.parallel)
    return worker.run(job, download._heard, download.stop)


def in_background(download: Download, **more: Any) -> threading.Thread:
    """The same, in a thread that has been started."""
    thread = threading.Thread(target=run, args=(download,), kwargs=more)
    thread.start()
    return thread


def holding(directory: Path, words: bytes) -> list[Path]:
    """The files below ``directory`` in which these words are."""
    found = []
    for path in directory.rglob("*"):
        with contextlib.suppress(OSError):  # renamed or removed just now
            if path.is_file() and words in path.read_bytes():
                found.append(path)
    return found
