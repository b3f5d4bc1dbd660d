"""Opens documents one after the other in a real browser, and tells of each what became of it.

A document is *shown* when its viewer says that it stands and the stage is not blank on the screen,
or *said* when the stage has words in its place. Whatever else happens, a blank stage, a page that
does not answer or an error in it, is a fault of the page, whatever the document.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk_process import KioskProcess
from playwright.sync_api import Error, Page
from reading import is_blank, rows_of, seen

LIMIT_S = 10.0
OFFICE_LIMIT_S = 120.0
ALIVE_MS = 3000
SETTLED_MS = 300
ROOM = {"top": 100, "bottom": 130}
"""What of the stage the bars may lie over, in CSS pixels."""
EDGE = 24
"""In which the edge of a web page's sheet lies; that of a page that stands is something to see."""

STANDS = {
    "pdf": "document.querySelector('.pdf-page:is([data-state=sharp], [data-state=failed])')",
    "image": "document.querySelector('img.picture')?.naturalWidth",
    "pictures": "document.querySelector('img.picture')?.naturalWidth",
    "text": "document.querySelector('.flow-sheet')?.childElementCount",
    "markdown": "document.querySelector('.flow-sheet')?.childElementCount",
    "video": "document.querySelector('video')?.readyState >= 1",
    "audio": "document.querySelector('audio')?.readyState >= 1",
    "office": "false",  # it is being prepared, and stands as something else
}
"""That a viewer has done its work; of others the screen alone tells."""
WORDS = "document.querySelector('.reader-card:not(:has(.waiting)) h2')?.textContent ?? ''"
"""What is said in the place of a document; that it is still being prepared is neither."""
IS_PREPARED = "document.querySelector('.waiting') === null"
WAITING = "document.querySelector('.reader')?.dataset.viewer === undefined"


@dataclass(frozen=True)
class Told:
    """What became of a document: ``how`` is shown, said, blank, silent or broken."""

    name: str
    viewer: str
    how: str
    words: str
    seconds: float

    @property
    def is_well(self) -> bool:
        return self.how in ("shown", "said")

    def __str__(self) -> str:
        return f"{self.how:7}{self.seconds:6.1f} s  {self.viewer:9}{self.name}  {self.words}"


class Reader:
    """One page that opens one document after the other."""

    def __init__(self, page: Page, kiosk: KioskProcess) -> None:
        self._page = page
        self._kiosk = kiosk
        self._faults: list[str] = []
        page.on("pageerror", lambda error: self._faults.append(str(error)))
        page.on("crash", lambda _: self._faults.append("the page crashed"))

    def read_all(self, rows: Iterable[dict[str, Any]]) -> Iterator[Told]:
        for row in rows:
            yield self.read(row)

    def read(self, row: dict[str, Any]) -> Told:
        """Open it, and wait until it is shown or said."""
        began = time.monotonic()
        limit_s = LIMIT_S if row["state"] == "ready" else OFFICE_LIMIT_S
        self._page.goto(f"{self._kiosk.url}/meetings/M1/materials/{row['n']}")
        how, words = self._wait(row, began + limit_s)
        took = time.monotonic() - began
        if not self._answers():
            how = "silent"
        if self._faults:
            how, words = "broken", "; ".join(self._faults)
            self._faults.clear()
        return Told(row["name"], row["viewer"], how, words, took)

    def _wait(self, row: dict[str, Any], until: float) -> tuple[str, str]:
        while time.monotonic() < until:
            now = rows_of(self._kiosk)[row["n"] - 1]
            words = self._page.evaluate(WORDS)
            if words and now["state"] not in ("preparing", "downloading"):
                return "said", words
            if self._stands(now["viewer"]) and self._is_seen():
                return "shown", ""
            self._page.wait_for_timeout(100)
        return "blank", self._page.evaluate(WORDS)

    def _stands(self, viewer: str) -> bool:
        stands = STANDS.get(viewer, "true")
        return bool(self._page.evaluate(f"{IS_PREPARED} && Boolean({stands})"))

    def _is_seen(self) -> bool:
        """Whether there is something to see, and not only the word that it is being opened."""
        if is_blank(self._stage()):
            return False
        self._page.wait_for_timeout(SETTLED_MS)
        return not is_blank(self._stage())

    def _stage(self) -> Any:
        size = self._page.viewport_size or {"width": 1280, "height": 800}
        height = size["height"] - ROOM["top"] - ROOM["bottom"]
        edge = EDGE if self._page.query_selector("iframe.frame") else 0
        width = size["width"] - 2 * edge
        clip = {"x": edge, "y": ROOM["top"], "width": width, "height": height}
        return seen(self._page, clip=clip)

    def _answers(self) -> bool:
        try:
            self._page.wait_for_function("() => document.readyState", timeout=ALIVE_MS)
        except Error:
            return False
        return True


def files_in(folder: Path, wanted: Callable[[Path], bool] = Path.is_file) -> dict[str, bytes]:
    """The files of a folder and those below it, by a name that tells where they are."""
    paths = [path for path in sorted(folder.rglob("*")) if wanted(path)]
    return {"·".join(path.relative_to(folder).parts): path.read_bytes() for path in paths}
