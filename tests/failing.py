"""A disk that refuses: one call of one operation fails, with what the system would say."""

from __future__ import annotations

import builtins
import ctypes
import errno
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kiosk import store

OPERATIONS = {
    "pwrite": (errno.ENOSPC, errno.EIO),
    "write": (errno.ENOSPC, errno.EFBIG),
    "os.open": (errno.EMFILE, errno.EROFS),
    "open": (errno.EMFILE, errno.EACCES),
    "fsync": (errno.EIO,),
    "fdatasync": (errno.EIO,),
    "syncfs": (errno.EIO, errno.ENOSPC),
    "replace": (errno.EROFS, errno.EIO),
    "mkdir": (errno.EACCES,),
    "chmod": (errno.EROFS,),
    "unlink": (errno.EROFS,),
}


@dataclass
class Trouble:
    """What fails: the ``number``-th call (from 1) of ``operation``, with errno ``code``."""

    operation: str
    number: int
    code: int
    calls: int = 0
    armed: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def struck(self) -> bool:
        """Whether it came to that call."""
        return self.calls >= self.number

    def meet(self, operation: str) -> bool:
        """Whether this call is the one that fails."""
        if not self.armed or operation != self.operation:
            return False
        with self.lock:
            self.calls += 1
            return self.calls == self.number

    def pass_by(self, operation: str) -> None:
        """OSError where this call is the one that fails."""
        if self.meet(operation):
            raise OSError(self.code, os.strerror(self.code))


@contextmanager
def trouble(operation: str, number: int, code: int) -> Iterator[Trouble]:
    """The disk of this process in trouble."""
    made = Trouble(operation, number, code)
    named = ("pwrite", "fsync", "fdatasync", "replace", "mkdir", "chmod", "unlink")
    before = [(os, name, getattr(os, name)) for name in named]
    before += [(os, "open", os.open), (builtins, "open", builtins.open)]
    before.append((store._libc, "syncfs", store._libc.syncfs))
    for name in named:
        setattr(os, name, _failing(made, name, getattr(os, name)))
    os.open = _failing(made, "os.open", os.open)
    builtins.open = _opening(made, builtins.open)
    store._libc.syncfs = _syncing(made, store._libc.syncfs)
    try:
        yield made
    finally:
        for place, name, real in before:
            setattr(place, name, real)


def _failing(made: Trouble, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **more: Any) -> Any:
        made.pass_by(name)
        return real(*args, **more)

    return call


def _syncing(made: Trouble, real: Callable[[int], int]) -> Callable[[int], int]:
    def call(handle: int) -> int:
        if made.meet("syncfs"):
            ctypes.set_errno(made.code)
            return -1
        return real(handle)

    return call


def _opening(made: Trouble, real: Callable[..., Any]) -> Callable[..., Any]:
    class File(io.FileIO):
        def write(self, data: Any) -> int:
            if made.meet("write"):
                # A full disk takes a part of it first.
                view = memoryview(data).cast("B")
                super().write(view[: len(view) // 2])
                raise OSError(made.code, os.strerror(made.code))
            return super().write(data) or 0

    def call(path: Any, mode: str = "r", buffering: int = -1, *args: Any, **more: Any) -> Any:
        made.pass_by("open")
        if not set("wxa") & set(mode) or "b" not in mode:
            return real(path, mode, buffering, *args, **more)
        raw = File(path, mode.replace("b", ""))
        return raw if buffering == 0 else io.BufferedWriter(raw)

    return call
