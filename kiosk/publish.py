"""The last leg: a whole package becomes objects, and those become a revision that people see."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from kiosk import agenda
from kiosk.agenda import Listed, MeetingData
from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.package import Entry, inspect, read_entry
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
        self.revision = ""
        self.missing: tuple[str, ...] = ()
        self.package_bytes = part.here

    def run(
        self, data: dict[str, Any] | None, pulse: Pulse, ready: Ready, servers: Mapping[str, int]
    ) -> None:
        """Verify every entry, store it as an object, publish the manifest."""
        document = agenda.parse(data)
        try:
            with self._part.reader() as file:
                pulse("verifying")
                package = inspect(file)
                placed = agenda.arrange(document, package, agenda.notice_in(file, package))
                self._library.require_room(agenda.bytes_of(placed))
                items = []
                for one in placed:
                    materials = [self._material(file, pair, pulse) for pair in one.files]
                    item = one.item
                    items.append(
                        AgendaItem(item.title, item.reporter, item.minutes, tuple(materials))
                    )
            pulse("publishing")
            self._publish(document, tuple(items), servers)
        finally:
            self._library.drop_pending()
        # Only now can they be opened, and only what can be opened is said to be ready.
        shown = (material for item in items for material in item.materials)
        for index, material in enumerate(shown, 1):
            if material.sha256 is not None:
                ready(index, material.name)

    def _material(
        self, file: BinaryIO, pair: tuple[Listed, Entry | None], pulse: Pulse
    ) -> Material:
        listed, entry = pair
        if entry is None:
            return Material("", listed.name, 0, None, listed.pages)
        stored = self._library.add_object(_beating(read_entry(file, entry), pulse))
        return Material(entry.path, listed.name, stored.bytes, stored.sha256, listed.pages)

    def _publish(
        self,
        document: MeetingData | None,
        items: tuple[AgendaItem, ...],
        servers: Mapping[str, int],
    ) -> None:
        missing = tuple(one.name for item in items for one in item.materials if one.sha256 is None)
        known = document or MeetingData()
        manifest = Manifest(
            meeting=self._meeting_id,
            title=known.title,
            intro=known.intro,
            time=known.time,
            status=known.status,
            agenda=items,
            missing=missing,
            fingerprint=known.fingerprint,
            published_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            servers=dict(servers),
        )
        self.revision, self.missing = self._library.publish(manifest), missing


def _beating(chunks: Iterator[bytes], pulse: Pulse) -> Iterator[bytes]:
    for chunk in chunks:
        pulse("verifying")
        yield chunk
