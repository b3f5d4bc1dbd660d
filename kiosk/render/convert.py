"""Office files become PDF: LibreOffice without a screen, several files with one start.

Its exit status says nothing: it ends well without a PDF, and badly behind a good one. So it is
judged by the files that it leaves, each of which counts as soon as it is there to its last line.
Whatever a common run did not bring is tried again alone, with all of the time that a file may take.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.render import profile
from kiosk.render.cage import Cage
from kiosk.render.office import Sort

log = logging.getLogger("kiosk.render")

CONVERT_S = 60.0
TOGETHER_S = 20.0  # without another PDF, before a common run is given up
POLL_S = 0.05
MAX_SOURCE_BYTES = 512 << 20
FREE_BYTES = 300 << 20
OPTIONAL = Path("/opt")  # where packages of LibreOffice itself go
_SOCKETS = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - where LibreOffice makes them


@dataclass(frozen=True)
class Paper:
    """An Office file: the object, where its bytes are, and what it is."""

    sha256: str
    source: Path
    sort: Sort


def converter() -> Path | None:
    """The LibreOffice of this machine; None where there is none."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return Path(found)
    installed = sorted(OPTIONAL.glob("libreoffice*/program/soffice"), reverse=True)
    return next((program for program in installed if os.access(program, os.X_OK)), None)


class Conversion:
    """A folder in which files are converted; a context manager that takes it away.

    Once ``is_over()`` is true it stops, and what it has in hand comes with the word ``left``.
    """

    def __init__(
        self, program: Path, folder: Path, convert_s: float, is_over: Callable[[], bool]
    ) -> None:
        self._program = program
        self._folder = folder
        self._convert_s = convert_s
        self._is_over = is_over

    def __enter__(self) -> Self:
        shutil.rmtree(self._folder, ignore_errors=True)
        for name in ("in", "out", "tmp"):
            (self._folder / name).mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, papers: Sequence[Paper]) -> Generator[tuple[Paper, Path | str], None, None]:
        """Each paper with its PDF, or with a word for why there is none; as they come."""
        left: dict[int, Paper] = {}
        for number, paper in enumerate(papers):
            trouble = self._take_in(number, paper)
            if trouble is None:
                left[number] = paper
            else:
                yield paper, trouble
        if len(left) > 1:
            with contextlib.closing(self._together(list(left))) as done:
                for number, made in done:
                    yield left.pop(number), made
        for number, paper in left.items():
            yield paper, self._alone(number, paper)

    def _take_in(self, number: int, paper: Paper) -> str | None:
        """A copy: an object is read by nobody who may change it."""
        try:
            size = paper.source.stat().st_size
            if size > MAX_SOURCE_BYTES:
                return "too-large"
            if shutil.disk_usage(self._folder).free < FREE_BYTES + size:
                return "no-space"
            shutil.copyfile(paper.source, self._folder / "in" / f"{number}.{paper.sort.kind}")
        except FileNotFoundError:
            return "gone"
        except OSError as fault:
            log.warning("not-taken sha256=%s why=%r", paper.sha256, str(fault))
            return "no-space" if fault.errno == errno.ENOSPC else "broken"
        return None

    def _together(self, numbers: list[int]) -> Generator[tuple[int, Path], None, None]:
        """Those of which a common run makes a PDF, each as soon as that is whole."""
        left = set(numbers)
        since = time.monotonic()
        with self._started(numbers) as cage:
            while left and self._goes_on(cage, since + min(TOGETHER_S, self._convert_s)):
                for number, made in self._made(sorted(left)):
                    yield number, made
                    left.discard(number)
                    since = time.monotonic()  # whoever listens may take his time
        yield from self._made(sorted(left))

    def _alone(self, number: int, paper: Paper) -> Path | str:
        with self._started([number]) as cage:
            until = time.monotonic() + self._convert_s
            while not any(self._made([number])) and self._goes_on(cage, until):
                continue
        for _, made in self._made([number]):
            return made
        log.warning("not-converted sha256=%s said=%r", paper.sha256, cage.complained[-300:])
        if shutil.disk_usage(self._folder).free < FREE_BYTES // 2:
            return "no-space"
        return cage.why or ("encrypted" if paper.sort.locked else "broken")

    def _goes_on(self, cage: Cage, until: float) -> bool:
        """Whether it is still at work; ends it at its time, and looks again after a moment."""
        if not cage.is_running():
            return False
        if self._is_over():
            cage.end("left")
        elif time.monotonic() > until:
            cage.end("took-too-long")
        time.sleep(POLL_S)
        return True

    @contextlib.contextmanager
    def _started(self, numbers: list[int]) -> Iterator[Cage]:
        """LibreOffice at work on these, in a profile of its own; ended in the end."""
        began = time.time()
        own = self._folder / "profile"
        shutil.rmtree(own, ignore_errors=True)
        profile.make(own)
        cage = Cage(self._command(own, numbers), self._folder, self._surroundings())
        try:
            yield cage
        finally:
            cage.close()
            _remove_sockets(began)

    def _command(self, own: Path, numbers: list[int]) -> list[str]:
        names = {path.stem: path for path in (self._folder / "in").iterdir()}
        sources = [str(names[str(number)]) for number in numbers]
        return [
            str(self._program), f"-env:UserInstallation={own.absolute().as_uri()}",
            "--headless", "--nologo", "--nodefault", "--norestore", "--nolockcheck",
            "--convert-to", "pdf",
            "--outdir", str(self._folder / "out"), *sources,
        ]  # fmt: skip

    def _surroundings(self) -> dict[str, str]:
        nowhere = f"http://{profile.NOWHERE_HOST}:{profile.NOWHERE_PORT}"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder / "tmp"),
            "LC_ALL": "C.UTF-8",
            "FC_LANG": "zh-cn",  # where a document does not say: Chinese shapes of Han characters
            "SAL_USE_VCLPLUGIN": "svp",
            "MALLOC_ARENA_MAX": "2",
            "http_proxy": nowhere,
            "https_proxy": nowhere,
        }

    def _made(self, numbers: Sequence[int]) -> Iterator[tuple[int, Path]]:
        for number in numbers:
            path = self._folder / "out" / f"{number}.pdf"
            if _is_whole(path):
                yield number, path


def _is_whole(path: Path) -> bool:
    """Whether a PDF was written to its end; whether it is one is seen when it is looked at."""
    try:
        with path.open("rb") as file:
            head = file.read(5)
            file.seek(max(0, path.stat().st_size - 1024))
            return head == b"%PDF-" and b"%%EOF" in file.read()
    except OSError:
        return False


def _remove_sockets(began: float) -> None:
    """LibreOffice that was killed leaves a socket, outside its folder and under a name of its own.

    One that nobody listens on is not in the kernel's list.
    """
    listening = Path("/proc/net/unix").read_text("utf-8", "replace")
    for folder in _SOCKETS:
        for path in folder.glob("OSL_PIPE_*"):
            with contextlib.suppress(OSError):
                told = path.lstat()
                ours = told.st_uid == os.geteuid() and told.st_mtime >= began - 1
                if ours and str(path) not in listening:
                    path.unlink()
