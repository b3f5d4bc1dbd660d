"""Writes what a machine needs to run kiosk as a service: a unit, its user, a browser's start.

Nothing is started, stopped or asked of systemd: below a staging root there is none. What was
written is told, and what to run next.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import kiosk
from kiosk.errors import UsageError
from kiosk.install import browser
from kiosk.install.units import NAMES, Role, Service
from kiosk.settings import Settings
from kiosk.store import storage_faults, write_whole

__all__ = ["Role", "Service", "apply", "files_of", "next_steps", "remove", "service_of"]

UNSEEN = ("/home/", "/root/", "/run/user/")
AUTOSTART = Path("etc/xdg/autostart/kiosk-browser.desktop")
READABLE = 0o644


@dataclass(frozen=True)
class Outcome:
    """What became of a file: written, changed, kept, removed."""

    path: Path
    what: str


def service_of(role: Role, settings: Settings, folder: Path | None = None) -> Service:
    """The service of that role with these settings.

    UsageError where a node has neither upstream nor folder, or a place that no service of ours
    sees: home directories.
    """
    for part in (sys.executable, kiosk.__file__):
        _visible(Path(part), "kiosk")
    words = [sys.executable, "-P", "-m", "kiosk", "serve" if role == "terminal" else "node"]
    if role == "node":
        if bool(settings.upstream) == (folder is not None):
            raise UsageError("bad-setting", name="upstream", why="give --upstream or --folder")
        words += [word for url in settings.upstream for word in ("--upstream", url)]
    if folder is not None:
        folder = _visible(folder.absolute(), "folder")
        words += ["--folder", str(folder)]
    for name in ("host", "port"):
        if settings.source(name) == "flag":
            words += [f"--{name}", str(getattr(settings, name))]
    return Service(role, tuple(words), folder if role == "node" else None)


def files_of(service: Service, *, browser_port: int | None = None) -> Mapping[Path, str]:
    """Every file of the installation, by its path below the root."""
    unit, user = _paths(service.role)
    files = {unit: service.unit(), user: service.user()}
    if browser_port is not None:
        files[AUTOSTART] = browser.entry(browser_port)
    return files


def apply(files: Mapping[Path, str], root: Path) -> Iterator[Outcome]:
    """Write them below ``root``; LocalError ``storage-failed`` where that is refused."""
    for path, text in files.items():
        place = root / path
        with storage_faults():
            there = place.read_bytes() if place.is_file() else None
        if there == text.encode():
            yield Outcome(place, "kept")
            continue
        write_whole(place, text.encode())
        with storage_faults():
            place.chmod(READABLE)
        yield Outcome(place, "written" if there is None else "changed")


def remove(role: Role, root: Path) -> Iterator[Outcome]:
    """Take them away again, and what `systemctl enable` has linked; the data stays."""
    unit, user = _paths(role)
    link = unit.parent / "multi-user.target.wants" / unit.name
    for path in (link, unit, user, *((AUTOSTART,) if role == "terminal" else ())):
        place = root / path
        if place.is_file() or place.is_symlink():
            with storage_faults():
                place.unlink()
            yield Outcome(place, "removed")


def next_steps(role: Role, *, folder: Path | None = None, removed: bool = False) -> tuple[str, ...]:
    """The commands that a person runs now; ``folder`` is a node's."""
    name = NAMES[role]
    if removed:
        return (f"systemctl daemon-reload && systemctl stop {name}",)
    given = (f"chown -R {name}: {shlex.quote(str(folder))}",) if folder else ()
    return (
        f"systemd-sysusers /{_paths(role)[1]}",
        *given,
        f"systemctl daemon-reload && systemctl enable --now {name}",
    )


def _paths(role: Role) -> tuple[Path, Path]:
    """The unit, and what makes its user."""
    name = NAMES[role]
    return Path(f"etc/systemd/system/{name}.service"), Path(f"etc/sysusers.d/{name}.conf")


def _visible(path: Path, name: str) -> Path:
    """``path``, which has to lie where the service may look."""
    if str(path).startswith(UNSEEN):
        why = f"{path}: a service sees no home directories; take /opt for kiosk, /srv for meetings"
        raise UsageError("bad-setting", name=name, why=why)
    return path
