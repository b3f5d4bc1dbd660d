"""Measures a node that a whole room asks at once: 100 terminals, 100 MB each.

Side by side in each round: the node with nginx in front, nginx alone with the same file, and the
node without nginx (gunicorn's threads). The terminals are simulated (`fleet.py`), everything else
is real, all on this one machine. Meanwhile somebody asks the node for its health, all the time.
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from kiosk.listening import is_open
from kiosk.node.nginx import program

from .nodes import family_mb, node

TERMINALS, SIZE, FILES = 100, 100_000_000, 4
MEETING, LOOK_S, SETTLE_S = "room", 0.02, 30.0
PACKAGE = f"/api/v1/meetings/{MEETING}/download-package"
NODE, BARE, THREADS = "kiosk node, nginx in front", "nginx alone", "kiosk node without nginx"
OF_NGINX, SLOWEST, HEALTH_MS = 0.9, 3.0, 100.0
NGINX = """daemon off;
pid {folder}/bare.pid;
error_log stderr error;
worker_processes auto;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/bare; }}
}}
"""
TEXT = """# A room that asks a node at once

Written by `make bench ARGS='--only serving'`; the method is in `tests/bench/serving.py`.

{date}, {machine}, {memory:.0f} GB of memory, load {load:.1f} before it began.

{terminals} simulated terminals ask at the same moment for a package of {size:.0f} MB each and compare every
byte of it; servers and terminals share the machine. Medians of {rounds} rounds, in brackets the least and the
greatest; in a round each server has its turn.

| | MB/s in all | of nginx's rate | a terminal's seconds | the slowest, × the median | health, ms, longest | memory, MB, first round | last round | right |
|---|---|---|---|---|---|---|---|---|
{rows}

Promised of the node as it is installed: {verdict}.
"""  # noqa: E501 - a table


@dataclass(frozen=True)
class Turn:
    """One server's turn: ``seconds`` of each terminal, ``health`` the milliseconds of each answer,
    ``memory`` the megabytes of the server's processes at the end."""

    took: float
    seconds: list[float]
    wrong: list[str]
    health: list[float]
    memory: float
    bytes: int

    @property
    def rate(self) -> float:
        """Megabytes a second, all terminals together."""
        return self.bytes / self.took / 1e6

    @property
    def slowest(self) -> float:
        """The slowest terminal's time, as a multiple of the median."""
        return max(self.seconds) / statistics.median(self.seconds)


Turns = Mapping[str, list[Turn]]


@dataclass(frozen=True)
class _Server:
    url: str
    path: str
    pid: int
    health: str = ""


def measure(folder: Path, rounds: int, terminals: int = TERMINALS, size: int = SIZE) -> Turns:
    """All rounds, in an empty folder."""
    _fill(folder / "meetings", size)
    turns: dict[str, list[Turn]] = {}
    with contextlib.ExitStack() as running:
        served = {
            name: running.enter_context(_node(folder, front))
            for name, front in ((NODE, "nginx"), (THREADS, "threads"))
        }
        package = folder / "package.zip"
        _fetch(served[NODE], package)
        served[BARE] = running.enter_context(_nginx(folder, package))
        for number in range(rounds):
            for name in (NODE, BARE, THREADS):
                turn = _turn(served[name], package, terminals)
                turns.setdefault(name, []).append(turn)
                _say(number, name, turn)
    return turns


def _fill(folder: Path, size: int) -> None:
    """A meeting of few large files that no compression makes smaller."""
    for number in range(FILES):
        path = folder / MEETING / f"{number + 1}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size // FILES))


@contextlib.contextmanager
def _node(folder: Path, front: str) -> Iterator[_Server]:
    own = folder / front
    with node(own, "--folder", str(folder / "meetings"), "--front", front) as (url, pid):
        give_up = time.monotonic() + SETTLE_S
        while requests.head(url + PACKAGE, timeout=10).status_code != 200:
            if time.monotonic() > give_up:
                raise RuntimeError((own / "log").read_text("utf-8")[-2000:])
            time.sleep(0.1)
        yield _Server(url, PACKAGE, pid, f"{url}/healthz")


def _fetch(server: _Server, path: Path) -> None:
    with requests.get(server.url + server.path, stream=True, timeout=30) as answer:
        answer.raise_for_status()
        path.write_bytes(answer.content)


@contextlib.contextmanager
def _nginx(folder: Path, package: Path) -> Iterator[_Server]:
    """nginx as anybody would have it, with the same file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "bare").mkdir()
    shutil.copyfile(package, folder / "bare" / "package.zip")
    # Started by root its workers would be nobody, who may not look into a temporary folder.
    name = f"user {getpass.getuser()} {grp.getgrgid(os.getegid()).gr_name};"
    user = name if os.geteuid() == 0 else ""
    configuration = folder / "bare.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, user=user), "utf-8")
    with subprocess.Popen(
        [program() or "nginx", "-p", str(folder), "-c", str(configuration)]
    ) as process:
        try:
            give_up = time.monotonic() + SETTLE_S
            while not is_open("127.0.0.1", port):
                if process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError("nginx does not start")
                time.sleep(0.05)
            yield _Server(f"http://127.0.0.1:{port}", "/package.zip", process.pid)
        finally:
            process.terminate()


def _turn(server: _Server, package: Path, terminals: int) -> Turn:
    parts, script = urlsplit(server.url), Path(__file__).with_name("fleet.py")
    command = [sys.executable, str(script), str(parts.hostname), str(parts.port), server.path]
    command += [str(package), str(terminals)]
    over, health = threading.Event(), list[float]()
    looking = threading.Thread(target=_look, args=(server.health, over, health))
    if server.health:
        looking.start()
    try:
        ran = subprocess.run(command, capture_output=True, check=True, timeout=300)
    finally:
        over.set()
        if server.health:
            looking.join()
    told = json.loads(ran.stdout)
    moved = package.stat().st_size * len(told["seconds"])
    return Turn(**told, health=health, memory=family_mb(server.pid), bytes=moved)


def _look(url: str, over: threading.Event, took_ms: list[float]) -> None:
    """Asks for its health, each time on a connection of its own, as a watchdog does."""
    parts = urlsplit(url)
    while not over.wait(LOOK_S):
        began = time.monotonic()
        line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
        with contextlib.closing(line):
            line.request("GET", parts.path)
            if line.getresponse().status != 200:
                raise RuntimeError("not healthy")
        took_ms.append((time.monotonic() - began) * 1000)


def told(facts: Mapping[str, Any], turns: Turns, terminals: int = TERMINALS) -> str:
    """docs/benchmarks-serving.md; ``facts`` are the machine's: date, machine, memory, load."""
    rows = "\n".join(_row(name, turns[name], turns[BARE]) for name in (NODE, BARE, THREADS))
    size = turns[NODE][0].bytes / max(1, len(turns[NODE][0].seconds)) / 1e6
    return TEXT.format(
        **facts, terminals=terminals, size=size, rounds=len(turns[NODE]), rows=rows,
        verdict=_verdict(turns[NODE], turns[BARE], terminals),
    )  # fmt: skip


def _shares(own: list[Turn], bare: list[Turn]) -> list[float]:
    return [turn.rate / its.rate for turn, its in zip(own, bare, strict=True)]


def _verdict(own: list[Turn], bare: list[Turn], terminals: int) -> str:
    share = statistics.median(_shares(own, bare))
    right = all(len(turn.seconds) == terminals and not turn.wrong for turn in own)
    slowest = max(turn.slowest for turn in own)
    health = max(max(turn.health) for turn in own)
    found = {
        "all of them right": right,
        f"none slower than {SLOWEST:g} × the median": slowest <= SLOWEST,
        f"at least {OF_NGINX:g} × the rate of nginx alone": share >= OF_NGINX,
        f"its health told within {HEALTH_MS:g} ms": health <= HEALTH_MS,
    }
    return "; ".join(f"{what} ({'met' if met else '**missed**'})" for what, met in found.items())


def _row(name: str, own: list[Turn], bare: list[Turn]) -> str:
    health = [max(turn.health) for turn in own if turn.health]
    each = [statistics.median(turn.seconds) for turn in own]
    right = sum(len(turn.seconds) - len(turn.wrong) for turn in own)
    cells = [
        name, _range([turn.rate for turn in own], 0), _range(_shares(own, bare), 2),
        _range(each, 2), _range([turn.slowest for turn in own], 2),
        _range(health, 0) if health else "", f"{own[0].memory:.0f}", f"{own[-1].memory:.0f}",
        f"{right} of {sum(len(turn.seconds) for turn in own)}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _range(values: list[float], digits: int) -> str:
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:.{digits}f} [{least:.{digits}f}–{most:.{digits}f}]"


def _say(number: int, name: str, turn: Turn) -> None:
    health = max(turn.health, default=0.0)
    print(
        f"{number + 1} {name:28} {turn.rate:6.0f} MB/s  slowest {turn.slowest:4.2f} × the median"
        f"  health {health:4.0f} ms  {turn.memory:.0f} MB  wrong {turn.wrong[:2]}",
        file=sys.stderr, flush=True,
    )  # fmt: skip
