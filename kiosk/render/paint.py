"""The process that draws single pages as they are looked at: ``python -m kiosk.render.paint DIR``.

It reads a line ``SHA256 PAGE`` and answers with a picture behind its length (four bytes, the most
significant first); length 0 says that there is none. It has hard limits on memory and files, each
page has a limit of its own on processor time, and it leaves when it has grown too large or when
nobody asks any more. Whoever asks ends it where it takes too long.
"""

from __future__ import annotations

import math
import os
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image

from kiosk.render.pages import as_jpeg, picture_of
from kiosk.render.sheets import MOST_PICTURE_BYTES
from kiosk.render.work import DOCUMENT, Work

MEMORY_BYTES = 2 << 30
GROWN_BYTES = 384 << 20
PAGE_CPU_S = 10
_ASKED = re.compile(rb"([0-9a-f]{64}) (\d{1,7})\n")


def main() -> int:
    """Answer until the line is closed."""
    Image.preinit()  # what the first picture would wait for
    _limit()
    serve(Desk(Path(sys.argv[1])), sys.stdin.buffer, sys.stdout.buffer, _allow_time)
    return 0


def serve(desk: Desk, asked: BinaryIO, answers: BinaryIO, begin: Callable[[], None]) -> None:
    """One answer for each line, until there is no more or memory has grown too far.

    ``begin`` is called before each page.
    """
    while found := _ASKED.fullmatch(asked.readline(100)):
        begin()
        picture = desk.draw(found[1].decode("ascii"), int(found[2]))
        answers.write(len(picture).to_bytes(4, "big") + picture)
        answers.flush()
        if _resident() > GROWN_BYTES:
            return


class Desk:
    """The document that lies open, and the folder that documents are taken from."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._name = ""
        self._document: Any = None

    def draw(self, sha256: str, page: int) -> bytes:
        """Page ``page`` (from 1) of an object as JPEG; empty where there is none to be had."""
        try:
            self._open(sha256)
            if not 1 <= page <= len(self._document):
                return b""
            drawn = self._document[page - 1]
            try:
                picture = as_jpeg(picture_of(drawn))
            finally:
                drawn.close()
        except (OSError, ValueError, pypdfium2.PdfiumError):
            return b""
        return picture if len(picture) <= MOST_PICTURE_BYTES else b""

    def _open(self, sha256: str) -> None:
        if self._name == sha256:
            return
        if self._document is not None:
            self._document.close()
        self._name, self._document = "", None
        self._document = pypdfium2.PdfDocument(document_of(self._data_dir, sha256))
        self._name = sha256


def document_of(data_dir: Path, sha256: str) -> Path:
    """The PDF that shows an object: one that was made of it, or the object itself."""
    made = data_dir / "renditions" / sha256 / DOCUMENT
    return made if made.is_file() else Work(data_dir, sha256).source


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def _allow_time() -> None:
    """Processor time for the next page: also without anybody watching, it ends."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + PAGE_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
