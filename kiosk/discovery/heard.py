"""What may be believed of those that were heard: strangers, all of them. Nothing is asked here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kiosk import pool
from kiosk.discovery import ROLES
from kiosk.errors import UsageError
from kiosk.settings import TABLE

MOST = 32
MAX_NAME = 60

_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,20}")


@dataclass(frozen=True)
class Node:
    """A node that was heard: its name for people, its address, its role, its version."""

    name: str
    url: str
    role: str
    version: str

    @property
    def server(self) -> str:
        """``host:port``."""
        return pool.parse(self.url).name


def nodes_of(said: Iterable[object]) -> list[Node]:
    """The first `MOST` of those that can be a server, each address once, in the order of names."""
    found: dict[str, Node] = {}
    for node in filter(None, map(_node, said)):
        found.setdefault(node.url, node)
        if len(found) == MOST:
            break
    return sorted(found.values(), key=lambda node: (node.name, node.url))


def _node(row: object) -> Node | None:
    if not isinstance(row, dict) or row.get("role") not in ROLES:
        return None
    url = next(filter(None, _urls(row)), None)
    if url is None or row.get("api") != pool.API_BASE:
        return None
    version = row.get("version")
    known = isinstance(version, str) and _VERSION.fullmatch(version)
    name = _one_line(row.get("name")) or pool.parse(url).name
    return Node(name, url, str(row["role"]), str(version) if known else "")


def _urls(row: Mapping[str, object]) -> Iterator[str | None]:
    addresses, port = row.get("addresses"), row.get("port")
    if isinstance(addresses, list) and isinstance(port, int) and port:
        for address in addresses:
            yield _url(address, port)


def _url(address: object, port: int) -> str | None:
    """Its address as the setting ``servers`` has it, where that takes it."""
    try:
        its = ipaddress.IPv4Address(str(address))
        if its.is_unspecified or its.is_reserved:
            return None
        return str(TABLE["servers"].read([f"http://{its}:{port}"])[0])
    except (ValueError, UsageError):
        return None


def _one_line(name: object) -> str:
    """A name without what turns, breaks or hides a line; empty where there is none."""
    if not isinstance(name, str):
        return ""
    return "".join(one if one.isprintable() else " " for one in name[:MAX_NAME]).strip()
