"""The nodes that registered with this one, as with a master (contract §3a).

What they say is checked for form, and believed for `ALIVE_S` after each heartbeat. An address must
be that of the machine it comes from: otherwise anybody could send a room of terminals anywhere.
"""

from __future__ import annotations

import ipaddress
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk import pool
from kiosk.upstream import is_id

ALIVE_S = 30.0
MOST = 254
MAX_ID = 200
MAX_MEETINGS = 200
_REVISION = re.compile(r"[0-9a-f]{64}")


class Unbelievable(ValueError):
    """What a node said of itself makes no sense; the text says why."""


@dataclass(frozen=True)
class Peer:
    """A node: ``address`` is ``host:port``; ``synced`` the meetings that it has whole.

    One of ours also says which revision of each it gives out.
    """

    id: str
    address: str
    synced: frozenset[str] = frozenset()
    heard_at: float = 0.0
    revisions: Mapping[str, str] = field(default_factory=dict)


class Peers:
    """Who is there; times are monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._peers: dict[str, Peer] = {}
        self._lock = threading.Lock()

    def heard(self, said: Mapping[str, Any], machine: str) -> Peer:
        """A registration or heartbeat that came from ``machine``; Unbelievable where it is none."""
        peer = _read(said, machine)
        with self._lock:
            self._forget_dead()
            if peer.id not in self._peers and len(self._peers) >= MOST:
                raise Unbelievable(f"there are {MOST} nodes already")
            self._peers[peer.id] = replace(peer, heard_at=self._clock())
        return peer

    def left(self, said: Mapping[str, Any], machine: str) -> None:
        """A node goes. Only the machine that it is on can say so."""
        with self._lock:
            peer = self._peers.get(str(said.get("node_id")))
            if peer is not None and _is_on(peer.address, machine):
                del self._peers[peer.id]

    def alive(self) -> list[Peer]:
        """Those heard of lately, by their ids."""
        with self._lock:
            self._forget_dead()
            return [self._peers[key] for key in sorted(self._peers)]

    def one_with(self, meeting_id: str, revision: str) -> str | None:
        """The address of a node that gives out this revision, another one each time."""
        having = [
            peer.address for peer in self.alive() if peer.revisions.get(meeting_id) == revision
        ]
        return random.choice(having) if having else None

    def _forget_dead(self) -> None:
        limit = self._clock() - ALIVE_S
        self._peers = {key: one for key, one in self._peers.items() if one.heard_at > limit}


def _read(said: Mapping[str, Any], machine: str) -> Peer:
    node_id, address = said.get("node_id"), said.get("address")
    if not isinstance(node_id, str) or not 0 < len(node_id) <= MAX_ID or not node_id.isprintable():
        raise Unbelievable("node_id")
    if not isinstance(address, str) or len(address) > 100 or not _is_on(address, machine):
        raise Unbelievable("address")
    listed = said.get("synced_meetings")
    rows = listed[:MAX_MEETINGS] if isinstance(listed, list) else []
    synced = {str(row) for row in rows if isinstance(row, str | int) and is_id(str(row))}
    told = said.get("synced_revisions")
    pairs = list(told.items())[:MAX_MEETINGS] if isinstance(told, dict) else []
    revisions = {
        key: value
        for key, value in pairs
        if is_id(key) and isinstance(value, str) and _REVISION.fullmatch(value)
    }
    return Peer(node_id, address, frozenset(synced), revisions=revisions)


def _is_on(address: str, machine: str) -> bool:
    """Whether ``host:port`` is on that machine, by number; any loopback is the same machine."""
    try:
        server = pool.parse(f"http://{address}")
        there = ipaddress.ip_address(server.host)
        here = ipaddress.ip_address(machine)
    except ValueError:
        return False
    same = there == here or (there.is_loopback and here.is_loopback)
    return same and server.name == address
