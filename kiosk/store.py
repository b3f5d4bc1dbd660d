"""Writing that survives a power cut: the one place that knows the order of fsync and rename.

Without this order a power cut was seen to leave files of zero bytes behind a marker that said
"complete". Data first, then the name: write, sync the file, rename, sync the directory.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.errors import LocalError

_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def storage_faults(needed: int = 0, free: int = 0) -> Iterator[None]:
    """Turns an OSError of the disk into the LocalError that names it."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LocalError("disk-full", needed=needed, free=free) from fault
        raise LocalError("storage-failed", why=fault.strerror or str(fault)) from fault


def write_whole(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` at once, safe when this returns."""
    with storage_faults(len(content)):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".new-{path.name}")
        try:
            with open(aside, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames and new names in ``path`` safe."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_filesystem(path: Path) -> None:
    """Make everything written to the file system of ``path`` safe: one call for many files.

    ``syncfs(2)`` reports a failed write since Linux 5.8.
    """
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _libc.syncfs(handle):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(handle)


class DirectoryLock:
    """Held while one kiosk uses a data directory; the kernel frees it when the process ends."""

    def __init__(self, path: Path) -> None:
        with storage_faults():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise LocalError("directory-in-use", path=str(path.parent)) from None

    def __enter__(self) -> DirectoryLock:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


@contextlib.contextmanager
def turn(path: Path, patience_s: float = 60.0) -> Iterator[None]:
    """Hold ``path`` for a moment; others, in any process, wait up to ``patience_s`` for theirs.

    Polls, so that green threads go on meanwhile. LocalError ``storage-failed`` at the end of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_up = time.monotonic() + patience_s
    try:
        while not _taken(handle):
            if time.monotonic() > give_up:
                raise LocalError("storage-failed", why="another process keeps it busy")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
