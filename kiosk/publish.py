"""The last leg: a whole package becomes objects, and those become a revision that people see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk import agenda
from kiosk.library import AgendaItem, Library
from kiosk.package import inspect
from kiosk.part import Part

Pulse = Callable[[str], None]
Ready = Callable[[int, str], None]


class Publication:
    """Checks and publishes what lies in ``part``.

    ``run`` raises PackageError where the package is no good and LocalError where the disk is not;
    whatever ``pulse`` raises between two chunks passes through. Nothing is visible before the end.
    """

    def __init__(self, meeting_id: str, library: Library, part: Part) -> None:
        self._meeting_id = meeting_id
        self._library = library
        self._part = part
        self._index = 0
        self.revision = ""
        self.missing: tuple[str, ...] = ()
        self.package_bytes = part.here

    def run(
        self, data: dict[str, Any] | None, pulse: Pulse, ready: Ready, servers: Mapping[str, int]
    ) -> None:
        """Verify every entry, store it as an object, publish the manifest."""
        document = agenda.parse(data) if data else None
        with self._part.reader() as file:
            package = inspect(file)
            pulse("verifying")
            items = []
            for item, files in agenda.arrange(document, package):
                materials = [
                    self._material(file, listed.name, entry, listed.pages, pulse, ready)
                    for listed, entry in files
                ]
                items.append(AgendaItem(item.title, item.reporter, item.minutes, tuple(materials)))
        manifest = self._manifest(document, tuple(items), servers)
        self.revision, self.missing = manifest.revision, manifest.missing
        pulse("publishing")
        self._library.publish(manifest)
