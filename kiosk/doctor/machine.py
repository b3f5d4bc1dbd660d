"""This machine: Python, settings.toml, the data directory, the port."""

from __future__ import annotations

import getpass
import os
import platform
import pwd
import shutil
import tempfile
import tomllib
from pathlib import Path

from kiosk import fetch, listening
from kiosk.doctor.finding import Finding
from kiosk.errors import ServerError, UsageError
from kiosk.settings import TABLE, Settings

HEALTH_S = 2.0
MB = 1 << 20


def python() -> Finding:
    """The Python that runs this; an older one would not have come so far."""
    return Finding("python", "ok", "python.ok", details={"version": platform.python_version()})


def saved_settings(settings: Settings) -> Finding:
    """Lines of settings.toml that are passed over, and a file that had to be set aside."""
    path = settings.directory / "settings.toml"
    aside = path.with_name(path.name + ".broken")
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if _is_there(aside):
            return Finding("settings", "warn", "settings.aside", details={"path": str(aside)})
        return Finding("settings", "ok", "settings.none")
    except (OSError, ValueError) as fault:
        why = str(fault)[:200]
        return Finding(
            "settings", "fail", "settings.unreadable", details={"path": str(path), "why": why}
        )
    wrong = [name for name, value in document.items() if not _makes_sense(name, value)]
    if wrong:
        names = ", ".join(name[:40] for name in wrong[:10])
        return Finding(
            "settings", "warn", "settings.wrong", details={"path": str(path), "names": names}
        )
    return Finding(
        "settings", "ok", "settings.ok", details={"path": str(path), "count": len(document)}
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _makes_sense(name: str, value: object) -> bool:
    if name not in TABLE or not TABLE[name].in_file:
        return False
    try:
        TABLE[name].read(value)
    except UsageError:
        return False
    return True


def disk(settings: Settings) -> Finding:
    """Whether the data directory takes what is written, safely, and has room for a package."""
    path = settings.directory
    there = _nearest(path)
    details: dict[str, str | int | float] = {"path": str(path), "user": getpass.getuser()}
    owner = _owner(there)
    try:
        _try_to_write(there)
        free = shutil.disk_usage(there).free // MB
    except OSError as fault:
        details |= {"why": fault.strerror or str(fault), "owner": owner}
        return Finding("disk", "fail", "disk.refused", details=details)
    details |= {"free": free, "needed": settings.min_free_mb}
    if free < settings.min_free_mb:
        return Finding("disk", "fail", "disk.full", details=details)
    if there == path and owner != details["user"]:
        return Finding("disk", "warn", "disk.foreign", details={**details, "owner": owner})
    if free < settings.min_free_mb + settings.max_package_mb:
        details["needed"] = settings.min_free_mb + settings.max_package_mb
        return Finding("disk", "warn", "disk.tight", details=details)
    return Finding("disk", "ok", "disk.ok", details=details)


def _nearest(path: Path) -> Path:
    """The directory itself, or the one in which it would be made."""
    path = path.absolute()
    return next((one for one in (path, *path.parents) if os.path.isdir(one)), Path("/"))  # noqa: PTH112 - no OSError


def _owner(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _try_to_write(folder: Path) -> None:
    """What every publish does: write, fsync, and see it gone afterwards."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(64 << 10))
        file.flush()
        os.fsync(file.fileno())


def place_of_node(settings: Settings) -> tuple[str, int]:
    """Where a node listens with these settings."""
    from kiosk.node import serving

    return serving.place_of(settings)


def port(host: str, port: int) -> Finding:
    """Whether the address is free, or has one of ours behind it."""
    details: dict[str, str | int | float] = {"host": listening.shown(host), "port": port}
    try:
        listening.free_port(host, port)
    except UsageError as fault:
        if fault.details.get("name") == "port" and _is_ours(host, port):
            return Finding("port", "ok", "port.ours", details=details)
        code = "port.taken" if fault.details.get("name") == "port" else "port.refused"
        return Finding("port", "fail", code, details={**details, "why": str(fault)})
    return Finding("port", "ok", "port.free", details=details)


def _is_ours(host: str, port: int) -> bool:
    """Whether what listens there answers as a kiosk does."""
    name = f"{listening.shown(host)}:{port}"
    try:
        health = fetch.get_json(f"http://{name}/healthz", name, HEALTH_S)
    except ServerError:
        return False
    return isinstance(health, dict) and health.get("status") == "ok"
