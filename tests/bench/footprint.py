"""The memory of a tab by Chromium's own accounting: the private footprint in its memory dumps.

A dump is asked for now and then; in between, the same is read from the kernel (on Linux it is
RssAnon and VmSwap of the tab's process), so that no peak is missed. The worker that reads a PDF is
a thread of the same process.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Page

LOOK_S = 0.05
PATIENCE_S = 20.0
PARTS = re.compile(r"^(?:RssAnon|VmSwap):\s+(\d+) kB", re.MULTILINE)
CONFIG = {
    "includedCategories": ["disabled-by-default-memory-infra"],
    "excludedCategories": ["*"],
    "memoryDumpConfig": {},
}


class Footprint:
    """Watches the tab of ``page`` while it is entered; then ``told_mb`` and ``peak_mb`` hold.

    ``told_mb`` is the most of Chromium's dumps, ``peak_mb`` the most of both; MB are 10^6 bytes.
    """

    def __init__(self, page: Page) -> None:
        browser = page.context.browser
        assert browser
        self._page = page
        self._session = browser.new_browser_cdp_session()
        processes = self._session.send("SystemInfo.getProcessInfo")["processInfo"]
        # One of them may be a spare that Chromium keeps: the largest is the tab.
        self._pids = {one["id"] for one in processes if one["type"] == "renderer"}
        self._over, self._is_complete = threading.Event(), False
        self._thread = threading.Thread(target=self._watch)
        self.told_mb = self.peak_mb = 0.0

    def dump(self) -> None:
        """Have Chromium take stock."""
        self._session.send("Tracing.requestMemoryDump", {"levelOfDetail": "background"})

    def __enter__(self) -> Self:
        self._session.on("Tracing.dataCollected", self._collect)
        self._session.on("Tracing.tracingComplete", self._complete)
        self._session.send("Tracing.start", {"traceConfig": CONFIG})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._session.send("Tracing.end")
        give_up = time.monotonic() + PATIENCE_S
        while not self._is_complete and time.monotonic() < give_up:
            self._page.wait_for_timeout(50)
        self._session.detach()
        self.peak_mb = max(self.peak_mb, self.told_mb)

    def _collect(self, told: dict[str, Any]) -> None:
        for event in told["value"]:
            totals = event.get("args", {}).get("dumps", {}).get("process_totals", {})
            if event.get("pid") in self._pids and "private_footprint_bytes" in totals:
                its_mb = int(totals["private_footprint_bytes"], 16) / 1e6
                self.told_mb = max(self.told_mb, its_mb)

    def _complete(self, _: object) -> None:
        self._is_complete = True

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            now = max((_private_mb(pid) for pid in self._pids), default=0.0)
            self.peak_mb = max(self.peak_mb, now)


def _private_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        return sum(int(kilobytes) for kilobytes in PARTS.findall(status)) * 1024 / 1e6
    return 0.0
