"""A real terminal for tests: ``python -m kiosk serve`` as a process, and clients of it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import socketio

from kiosk.demo.origin import OriginMeeting, OriginPool

WAIT_S = 30.0
"""A busy machine takes its time; what is there at once costs none."""

Json = dict[str, Any]


def meeting_of(
    files: dict[str, bytes], meeting_id: str = "M1", title: str = "经营工作会"
) -> OriginMeeting:
    """A meeting with one agenda item that holds ``files`` (shown name to bytes)."""
    packed = io.BytesIO()
    listed = []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("README.txt", "materials")
        for number, (name, content) in enumerate(files.items(), 1):
            suffix = Path(name).suffix
            archive.writestr(f"01_item/t{number}{suffix}", content)
            listed.append(
                {"name": f"t{number}{suffix}", "display_name": name, "size": len(content),
                 "temp_id": f"t{number}", "agenda_folder": "01_item"}
            )  # fmt: skip
    item = {"position": 1, "title": "工作报告", "reporter": "王芳", "files": listed}
    data = {"meeting_id": meeting_id, "title": title, "time": "2026-11-24 09:00",
            "agenda_items": [item]}  # fmt: skip
    return OriginMeeting(packed.getvalue(), data)


class KioskProcess:
    """A running terminal on a free port; `stop` it, or use it as a context manager."""

    program: tuple[str, ...] = ("-m", "kiosk", "serve")

    def __init__(self, data_dir: Path, mode: str, *arguments: str, **settings: Any) -> None:
        self.data_dir = data_dir
        self.mode = mode
        self._arguments = arguments
        if settings:
            data_dir.mkdir(parents=True, exist_ok=True)
            lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
            (data_dir / "settings.toml").write_text("\n".join(lines) + "\n", "utf-8")
        self.url = ""
        self.port = 0
        self.start()

    def start(self, port: int = 0) -> None:
        """Start the process (again) and wait until it says where it listens."""
        command = [sys.executable, *self.program, "-v", "--port", str(port)]
        command += ["--data-dir", str(self.data_dir), *self._arguments]
        self._log = open(self.data_dir.with_suffix(".log"), "ab")  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "KIOSK_ASYNC_MODE": self.mode},
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip().rstrip("/")
        assert self.url.startswith("http://"), self.log
        self.port = urlsplit(self.url).port or 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """What it logged so far."""
        return self.data_dir.with_suffix(".log").read_text("utf-8")

    @property
    def pid(self) -> int:
        return self._process.pid

    def workers(self) -> list[int]:
        """The process ids of its worker processes."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        children = b" ".join(_read(thread / "children") for thread in threads).decode().split()
        named = [(int(pid), Path(f"/proc/{pid}/cmdline")) for pid in children]
        return [pid for pid, line in named if b"kiosk.worker" in _read(line)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            return self._process.wait(WAIT_S)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._log.close()

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=WAIT_S, **more)

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: object = None, **more: Any) -> requests.Response:
        return requests.request(method, self.url + path, json=body, timeout=WAIT_S, **more)

    def meeting(self, meeting_id: str = "M1") -> Json:
        return dict(self.json(f"/api/meetings/{meeting_id}"))

    @contextlib.contextmanager
    def live(self, transport: str = "websocket") -> Iterator[Live]:
        """A Socket.IO client, connected; its snapshot is the first thing in its record."""
        client = Live(self.url, transport)
        try:
            yield client
        finally:
            client.close()


class Live:
    """A page's live line: everything it heard, in order, as (name, payload)."""

    def __init__(self, url: str, transport: str = "websocket") -> None:
        self.heard: list[tuple[str, Json]] = []
        self._new: queue.Queue[tuple[str, Json]] = queue.Queue()
        self._client = socketio.Client(reconnection=False)
        self._client.on("*", self._hear)
        self._client.connect(url, transports=[transport], wait_timeout=WAIT_S)

    def _hear(self, name: str, payload: Json) -> None:
        self._new.put((name, payload))

    def call(self, name: str, body: object) -> Any:
        """Send an event; its acknowledgement."""
        return self._client.call(name, body, timeout=WAIT_S)

    def emit(self, name: str, body: object) -> None:
        """Send an event that nobody acknowledges."""
        self._client.emit(name, body)

    def wait(self, name: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """The next event of that name that fits; those before it are in `heard`."""
        deadline = time.monotonic() + WAIT_S
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                heard = self._new.get(timeout=left)
                self.heard.append(heard)
                if heard[0] == name and fits(heard[1]):
                    return heard[1]
        raise AssertionError(f"no {name}; heard {[name for name, _ in self.heard][-20:]}")

    def wait_for_ending(self, meeting_id: str = "M1") -> tuple[str, Json]:
        """The ending event of a meeting's download."""
        endings = ("downloadComplete", "downloadError", "downloadCancelled")
        while True:
            deadline = time.monotonic() + WAIT_S
            heard = self._new.get(timeout=max(0.01, deadline - time.monotonic()))
            self.heard.append(heard)
            if heard[0] in endings and heard[1]["meetingId"] == meeting_id:
                return heard

    def close(self) -> None:
        """Leave as a browser does that is switched off: a goodbye would wait for its answer."""
        engine = self._client.eio
        if engine.current_transport == "websocket":
            line = engine.ws
            line.sock.shutdown(socket.SHUT_RDWR)
            engine.read_loop_task.join(WAIT_S)
            line.shutdown()
        else:
            self._client.disconnect()


def eventually(fact: Callable[[], Any], timeout_s: float = WAIT_S) -> Any:
    """The first true answer of ``fact``."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if answer := fact():
            return answer
        time.sleep(0.02)
    raise AssertionError("it never happened")


def kiosk_on(origins: OriginPool, data_dir: Path, mode: str, **more: Any) -> KioskProcess:
    settings = {
        "server_ip": origins.base, "server_port": origins.port, "server_count": origins.count,
        "interval_s": 1, "retries": 1, "in_order": True, **more,
    }  # fmt: skip
    return KioskProcess(data_dir, mode, **settings)


def progressing(kiosk: KioskProcess, phase: str, meeting_id: str = "M1") -> Any:
    def in_phase() -> Any:
        answer = kiosk.get(f"/api/downloads/{meeting_id}")
        return answer.status_code == 200 and answer.json()["phase"] == phase and answer.json()

    return eventually(in_phase)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
