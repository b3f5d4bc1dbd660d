"""Nodes say on the local network where they are, and terminals hear it.

By DNS-SD over multicast DNS (RFC 6763, RFC 6762): a node announces a service of the type `TYPE`,
its port, and a text record with the keys of `KEYS` (docs/contract.md). Whoever listens hears
strangers. So both are done by processes of their own, ``announce`` and ``listen``, which take in
whatever the network sends, and what they heard is judged in `heard`. It is offered to people;
nothing is ever done because something was heard.
"""

from __future__ import annotations

TYPE = "_kiosk-node._tcp.local."
KEYS = ("name", "role", "version", "api")
ROLES = ("node", "origin")
