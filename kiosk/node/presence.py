"""Whether a node is announced on the local network, and by what (`kiosk.discovery.announce`).

Of IPv4 only: a node that listens on IPv6 has to be known by its address.
"""

from __future__ import annotations

import ipaddress
import sys

from kiosk.node.kept import Kept
from kiosk.settings import Settings

COMMAND = (sys.executable, "-P", "-m", "kiosk.discovery.announce")
AGAIN_S = 30.0


def of(settings: Settings, role: str) -> Kept | None:
    """What announces it; None where that is not wanted, or where nobody could come.

    ``settings`` have the address that it listens on.
    """
    on = settings.discovery_on
    alone = ":" in settings.host or (_is_loopback(settings.host) and not on)
    if alone or not settings.discoverable:
        return None
    where = (role, settings.host, str(settings.port), *on)
    return Kept("announcement", [*COMMAND, *where], AGAIN_S)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
