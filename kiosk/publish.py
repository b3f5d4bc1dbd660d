"""The last leg: files that are here and checked become a revision that people see."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from kiosk.agenda import Listed, MeetingData
from kiosk.delta import Delta
from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.package import Entry
from kiosk.part import Done, Part


def publish(meeting_id: str, library: Library, part: Part, delta: Delta) -> Manifest:
    """Publish what ``delta`` places; every file of it is done in ``part`` or an object already.

    LocalError where the disk refuses: then nothing is visible that was not before.
    """
    names = {**delta.reused, **{key: done.sha256 for key, done in part.done.items()}}
    items = []
    for one in delta.placed:
        materials = tuple(_material(listed, entry, names) for listed, entry in one.files)
        item = one.item
        items.append(AgendaItem(item.title, item.reporter, item.minutes, materials))
    manifest = _manifest(meeting_id, delta, tuple(items), part.bytes_by())
    try:
        for done in _wanted(delta, part):
            library.adopt(done.sha256, done.size, done.file)
        library.publish(manifest)
    finally:
        library.drop_pending()
    return manifest


def _wanted(delta: Delta, part: Part) -> list[Done]:
    found = (part.done.get(entry.key) for entry in delta.needed)
    return [done for done in found if done is not None]


def _material(
    listed: Listed, entry: Entry | None, names: Mapping[tuple[str, int, int], str]
) -> Material:
    if entry is None:
        return Material("", listed.name, 0, None, listed.pages)
    sha256 = names[entry.key]
    return Material(entry.path, listed.name, entry.size, sha256, listed.pages, entry.crc32)


def _manifest(
    meeting_id: str,
    delta: Delta,
    items: tuple[AgendaItem, ...],
    servers: Mapping[str, int],
) -> Manifest:
    known = delta.document or MeetingData()
    lacking = tuple(one.name for item in items for one in item.materials if one.sha256 is None)
    return Manifest(
        meeting=meeting_id,
        title=known.title,
        intro=known.intro,
        time=known.time,
        status=known.status,
        agenda=items,
        missing=lacking,
        # An older version under the new one's name would never be replaced.
        fingerprint="" if delta.fit.stale else known.fingerprint,
        published_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        servers=dict(servers),
    )
