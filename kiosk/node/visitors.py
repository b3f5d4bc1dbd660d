"""Which machine a request came from, through our own nginx or straight."""

from __future__ import annotations

from flask import Request


def machine_of(request: Request) -> str:
    """The address of the machine that asks, without a port.

    Only our own nginx is believed what it says of it: it is the only one that comes in by the unix
    socket, which has no address.
    """
    address = request.environ.get("REMOTE_ADDR") or ""
    if not address:
        return str(request.headers.get("X-Real-IP", ""))
    return str(address)
