"""Getting about in a meeting, in a real browser: beside, recent, two at once, a new version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually
from playwright.sync_api import Browser, Locator, Page, expect
from reading_room import (
    INTRO,
    MISSING,
    fetch,
    go_to_page,
    materials,
    open_material,
    origin_meeting,
    pdf,
    reading_room,
    t,
)

from kiosk.demo.origin import OriginPool

pytestmark = pytest.mark.browser

ORDER = ["工作报告.pdf", "纪要.txt", "录像.mp4", "平面图.png", "要点.md", "通知.html", "提示音.mp3",
         "归档.bin"]  # fmt: skip
LONG_S = 20_000

Room = tuple[KioskProcess, OriginPool]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with reading_room(tmp_path / "data") as room:
        yield room


def title(page: Page, half: int = 0) -> Locator:
    return page.locator(".reader-title").nth(half)


def key(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=t(name), exact=True)


def test_the_next_one_comes_in_its_place_whatever_it_is_and_missing_ones_are_passed(
    page: Page, room: Room
) -> None:
    kiosk, _ = room
    open_material(page, kiosk, 1)
    for name in ORDER[1:]:
        key(page, "reader.material_after").tap()
        expect(title(page)).to_have_text(name)
        expect(page).to_have_title(re.compile(re.escape(name)))
    expect(key(page, "reader.material_after")).to_be_disabled()
    expect(page).to_have_url(re.compile(r"/materials/9\?r="))
    for name in reversed(ORDER[:-1]):
        key(page, "reader.material_before").tap()
        expect(title(page)).to_have_text(name)
    expect(key(page, "reader.material_before")).to_be_disabled()
    page.go_back()
    expect(page).not_to_have_url(re.compile("/materials/"))


def test_the_keyboard_goes_from_one_to_the_next_and_keeps_its_place(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_material(page, kiosk, 1)
    for name in ORDER[1:]:
        page.keyboard.press("Shift+PageDown")
        expect(title(page)).to_have_text(name)
    page.keyboard.press("Shift+PageUp")
    expect(title(page)).to_have_text(ORDER[-2])
    key(page, "reader.material_after").focus()
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text(ORDER[-1])
    expect(key(page, "reader.material_before")).to_be_focused()


def test_the_list_leads_anywhere_and_says_what_is_missing(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_material(page, kiosk, 1)
    key(page, "reader.contents").tap()
    dialog = page.get_by_role("dialog", name=t("reader.contents"))
    gone = dialog.get_by_role("button", name=re.compile(re.escape(MISSING)))
    expect(gone).to_be_disabled()
    expect(gone).to_contain_text(t("material.state.missing"))
    expect(dialog.locator("[aria-current]")).to_contain_text("工作报告.pdf")
    expect(dialog.locator("[aria-current]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(key(page, "reader.contents")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name=re.compile("要点.md")).tap()
    expect(title(page)).to_have_text("要点.md")
    key(page, "reader.contents").tap()
    recent = dialog.locator("section").first
    expect(recent).to_contain_text(t("reader.recent"))
    expect(recent.get_by_role("button").first).to_contain_text("工作报告.pdf")


def test_the_meeting_offers_what_was_opened_last_with_its_page(page: Page, room: Room) -> None:
    kiosk, _ = room
    page.goto(f"{kiosk.url}/meetings/M1")
    expect(page.locator(".cards")).to_be_visible()
    expect(page.locator(".recents")).to_be_hidden()
    open_material(page, kiosk, 1)
    go_to_page(page, 12)
    page.keyboard.press("Shift+PageDown")
    expect(page.get_by_text("第一行").first).to_be_visible()
    page.get_by_role("link", name=t("reader.back")).tap()
    recents = page.get_by_role("navigation", name=t("reader.recent")).get_by_role("link")
    expect(recents).to_have_count(2)
    expect(recents.first).to_contain_text("纪要.txt")
    expect(recents.last).to_contain_text(t("reader.page_name", page=12))
    recents.last.tap()
    expect(page.locator(".reader-page-words")).to_have_text("12 / 40")


@pytest.mark.fault("P8")
def test_a_place_outlives_the_browser_and_the_terminal(
    browser: Browser, page: Page, room: Room
) -> None:
    kiosk, _ = room
    open_material(page, kiosk, 1)
    go_to_page(page, 33)
    page.close()
    eventually(lambda: (kiosk.meeting()["agenda"][0]["materials"][0]["place"] or {}).get("page"))
    kiosk.stop()
    kiosk.start()
    other = browser.new_context(viewport={"width": 1280, "height": 800})
    fresh = other.new_page()
    open_material(fresh, kiosk, 1)
    expect(fresh.locator(".reader-page-words")).to_have_text("33 / 40")
    other.close()


# Two at once


def open_two(page: Page, kiosk: KioskProcess) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    open_material(page, kiosk, 1)
    key(page, "reader.split").tap()
    dialog = page.get_by_role("dialog", name=t("reader.split_choose"))
    dialog.get_by_role("button", name=re.compile("纪要.txt")).last.tap()
    expect(title(page, 1)).to_have_text("纪要.txt")


def test_two_are_read_side_by_side_each_with_its_own_page_and_zoom(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_two(page, kiosk)
    boxes = [page.locator(".reader").nth(half).bounding_box() for half in (0, 1)]
    assert boxes[0] and boxes[1] and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    page.locator(".reader").nth(1).get_by_role("button", name=t("reader.contents")).tap()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("工作报告.pdf")).last.tap()
    expect(title(page, 1)).to_have_text("工作报告.pdf")
    go_to_page(page, 20, half=0)
    go_to_page(page, 7, half=1)
    expect(page.locator(".reader-page-words").nth(0)).to_have_text("20 / 40")
    zooms = page.locator(".reader-zoom-words")
    before = zooms.nth(0).text_content()
    page.locator(".reader").nth(1).get_by_role("button", name=t("reader.zoom_in")).tap()
    expect(zooms.nth(1)).not_to_have_text(str(before))
    assert zooms.nth(0).text_content() == before
    page.locator(".reader").nth(1).get_by_role("button", name=t("reader.find")).tap()
    expect(page.locator(".reader").nth(1).locator(".find")).to_be_visible()
    expect(page.locator(".reader").nth(0).locator(".find")).to_have_count(0)


def test_two_are_kept_in_the_address(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_two(page, kiosk)
    expect(page).to_have_url(re.compile(r"/materials/1\?r=\w+&with=2$"))
    page.reload()
    expect(title(page, 0)).to_have_text("工作报告.pdf")
    expect(title(page, 1)).to_have_text("纪要.txt")
    page.get_by_role("link", name=t("reader.back")).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))
    page.go_back()
    expect(title(page, 1)).to_have_text("纪要.txt")


def test_without_room_the_first_has_the_screen_and_with_room_both(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_two(page, kiosk)
    for width, height in ((900, 1600), (1100, 700)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".reader")).to_have_count(1)
        expect(key(page, "reader.split")).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator(".reader")).to_have_count(2)
    expect(title(page, 1)).to_have_text("纪要.txt")


@pytest.mark.parametrize(("closed", "left"), [(0, "纪要.txt"), (1, "工作报告.pdf")])
def test_either_of_two_is_closed_and_the_other_has_the_screen(
    page: Page, room: Room, closed: int, left: str
) -> None:
    kiosk, _ = room
    open_two(page, kiosk)
    page.get_by_role("button", name=t("reader.split_close")).nth(closed).tap()
    expect(page.locator(".reader")).to_have_count(1)
    expect(title(page)).to_have_text(left)
    expect(page).to_have_url(re.compile(r"/materials/\d\?r=\w+$"))
    expect(page.get_by_role("link", name=t("reader.back"))).to_be_visible()


def test_the_keyboard_works_in_the_half_that_is_used(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_two(page, kiosk)
    expect(page.locator(".reader-page-words").first).to_have_text("1 / 40")
    page.locator(".reader").nth(0).locator(".pane").focus()
    page.keyboard.press("End")
    expect(page.locator(".reader-page-words").first).to_have_text("40 / 40")
    page.keyboard.press("F6")
    page.keyboard.press("Shift+PageDown")
    expect(title(page, 1)).to_have_text("录像.mp4")
    expect(title(page, 0)).to_have_text("工作报告.pdf")


def test_a_second_one_that_is_not_there_is_said_in_words(page: Page, room: Room) -> None:
    kiosk, _ = room
    open_material(page, kiosk, 1, "?with=99")
    second = page.locator(".reader").nth(1)
    expect(second).to_contain_text(t("error.unknown-material.message"))
    second.get_by_role("button", name=t("reader.split_close")).tap()
    expect(page.locator(".reader")).to_have_count(1)


# A new version


@pytest.mark.fault("P7")
def test_a_new_version_says_what_changed_and_waits_to_be_opened(page: Page, room: Room) -> None:
    kiosk, pool = room
    open_material(page, kiosk, 1)
    go_to_page(page, 21)
    changed = materials()
    changed["工作报告"] = {**changed["工作报告"], "工作报告.pdf": pdf(50), "新的.txt": b"new"}
    pool[0].meetings["M1"] = origin_meeting(changed)
    eventually(lambda: kiosk.meeting()["update"])
    fetch(kiosk)
    line = page.locator(".reader-newer .notice")
    expect(line).to_contain_text("工作报告.pdf 已更新", timeout=LONG_S)
    expect(line).to_contain_text("新增 新的.txt")
    expect(page.locator(".reader-page-words")).to_have_text("21 / 40")
    key(page, "reader.newer_later").tap()
    expect(line).to_have_count(0)
    expect(page.locator(".reader-page-words")).to_have_text("21 / 40")
    key(page, "reader.news").tap()
    key(page, "reader.newer_open").tap()
    expect(page.locator(".reader-page-words")).to_have_text("21 / 50")
    expect(page.locator(".reader-mark")).to_have_text(t("material.updated.changed"))
    expect(key(page, "reader.news")).to_be_hidden()
    expect(line).to_have_count(0)


def test_what_changed_is_marked_in_the_meeting_until_it_is_opened(page: Page, room: Room) -> None:
    kiosk, pool = room
    page.goto(f"{kiosk.url}/meetings/M1")
    expect(page.locator(".cards")).to_be_visible()
    changed = materials()
    changed["工作报告"] = {**changed["工作报告"], "纪要.txt": "另一个版本".encode()}
    pool[0].meetings["M1"] = origin_meeting(changed)
    eventually(lambda: kiosk.meeting()["update"])
    fetch(kiosk)
    marked = page.locator(".card[data-updated]")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("纪要")
    expect(marked).to_contain_text(t("material.updated.changed"))
    expect(page.locator(".agenda .item").first).to_contain_text("1 份有更新")
    marked.tap()
    expect(page.get_by_text("另一个版本")).to_be_visible()
    expect(page.locator(".reader-mark")).to_have_text(t("material.updated.changed"))
    page.get_by_role("link", name=t("reader.back")).tap()
    expect(page.locator(".cards")).to_be_visible()
    expect(marked).to_have_count(0)


# What was wrong


def test_what_the_organisers_say_is_shown_and_all_of_it_at_a_tap(page: Page, room: Room) -> None:
    kiosk, _ = room
    page.goto(f"{kiosk.url}/meetings/M1")
    words = page.locator(".intro-words")
    expect(words).to_have_text(INTRO)
    more = key(page, "meeting.intro.more")
    short = words.bounding_box()
    more.tap()
    expect(key(page, "meeting.intro.less")).to_have_attribute("aria-expanded", "true")
    whole = words.bounding_box()
    assert short and whole and whole["height"] > 2 * short["height"]


@pytest.mark.parametrize(("n", "shown"), [(5, "img.picture"), (4, ".media-player")])
def test_a_picture_and_a_film_open_clear_of_the_bars(
    page: Page, room: Room, n: int, shown: str
) -> None:
    kiosk, _ = room
    open_material(page, kiosk, n)
    expect(page.locator(shown)).to_be_visible()
    box = eventually(lambda: page.locator(shown).bounding_box())
    head = page.locator(".reader-head").bounding_box()
    foot = page.locator(".media-controls" if n == 4 else ".reader-tools").bounding_box()
    assert head and foot
    assert box["y"] >= head["y"] + head["height"]
    assert box["y"] + box["height"] <= foot["y"]
