"""Power cuts: an ext4 image whose bytes are copied while a download runs on it.

What the copy holds is what a disk would hold after the cut: the journal of the file system has to
be played back, and what was never synced is not there. For root on a system with loop devices.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bundles import PAPERS, SLACK, Bundle, noise
from fetching import Fetch, fetch, verified

from kiosk.demo.origin import Slow, pool_of
from kiosk.library import Library

MIB = 1 << 20
MEMORY = Path("/dev/shm")
SYNC_S = 2.0
SLACK_S = 1.5
"""What a busy machine may take over a sync that is due."""


def obstacle(place: Path) -> str:
    """Why there are no power cuts on this machine; empty where they can be tried."""
    if os.geteuid() != 0:
        return "only root mounts a disk image"
    for tool in ("mkfs.ext4", "mount", "umount"):
        if shutil.which(tool) is None:
            return f"{tool} is not here"
    image = place / "probe.img"
    try:
        with mounted(made(image, 16), place / "probe"):
            return ""
    except subprocess.CalledProcessError as fault:
        return f"no loop device can be mounted: {fault.stderr.decode(errors='replace').strip()}"
    finally:
        image.unlink(missing_ok=True)


def made(image: Path, mib: int) -> Path:
    """A new empty file system in a file."""
    with open(image, "wb") as file:
        file.truncate(mib * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, capture_output=True)
    return image


@contextlib.contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """The image as a disk, without ext4's habit of guessing what a program forgot to sync."""
    place.mkdir(exist_ok=True)
    options = "loop,noauto_da_alloc"
    subprocess.run(["mount", "-o", options, image, place], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True, capture_output=True)


def copied(image: Path, copy: Path) -> Path:
    """The image as it is at one instant: copied until nothing changed meanwhile."""
    for _ in range(200):
        shutil.copyfile(image, copy)
        if subprocess.run(["cmp", "-s", image, copy]).returncode == 0:
            return copy
    raise AssertionError("the disk was never at rest")


@dataclass
class Tally:
    """How many cuts there were; how many in the download, how many after it was published."""

    cuts: int = 0
    in_download: int = 0
    published: int = 0
    most_again: int = 0


class PowerCuts:
    """Downloads of ``size`` bytes at ``rate`` bytes a second, each cut off once."""

    def __init__(self, place: Path, size: int, rate: float, seed: int = 11) -> None:
        self.tally = Tally()
        self._place, self._rate = place, rate
        self._chance = random.Random(seed)
        part = size // 5
        self._new = Bundle(
            {"report.pdf": PAPERS.files["report.pdf"], "notes.txt": PAPERS.files["notes.txt"]}
            | {f"{n}.bin": noise(part, 50 + n) for n in range(5)}
        )
        self._size = len(self._new.package)

    def run(self, cuts: int, modern: bool) -> Tally:
        """So many cuts; AssertionError where a promise was broken."""
        mib = 64 + 3 * self._size // MIB
        new = self._new.origin
        new.modern = modern
        if modern:
            new.__post_init__()
        with pool_of([()], {"M1": PAPERS.origin}) as pool:
            fresh = made(self._place / "fresh.img", mib)
            with mounted(fresh, self._place / "disk") as disk:
                assert fetch(disk / "data", pool.names).code == 0
            pool[0].meetings = {"M1": new}
            for _ in range(cuts):
                pool[0].faults = [Slow(self._rate)]
                image = self._place / "running.img"
                shutil.copyfile(fresh, image)
                before = sum(one.sent for one in pool.log.packages)
                after = self._cut(image, pool.names)
                came = sum(one.sent for one in pool.log.packages) - before
                pool[0].faults = []
                self._look(after, pool.names)
                again = sum(one.sent for one in pool.log.packages) - before - self._size
                self.tally.most_again = max(self.tally.most_again, again)
                limit = (SYNC_S + SLACK_S) * self._rate + MIB + 4 * SLACK
                assert again <= min(came, limit) + 4 * SLACK, f"{again} bytes came twice"
                assert pool.log.open_packages <= 1
        return self.tally

    def _cut(self, image: Path, names: list[str]) -> Path:
        """A download on the image, stopped at a random instant; the image as it was then."""
        copy = self._place / "copy.img"
        with mounted(image, self._place / "disk") as disk, Fetch(disk / "data", names) as process:
            if self._chance.random() < 0.4:  # about its end: checked, published, put away
                process.until(lambda event: event.get("percent", 0) > 97)
                time.sleep(self._chance.uniform(0, 0.06))
            else:
                process.until(lambda event: event.get("percent", 0) > 0)
                time.sleep(self._chance.uniform(0, self._size / self._rate))
            process.signal(signal.SIGSTOP)
            copied(image, copy)
            self.tally.cuts += 1
            over = bool(process.named("downloadComplete"))
            self.tally.published += over
            self.tally.in_download += not over
            process.signal(signal.SIGKILL)
            process.wait()
        return copy

    def _look(self, copy: Path, names: list[str]) -> None:
        """After the power is back: the old or the new revision, whole; the download goes on."""
        with mounted(copy, self._place / "disk") as disk:
            data_dir = disk / "data"
            assert verified(data_dir)
            shown = Library(data_dir).current("M1")
            assert shown is not None
            versions = (set(PAPERS.files), set(self._new.files))
            assert {one.name for one in shown.materials} in versions
            done = fetch(data_dir, names)
            assert done.code == 0, done.errors
            assert verified(data_dir)
            shown = Library(data_dir).current("M1")
            assert shown is not None
            assert {one.name for one in shown.materials} == set(self._new.files)
