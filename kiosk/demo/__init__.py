"""All roles on loopback, with sample meetings: one command that shows the main job."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.errors import LocalError

if TYPE_CHECKING:
    from kiosk.settings import Settings

log = logging.getLogger("kiosk.demo")

TITLES = {"zh-CN": "无纸化会议 · 演示", "en": "Paperless meetings · Demo"}
COMMAND = (sys.executable, "-P", "-m", "kiosk.demo.servers")
END_S = 3.0
REMOVE_S = 1.0


def run(settings: Settings) -> int:
    """Run servers and terminal until interrupted; the exit code.

    Without a ``data_dir`` that was asked for, the data goes to a fresh folder that is removed at
    the end. Prints one line when the page can be opened. LocalError ``storage-failed`` where the
    servers could not be started.
    """
    cache = _cache()
    with _servers(cache / "packages") as where, _data_dir(settings, cache) as data_dir:
        # The first time, the servers make their packages while this is imported.
        from kiosk.terminal import Terminal
        from kiosk.web.serving import serve

        settings = _demo_settings(settings, data_dir, where())
        serve(Terminal(settings), settings.host, settings.port, settings.async_mode)
    return 0


def _demo_settings(settings: Settings, data_dir: Path, where: dict[str, Any]) -> Settings:
    """The settings of the demo's terminal; none is locked, so that the options can be tried."""
    if settings.source("data_dir") == "default":
        settings = _untouched(settings)
    port = settings.port
    if settings.source("port") == "default":
        port = _free_port(settings.host, settings.port)
    return dataclasses.replace(
        settings,
        **where,
        servers=[],
        in_order=True,
        title=settings.title or TITLES[settings.language],
        port=port,
        data_dir=str(data_dir),
    )


def _untouched(settings: Settings) -> Settings:
    """Without what the user's own terminal, which the default data directory is for, has saved."""
    told = {name: source for name, source in settings.sources.items() if source != "file"}
    defaults = type(settings)()
    saved = {name: getattr(defaults, name) for name in settings.sources if name not in told}
    return dataclasses.replace(settings, **saved, sources=told)


def _cache() -> Path:
    """Where the packages are kept from one demo to the next, if need be in the temporary files."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(home) / "kiosk-demo"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="kiosk-demo-"))
    return cache


@contextlib.contextmanager
def _data_dir(settings: Settings, cache: Path) -> Iterator[Path]:
    if settings.source("data_dir") != "default":
        yield settings.directory
        return
    for left in cache.glob("data-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    fresh = cache / f"data-{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        yield fresh
    finally:
        _remove(fresh)


def _remove(folder: Path) -> None:
    """Also where something that was told to end still writes for a moment."""
    give_up = time.monotonic() + REMOVE_S
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists() and time.monotonic() < give_up:
        time.sleep(0.05)
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        log.warning("not-removed path=%s", folder)


@contextlib.contextmanager
def _servers(cache: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """The servers' process; yields what waits for them and gives the settings that point there.

    It talks over a socketpair, as the terminal's workers do: that works under eventlet, too. It
    ends when its input does, so it cannot outlive us.
    """
    ours, theirs = socket.socketpair()
    # Eventlet makes every socket non-blocking, which the other process would inherit.
    os.set_blocking(theirs.fileno(), True)
    with ours, theirs:
        process = subprocess.Popen(
            [*COMMAND, str(cache)], stdin=theirs.fileno(), stdout=theirs.fileno()
        )
        theirs.close()
        # Under eventlet, closing the reader closes the socket, too: it is kept until the end.
        reader = ours.makefile("rb")
        try:
            yield lambda: _told(reader.readline())
        finally:
            reader.close()
            ours.close()
            _end(process)


def _told(line: bytes) -> dict[str, Any]:
    if not line:
        raise LocalError("storage-failed", why="the demo's servers did not start")
    told: dict[str, Any] = json.loads(line)
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port(host: str, wanted: int) -> int:
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.create_server((host, port)) as found:
            return int(found.getsockname()[1])
    return wanted
