"""Removing: what a purge takes away, and what crashes and replaced revisions leave behind."""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass, field
from pathlib import Path

from kiosk import flight
from kiosk.library.layout import (
    NEW,
    SET_ASIDE,
    Layout,
    folder_name,
    manifests_in,
    remove,
    subfolders,
)
from kiosk.manifest import Manifest
from kiosk.part import claimed, entries_folder
from kiosk.store import sync_directory, write_whole

log = logging.getLogger("kiosk.library")


@dataclass(frozen=True)
class Receipt:
    """What a purge removed: meetings by id, ``objects`` and their ``bytes``, when (RFC 3339).

    ``shared`` objects stayed, because other meetings use them. ``marks`` counts the documents that
    somebody had written on.
    """

    meetings: list[str] = field(default_factory=list)
    objects: int = 0
    bytes: int = 0
    shared: int = 0
    marks: int = 0
    purged_at: str = ""


def purge(layout: Layout, ids: list[str]) -> Receipt:
    """Remove these meetings, what is under way of them, and every object only they used."""
    used: set[str] = set()
    marked = 0
    for meeting_id in ids:
        folder = layout.folder(meeting_id)
        used.update(sha for manifest in manifests_in(folder) for sha in manifest.objects)
        _hide(folder)
        remove(folder)
        remove(folder.with_name(SET_ASIDE + folder.name))
        for path in _under_way(layout.part(meeting_id)):
            remove(path)
        marked += _remove_marks(layout.marks_of(meeting_id))
        remove(layout.reading(meeting_id))
        flight.forget(layout.flights, meeting_id)
    return _receipt(layout, ids, used, marked)


def purge_all(layout: Layout) -> Receipt:
    """Remove every meeting, readable or not, and everything that was made of them."""
    used: set[str] = set()
    ids: list[str] = []
    for folder in subfolders(layout.meetings):
        manifests = list(manifests_in(folder))
        used.update(sha for manifest in manifests for sha in manifest.objects)
        ids.append(manifests[0].meeting if manifests else folder.name)
        _hide(folder)
    for place in (layout.meetings, layout.downloads, layout.texts, layout.readings):
        for path in list(place.iterdir()) if place.is_dir() else []:
            remove(path)
    marked = sum(map(_remove_marks, subfolders(layout.marks)))
    remove(layout.marks)
    for path in list(layout.renditions.iterdir()) if layout.renditions.is_dir() else []:
        _remove_renditions(path)
    flight.forget(layout.flights, None)
    return _receipt(layout, ids, used, marked)


def _remove_marks(folder: Path) -> int:
    """How many marks went with it; a download, which removes none, does without that package."""
    from kiosk import marks

    return marks.remove(folder)


def _under_way(part: Path) -> tuple[Path, ...]:
    """Everything that a partly-here package consists of, its journal first."""
    journal = part.with_name(part.name + ".journal")
    return journal, journal.with_name(journal.name + ".new"), part, entries_folder(part)


def _hide(folder: Path) -> None:
    """Without its marker the meeting is gone, whatever happens next."""
    remove(folder / "current")
    if folder.is_dir():
        sync_directory(folder)


def _receipt(layout: Layout, ids: list[str], used: set[str], marked: int) -> Receipt:
    removed, size = remove_unused(layout)
    for place in (layout.meetings, layout.downloads, layout.marks):
        if place.is_dir():
            sync_directory(place)
    shared = sum(layout.object(sha256).exists() for sha256 in used)
    log.info("purged meetings=%d objects=%d bytes=%d", len(ids), removed, size)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Receipt(ids, removed, size, shared, marked, now)


def undo(layout: Layout, manifest: Manifest) -> None:
    """After a publish that failed: what it brought goes, unless it is the current revision."""
    folder = layout.folder(manifest.meeting)
    try:
        current = layout.current_in(folder)
        if current is None or current.revision != manifest.revision:
            remove(folder / f"{manifest.revision}.json")
        if current is None and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        remove_unused(layout)
    except OSError as fault:
        log.warning("not-undone meeting=%r why=%r", manifest.meeting, str(fault))


def remove_unused(layout: Layout) -> tuple[int, int]:
    """Objects that nobody needs, and pictures and texts made of them: how many, how many bytes.

    Manifests need them, and a download that was cut off just before its manifest was written.
    """
    needed = {sha for manifest in layout.all_manifests() for sha in manifest.objects}
    needed |= claimed(layout.downloads)
    removed = size = 0
    for path in list(layout.object_files()):
        if path.name not in needed:
            size += path.lstat().st_size
            removed += 1
            remove(path)
    for folder in subfolders(layout.renditions):
        if folder.name not in needed:
            _remove_renditions(folder)
    for path, sha256 in layout.text_files():
        if sha256 not in needed:
            remove(path)
    for folder in [*subfolders(layout.objects), layout.texts]:
        if folder.is_dir():
            sync_directory(folder)
    return removed, size


def _remove_renditions(folder: Path) -> None:
    """In one step for whoever is about to put a picture there."""
    aside = folder.with_name(f"{NEW}gone-{folder.name.removeprefix(NEW)}")
    try:
        folder.rename(aside)
    except OSError as fault:
        log.debug("renditions-not-moved path=%s why=%r", folder, str(fault))
        aside = folder
    remove(aside)


def collect(layout: Layout) -> int:
    """At start: mend or set aside what is damaged, remove leftovers; gives the bytes freed."""
    for folder in subfolders(layout.meetings):
        _tidy_meeting(layout, folder)
    for place in (layout.data_dir, layout.objects, layout.renditions, layout.texts):
        for path in place.glob(NEW + "*") if place.is_dir() else ():
            remove(path)
    for path in list(layout.downloads.glob("*.part*")):
        # From the right: a meeting's id may have that word in it, too.
        part = path.with_name(path.name.rpartition(".part")[0] + ".part")
        journal, aside, *bytes_ = _under_way(part)
        # Neither is of use without the other.
        if not journal.exists() or not any(one.exists() for one in bytes_):
            remove(path)
        remove(aside)
    if layout.marks.is_dir():
        from kiosk import marks

        marks.tidy(layout.marks, _owners(layout))
    _tidy_readings(layout)
    removed, size = remove_unused(layout)
    if removed:
        log.info("collected objects=%d bytes=%d", removed, size)
    return size


def _owners(layout: Layout) -> set[str]:
    """Folders of the meetings that are here, set aside, or on their way: their marks stay."""
    here = {folder.name for folder in subfolders(layout.meetings)}
    aside = {path.name.removeprefix(SET_ASIDE) for path in layout.meetings.glob(SET_ASIDE + "*")}
    names = (path.name.rpartition(".zip.part")[0] for path in layout.downloads.glob("*.zip.part*"))
    return here | aside | {name.removeprefix("meeting_") for name in names}


def _tidy_meeting(layout: Layout, folder: Path) -> None:
    for path in folder.glob(NEW + "*"):
        remove(path)
    if not (folder / "current").exists():
        # Never published, or half purged: nobody has seen it.
        remove(folder)
        return
    current = layout.current_in(folder) or _mended(layout, folder)
    if current is None:
        log.warning("meeting-set-aside folder=%s", folder.name)
        aside = folder.with_name(SET_ASIDE + folder.name)
        remove(aside)
        folder.rename(aside)
        return
    for path in folder.iterdir():
        if path.name not in ("current", f"{current.revision}.json"):
            remove(path)


def _tidy_readings(layout: Layout) -> None:
    """What is known of the readers of a meeting goes where neither it nor its package is here."""
    for path in list(layout.readings.iterdir()) if layout.readings.is_dir() else []:
        folder = layout.meetings / path.stem
        part = layout.downloads / f"meeting_{path.stem}.zip.part"
        if path.name.startswith(NEW) or not (folder.is_dir() or part.exists()):
            remove(path)


def _mended(layout: Layout, folder: Path) -> Manifest | None:
    """The newest revision whose files are all here, made the current one again."""
    whole = [
        manifest
        for manifest in manifests_in(folder)
        if all(layout.has(sha256, size) for sha256, size in manifest.objects.items())
    ]
    newest = max(whole, key=lambda manifest: manifest.published_at, default=None)
    if newest is not None:
        remove(folder / "current")
        write_whole(folder / "current", newest.revision.encode() + b"\n")
        log.warning("current-mended folder=%s revision=%s", folder.name, newest.revision[:12])
    return newest


def is_known(layout: Layout, meeting_id: str) -> bool:
    """Whether there is anything of that meeting to remove."""
    folder = layout.folder(meeting_id)
    aside = folder.with_name(SET_ASIDE + folder_name(meeting_id))
    under_way = any(path.exists() for path in _under_way(layout.part(meeting_id)))
    is_marked = layout.marks_of(meeting_id).is_dir()
    return folder.is_dir() or aside.is_dir() or under_way or is_marked
