"""Rows of the table of settings: what the servers and terminals of one site do for each other."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import checks
from kiosk.setting import row


@dataclass(frozen=True)
class Sharing:
    """See `kiosk.settings.Settings`, of which this is a part."""

    node_token: str = row(
        "",
        "token",
        "access",
        "Word that all servers and terminals of a site share: who does not say it is given neither "
        "documents nor packages by a node. Empty: anybody is.",
        on_page=False,
    )
    office: bool = row(
        True,
        "yes-no",
        "machine",
        "Make PDFs of Office files here, with LibreOffice, where no node of ours has them.",
        on_page=False,
    )
    send_on: str = row(
        "when-full",
        "choice",
        "node",
        "Whom a node sends on to another node that has the same revision: those for whom it has no "
        "room, everybody, or nobody.",
        choices=("when-full", "always", "never"),
        on_page=False,
    )
    discoverable: bool = row(
        True,
        "yes-no",
        "node",
        "Say on the local network that this node is here (DNS-SD, UDP port 5353), so that "
        "terminals offer it. One that listens on loopback only says nothing, unless `discovery_on` "
        "names that.",
        on_page=False,
    )
    discovery_on: list[str] = row(
        [],
        "list",
        "machine",
        "Addresses of this machine in whose networks nodes are announced and heard; empty: all by "
        "which others reach it.",
        check=checks.address_list,
        on_page=False,
    )
