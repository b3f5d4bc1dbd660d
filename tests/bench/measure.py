"""One client, once, in one scenario: whole processes, a fresh folder, servers of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.library import Library

from .package import MEETING, Package, sha256_of
from .peers import FOLDER, PACKAGE, Client, Errand
from .process import Process, run
from .scenarios import Course, Scenario
from .servers import Held, Servers, meeting, spec

NEXT = "bench-next"
PAGE = bytes(1 << 20)
SPARE = 200 << 20  # what a client and its servers use beside the package, twice over


@dataclass(frozen=True)
class Run:
    """What a client did. Seconds, bytes; ``size`` is the package's, ``sent`` what the servers gave
    of it, ``documents`` what they gave of anything else.

    ``code`` is its exit status, None where its time was over. ``right`` is what its files are,
    whatever it said. ``first_s`` runs from the command to the first request of any kind,
    ``transfer_s`` from the first request for the package to its last byte, ``ready_s`` from the
    command to the first material that could be opened. ``memory`` is the peak of resident bytes.
    """

    seconds: float
    code: int | None
    right: bool
    size: int
    sent: int
    documents: int
    by_server: list[int]
    requests: int
    most_open: int
    memory: int
    first_s: float | None = None
    transfer_s: float | None = None
    ready_s: float | None = None
    ready_bytes: int = 0
    said: str = ""

    @property
    def good(self) -> bool:
        """It said that it had succeeded, and it had."""
        return self.code == 0 and self.right

    @property
    def share(self) -> float:
        """Bytes sent for each byte of the package."""
        return self.sent / self.size

    @property
    def rate(self) -> float:
        """Bytes a second between the first request for the package and its last byte."""
        return self.size / self.transfer_s if self.transfer_s else 0.0


def settle(folder: Path, count: int) -> None:
    """So that nobody pays for what others left: all is written back, and ``count`` bytes of memory
    are here. A virtual machine's memory that nobody used lately has to be had from its host first.
    """
    os.sync()
    used = folder / "memory"
    with open(used, "wb", buffering=0) as file:
        for _ in range(count // len(PAGE)):
            file.write(PAGE)
    used.unlink()


def measure(
    scenario: Scenario, client: Client, packages: Mapping[str, Package], folder: Path
) -> Run:
    """The scenario's course, from an empty ``folder``, which is gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settle(folder, 2 * packages[scenario.package].bytes + SPARE)
    try:
        with Servers(standing(scenario, packages)) as servers:
            return _Course(scenario, client, servers, folder).run(packages)
    finally:
        shutil.rmtree(folder)


def standing(scenario: Scenario, packages: Mapping[str, Package]) -> dict[str, Any]:
    """The servers of a scenario, and what they have."""
    new, old = packages[scenario.package], packages.get(f"{scenario.package}-old")
    current = meeting(new.path, new.document, scenario.modern)
    held = Held(current)
    if old:
        held = Held(current, stale=meeting(old.path, new.document, scenario.modern))
    if old and scenario.course in (Course.UPDATE, Course.REPLACED):
        held = Held(meeting(old.path, old.document, scenario.modern), later=current)
    other = packages.get(f"{scenario.package}-next", new)
    then = Held(meeting(other.path, other.document, scenario.modern))
    return spec(scenario.places, {MEETING: held, NEXT: then})


class _Course:
    """Goes through it, and keeps what was measured."""

    def __init__(self, scenario: Scenario, client: Client, servers: Servers, folder: Path) -> None:
        self._scenario, self._client, self._servers = scenario, client, servers
        self._folder = folder
        self._counted: list[Process] = []

    def run(self, packages: Mapping[str, Package]) -> Run:
        """All of it."""
        wanted = new = packages[self._scenario.package]
        old = packages.get(f"{self._scenario.package}-old", new)
        match self._scenario.course:
            case Course.ONCE:
                last = self._go(new)
            case Course.KILLED:
                self._go(new, kill_at=0.5)
                last = self._go(new)
            case Course.REPLACED:
                self._go(old, kill_at=0.5)
                self._turn("later")
                last = self._go(new)
            case Course.NEXT:
                self._go(new)
                self._turn("mark")
                wanted = packages[f"{self._scenario.package}-next"]
                last = self._go(wanted, NEXT)
            case Course.UPDATE:
                self._go(old)
                self._turn("later")
                if self._client.leaves != "library":
                    (self._folder / PACKAGE).unlink()  # nobody continues what was whole
                last = self._go(new)
        right = last.code == 0 and is_right(self._client, self._folder, wanted, self._meeting)
        return self._told(last, wanted, right)

    def _go(self, package: Package, meeting: str = MEETING, kill_at: float = 0.0) -> Process:
        """The client as a process. The next meeting is not asked for in order: whoever
        remembers may choose."""
        self._meeting = meeting
        errand = Errand(
            meeting, tuple(self._servers.urls), package.sha256, self._folder,
            self._scenario.parallel, in_order=meeting == MEETING,
        )  # fmt: skip
        count = int(kill_at * package.bytes)
        wait = (lambda: self._servers.ask("sent") >= count) if kill_at else None
        process = run(self._client.command(errand), self._scenario.limit_s, kill_when=wait)
        self._counted.append(process)
        return process

    def _turn(self, command: str) -> None:
        """What was until here does not count."""
        self._servers.ask(command)
        self._counted.clear()

    def _told(self, last: Process, package: Package, right: bool) -> Run:
        asked, start = self._servers.asked(), self._counted[0].began
        first, opened, closed = asked.first_at, asked.opened_at, asked.closed_at
        ready_s, ready_bytes = _first_material(last)
        return Run(
            seconds=sum(process.seconds for process in self._counted),
            code=last.code,
            right=right,
            size=package.bytes,
            sent=asked.sent,
            documents=asked.documents,
            by_server=asked.by_server,
            requests=asked.requests,
            most_open=asked.most_open,
            memory=max(process.memory for process in self._counted),
            first_s=None if first is None else first - start,
            transfer_s=closed - opened if opened and closed else None,
            ready_s=ready_s,
            ready_bytes=ready_bytes,
            said=last.said,
        )


def is_right(client: Client, folder: Path, package: Package, meeting: str = MEETING) -> bool:
    """Whether what lies there is the package, or its files, to the last byte."""
    if client.leaves == "package":
        target = folder / PACKAGE
        return target.is_file() and sha256_of(target) == package.sha256
    if client.leaves == "files":
        files = {path: folder / FOLDER / path for path in package.files}
    else:
        library = Library(folder)
        current = library.current(meeting)
        if current is None or current.missing:
            return False
        named = {one.path: one.sha256 for one in current.materials if one.sha256}
        files = {path: library.object_path(sha256) for path, sha256 in named.items()}
    if set(files) != set(package.files):
        return False
    return all(
        file.is_file() and sha256_of(file) == package.files[path][1] for path, file in files.items()
    )


def _first_material(process: Process) -> tuple[float | None, int]:
    for at, line in process.lines:
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if event.get("event") == "materialReady":
                return at - process.began, event.get("bytes", 0)
    return None, 0
