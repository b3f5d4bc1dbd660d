"""One object while it is looked at: where its bytes are, and what becomes its rendition."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

# What earlier versions found out is found out anew: they knew nothing of Office files and of pages.
VERSION = 3
INFO = "info.json"
DOCUMENT = "document.pdf"
PICTURE = "page1.webp"
SHEETS = "sheets.json"


def brought_path(data_dir: Path, sha256: str) -> Path:
    """Where a PDF of an object that was made elsewhere waits to be looked at.

    The next start and any purge take it away, as all that is on its way here.
    """
    return data_dir / "renditions" / f".new-brought-{sha256}" / DOCUMENT


class Work:
    """A folder beside the renditions, taken away at the end unless it was shown as one of them."""

    def __init__(self, data_dir: Path, sha256: str) -> None:
        self.sha256 = sha256
        self._data_dir = data_dir
        renditions = data_dir / "renditions"
        self.folder = renditions / f".new-{os.getpid()}-{sha256}"
        self._target = renditions / sha256

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def source(self) -> Path:
        """Where the bytes are now; they move once, when what came early is published."""
        stored = self._data_dir / "objects" / self.sha256[:2] / self.sha256
        early = self._data_dir.glob(f"download/*.part.entries/{self.sha256}")
        return next((path for path in (stored, *early) if path.exists()), stored)

    def tell(self, found: Mapping[str, Any]) -> None:
        """Write down what was found."""
        told = json.dumps({**found, "version": VERSION})
        (self.folder / INFO).write_text(told, "utf-8")

    def told(self) -> dict[str, Any]:
        """What was written down."""
        found: dict[str, Any] = json.loads((self.folder / INFO).read_bytes())
        return found

    def clear(self) -> None:
        """Drop what is in the folder."""
        for path in self.folder.iterdir():
            path.unlink()

    def settle(self, found: Mapping[str, Any]) -> None:
        """Show what was found and made, unless the object was purged meanwhile: then none of it."""
        self.tell(found)
        for path in self.folder.iterdir():
            _sync(path)
        shutil.rmtree(self._target, ignore_errors=True)
        with contextlib.suppress(FileExistsError):
            self.folder.rename(self._target)
        if not self.source.exists():
            shutil.rmtree(self._target, ignore_errors=True)


def _sync(path: Path) -> None:
    """After a power cut there must be no empty document behind a sound note."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
