"""A terminal whose engine says what the test says, so that the test decides what happens when."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kiosk_process import WAIT_S, KioskProcess

from kiosk import agenda, events
from kiosk.library import AgendaItem, Library, Manifest, Material


class ScriptedKiosk(KioskProcess):
    """A terminal with `scripted_worker` as its engine."""

    program = (str(Path(__file__).with_name("scripted_terminal.py")),)


class Engine:
    """One worker: what it was told, and what it says."""

    def __init__(self, line: socket.socket, data_dir: Path) -> None:
        line.settimeout(WAIT_S)
        self._line = line
        self._reader = line.makefile("rb")
        self._library = Library(data_dir)
        self.job = self.told()

    def told(self) -> dict[str, Any]:
        """The next line on its standard input; empty at its end."""
        return dict(json.loads(self._reader.readline() or b"{}"))

    def say(self, event: events.Event) -> None:
        """One line on its standard output."""
        self._line.sendall(events.encode(event).encode() + b"\n")

    def begin(self, server: str = "10.1.1.11:8001") -> None:
        """The download is under way."""
        meeting_id = self.job["meeting_id"]
        self.say(events.DownloadStart(meeting_id, [server]))
        self.progress(server=server)

    def progress(self, **more: Any) -> None:
        """Where it stands."""
        figures = {"phase": "downloading", "server_index": 1, "server_count": 1, "attempt": 1}
        figures |= {"server": "10.1.1.11:8001", "total_bytes": 1000, **more}
        self.say(events.DownloadProgress(self.job["meeting_id"], **figures))

    def entry(self, content: bytes) -> Path:
        """A whole file of the package under way, where the engine puts it; it never changes."""
        part = self._library.part_path(self.job["meeting_id"])
        path = part.with_name(part.name + ".entries") / hashlib.sha256(content).hexdigest()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
        return path

    def ready(self, index: int, name: str, content: bytes) -> Path:
        """A material is whole and can be opened; where its bytes are."""
        path = self.entry(content)
        meeting_id = self.job["meeting_id"]
        self.say(events.MaterialReady(meeting_id, index, name, path.name, len(content)))
        return path

    def publish(self, files: Mapping[str, bytes | None]) -> str:
        """Move the files into the library and make them a revision; None is one that lacks."""
        materials = []
        for name, content in files.items():
            if content is None:
                materials.append(Material("", name))
                continue
            path = self.entry(content)
            target = self._library.object_path(path.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            materials.append(Material(f"01/{name}", name, len(content), path.name))
        item = AgendaItem("工作报告", "王芳", materials=tuple(materials))
        document = agenda.parse(self.job["data"])
        fingerprint = document.fingerprint if document else ""
        made = Manifest(
            self.job["meeting_id"], "经营工作会", agenda=(item,), fingerprint=fingerprint
        )
        return self._library.publish(made)

    def complete(self, files: Mapping[str, bytes | None]) -> str:
        """Publish, and end well; the revision."""
        revision = self.publish(files)
        ending = events.DownloadComplete(self.job["meeting_id"], revision, received_bytes=1000)
        self.say(ending)
        self.leave()
        return revision

    def leave(self) -> None:
        """The process ends."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._reader.close()
        self._line.close()


class Script:
    """Where the engines of a `ScriptedKiosk` come to ask what to say."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(WAIT_S)
        self._engines: list[Engine] = []
        os.environ["SCRIPT_PORT"] = str(self._listener.getsockname()[1])

    def engine(self) -> Engine:
        """The next engine that the terminal starts."""
        engine = Engine(self._listener.accept()[0], self._data_dir)
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        for engine in self._engines:
            engine.leave()
        self._listener.close()
        del os.environ["SCRIPT_PORT"]


@contextlib.contextmanager
def scripted(data_dir: Path, mode: str, **settings: Any) -> Iterator[tuple[ScriptedKiosk, Script]]:
    """A terminal and the script of its engines."""
    script = Script(data_dir)
    try:
        with ScriptedKiosk(data_dir, mode, **settings) as kiosk:
            yield kiosk, script
    finally:
        script.close()
