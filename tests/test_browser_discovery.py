"""The options page offers nodes that are heard on the network; one tap uses one, never less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from folders import fill
from kiosk_process import KioskProcess, eventually
from neighbours import HERE, OURS, Neighbour
from origin_process import OriginProcess
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WORDS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "static/i18n/zh-CN.json").read_text("utf-8")
)
MARKUP = "<img src=x onerror=alert(1)> {name}"


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[OriginProcess]:
    folder = fill(tmp_path / "meetings", {"周例会/说明.txt": "第一行\n"})
    with OriginProcess(folder, tmp_path / "origin", discovery_on=HERE) as origin:
        yield origin


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[KioskProcess]:
    with KioskProcess(tmp_path / "kiosk", "eventlet", discovery_on=HERE, interval_s=1) as kiosk:
        yield kiosk


def set_of(kiosk: KioskProcess, name: str) -> Any:
    rows = kiosk.json("/api/settings")["settings"]
    return next(row["value"] for row in rows if row["name"] == name)


@pytest.mark.fault("S14")
def test_one_tap_and_never_less_uses_a_node_that_is_heard(
    page: Page, kiosk: KioskProcess, origin: OriginProcess
) -> None:
    own = f"127.0.0.1:{origin.port}"
    with Neighbour() as stranger:
        stranger.watch()
        eventually(lambda: origin.port in stranger.names)
        stranger.announce("s-page", 7009, {**OURS, "name": MARKUP})
        page.goto(kiosk.url + "/options")
        heard = page.locator(".heard-list")
        markup = heard.get_by_role("button").filter(has_text="127.0.0.1:7009")
        expect(markup).to_contain_text(MARKUP)
    assert page.locator(".heard-list img").count() == 0
    assert set_of(kiosk, "servers") == []
    row = heard.get_by_role("button").filter(has_text=own)
    expect(row).to_contain_text(WORDS["options.heard_role.origin"])
    row.tap()
    expect(row).to_contain_text(WORDS["options.heard_used"])
    expect(row).to_be_disabled()
    expect(page.locator(".setting[data-name=servers]")).to_contain_text(own)
    expect(page.get_by_role("complementary")).to_contain_text(own)
    assert set_of(kiosk, "servers") == [f"http://{own}/api/v1"]
    page.goto(kiosk.url)
    expect(page.get_by_role("main")).to_contain_text("周例会")


@pytest.mark.fault("N8")
def test_a_machine_without_a_network_says_so_and_listens_again(page: Page, tmp_path: Path) -> None:
    with KioskProcess(tmp_path / "kiosk", "threading", discovery_on=["192.0.2.77"]) as kiosk:
        page.goto(kiosk.url + "/options")
        expect(page.locator(".heard")).to_contain_text(WORDS["options.heard_deaf"])
        again = page.get_by_role("button", name=WORDS["options.heard_again"])
        again.tap()
        expect(page.locator(".heard")).to_contain_text(WORDS["options.heard_deaf"])
        expect(again).to_be_enabled()
        page.goto("about:blank")
