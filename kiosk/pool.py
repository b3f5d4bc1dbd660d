"""Base address + count -> servers; and the order in which they are asked. Pure.

The rule is older than this program and spoken in the field: the base address and the ones that
follow it, on one port, while the last octet is at most 254. A base that is not an IPv4 address is
a pool of that one host. Anything but a positive number counts as 1.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

LAST_OCTET = 254
API_BASE = "/api/v1"


@dataclass(frozen=True, order=True)
class Server:
    """One file server: where its API starts. ``base`` is the path in front of every request."""

    host: str
    port: int
    base: str = API_BASE
    scheme: str = "http"

    @property
    def name(self) -> str:
        """``host:port``, as people read it; IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def root(self) -> str:
        """Scheme and authority, without a path."""
        return f"{self.scheme}://{self.name}"

    def url(self, path: str = "") -> str:
        """The address of an API path such as ``/meetings/7/data``."""
        return f"{self.root}{self.base}{path}"


def generate(base: str, port: int, count: object = 1) -> list[Server]:
    """The pool that starts at ``base``: at most ``count`` servers, in address order.

    ``count`` may be anything a settings file or a form holds; what is not a positive whole number
    counts as 1. An empty ``base`` gives an empty pool.
    """
    base = base.strip()
    if not base:
        return []
    try:
        first = ipaddress.IPv4Address(base)
    except ValueError:
        return [Server(base.strip("[]"), port)]
    octets, last = str(first).rsplit(".", 1)
    stop = min(int(last) + _count(count), LAST_OCTET + 1)
    return [Server(f"{octets}.{octet}", port) for octet in range(int(last), stop)]


def parse(url: str) -> Server:
    """The server that an ``http(s)://host[:port][/path]`` names; ValueError where it is not one.

    Without a path the API is looked for at its usual place. A user name, a query or a fragment is
    refused: none of them belongs into the address of a server.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address looks like http://10.1.1.11:8001")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address has no user name, query or fragment")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Server(parts.hostname, port, parts.path.rstrip("/") or API_BASE, parts.scheme)


class PoolSettings(Protocol):
    """The settings that make a pool."""

    @property
    def servers(self) -> Sequence[str]: ...
    @property
    def server_ip(self) -> str: ...
    @property
    def server_port(self) -> int: ...
    @property
    def server_count(self) -> int: ...


def from_settings(settings: PoolSettings) -> list[Server]:
    """The pool that is set up: the listed servers, or the generated ones."""
    if settings.servers:
        return unique(parse(url) for url in settings.servers)
    return generate(settings.server_ip, settings.server_port, settings.server_count)


def unique(servers: Iterable[Server]) -> list[Server]:
    """The same servers, each once, in the order of their first appearance."""
    return list(dict.fromkeys(servers))


def shuffled(servers: Sequence[Server], chance: random.Random) -> list[Server]:
    """The order for one download, so that a room full of terminals does not storm one server."""
    order = list(servers)
    chance.shuffle(order)
    return order


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 1
    try:
        return max(1, min(int(value), LAST_OCTET + 1))
    except ValueError:
        return 1
