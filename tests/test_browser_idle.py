"""A screen that nobody touches: back to the welcome page, then the clock, and awake at a touch."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from playwright.sync_api import Browser, BrowserContext, Page, expect
from reading_room import go_to_page, open_material, reading_room, t
from scripted import scripted

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

SOON = 0.03  # minutes: as good as two seconds
NEVER = 0
WAIT_MS = 15_000
STYLE = "(one, name) => getComputedStyle(one)[name]"
PATIENCE_MS = 4_000  # more than twice as long as nobody was there


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[KioskProcess]:
    """Back to the welcome page soon; no clock."""
    with reading_room(tmp_path / "data", idle_minutes=SOON, dim_minutes=NEVER) as (kiosk, _):
        yield kiosk


@pytest.fixture
def dim(tmp_path: Path) -> Iterator[KioskProcess]:
    """The clock soon; never back by itself."""
    with reading_room(tmp_path / "data", idle_minutes=NEVER, dim_minutes=SOON) as (kiosk, _):
        yield kiosk


def welcome(page: Page, kiosk: KioskProcess) -> None:
    expect(page).to_have_url(kiosk.url + "/", timeout=WAIT_MS)


def test_the_welcome_page_returns_and_leads_back_to_the_very_place(
    page: Page, idle: KioskProcess
) -> None:
    open_material(page, idle, 1)
    go_to_page(page, 17)
    address = page.url
    welcome(page, idle)
    on = page.get_by_role("link", name=re.compile(t("welcome.go_on")))
    expect(on).to_contain_text("工作报告.pdf")
    on.tap()
    expect(page).to_have_url(address)
    expect(page.locator(".reader-page-words")).to_have_text("17 / 40")


def test_whoever_goes_elsewhere_is_not_asked_any_more(page: Page, idle: KioskProcess) -> None:
    page.goto(f"{idle.url}/meetings/M1")
    expect(page.locator(".cards")).to_be_visible()
    welcome(page, idle)
    expect(page.locator(".go-on")).to_contain_text("经营工作会")
    page.get_by_role("button", name=t("welcome.open"), exact=True).tap()
    welcome(page, idle)
    page.get_by_role("button", name=t("welcome.open"), exact=True).tap()
    page.get_by_role("link", name=t("app.back")).tap()
    expect(page.locator(".hero")).to_be_visible()
    expect(page.locator(".go-on")).to_have_count(0)


def test_a_meeting_that_was_purged_meanwhile_is_not_offered(page: Page, idle: KioskProcess) -> None:
    open_material(page, idle, 1)
    welcome(page, idle)
    expect(page.locator(".go-on")).to_be_visible()
    idle.send("DELETE", "/api/meetings/M1")
    expect(page.locator(".go-on")).to_have_count(0)


def test_whoever_works_is_left_alone(page: Page, idle: KioskProcess) -> None:
    open_material(page, idle, 1)
    expect(page.locator(".pdf-page canvas").first).to_be_attached()
    for _ in range(8):
        page.keyboard.press("PageDown")
        page.wait_for_timeout(PATIENCE_MS / 8)
    expect(page).to_have_url(re.compile("/materials/1"))
    welcome(page, idle)


def test_what_plays_keeps_the_screen_until_it_ends(page: Page, idle: KioskProcess) -> None:
    open_material(page, idle, 8)
    page.get_by_role("button", name=t("reader.media_play")).tap()
    page.evaluate("document.querySelector('audio').loop = true")
    page.wait_for_timeout(PATIENCE_MS)
    expect(page).to_have_url(re.compile("/materials/8"))
    page.evaluate("document.querySelector('audio').pause()")
    welcome(page, idle)


def test_a_download_keeps_the_screen_until_it_ends(page: Page, tmp_path: Path) -> None:
    with pool_of([()], {"M1": meeting_of({"一.txt": b"one"})}) as origins:
        pool = {"server_ip": origins.base, "server_port": origins.port, "interval_s": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        more = {"idle_minutes": SOON, "dim_minutes": NEVER}
        with scripted(tmp_path / "data", mode, **pool, **more) as (kiosk, script):
            eventually(lambda: kiosk.json("/api/meetings")["meetings"])
            kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
            engine = script.engine()
            engine.begin()
            page.goto(f"{kiosk.url}/meetings/M1")
            page.wait_for_timeout(PATIENCE_MS)
            expect(page).to_have_url(re.compile("/meetings/M1$"))
            engine.complete({"一.txt": b"one"})
            welcome(page, kiosk)


def test_without_the_terminal_what_is_open_stays(context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()  # its lost line is said in the console, too
    with reading_room(tmp_path / "data", idle_minutes=2 * SOON, dim_minutes=NEVER) as (kiosk, _):
        open_material(page, kiosk, 2)
        expect(page.get_by_text("第一行").first).to_be_visible()
        kiosk.stop(signal.SIGKILL)
        expect(page.locator(".lost .notice")).to_be_visible(timeout=WAIT_MS)
        page.wait_for_timeout(2 * PATIENCE_MS)
        expect(page.get_by_text("第一行").first).to_be_visible()


@pytest.mark.parametrize("wake", ["tap", "key", "swipe"])
def test_the_clock_wakes_at_a_touch_that_does_nothing_else(
    page: Page, dim: KioskProcess, wake: str
) -> None:
    page.goto(dim.url)
    main = page.get_by_role("button", name=t("welcome.open"), exact=True)
    expect(main).to_be_visible()
    main.focus()
    night = page.get_by_role("dialog", name=t("night.title"))
    expect(night).to_be_visible(timeout=WAIT_MS)
    box = page.locator(".hero .button.main").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if wake == "tap":
        page.touchscreen.tap(*middle)
    elif wake == "key":
        page.keyboard.press("Enter")
    else:
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 200, middle[1])
        page.mouse.up()
    expect(night).to_have_count(0)
    expect(page).to_have_url(dim.url + "/")
    expect(main).to_be_focused()
    main.tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))


def test_the_clock_is_dark_shows_the_time_and_stands_elsewhere_each_minute(
    browser: Browser, dim: KioskProcess
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="zh-CN"
    )
    page = context.new_page()
    page.clock.install(time="2026-11-24T23:10:00")
    page.goto(dim.url)
    expect(page.locator(".hero")).to_be_visible()
    page.clock.run_for(10_000)
    time = page.locator(".night-time")
    expect(time).to_have_text("23:10")
    seen = []
    for minute in range(11, 16):
        seen.append(time.bounding_box())
        page.clock.run_for(60_000)
        expect(time).to_have_text(f"23:{minute}")
    assert all(seen)
    assert len({(box["x"], box["y"]) for box in seen if box}) == len(seen)
    assert page.locator(".night-place").evaluate(STYLE, "transitionDuration") == "0s"
    assert page.locator(".night").evaluate(STYLE, "backgroundColor") == "rgb(0, 0, 0)"
    context.close()


def test_0_minutes_are_never(page: Page, tmp_path: Path) -> None:
    with reading_room(tmp_path / "data", idle_minutes=NEVER, dim_minutes=NEVER) as (kiosk, _):
        page.clock.install()
        open_material(page, kiosk, 1)
        page.clock.run_for(5 * 3600 * 1000)
        expect(page).to_have_url(re.compile("/materials/1"))


def test_the_options_set_it_on_the_open_page(page: Page, dim: KioskProcess) -> None:
    page.goto(dim.url + "/options")
    page.get_by_role("button", name=t("options.group.look"), exact=True).tap()
    field = page.get_by_label(t("settings.idle_minutes.label"), exact=True)
    field.fill("0.03")
    field.blur()
    expect(page.locator("#setting-idle_minutes-status")).to_have_text(t("options.saved"))
    welcome(page, dim)
