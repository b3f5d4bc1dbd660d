"""``kiosk fetch`` as a process of its own: what it prints, how it ends, how much memory it took."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

WAIT_S = 60.0
KIOSK = (sys.executable, "-m", "kiosk")
TROUBLED = (sys.executable, str(Path(__file__).with_name("troubled.py")))

Json = dict[str, Any]


class Fetch:
    """A download of ``M1`` that has been started; as a context manager it is over at the end.

    ``servers`` are addresses (``host:port`` or whole). ``program`` is what runs instead of kiosk.
    """

    def __init__(
        self,
        data_dir: Path,
        servers: Sequence[str],
        *flags: object,
        program: Sequence[str] = KIOSK,
        **more: Any,
    ) -> None:
        self.events: list[Json] = []
        self.max_resident_mib = 0
        self.code: int | None = None
        urls = [name if "://" in name else f"http://{name}/api/v1" for name in servers]
        listed = [word for url in urls for word in ("--server", url)]
        command = [*program, "fetch", "M1", "--json", "--data-dir", str(data_dir), *listed]
        command += ["--in-order", "--min-free-mb", "0", *map(str, flags)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
        )
        self._errors: list[str] = []
        self._over = False
        self._heard = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.code is None:
            self.signal(signal.SIGKILL)
            self.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def errors(self) -> str:
        """What it said on standard error so far."""
        return "".join(self._errors)

    @property
    def ending(self) -> Json:
        """Its one ending event."""
        endings = ("downloadComplete", "downloadError", "downloadCancelled")
        (ending,) = [event for event in self.events if event["event"] in endings]
        return ending

    def named(self, name: str) -> list[Json]:
        """The events of that name so far."""
        with self._heard:
            return [event for event in self.events if event["event"] == name]

    def until(self, happened: Callable[[Json], bool], timeout_s: float = WAIT_S) -> bool:
        """Waits for an event for which that is true; False where it ended without one."""
        with self._heard:
            return bool(
                self._heard.wait_for(
                    lambda: any(map(happened, self.events)) or self._over,
                    timeout_s,
                )
                and any(map(happened, self.events))
            )

    def signal(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Its exit status; minus the signal's number where one ended it."""
        if self.code is None:
            watchdog = threading.Timer(WAIT_S, self.signal, [signal.SIGKILL])
            watchdog.start()
            self.code = self._process.wait()
            watchdog.cancel()
            watchdog.join()
            for reader in self._readers:
                reader.join(WAIT_S)
            assert self._process.stdout is not None and self._process.stderr is not None
            self._process.stdout.close()
            self._process.stderr.close()
        return self.code

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._measure()
            with self._heard:
                if line.endswith("\n"):  # the last one may be cut by a kill
                    self.events.append(json.loads(line))
                self._heard.notify_all()
        with self._heard:
            self._over = True
            self._heard.notify_all()

    def _measure(self) -> None:
        """The most memory it had so far; the kernel keeps count, so that now and then is enough."""
        with contextlib.suppress(OSError, IndexError):  # it has ended
            status = Path(f"/proc/{self.pid}/status").read_text("ascii")
            self.max_resident_mib = int(status.split("VmHWM:")[1].split()[0]) // 1024

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)


def fetch(data_dir: Path, servers: Sequence[str], *flags: object, **more: Any) -> Fetch:
    """The same, run to its end."""
    with Fetch(data_dir, servers, *flags, **more) as process:
        process.wait()
    return process


def verified(data_dir: Path) -> bool:
    """What ``kiosk verify`` says of a data directory."""
    done = subprocess.run(
        [*KIOSK, "verify", "--data-dir", str(data_dir)], capture_output=True, timeout=WAIT_S
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0
