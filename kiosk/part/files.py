"""Where the bytes of a partly-here package lie: one sparse file, and one each for stored data."""

from __future__ import annotations

import bisect
import contextlib
import io
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

MAX_OPEN = 16
MODE = 0o644


class Files:
    """The files of the part at ``path``; not thread-safe by itself. OSError as it comes.

    Data that were *diverted* lie in the files ``<start>.raw`` in ``folder`` until they are
    `settle`d, everything else in ``path``, each byte where it is in the package.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self._path = path
        self._folder = folder
        self._starts: list[int] = []
        self._stops: list[int] = []
        # The name in the folder of what was settled, by its start.
        self._settled: dict[int, str] = {}
        self._open: OrderedDict[int, int] = OrderedDict()
        self._file: int | None = None

    def divert(self, start: int, stop: int) -> None:
        """The bytes from ``start`` up to ``stop`` get a file of their own."""
        place = bisect.bisect_left(self._starts, start)
        self._starts.insert(place, start)
        self._stops.insert(place, stop)

    def divert_all(self, spans: Iterable[tuple[int, int]]) -> None:
        """These bytes, and no others, have files of their own."""
        self.close()
        pairs = sorted(spans)
        self._starts = [start for start, _ in pairs]
        self._stops = [stop for _, stop in pairs]
        self._settled.clear()

    def raw(self, start: int | None) -> Path | None:
        """The file of diverted data that are not settled yet; None where there is none."""
        if start is None or start in self._settled:
            return None
        place = bisect.bisect_left(self._starts, start)
        found = self._starts[place : place + 1] == [start]
        return self._of(start) if found else None

    def length(self, start: int | None = None) -> int:
        """How long the sparse file is, or the one of these diverted data."""
        try:
            return (self._path if start is None else self._of(start)).stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, at: int, view: memoryview) -> None:
        """Put bytes in their places. What was settled is never written to."""
        while view:
            place = bisect.bisect_right(self._starts, at) - 1
            if place >= 0 and at < self._stops[place]:
                start, ends = self._starts[place], self._stops[place]
                if start in self._settled:
                    view, at = view[ends - at :], ends
                    continue
                file, where = self._data_file(start), at - start
            else:
                place += 1
                ends = self._starts[place] if place < len(self._starts) else at + len(view)
                file, where = self._package_file(), at
            done = os.pwrite(file, view[: ends - at], where)
            view, at = view[done:], at + done

    def settle(self, start: int, name: str, size: int) -> None:
        """Diverted data are whole: their file is called ``name`` from now on."""
        file = self._open.pop(start, None)
        if file is not None:
            os.close(file)
        raw = self._of(start)
        if raw.stat().st_size > size:
            # Something else of that name was here before, and a power cut brought it back.
            os.truncate(raw, size)
        self.bring(raw, name)
        self._settled[start] = name

    def bring(self, source: Path, name: str) -> None:
        """Give a whole file its name in the folder; it takes the place of its like."""
        source.chmod(MODE)
        source.replace(self._folder / name)

    def close(self) -> None:
        """Let go of every file."""
        files = [*self._open.values(), *(() if self._file is None else (self._file,))]
        self._open.clear()
        self._file = None
        for file in files:
            os.close(file)

    def remove(self) -> None:
        """Remove what is not whole: the sparse file, and what grows beside it."""
        self.divert_all(())
        self._path.unlink(missing_ok=True)
        for path in list(self._folder.iterdir()) if self._folder.is_dir() else ():
            if path.suffix == ".raw" or path.name.startswith("."):
                path.unlink(missing_ok=True)

    def reader(self) -> BinaryIO:
        """The package for reading, wherever its bytes lie now. What is not here reads as zeros."""
        places = list(zip(self._starts, self._stops, strict=True))
        return io.BufferedReader(_Whole(places, self._of, self.length()))

    def package(self) -> BinaryIO:
        """The sparse file for reading: everything but what was diverted."""
        return open(self._path, "rb")

    def _of(self, start: int) -> Path:
        if start < 0:
            return self._path
        return self._folder / (self._settled.get(start) or f"{start}.raw")

    def _package_file(self) -> int:
        if self._file is None:
            self._file = _opened(self._path)
        return self._file

    def _data_file(self, start: int) -> int:
        file = self._open.get(start)
        if file is None:
            if len(self._open) >= MAX_OPEN:
                os.close(self._open.popitem(last=False)[1])
            file = self._open[start] = _opened(self._of(start))
        return file


class _Whole(io.RawIOBase):
    """Reads a package whose bytes lie in several files: those of ``places``, and one for the rest.

    ``find`` tells where the file of a place lies now; that of the rest is asked for as -1.
    """

    def __init__(
        self, places: list[tuple[int, int]], find: Callable[[int], Path], length: int
    ) -> None:
        self._starts = [start for start, _ in places]
        self._places = places
        self._find = find
        self._length = max(length, *(stop for _, stop in places[-1:]), 0)
        self._at = 0
        self._now: int | None = None
        self._file = -1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._length)[whence]
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        view = memoryview(buffer)[: max(0, self._length - self._at)]
        if not view:
            return 0
        place = bisect.bisect_right(self._starts, self._at) - 1
        if place >= 0 and self._at < self._places[place][1]:
            start, stop = self._places[place]
            where = self._at - start
        else:
            after = self._starts[place + 1 : place + 2]
            start, stop, where = -1, after[0] if after else self._length, self._at
        view = view[: stop - self._at]
        self._turn_to(start)
        count = os.preadv(self._file, [view], where) if self._file >= 0 else 0
        # A file that ends early, or is not there: nothing of that has come yet.
        view[count:] = bytes(len(view) - count)
        self._at += len(view)
        return len(view)

    def _turn_to(self, start: int) -> None:
        if start == self._now:
            return
        self._let_go()
        for _ in range(2):  # it may get its last name just now
            with contextlib.suppress(FileNotFoundError):
                self._file = os.open(self._find(start), os.O_RDONLY | os.O_CLOEXEC)
                break
        self._now = start

    def _let_go(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file, self._now = -1, None

    def close(self) -> None:
        if not self.closed:
            self._let_go()
        super().close()


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
