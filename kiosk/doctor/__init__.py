"""Looks whether a terminal, or a node, has all that it needs, and says what to do where not.

Each check is a function that gives findings and changes nothing; `table` puts them in words. Where
something is missing, what follows from it decides: without a server nothing can be shown, which
fails; without LibreOffice old Office files cannot be, which is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from kiosk.discovery.hearing import hear
from kiosk.doctor import machine, neighbours, programs, servers
from kiosk.doctor.finding import Finding
from kiosk.settings import Settings

__all__ = ["Finding", "examine"]


def examine(settings: Settings, *, node: bool) -> Iterator[Finding]:
    """All findings, as they come; some take seconds."""
    with ThreadPoolExecutor(1) as beside:
        heard = beside.submit(hear, settings.discovery_on)
        yield from _machine(settings, node=node)
        asked = list(servers.findings(settings, node=node))
        yield from neighbours.findings(heard.result())
        yield from asked


def _machine(settings: Settings, *, node: bool) -> Iterator[Finding]:
    yield machine.python()
    yield machine.saved_settings(settings)
    yield machine.disk(settings)
    if node:
        yield machine.port(*machine.place_of_node(settings))
        yield programs.nginx_of(settings)
    else:
        yield machine.port(settings.host, settings.port)
        yield programs.fonts(settings)
        yield programs.office()
        yield programs.browser(settings)
