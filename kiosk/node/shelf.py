"""What a node gives out: for each meeting one revision with its package, document and manifest.

A package is written under a temporary name, synced, renamed; then its record, in the same order.
So a record's package is whole, and a crash leaves the old record or the new one. Document, manifest
and package of a record are always of one revision. A package that no record names any more stays
for `GRACE_S`, so that who was just told of it still finds it; whoever is being sent it keeps it
open, and needs no name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.errors import LocalError, PackageError
from kiosk.library import Library
from kiosk.manifest import Manifest
from kiosk.node import wire
from kiosk.node.wire import Json, Package
from kiosk.packing import Layout, Slice, files_of
from kiosk.store import storage_faults, sync_directory, write_whole

log = logging.getLogger("kiosk.node.shelf")

FORMAT = 1
GRACE_S = 60.0
BLOCK = 1 << 20
NEW = ".new-"
MAX_RECORD_BYTES = 64 << 20


class Rotten(ValueError):
    """A file of the revision is not what it was: it has to be brought again."""


@dataclass(frozen=True)
class Record:
    """What is served of a meeting; ``document`` has neither token nor package address yet."""

    meeting: str
    revision: str
    package: Package
    document: Json = field(repr=False)
    manifest: Json = field(repr=False)

    def encode(self) -> bytes:
        """The file that keeps it."""
        return json.dumps(
            {
                "format": FORMAT,
                "meeting": self.meeting,
                "revision": self.revision,
                "package": {"sha256": self.package.sha256, "bytes": self.package.bytes},
                "document": self.document,
                "manifest": self.manifest,
            }
        ).encode()


class Shelf:
    """Records and packages in the data directory. Reading is safe from any thread; one writes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.packages = library.data_dir / "packages"
        self._served = library.data_dir / "served"
        self._records: Mapping[str, Record] = {}
        self._unnamed_since: dict[str, float] = {}
        self._lock = threading.Lock()

    def load(self) -> None:
        """At start: the records whose packages are here; what else is there is removed."""
        with storage_faults():
            for folder in (self.packages, self._served):
                folder.mkdir(parents=True, exist_ok=True)
                for path in folder.glob(f"{NEW}*"):
                    path.unlink()
            found = [self._read(path) for path in self._served.glob("*.json")]
            self._records = {one.meeting: one for one in found if one is not None}
            kept = {one.package.sha256 for one in self._records.values()}
            for path in self.packages.glob("*.zip"):
                if path.stem not in kept:
                    path.unlink()

    def record(self, meeting_id: str) -> Record | None:
        """What is served of a meeting."""
        return self._records.get(meeting_id)

    def records(self) -> tuple[Record, ...]:
        """All of them."""
        return tuple(self._records.values())

    def path(self, package: Package) -> Path:
        """Where a package is."""
        return self.packages / f"{package.sha256}.zip"

    def find(self, sha256: str) -> Package | None:
        """The package of that name, if any record has it."""
        of = (one.package for one in self._records.values())
        return next((package for package in of if package.sha256 == sha256), None)

    def put(self, manifest: Manifest, document: Mapping[str, Any] | None) -> Record:
        """Serve this revision of its meeting from now on; nothing to do where it is so already.

        ``document`` is what upstream says of the meeting. LocalError where the disk refuses,
        PackageError or ValueError where no package can be made of the revision: what was served
        before still is, then.
        """
        before = self._records.get(manifest.meeting)
        said = wire.document_for(manifest, document, before.document if before else None)
        if before is not None and before.revision == manifest.revision:
            if before.document == said:
                return before
            record = Record(before.meeting, before.revision, before.package, said, before.manifest)
        else:
            files = files_of(manifest)
            layout = Layout(files)
            package = self._packed(layout, {file.sha256: file.crc32 for file in files})
            told = wire.manifest_of(manifest, layout, package)
            record = Record(manifest.meeting, manifest.revision, package, said, told)
        write_whole(self._place(manifest.meeting), record.encode())
        self._replace(manifest.meeting, record)
        log.info(
            "serving meeting=%r revision=%s package=%s bytes=%d",
            record.meeting, record.revision[:12], record.package.sha256[:12], record.package.bytes,
        )  # fmt: skip
        return record

    def drop(self, meeting_id: str) -> None:
        """Serve it no longer."""
        if meeting_id not in self._records:
            return
        with storage_faults():
            self._place(meeting_id).unlink(missing_ok=True)
            sync_directory(self._served)
        self._replace(meeting_id, None)
        log.info("not-served-any-more meeting=%r", meeting_id)

    def tidy(self, now: float) -> None:
        """Remove the packages that nothing has named for `GRACE_S` at monotonic time ``now``."""
        kept = {one.package.sha256 for one in self.records()}
        for sha256, since in list(self._unnamed_since.items()):
            if sha256 not in kept and now - since < GRACE_S:
                continue
            if sha256 not in kept:
                with storage_faults():
                    (self.packages / f"{sha256}.zip").unlink(missing_ok=True)
            del self._unnamed_since[sha256]

    def _replace(self, meeting_id: str, record: Record | None) -> None:
        with self._lock:
            before = self._records.get(meeting_id)
            after = {key: one for key, one in self._records.items() if key != meeting_id}
            self._records = after if record is None else {**after, meeting_id: record}
        if before is not None and (record is None or record.package != before.package):
            self._unnamed_since.setdefault(before.package.sha256, time.monotonic())

    def _packed(self, layout: Layout, checks: Mapping[str, int]) -> Package:
        """Write the package of a layout; its name is known when all of it is written.

        ``checks``: the CRC-32 of each object. What has rotted is given to nobody.
        """
        self._require_room(layout.total)
        aside = self.packages / f"{NEW}{os.getpid()}.zip"
        digest = hashlib.sha256()
        with storage_faults(layout.total):
            try:
                with open(aside, "wb") as file:
                    for block in self._blocks(layout, checks):
                        digest.update(block)
                        file.write(block)
                    file.flush()
                    os.fsync(file.fileno())
                package = Package(digest.hexdigest(), layout.total)
                aside.replace(self.path(package))
            finally:
                aside.unlink(missing_ok=True)
            sync_directory(self.packages)
        return package

    def _blocks(self, layout: Layout, checks: Mapping[str, int]) -> Iterator[bytes]:
        for piece in layout.pieces():
            if not isinstance(piece, Slice):
                yield piece
                continue
            crc32 = 0
            with open(self._library.object_path(piece.sha256), "rb") as file:
                while block := file.read(BLOCK):
                    crc32 = zlib.crc32(block, crc32)
                    yield block
                if file.tell() != piece.length or crc32 != checks[piece.sha256]:
                    raise Rotten(f"object {piece.sha256} is damaged")

    def _require_room(self, needed: int) -> None:
        with storage_faults():
            free = shutil.disk_usage(self.packages).free
        if needed > free:
            raise LocalError("disk-full", needed=needed, free=free)

    def _place(self, meeting_id: str) -> Path:
        name = hashlib.sha256(meeting_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._served / f"{name}.json"

    def _read(self, path: Path) -> Record | None:
        """A record file; None, and the file is gone, where it is damaged or has no package."""
        record = None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, PackageError):
            if path.stat().st_size <= MAX_RECORD_BYTES:
                record = _decoded(path.read_bytes())
        sound = (
            record is not None
            and self._place(record.meeting) == path
            and _size_of(self.path(record.package)) == record.package.bytes
        )
        if not sound:
            log.warning("record-set-aside path=%s", path)
            path.unlink()
        return record if sound else None


def _decoded(content: bytes) -> Record:
    document = json.loads(content)
    if document["format"] != FORMAT:
        raise ValueError("another version")
    package = Package(str(document["package"]["sha256"]), int(document["package"]["bytes"]))
    return Record(
        str(document["meeting"]),
        str(document["revision"]),
        package,
        dict(document["document"]),
        dict(document["manifest"]),
    )


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
