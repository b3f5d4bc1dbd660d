"""The process that announces a node, until SIGTERM; then it says goodbye.

``python -P -m kiosk.discovery.announce ROLE HOST PORT [ADDRESS…]``: the node listens on HOST and
PORT; it is announced in the networks of these addresses of the machine, or of all that HOST is
reached by. A machine without a network is looked at again and again, and one that gets other
addresses is announced anew.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import secrets
import signal
import socket
import sys
from collections.abc import Sequence

from zeroconf import Error as ZeroconfError
from zeroconf import ServiceInfo

from kiosk import __version__, listening, logs, pool
from kiosk.discovery import TYPE, networks

log = logging.getLogger("kiosk.discovery")

AGAIN_S = 20.0
MAX_NAME = 40


def service(role: str, port: int, addresses: Sequence[str]) -> ServiceInfo:
    """What is said of a node. Machines made from one image have one name: so a word is added."""
    name = socket.gethostname().partition(".")[0][:MAX_NAME] or "kiosk"
    word = secrets.token_hex(4)
    return ServiceInfo(
        TYPE,
        f"{name} {word}.{TYPE}",
        port=port,
        properties={"name": name, "role": role, "version": __version__, "api": pool.API_BASE},
        server=f"kiosk-{word}.local.",
        parsed_addresses=list(addresses),
    )


async def announce(role: str, host: str, port: int, on: Sequence[str]) -> None:
    """Announce it as long as this runs; cancelling ends it with a goodbye."""
    told = ""
    while True:
        where, addresses = _place(host, on)
        try:
            async with networks.line(where) as line:
                info = service(role, port, addresses)
                await (await line.async_register_service(info, allow_name_change=True))
                log.info("announced name=%r addresses=%s", info.name, ",".join(addresses))
                told = ""
                while _place(host, on) == (where, addresses):
                    await asyncio.sleep(AGAIN_S)
        except (OSError, ZeroconfError) as fault:
            # Once, and not every time: a node without a network goes on by itself.
            if str(fault) != told:
                log.warning("not-announced why=%r", str(fault))
            told = str(fault)
            await asyncio.sleep(AGAIN_S)


def _place(host: str, on: Sequence[str]) -> tuple[list[str], list[str]]:
    """In which networks it is announced, and under which addresses; none where nobody can come."""
    where = networks.present(on)
    if host in listening.ANYWHERE:
        return where, where
    try:
        told = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return [], []
    named = sorted({str(one[4][0]) for one in told})
    if not on:
        named = where = [one for one in named if one in where]
    return where, named


async def _until_told(work: asyncio.Task[None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work


def main() -> int:
    """Announce until a signal."""
    logs.set_up(logging.INFO)
    parser = argparse.ArgumentParser("kiosk.discovery.announce", description=__doc__)
    parser.add_argument("role")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("on", nargs="*", metavar="ADDRESS")
    given = parser.parse_args()
    networks.bound_memory()

    async def run() -> None:
        work = announce(given.role, given.host, given.port, given.on)
        await _until_told(asyncio.ensure_future(work))

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
