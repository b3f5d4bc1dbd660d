"""Every kind of material on the screen: shown, played, contained, or said to be neither."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from playwright.sync_api import Page, expect

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "kiosk" / "demo" / "samples"
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
KINDS = {
    "照片.jpg": "ql-2026-q4/lake.jpg",
    "图表.png": "ql-2026-q4/trend.png",
    "旧文件.txt": "ql-2026-q4/legacy.txt",
    "要点.md": "ql-2026-q4/points.md",
    "录像.mp4": "ql-2026-q4/sales.mp4",
    "短片.webm": "board-2026-12/births.webm",
    "提示音.mp3": "ql-2026-q4/chime.mp3",
    "钟声.ogg": "board-2026-12/chime.ogg",
    "对比.html": "ql-2026-q4/comparison.html",
    "平面图.svg": "ql-2026-q4/plan.svg",
}
NUMBERS = {name: number for number, name in enumerate(KINDS, 1)}


STRANGE = {"归档.bin": b"\0\1\2" * 1000}


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[KioskProcess]:
    """A terminal that has one of each kind already."""
    files = {name: (SAMPLES / path).read_bytes() for name, path in KINDS.items()}
    with pool_of([()], {"M1": meeting_of({**files, **STRANGE})}) as pool:
        settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        with KioskProcess(tmp_path / "data", mode, interval_s=1, min_free_mb=1, **settings) as one:
            eventually(lambda: one.json("/api/meetings")["meetings"])
            one.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: one.meeting()["local"])
            yield one


def open_material(page: Page, kiosk: KioskProcess, n: int) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/{n}")
    expect(page.locator(".reader")).to_be_visible()


def test_pictures_are_shown_whole(page: Page, kiosk: KioskProcess) -> None:
    for name in ("照片.jpg", "图表.png"):
        open_material(page, kiosk, NUMBERS[name])
        picture = page.locator("img.picture")
        expect(picture).to_be_visible()
        eventually(lambda: page.evaluate("document.querySelector('img.picture').naturalWidth") > 0)
        box = picture.bounding_box()
        assert box and box["width"] <= 1280 and box["height"] <= 800


def test_texts_are_read_in_their_own_encoding(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, NUMBERS["旧文件.txt"])
    words = (SAMPLES / KINDS["旧文件.txt"]).read_bytes().decode("gb18030").split()[0]
    expect(page.locator("main")).to_contain_text(words)
    open_material(page, kiosk, NUMBERS["要点.md"])
    expect(page.locator(".markdown").get_by_role("heading").first).to_be_visible()


@pytest.mark.parametrize("name", ["录像.mp4", "短片.webm", "提示音.mp3", "钟声.ogg"])
def test_recordings_play(page: Page, kiosk: KioskProcess, name: str) -> None:
    open_material(page, kiosk, NUMBERS[name])
    page.locator(".media-play").tap()
    moved = "() => document.querySelector('video, audio').currentTime > 0.2"
    page.wait_for_function(moved, timeout=15_000)
    assert page.evaluate("document.querySelector('video, audio').error") is None


def test_what_cannot_be_shown_is_named_with_its_size(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, len(KINDS) + 1)
    card = page.locator(".words-stage")
    expect(card.get_by_role("heading", name=WORDS["reader.none_title"])).to_be_visible()
    expect(card).to_contain_text("归档.bin")
    expect(card).to_contain_text(re.compile(r"\d [KM]B"))


def test_a_page_is_shown_in_a_frame_clear_of_the_bars_and_can_be_enlarged(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, NUMBERS["对比.html"])
    frame = page.locator("iframe.frame")
    expect(frame).to_have_attribute("sandbox", "")
    expect(page.frame_locator("iframe.frame").locator("h1").first).to_be_visible()
    sheet, bar = frame.bounding_box(), page.locator(".reader-tools").bounding_box()
    assert sheet and bar and sheet["y"] + sheet["height"] <= bar["y"]
    for _ in range(3):
        page.get_by_role("button", name=WORDS["reader.zoom_in"]).tap()
    laid_out = frame.evaluate("(frame) => frame.clientWidth")
    assert laid_out == pytest.approx(sheet["width"] / 1.15**3, abs=1), "it is enlarged as a whole"
    assert (frame.bounding_box() or {})["width"] == pytest.approx(sheet["width"], abs=1)
    page.reload()
    expect(page.locator(".reader-zoom-words")).to_have_text("152%")


def test_a_drawing_is_shown_as_a_picture(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, NUMBERS["平面图.svg"])
    picture = page.locator("img.picture")
    expect(picture).to_be_visible()
    eventually(lambda: page.evaluate("document.querySelector('img.picture').naturalWidth") > 0)
    before = picture.bounding_box()
    page.get_by_role("button", name=WORDS["reader.zoom_in"]).tap()
    eventually(lambda: (picture.bounding_box() or {})["width"] > (before or {})["width"])
