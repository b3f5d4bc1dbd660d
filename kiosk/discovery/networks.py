"""The networks that this machine is in, and the line by which one says and hears something there.

IPv4 only: so are the pools of the field.
"""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Interface

import ifaddr
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncZeroconf

# What comes in is bounded by zeroconf; this is for what nobody has thought of.
MEMORY_BYTES = 256 << 20


def here() -> list[IPv4Interface]:
    """Every IPv4 address of this machine, with its network."""
    return sorted(
        IPv4Interface(f"{one.ip}/{one.network_prefix}")
        for card in ifaddr.get_adapters()
        for one in card.ips
        if one.is_IPv4
    )


def present(on: Sequence[str]) -> list[str]:
    """Those of the addresses that this machine has; of none: all by which others may reach it."""
    if on:
        return [str(one.ip) for one in _ours(on)]
    return [str(one.ip) for one in here() if not (one.is_loopback or one.is_link_local)]


def line(on: Sequence[str]) -> AsyncZeroconf:
    """The line into the networks of these addresses of the machine; OSError where there is none."""
    if not on:
        raise OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))
    return AsyncZeroconf(interfaces=list(on), ip_version=IPVersion.V4Only)


def nearby(addresses: Iterable[str], on: Iterable[str]) -> list[str]:
    """Those of the addresses that lie in the networks of ``on``; this machine's own come last.

    Whoever is heard is in the same network. So nobody can say that a server is somewhere else, and
    a bridge that many machines have, each its own, does not stand for the machine that was heard.
    """
    ours = _ours(on)
    near = [
        address for address in addresses if any(IPv4Address(address) in one.network for one in ours)
    ]
    own = {str(one.ip) for one in here()}
    return sorted(near, key=own.__contains__)


def _ours(on: Iterable[str]) -> list[IPv4Interface]:
    wanted = set(on)
    return [one for one in here() if str(one.ip) in wanted]


def bound_memory() -> None:
    """Keep this process from taking more than it can ever need."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
