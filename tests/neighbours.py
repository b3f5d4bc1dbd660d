"""Neighbours on the network of 127.0.0.1, by zeroconf itself: who announces, and who watches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Self

from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

from kiosk.discovery import TYPE

HERE = ["127.0.0.1"]
OURS = {"role": "node", "version": "0.1.0", "api": "/api/v1"}


class Neighbour:
    """Announces whatever it is told to, sees who else is there, and who says goodbye."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.gone: set[str] = set()
        self._line = Zeroconf(
            interfaces=HERE,
            ip_version=IPVersion.V4Only,
            use_asyncio=False,  # not Playwright's loop
        )
        self._browser: ServiceBrowser | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._browser is not None:
            self._browser.cancel()
        self._line.close()

    def announce(
        self, instance: str, port: int, text: Mapping[str, str | bytes], *addresses: str
    ) -> None:
        """Say that there is a node; it is not asked first whether the name is free."""
        info = ServiceInfo(
            TYPE, f"{instance}.{TYPE}", port=port, properties=dict(text),
            server=f"{instance.lower()}.local.", parsed_addresses=list(addresses or HERE),
        )  # fmt: skip
        registering = self._line.async_register_service(
            info, cooperating_responders=True, strict=False
        )
        assert self._line.loop is not None
        asyncio.run_coroutine_threadsafe(registering, self._line.loop).result(5)

    def watch(self) -> None:
        """From now on note who is there, and who leaves."""
        self._browser = ServiceBrowser(self._line, TYPE, handlers=[self._changed])

    def _changed(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Removed:
            self.gone.add(name)
        elif (info := zeroconf.get_service_info(service_type, name)) and info.port:
            self.names[info.port] = name


def row(**changes: Any) -> dict[str, Any]:
    """What the process that listens prints of a node."""
    return {"name": "hall", "port": 8001, "addresses": ["10.1.1.11"], **OURS, **changes}
