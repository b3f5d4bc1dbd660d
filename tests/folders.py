"""Folders of meetings for tests, and an origin over one of them, with nothing but its thread."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kiosk_process import eventually

from kiosk.library import Library
from kiosk.manifest import Manifest
from kiosk.node.folder import FolderSource
from kiosk.node.folder.view import View
from kiosk.settings import Settings


def fill(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write these files, each in one go, with the folders that they are in."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


class Origin:
    """A running source over ``folder``, and what it offers."""

    def __init__(self, folder: Path, data_dir: Path, **settings: Any) -> None:
        self.library = Library(data_dir)
        self.offers: list[list[str]] = []
        self.source = FolderSource(folder, Settings.load(settings, {}), self.library, self._hear)

    def _hear(self) -> None:
        self.offers.append([one.id for one in self.source.offered()])

    def view(self, folder: str) -> View:
        """The meeting in the folder of that name, once it was seen."""

        def seen() -> View | None:
            return next((one for one in self.source.seen.views if one.folder == folder), None)

        found: View = eventually(seen)
        return found

    def published(self, folder: str, *names: str) -> Manifest:
        """The revision of a meeting once it shows exactly these names, in this order."""

        def shown() -> Manifest | None:
            manifest = self.view(folder).published
            here = [one.name for one in manifest.materials] if manifest else []
            return manifest if here == list(names) else None

        found: Manifest = eventually(shown)
        return found

    def waits(self, folder: str, seconds: float) -> Manifest:
        """The revision of a meeting after the folder was looked at for so long."""
        until = time.monotonic() + seconds
        eventually(lambda: time.monotonic() > until)
        made = self.view(folder).published
        assert made is not None
        return made

    def text(self, manifest: Manifest, name: str) -> bytes:
        """What a material of a revision holds."""
        sha256 = next(one.sha256 for one in manifest.materials if one.name == name)
        return self.library.object_path(sha256 or "").read_bytes()


@contextlib.contextmanager
def origin_over(folder: Path, data_dir: Path, **settings: Any) -> Iterator[Origin]:
    """An origin while the block runs."""
    folder.mkdir(exist_ok=True)
    origin = Origin(folder, data_dir, **settings)
    thread = threading.Thread(target=origin.source.run)
    thread.start()
    try:
        yield origin
    finally:
        origin.source.stop()
        thread.join()
