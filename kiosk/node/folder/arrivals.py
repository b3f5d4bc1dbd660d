"""Files that the secretary's page brings: written beside, whole and safe, then given their name.

What is under way has a hidden name, which no look at the folder takes for a material; one that a
crash left is removed at the next start. A name that is there already is only replaced where that
was asked for, and never by half of something.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import secrets
import stat
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kiosk import names
from kiosk.agenda.document import text
from kiosk.errors import LocalError, UsageError
from kiosk.node.folder import tree
from kiosk.node.folder.litter import is_litter
from kiosk.store import storage_faults

log = logging.getLogger("kiosk.folder")

MAX_AT_ONCE = 4
CHUNK = 1 << 20
OLD_S = 60.0
_UNDER_WAY = re.compile(r"\.kiosk-[0-9a-f]{16}\.part")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


class Arrivals:
    """Brings files into the meetings of ``folder``. Safe from any thread.

    ``most`` and ``spare`` are bytes: the largest file, and what is left free on its disk.
    """

    def __init__(self, folder: Path, most: int, spare: int) -> None:
        self.most = most
        self._folder = folder
        self._spare = spare
        self._turns = threading.BoundedSemaphore(MAX_AT_ONCE)

    def receive(
        self, meeting: str, name: str, body: IO[bytes], size: int, *, replace: bool = False
    ) -> None:
        """Write ``size`` bytes of ``body`` as the file ``name`` of the folder ``meeting``.

        UsageError ``bad-file-name``, ``file-exists``, ``upload-too-large``, ``upload-cut``,
        ``upload-busy``; LocalError of the disk. What was there before is unharmed then.
        """
        name = checked(name)
        if size > self.most:
            raise UsageError("upload-too-large", name=name, limit=self.most)
        if not self._turns.acquire(blocking=False):
            raise UsageError("upload-busy", most=MAX_AT_ONCE)
        try:
            with self._opened(meeting) as folder:
                self._require(folder, name, size, replace=replace)
                self._write(folder, name, _Body(name, body, size), replace=replace)
        finally:
            self._turns.release()
        log.info("arrived folder=%r name=%r bytes=%d", meeting, name, size)

    def make_meeting(self, name: str) -> str:
        """A new, empty folder; its name. UsageError ``bad-file-name``, ``file-exists``."""
        name = checked(name)
        with self._opened() as root, storage_faults():
            try:
                os.mkdir(name, dir_fd=root)
            except FileExistsError:
                raise UsageError("file-exists", name=name) from None
            os.fsync(root)
        return name

    def remove(self, meeting: str, path: str) -> None:
        """Take away the file at ``path`` of the folder ``meeting``; no link is followed to it.

        UsageError ``unknown-material`` where there is none; LocalError of the disk.
        """
        *folders, name = path.split("/")
        if any(part in ("", ".", "..") or is_litter(part) for part in (*folders, name)):
            raise UsageError("unknown-material")
        with self._opened(meeting, *folders) as folder, storage_faults():
            try:
                if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                    raise UsageError("unknown-material")
                os.unlink(name, dir_fd=folder)
            except FileNotFoundError:
                raise UsageError("unknown-material") from None
            os.fsync(folder)
        log.info("removed folder=%r path=%r", meeting, path)

    def collect(self, now: float) -> None:
        """Remove what a crash left; ``now`` is Unix time."""
        try:
            for path in self._folder.glob("*/.kiosk-*.part"):
                if _UNDER_WAY.fullmatch(path.name) and now - path.lstat().st_mtime > OLD_S:
                    path.unlink()
        except OSError as fault:
            log.warning("not-collected path=%s why=%r", self._folder, str(fault))

    @contextlib.contextmanager
    def _opened(self, *parts: str) -> Iterator[int]:
        """The folder, or a meeting's in it, open; no link is followed but the folder's own."""
        try:
            root = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                handle = tree.descend(root, list(parts))
            finally:
                os.close(root)
        except OSError as fault:
            raise tree.unreadable(parts[-1] if parts else str(self._folder), fault) from fault
        try:
            yield handle
        finally:
            os.close(handle)

    def _require(self, folder: int, name: str, size: int, *, replace: bool) -> None:
        """Refuse before the first byte what would be refused after the last."""
        with storage_faults():
            room = os.fstatvfs(folder)
        free = room.f_bavail * room.f_frsize
        if size + self._spare > free:
            raise LocalError("disk-full", needed=size + self._spare, free=free)
        try:
            about = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError as fault:
            raise tree.unreadable(name, fault) from fault
        if not (replace and stat.S_ISREG(about.st_mode)):
            raise UsageError("file-exists", name=name)

    def _write(self, folder: int, name: str, body: _Body, *, replace: bool) -> None:
        aside = f".kiosk-{secrets.token_hex(8)}.part"
        with storage_faults():
            handle = os.open(aside, _NEW, 0o644, dir_fd=folder)
            try:
                with open(handle, "wb", 0) as file:
                    for chunk in body:
                        _write_all(file.fileno(), chunk)
                    os.fsync(file.fileno())
                _give_name(folder, aside, name, replace=replace)
                os.fsync(folder)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(aside, dir_fd=folder)
                raise


class _Body:
    """What is being sent, in pieces; ends in ``upload-cut`` where it ends too early."""

    def __init__(self, name: str, body: IO[bytes], size: int) -> None:
        self._name = name
        self._body = body
        self._size = size

    def __iter__(self) -> Iterator[bytes]:
        left = self._size
        while left:
            try:
                chunk = self._body.read(min(CHUNK, left))
            except OSError as fault:
                # As an OSError it would pass for one of the disk.
                raise self._cut(left) from fault
            if not chunk:
                raise self._cut(left)
            left -= len(chunk)
            yield chunk

    def _cut(self, left: int) -> UsageError:
        received = self._size - left
        return UsageError("upload-cut", name=self._name, received=received, expected=self._size)


def checked(name: str) -> str:
    """The name (NFC) under which a file may be kept; UsageError ``bad-file-name``."""
    name = unicodedata.normalize("NFC", name)
    shown = names.visible(name.encode("utf-8", "replace"))
    why = "a separator" if "/" in name else names.fault(name)
    if why is None and (is_litter(name) or name.lower() == tree.DESCRIPTION):
        why = "that name has a meaning of its own"
    if why is None and text(name) != name:
        why = "it could not be shown as it is"
    if why is not None:
        raise UsageError("bad-file-name", name=shown, why=why)
    return name


def _write_all(handle: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(handle, view) :]


def _give_name(folder: int, aside: str, name: str, *, replace: bool) -> None:
    """Rename; a link first, where nothing may be replaced, because it alone never does."""
    if not replace:
        try:
            os.link(aside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            raise UsageError("file-exists", name=name) from None
        except OSError as fault:
            if fault.errno not in _NO_LINKS:
                raise
        else:
            os.unlink(aside, dir_fd=folder)
            return
    os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
