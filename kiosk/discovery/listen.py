"""The process that listens for nodes for some seconds, and prints what was said, as JSON.

``python -P -m kiosk.discovery.listen SECONDS [ADDRESS…]``: in the networks of these addresses of
the machine, or of all by which others reach it. ``{"heard": […], "why": ""}``, each as
`kiosk.discovery.heard` takes it; ``why`` says why nothing can be heard here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from typing import Any

from zeroconf import DNSQuestionType, IPVersion, ServiceStateChange, Zeroconf
from zeroconf import Error as ZeroconfError
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo

from kiosk import logs
from kiosk.discovery import KEYS, TYPE, networks

log = logging.getLogger("kiosk.discovery")

MOST = 200
MOST_ADDRESSES = 8
MAX_TEXT = 120
ASK_MS = 1500

Row = dict[str, Any]


async def listen(on: Sequence[str], seconds: float) -> list[Row]:
    """What is said of nodes within so many seconds; OSError where nothing can be heard."""
    on = networks.present(on)
    async with networks.line(on) as line:
        heard = _Heard(line.zeroconf)
        # Asked so that all hear the answer: one to this port alone may go to another program here.
        browser = AsyncServiceBrowser(
            line.zeroconf, TYPE, handlers=[heard.changed], question_type=DNSQuestionType.QM
        )
        async with browser:
            await asyncio.sleep(seconds)
        return [_row(info, on) for info in heard.infos()]


class _Heard:
    """The names that are said; who they are is asked for where it does not come along."""

    def __init__(self, line: Zeroconf) -> None:
        self._line = line
        self._asking: dict[str, asyncio.Task[bool] | None] = {}

    def changed(
        self, *, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Called by the browser; a goodbye takes a name away."""
        if state_change is ServiceStateChange.Removed:
            self._asking.pop(name, None)
        elif name not in self._asking and len(self._asking) < MOST:
            self._asking[name] = self._asked(name)

    def infos(self) -> list[AsyncServiceInfo]:
        """All of which everything is known."""
        infos = [_info(name) for name in self._asking]
        return [info for info in infos if info is not None and info.load_from_cache(self._line)]

    def _asked(self, name: str) -> asyncio.Task[bool] | None:
        """All are asked for at once: one that does not answer holds nobody up."""
        info = _info(name)
        if info is None or info.load_from_cache(self._line):
            return None
        return asyncio.ensure_future(info.async_request(self._line, ASK_MS))


def _info(name: str) -> AsyncServiceInfo | None:
    """None for a name that none of ours can have."""
    try:
        return AsyncServiceInfo(TYPE, name)
    except ZeroconfError:
        return None


def _row(info: AsyncServiceInfo, on: Sequence[str]) -> Row:
    said = {key: (info.properties.get(key.encode()) or b"")[:MAX_TEXT] for key in KEYS}
    addresses = info.parsed_addresses(IPVersion.V4Only)[:MOST_ADDRESSES]
    return {
        "port": info.port,
        "addresses": networks.nearby(addresses, on),
        **{key: value.decode("utf-8", "replace") for key, value in said.items()},
    }


def main() -> int:
    """Listen, and print."""
    logs.set_up(logging.INFO)
    parser = argparse.ArgumentParser("kiosk.discovery.listen", description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("on", nargs="*", metavar="ADDRESS")
    given = parser.parse_args()
    networks.bound_memory()
    try:
        said = {"heard": asyncio.run(listen(given.on, given.seconds)), "why": ""}
    except (OSError, ZeroconfError) as fault:
        said = {"heard": [], "why": getattr(fault, "strerror", None) or str(fault)}
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
