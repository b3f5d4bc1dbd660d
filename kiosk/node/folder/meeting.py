"""A meeting's folder: looked at, waited for, read, and published as a revision.

A look costs a walk over the names. Only what changed is read, and only when all of the folder
stands still, so that a folder that is being copied in becomes one revision and not twenty. One file
that keeps moving holds the others up for `PATIENCE_S` at most; of a file that is being written
anew, the version from before stays in the revision until the new one is whole.
"""

from __future__ import annotations

import datetime
import logging
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.agenda.document import text
from kiosk.errors import KioskError
from kiosk.library import Library
from kiosk.manifest import Manifest
from kiosk.node.folder import arrangement, description, edition, tree
from kiosk.node.folder.arrangement import Part
from kiosk.node.folder.contents import Content, Contents, Unreadable, Unsettled
from kiosk.node.folder.description import ENDED, PLANNED, Description
from kiosk.node.folder.edition import Heading
from kiosk.node.folder.identity import meeting_id
from kiosk.node.folder.settling import QUIET_S, WARY_S, Settling, has_writer
from kiosk.node.folder.tree import Found, Stamp, Tree
from kiosk.node.folder.view import Row, State, View

log = logging.getLogger("kiosk.folder")

PATIENCE_S = 5.0


@dataclass(frozen=True)
class Surroundings:
    """What a meeting's folder needs of the origin.

    ``records`` is where is kept what was read; ``was_closed`` is `Watch.was_closed`; ``spare`` and
    ``most`` are bytes: what is left free on the disk, and the largest package.
    """

    library: Library
    records: Path
    stopped: Callable[[], bool]
    was_closed: Callable[[str, Stamp], bool]
    spare: int = 0
    most: int = 1 << 62


class MeetingFolder:
    """The folder ``name``; one thread looks. ``view`` is what the last look found."""

    def __init__(self, name: str, around: Surroundings) -> None:
        self.name = name
        self.id = meeting_id(name)
        self._around = around
        self._contents = Contents(
            around.library, around.records / f"{self.id}.json", around.stopped
        )
        self._settling = Settling()
        self._description = Description()
        self._described: Stamp | None = None
        self._misdescribed: KioskError | None = None
        self._moving_since: float | None = None
        self._was_made = False
        self.doubted_at = -math.inf
        self._is_doubted = self._has_rotted = False
        self._settled: tuple[Tree, str] | None = None
        self._states: dict[str, State] = {}
        self.view = self._seen(around.library.current(self.id), Tree(), None, ENDED)

    def doubt(self, now: float) -> None:
        """With the next look, read what is kept of the files, too, and bring back what rotted."""
        self.doubted_at, self._is_doubted = now, True

    def look(self, root: int, standing: str, now: float, *, afresh: bool = False) -> None:
        """Take in what lies there; publish it where it is another revision.

        ``root`` is the open folder that it lies in, ``standing`` its status where it says none.
        ``afresh``: do not trust that where no name changed nothing else did.
        """
        published, fault, found = self.view.published, None, Tree()
        before, self._states = self._states, {}
        try:
            found = tree.look(root, self.name)
            self._settling.look(_every(found), now)
            self._describe(root, found.description, now)
            if self._settled == (found, self._status(standing)) and not (
                afresh or self._is_doubted
            ):
                self._states = before
                return
            self._settled = None
            if self._is_doubted:
                self._is_doubted, self._has_rotted = False, self._contents.doubt()
            if self._status(standing) == ENDED:
                self._rest(found)
            elif self._misdescribed is None:
                published = self._publish(root, found, standing, now)
            if "copying" not in self._states.values():
                self._settled = (found, self._status(standing))
        except KioskError as raised:
            self._around.library.drop_pending()
            fault = raised
        self.view = self._seen(published, found, fault or self._misdescribed, standing)

    def _describe(self, root: int, found: Found | None, now: float) -> None:
        """Read meeting.toml anew where it is another one; what it said before stays until then.

        The first time it is read at once: until then nobody knows whether the meeting is on.
        """
        if found is None:
            self._description, self._described, self._misdescribed = Description(), None, None
        elif found.stamp != self._described:
            is_quiet = self._described is None or self._settling.quiet_s(found, now) >= QUIET_S
            try:
                raw = self._read_description(root, found) if is_quiet else None
                if raw is None:
                    self._states[found.path] = "copying"
                    return
                self._described = found.stamp
                self._description = description.parse(raw, tree.shown(self.name))
                self._misdescribed = None
            except KioskError as fault:
                if str(fault) != str(self._misdescribed):
                    log.warning("not-described folder=%r why=%r", self.name, fault.message)
                self._misdescribed = fault

    def _read_description(self, root: int, found: Found) -> bytes | None:
        """What is in it; None while somebody writes it."""
        try:
            with tree.opened(root, self.name, found.path) as handle:
                if has_writer(handle):
                    return None
                return os.read(handle, description.MAX_BYTES + 1)
        except OSError as fault:
            raise tree.unreadable(f"{self.name}/{found.path}", fault) from fault

    def _rest(self, found: Tree) -> None:
        """Nothing is read for a meeting that is over."""
        for one in found.files:
            self._states[one.path] = "ready" if self._contents.of(one) else "waiting"

    def _publish(self, root: int, found: Tree, standing: str, now: float) -> Manifest | None:
        """The revision that is given out after this look."""
        contents, unread = self._known(found, now)
        unread = [one for one in unread if not self._is_written(root, one, now)]
        if self._is_moving(now):
            return self._around.library.current(self.id)
        self._read(root, unread, contents)
        for path, state in self._states.items():
            if state in ("copying", "unreadable") and (last := self._contents.last(path)):
                contents[path] = last
        parts = arrangement.arrange(self._description, contents)
        self._name_missing(parts)
        made = edition.make(self._heading(standing), parts, contents)
        self._was_made = True
        if not contents:
            return None
        current = self._around.library.current(self.id)
        if current is None or not _is_same(current, made) or self._has_rotted:
            current = self._made_current(made)
            self._has_rotted = False
        elif unread:
            # Written anew, with the same in it.
            self._around.library.drop_pending()
        if unread:
            self._contents.keep({one.path for one in found.files})
        return current

    def _made_current(self, manifest: Manifest) -> Manifest:
        moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        manifest = replace(manifest, published_at=moment.replace("+00:00", "Z"))
        self._around.library.publish(manifest)
        return manifest

    def _known(self, found: Tree, now: float) -> tuple[dict[str, Content], list[Found]]:
        """What is known of the files, and which are to be read; the others' states are noted."""
        contents: dict[str, Content] = {}
        unread: list[Found] = []
        for one in found.files:
            if (content := self._contents.of(one)) is not None:
                contents[one.path], self._states[one.path] = content, "ready"
            elif self._settling.quiet_s(one, now) < QUIET_S:
                self._states[one.path] = "copying"
            elif one.size == 0:
                self._states[one.path] = "empty"
            else:
                unread.append(one)
        total = sum(one.size for one in found.files)
        if total > self._around.most:
            raise tree.too_large(self.name, self._around.most, "bytes")
        return contents, unread

    def _is_written(self, root: int, found: Found, now: float) -> bool:
        """Whether somebody is still writing the file, or may be; it is copying then."""
        try:
            with tree.opened(root, self.name, found.path) as handle:
                writer = has_writer(handle)
        except OSError:
            return False  # that it cannot be read is told when it is read
        if writer is None and not self._around.was_closed(f"{self.name}/{found.path}", found.stamp):
            writer = self._settling.quiet_s(found, now) < WARY_S
        if writer:
            self._states[found.path] = "copying"
        return bool(writer)

    def _is_moving(self, now: float) -> bool:
        """Whether something moves and is still worth waiting for."""
        if "copying" not in self._states.values():
            self._moving_since = None
            return False
        if self._moving_since is None:
            self._moving_since = now
        return now - self._moving_since < PATIENCE_S

    def _read(self, root: int, unread: list[Found], contents: dict[str, Content]) -> None:
        if unread:
            needed = sum(one.size for one in unread)
            self._around.library.require_room(needed + self._around.spare)
        for one in unread:
            try:
                with tree.opened(root, self.name, one.path) as handle:
                    contents[one.path] = self._contents.take(handle, one)
                self._states[one.path] = "ready"
            except Unsettled:
                self._states[one.path] = "copying"
            except (Unreadable, OSError) as fault:
                log.warning("unreadable folder=%r why=%r", self.name, str(fault))
                self._states[one.path] = "unreadable"

    def _name_missing(self, parts: tuple[Part, ...]) -> None:
        for part in parts:
            for place in part.places:
                if place.path is None:
                    self._states.setdefault(place.name, "missing")

    def _status(self, standing: str) -> str:
        return self._description.status or standing

    def _heading(self, standing: str) -> Heading:
        told = self._description
        title = told.title or text(tree.shown(self.name)) or self.id
        return Heading(self.id, title, told.time, self._status(standing), told.intro)

    def _seen(
        self, published: Manifest | None, found: Tree, fault: KioskError | None, standing: str
    ) -> View:
        heading = self._heading(standing)
        is_unknown = found.description is not None and self._described is None
        if is_unknown or (self._misdescribed and not self._was_made):
            heading = self._heading_of(published)
        return View(
            id=self.id,
            folder=tree.shown(self.name),
            title=heading.title,
            time=heading.time,
            status=heading.status,
            said=bool(self._description.status),
            fault=fault.to_json() if fault else None,
            rows=self._rows(found),
            published=published,
            restless="copying" in self._states.values(),
        )

    def _heading_of(self, published: Manifest | None) -> Heading:
        """Where meeting.toml could not be understood so far: as the last revision had it."""
        if published is None:
            return Heading(self.id, tree.shown(self.name), status=PLANNED)
        return Heading(self.id, published.title, published.time, published.status, published.intro)

    def _rows(self, found: Tree) -> tuple[Row, ...]:
        sizes = {one.path: one.size for one in _every(found)}
        rows = [
            Row(tree.shown(path), state, sizes.get(path)) for path, state in self._states.items()
        ]
        rows += [Row(one.path, "refused", None, one.why) for one in found.refused]
        return tuple(sorted(rows, key=lambda row: row.path))


def _every(found: Tree) -> tuple[Found, ...]:
    return (*found.files, found.description) if found.description else found.files


def _is_same(one: Manifest, other: Manifest) -> bool:
    return one.revision == other.revision and one.status == other.status
