"""Kills `kiosk fetch` at random instants and looks at what is left.

Every round is a new version of one meeting; its download is killed a few times, then let through.
"""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from bundles import SLACK, Bundle, noise
from fetching import Fetch, fetch

from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Fault,
    OriginPool,
    ResetAt,
    Silent,
    Slow,
    Status,
    StopAt,
    pool_of,
)
from kiosk.library import Library

MIB = 1 << 20
AGAIN = 8 * MIB
"""What a kill may cost at most, besides what was under way in the sockets."""
UNDER_WAY = 4 * MIB
FIRST: tuple[tuple[Fault, ...] | None, ...] = (
    (), CLOSED, (Status(503),), (Silent(),), (StopAt(0.3),), (CutAt(0.4),), (ResetAt(0.6),),
)  # fmt: skip


@dataclass
class Tally:
    """How many kills there were, when they struck, and the most bytes that one made come twice."""

    kills: int = 0
    rounds: int = 0
    in_download: int = 0
    published_before: int = 0
    most_again: int = 0
    left_behind: int = 0
    """Parts of what had just been published: they stay until the next version comes."""


class Killing:
    """``size`` is how many bytes a version has, ``rate`` how fast a server sends them (bytes/s)."""

    def __init__(self, place: Path, size: int, rate: float, seed: int = 7) -> None:
        self.data_dir = place / "data"
        self.tally = Tally()
        self._outside = place / "outside"
        self._size, self._rate = size, rate
        self._chance = random.Random(seed)
        for name in ("home", "tmp", "here"):
            (self._outside / name).mkdir(parents=True)
        self._before = self._beside()

    def run(self, kills: int, modern: bool, stream: bool = False) -> Tally:
        """Until there were so many kills; AssertionError where a promise was broken."""
        while self.tally.kills < kills:
            self._round(min(self._chance.randint(1, 4), kills - self.tally.kills), modern, stream)
        return self.tally

    def _round(self, kills: int, modern: bool, stream: bool) -> None:
        bundle = self._version(modern)
        first = () if stream else self._chance.choice(FIRST)
        pace = (*AS_EXISTING_MASTER, Slow(self._rate)) if stream else (Slow(self._rate),)
        slow = None if first is None else (*first, *pace)
        with pool_of([slow, pace], {"M1": bundle.origin}) as pool:
            for _ in range(kills):
                self._kill_once(pool)
                self._look()
            self._let_through(pool, bundle, kills, stream)
        self.tally.rounds += 1

    def _version(self, modern: bool) -> Bundle:
        """Two files that all versions share, and some of its own."""
        number = self.tally.rounds
        part = (
            self._size // 6 + number
        )  # a version of other sizes is what a master tells as another
        files = {"same.bin": noise(self._size // 6, 1), "same.txt": b"in all versions\n" * 5000}
        files |= {f"{n}.bin": noise(part, 1000 * number + n) for n in range(2, 7)}
        return dataclasses.replace(Bundle(files), more={"modern": modern})

    def _start(self, pool: OriginPool) -> Fetch:
        around = {
            "HOME": "home",
            "TMPDIR": "tmp",
            "XDG_CACHE_HOME": "home",
            "XDG_DATA_HOME": "home",
        }
        places = {name: str(self._outside / folder) for name, folder in around.items()}
        source = str(Path(__file__).parent.parent)
        env = {**os.environ, **places, "PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
        here = self._outside / "here"
        return Fetch(self.data_dir, pool.names, "--retries", 9, env=env, cwd=here)

    def _kill_once(self, pool: OriginPool) -> None:
        with self._start(pool) as process:
            if self._chance.random() < 0.3:  # about its end: checked, published, put away
                process.until(lambda event: event.get("percent", 0) > 95)
                time.sleep(self._chance.uniform(0, 0.08))
            else:
                time.sleep(self._chance.uniform(0.05, 0.4 + self._size / self._rate))
            process.signal(signal.SIGKILL)
            code = process.wait()
        self.tally.kills += 1
        self.tally.published_before += code == 0
        self.tally.in_download += bool(process.named("downloadProgress")) and code != 0

    def _look(self) -> None:
        """What holds at once after a kill: I1 and I2."""
        assert [str(one) for one in Library(self.data_dir).verify()] == []
        assert self._beside() == self._before, "nothing outside the data directory has changed"

    def _let_through(self, pool: OriginPool, bundle: Bundle, kills: int, stream: bool) -> None:
        with self._start(pool) as process:
            assert process.wait() == 0, process.errors
        library = Library(self.data_dir)
        shown = library.current("M1")
        assert shown is not None
        sizes = {name: len(content) for name, content in bundle.files.items()}
        assert {one.name: one.bytes for one in shown.materials} == sizes, shown
        self._look()
        assert pool.log.open_packages <= 1, "never two transfers (I5)"
        requests = len(pool.log.packages)
        again = sum(one.sent for one in pool.log.packages) - len(bundle.package)
        self.tally.most_again = max(self.tally.most_again, again // max(1, kills))
        if not stream:
            allowed = kills * (AGAIN + UNDER_WAY) + requests * SLACK + UNDER_WAY
            assert again <= allowed, f"{again} bytes again after {kills} kills"
        self._collected(pool)

    def _collected(self, pool: OriginPool) -> None:
        """The next start removes what the kills left behind (I3)."""
        assert fetch(self.data_dir, pool.names).code == 0
        shown = Library(self.data_dir).current("M1")
        assert shown is not None
        files = {p.relative_to(self.data_dir) for p in self.data_dir.rglob("*") if p.is_file()}
        objects = {path.name for path in files if path.parts[0] == "objects"}
        assert objects == set(shown.objects)
        left = [path for path in files if path.parts[0] == "download"]
        self.tally.left_behind += bool(left)
        assert all(path.name.startswith("meeting_M1.zip.part") for path in left), left
        assert [path for path in files if path.name.startswith(".new")] == []
        manifests = [path for path in files if path.parts[0] == "meetings"]
        assert len(manifests) == 2, "the manifest and its marker"

    def _beside(self) -> dict[str, tuple[int, int]]:
        found = {}
        for path in self._outside.rglob("*"):
            about = path.lstat()
            found[str(path)] = (about.st_size, about.st_mtime_ns)
        return found
