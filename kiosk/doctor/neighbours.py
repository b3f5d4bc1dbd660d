"""The nodes that announce themselves on this machine's networks."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.discovery.hearing import Heard
from kiosk.doctor.finding import Finding

CODES = {"node": "heard.node", "origin": "heard.origin"}


def findings(heard: Heard) -> Iterator[Finding]:
    """One of each; none is no fault, for addresses can be entered by hand."""
    for one in heard.nodes:
        details = {"name": one.name, "version": one.version or "?"}
        yield Finding("heard", "ok", CODES[one.role], one.server, details)
    if heard.why:
        yield Finding("heard", "warn", "heard.deaf", details={"why": heard.why})
    elif not heard.nodes:
        yield Finding("heard", "ok", "heard.none")
