"""A node tells its master that it is there, and what it has (contract §3a).

That is every ten seconds, and at once when it has something else.
"""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk import fetch, listening
from kiosk.errors import LocalError, ServerError
from kiosk.pool import Server
from kiosk.settings import Settings
from kiosk.store import write_whole

log = logging.getLogger("kiosk.node.sync")

EVERY_S = 10.0
LOOK_S = 0.5
SAY_S = 3.0
GOODBYE_S = 1.0
DEAF_S = 300.0
DEAF_TO = ("not-here", "rejected", "forbidden", "token-needed")


@dataclass(frozen=True)
class Held:
    """Who is to be told, None while nobody answers; which meetings are on (id, title), which of
    them are here whole (id and revision).
    """

    server: Server | None
    active: list[tuple[str, str]] = field(default_factory=list)
    synced: dict[str, str] = field(default_factory=dict)


class Announcing:
    """Registers where ``held`` says, sends heartbeats, and says goodbye at the end.

    A master that knows nothing of nodes is left alone for `DEAF_S`.
    """

    def __init__(self, settings: Settings, data_dir: Path, held: Callable[[], Held]) -> None:
        self._settings = settings
        self._path = data_dir / "node-id"
        self._held = held
        self._ended = threading.Event()
        self._at: Server | None = None
        self._deaf: dict[Server, float] = {}
        self._id = ""

    def run(self) -> None:
        """The life of the thread, until `stop`."""
        self._id = self._own_id()
        due = 0.0  # monotonic
        told: dict[str, str] = {}
        while not self._ended.wait(LOOK_S):
            held = self._held()
            now = time.monotonic()
            if held.server is None or self._deaf.get(held.server, 0.0) > now:
                continue
            # Who has something new can be asked for it from now on.
            if held.server != self._at or now >= due or held.synced != told:
                self._announce(held.server, held)
                told, due = held.synced, now + EVERY_S

    def stop(self) -> None:
        """End it, with a goodbye."""
        self._ended.set()
        server, self._at = self._at, None
        if server is not None:
            self._say(server, "unregister", {"node_id": self._id}, GOODBYE_S)

    def _announce(self, server: Server, held: Held) -> None:
        about = {"node_id": self._id, "address": self._address(server), "status": "online"}
        if server != self._at:
            if not self._say(server, "register", about, SAY_S):
                return
            self._at = server
        active = [{"id": key, "title": title} for key, title in held.active]
        here = {"synced_meetings": list(held.synced), "synced_revisions": held.synced}
        said = {**about, "active_meetings": active, **here}
        if not self._say(server, "heartbeat", said, SAY_S):
            self._at = None  # it may have been started anew, and have forgotten us

    def _say(self, server: Server, what: str, said: dict[str, Any], within_s: float) -> bool:
        try:
            fetch.post_json(server.url(f"/nodes/{what}"), server.name, said, within_s)
        except ServerError as fault:
            log.info("not-%s server=%s why=%r", what, server.name, fault.message)
            if what == "register" and fault.code in DEAF_TO:
                self._deaf[server] = time.monotonic() + DEAF_S
            return False
        return True

    def _address(self, server: Server) -> str:
        """``host:port`` by which this node can be reached from there."""
        if self._settings.announce:
            return self._settings.announce
        host = self._settings.host
        if host in listening.ANYWHERE:
            host = _own_address_towards(server)
        return f"[{host}]:{self._settings.port}" if ":" in host else f"{host}:{self._settings.port}"

    def _own_id(self) -> str:
        """What this node is called: the same over restarts."""
        try:
            known = self._path.read_text("ascii").strip()
        except (OSError, ValueError):
            known = ""
        if not (known.isalnum() and len(known) <= 64):
            known = secrets.token_hex(16)
            try:
                write_whole(self._path, known.encode())
            except LocalError as fault:
                log.warning("node-id-not-kept why=%r", fault.message)
        return known


def _own_address_towards(server: Server) -> str:
    """The address of this machine that leads there. Nothing is sent."""
    try:
        there = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(there[0], socket.SOCK_DGRAM) as probe:
            probe.connect(there[4])
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"
