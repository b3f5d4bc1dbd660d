"""The browser may be started before the terminal: it waits in words, then goes on by itself."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from kiosk_process import KioskProcess
from playwright.sync_api import BrowserContext, Route, expect

pytestmark = pytest.mark.browser

WAITING = Path(__file__).parent.parent / "static" / "starting.html"
MODE = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.fault("P6")
def test_a_browser_that_came_first_waits_and_then_goes_on(
    context: BrowserContext, tmp_path: Path
) -> None:
    port = free_port()
    page = context.new_page()
    page.goto(f"{WAITING.as_uri()}#http://127.0.0.1:{port}/")
    expect(page.get_by_role("heading", name="正在启动")).to_be_visible()
    with KioskProcess(tmp_path / "data", MODE, "--port", str(port)):
        expect(page).to_have_url(re.compile(f"^http://127.0.0.1:{port}/$"), timeout=10_000)
        expect(page.get_by_role("heading", name="还没有设置服务器")).to_be_visible()


def test_it_goes_nowhere_but_to_this_machine(context: BrowserContext) -> None:
    page = context.new_page()
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route(re.compile("^http"), refuse)
    page.goto(f"{WAITING.as_uri()}#http://10.1.1.12:8080/")
    expect(page.get_by_role("heading", name="正在启动")).to_be_visible()
    page.wait_for_event("requestfailed")
    assert set(asked) == {"http://127.0.0.1:8080/healthz"}
