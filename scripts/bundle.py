"""Packs what a site without internet needs: ``python scripts/bundle.py [DIRECTORY]``; run by make.

``kiosk-VERSION-offline.tar.gz`` holds ``wheelhouse/`` (our wheel with the pages in it, and all that
it needs, by requirements.lock), ``requirements.txt`` with the hash of each, and ``install.sh``. It
is for this version of Python on this kind of machine.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
ONE_REQUIREMENT = re.compile(r"^([\w.-]+)==(?:\\\n|.)*", re.MULTILINE)
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def main(directory: Path) -> Path:
    """Makes the bundle in ``directory``; its path."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / f"kiosk-{importlib.metadata.version('kiosk')}-offline"
        wheels = folder / "wheelhouse"
        wheels.mkdir(parents=True)
        _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT)
        lock = locked((ROOT / "requirements.lock").read_text("utf-8"), needed("kiosk"))
        (folder / "lock.txt").write_text(lock, "utf-8")
        _run(*PIP, "download", "--no-deps", "--only-binary", ":all:", "--require-hashes",
             "--dest", wheels, "-r", folder / "lock.txt")  # fmt: skip
        pip = f"pip=={importlib.metadata.version('pip')}"
        _run(*PIP, "download", "--no-deps", "--only-binary", ":all:", "--dest", wheels, pip)
        (folder / "lock.txt").unlink()
        finish(folder, lock)
        return pack(folder, directory)


def needed(name: str) -> set[str]:
    """Every distribution that ``name`` needs here, the needs of its needs included."""
    waiting, found = [Requirement(name)], set[str]()
    while waiting:
        requirement = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        its = importlib.metadata.requires(requirement.name) or []
        if canonicalize_name(requirement.name) not in found:
            found.add(canonicalize_name(requirement.name))
            waiting += map(Requirement, its)
    return found - {canonicalize_name(name)}


def locked(lock: str, names: set[str]) -> str:
    """Those entries of a lock file, with their hashes; KeyError where one is not in it."""
    entries = {canonicalize_name(one[1]): one[0] for one in ONE_REQUIREMENT.finditer(lock)}
    return "".join(f"{entries[name].rstrip()}\n" for name in sorted(names))


def finish(folder: Path, lock: str) -> None:
    """Adds all that is no wheel: what is asked for, for which machine, and the installer."""
    (ours,) = (folder / "wheelhouse").glob("kiosk-*.whl")
    digest = hashlib.sha256(ours.read_bytes()).hexdigest()
    version = ours.name.split("-")[1]
    entry = f"kiosk=={version} --hash=sha256:{digest}\n"
    (folder / "requirements.txt").write_text(entry + lock, "utf-8")
    (folder / "PYTHON").write_text(f"{sys.version_info.major}.{sys.version_info.minor}\n", "ascii")
    (folder / "PLATFORM").write_text(f"{sysconfig.get_platform()}\n", "ascii")
    for name in ("README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "scripts" / "install.sh", folder / "install.sh")
    (folder / "install.sh").chmod(0o755)


def pack(folder: Path, directory: Path) -> Path:
    """The folder as .tar.gz, in ``directory``: of the same files the same bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{folder.name}.tar.gz"
    with (
        target.open("wb") as file,
        # Wheels are compressed already.
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in _all_below(folder):
            name = path.relative_to(folder.parent)
            archive.add(path, name, recursive=False, filter=_nobodys)
    return target


def _all_below(folder: Path) -> Iterator[Path]:
    yield from (folder, *sorted(folder.rglob("*")))


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = 0
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def _run(*command: str | Path) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
