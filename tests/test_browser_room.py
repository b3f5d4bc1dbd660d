"""The room's page in a real browser: live, in order, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from node_process import NodeProcess
from playwright.sync_api import Browser, BrowserContext, Page, expect
from reading_room import WORDS, t
from room_node import room_node
from roomful import Roomful, held, seat
from test_browser_download import no_faint_words, no_violations

pytestmark = pytest.mark.browser

WAIT_MS = 15_000
CROWD = 500


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeProcess]:
    with room_node(tmp_path / "node", title="清澜水务集团") as (node, _):
        yield node


@pytest.fixture
def room(node: NodeProcess) -> Roomful:
    """Six seats that stand differently, in an order of their own."""
    room = Roomful(node.url, 6)
    room.seats |= {2: seat(2, "failed"), 5: seat(5, "downloading", 63), 6: seat(6, "absent")}
    room.seats[1]["seat"] = "座位 10"
    room.say()
    return room


def open_room(page: Page, node: NodeProcess) -> None:
    page.goto(node.url)
    expect(page.locator(".seat").first).to_be_visible(timeout=WAIT_MS)


def names(page: Page) -> list[str]:
    return page.locator(".seat-name").all_text_contents()


def card(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}\s*[：:]"))


def test_every_seat_is_there_red_ones_first_and_in_words(
    page: Page, node: NodeProcess, room: Roomful
) -> None:
    open_room(page, node)
    assert page.url == node.url + "/room"
    assert names(page) == ["座位 2", "座位 5", "座位 6", "座位 3", "座位 4", "座位 10"]
    states = page.locator(".seat-state").all_text_contents()
    assert states == [
        t("room.state.failed"), "63 %", t("room.state.absent"), *[t("room.state.ready")] * 3
    ]  # fmt: skip
    assert page.locator(".room-count").all_text_contents() == ["6", "1", "2", "3"]
    expect(page.locator(".room-meetings")).to_contain_text("经营工作会")


def test_what_changes_is_seen_within_a_second_and_no_seat_is_made_anew(
    page: Page, node: NodeProcess, room: Roomful
) -> None:
    open_room(page, node)
    page.evaluate("document.querySelectorAll('.seat').forEach((one) => { one.probe = true; })")
    room.seats[5] = seat(5, "downloading", 71)
    room.say()
    expect(card(page, "座位 5")).to_contain_text("71 %")
    assert page.evaluate("[...document.querySelectorAll('.seat')].every((one) => one.probe)")
    room.seats[5] = seat(5, "ready")
    room.say([5])
    expect(page.locator(".room-count").last).to_have_text("4")
    assert names(page) == ["座位 2", "座位 6", "座位 3", "座位 4", "座位 5", "座位 10"]


def test_one_tap_tells_the_story_of_a_seat_and_it_goes_on_while_it_is_read(
    page: Page, node: NodeProcess, room: Roomful
) -> None:
    open_room(page, node)
    card(page, "座位 2").tap()
    story = page.get_by_role("dialog", name="座位 2")
    expect(story).to_contain_text(t("failure.all_servers_failed"))
    expect(story).to_contain_text("10.1.1.12:8001")
    expect(story).to_contain_text("经营工作会")
    room.seats[2] = seat(2, "ready")
    room.say([2])
    expect(story.locator(".story-state")).to_have_text(t("room.state.ready"))
    expect(story.get_by_role("button", name=t("room.story.retry"))).to_be_hidden()
    page.keyboard.press("Escape")
    expect(story).to_be_hidden()


def test_the_red_ones_are_told_to_try_again_by_one_tap(
    page: Page, node: NodeProcess, room: Roomful
) -> None:
    open_room(page, node)
    key = page.get_by_role("button", name=t_many("room.retry", 1))
    key.tap()
    expect(page.locator(".room-said")).to_have_text(t_many("room.retry.said", 1))
    expect(card(page, "座位 2")).to_contain_text(t("room.state.asked"))
    room.say()
    assert room.retries == [2]
    expect(card(page, "座位 2")).to_contain_text(t("room.state.failed"))
    room.seats[2] = seat(2, "ready")
    room.say()
    expect(page.get_by_role("button", name=t("room.retry.none"))).to_be_disabled()


def t_many(key: str, count: int, language: str = "zh-CN") -> str:
    forms = WORDS[language][key]
    form = "one" if count == 1 and "one" in forms else "other"
    return str(forms[form]).format(count=count)


def test_colours_and_words_choose_what_is_seen(
    page: Page, node: NodeProcess, room: Roomful
) -> None:
    open_room(page, node)
    page.get_by_role("button", name=re.compile(t("room.colour.amber"))).tap()
    assert names(page) == ["座位 5", "座位 6"]
    page.get_by_role("button", name=re.compile(t("room.colour.all"))).tap()
    field = page.get_by_role("searchbox", name=t("room.search"))
    field.fill("位 10")
    assert names(page) == ["座位 10"]
    field.fill("127.0.0.1")
    assert len(names(page)) == 6
    field.fill("没有")
    expect(page.get_by_text(t("room.none"))).to_be_visible()
    field.fill("")
    assert len(names(page)) == 6


def test_an_empty_room_says_what_to_do(page: Page, node: NodeProcess) -> None:
    page.goto(node.url)
    expect(page.get_by_text(t("room.empty"), exact=True)).to_be_visible()
    no_violations(page)
    Roomful(node.url, 1).say()
    expect(page.locator(".seat")).to_have_count(1)


@pytest.mark.fault("P3", "R7")
def test_a_restarted_node_is_found_again_without_a_hand(
    context: BrowserContext, node: NodeProcess
) -> None:
    page = context.new_page()  # its console may say that the node is gone
    Roomful(node.url, 2).say()
    open_room(page, node)
    assert node.stop() == 0, "an open page holds nobody up"
    expect(page.get_by_text(t("room.lost"))).to_be_visible(timeout=WAIT_MS)
    node.start(node.port)
    Roomful(node.url, 3).say()
    expect(page.locator(".seat")).to_have_count(3, timeout=WAIT_MS)
    expect(page.get_by_text(t("room.lost"))).to_be_hidden()


@pytest.mark.fault("S8", "R4")
def test_what_seats_call_themselves_is_text(page: Page, node: NodeProcess) -> None:
    markup = "<img src=x onerror=alert(1)>{{7*7}}"
    room = Roomful(node.url, 1)
    room.seats[1] |= {"seat": markup, "version": markup[:40]}
    trouble = {"code": "strange", "message": markup, "hint": markup, "status": "odd"}
    room.seats[1]["meetings"] = [{**held("failed", meeting=markup), "error": trouble}]
    room.say()
    open_room(page, node)
    assert names(page) == [markup]
    page.locator(".seat-key").tap()
    story = page.get_by_role("dialog")
    expect(story.get_by_text(markup).first).to_be_visible()
    assert page.locator("main img, dialog img").count() == 0


def test_a_password_stands_before_the_page(page: Page, tmp_path: Path) -> None:
    with room_node(tmp_path / "locked", node_password="correct horse") as (node, _):
        Roomful(node.url, 2).say()
        page.goto(node.url)
        field = page.get_by_label(t("room.door.label"))
        field.fill("correct horse")
        no_violations(page)
        assert page.locator(".seat").count() == 0
        page.keyboard.press("Enter")
        expect(page.locator(".seat")).to_have_count(2)
        page.reload()
        expect(page.locator(".seat")).to_have_count(2)


# For everybody


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_in_the_room_and_in_a_story(
    page: Page, tmp_path: Path, language: str
) -> None:
    with room_node(tmp_path / "node", language=language, theme="light") as (node, _):
        room = Roomful(node.url, 4)
        room.seats |= {1: seat(1, "failed"), 2: seat(2, "downloading", 5), 3: seat(3, "cancelled")}
        room.say()
        open_room(page, node)
        no_violations(page)
        no_faint_words(page, "dark", "contrast")
        page.locator(".seat-key").first.tap()
        expect(page.get_by_role("dialog")).to_contain_text(
            t("failure.all_servers_failed", language)
        )
        no_violations(page)
        no_faint_words(page, "dark", "contrast")


def test_the_language_is_one_tap_away(page: Page, node: NodeProcess, room: Roomful) -> None:
    open_room(page, node)
    page.get_by_role("button", name=t("app.language.other")).tap()
    expect(page.get_by_role("heading", name=t("room.title", "en"), level=1)).to_be_visible()
    expect(page.locator(".seat-state").first).to_have_text(t("room.state.failed", "en"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    no_violations(page)


def test_everything_is_large_enough_for_a_finger(
    page: Page, node: NodeProcess, room: Roomful
) -> None:
    open_room(page, node)
    card(page, "座位 2").tap()
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input')]
          .filter((one) => one.checkVisibility())
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.height < 48 || box.width < 48).map(([html]) => html)"""
    )
    assert small == []


def test_the_keyboard_alone_is_enough(page: Page, node: NodeProcess, room: Roomful) -> None:
    open_room(page, node)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('seat-key')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    story = page.get_by_role("dialog", name="座位 2")
    expect(story).to_be_visible()
    page.keyboard.press("Escape")
    expect(story).to_be_hidden()
    assert page.evaluate("document.activeElement.classList.contains('seat-key')")


def test_a_seat_that_moves_keeps_the_focus(page: Page, node: NodeProcess, room: Roomful) -> None:
    open_room(page, node)
    card(page, "座位 4").focus()
    room.seats[4] = seat(4, "failed")
    room.say([4])
    expect(card(page, "座位 4")).to_contain_text(t("room.state.failed"))
    assert "座位 4" in str(page.evaluate("document.activeElement.textContent"))


def test_nothing_moves_for_whoever_asked_for_that_and_words_may_be_large(
    browser: Browser, tmp_path: Path
) -> None:
    with room_node(tmp_path / "node", text_size="very-large") as (node, _):
        Roomful(node.url, 30).say()
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page = context.new_page()
        open_room(page, node)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        height = page.locator(".seats").evaluate("(one) => one.clientHeight")
        context.close()
    assert not wide
    assert height > 200


# Many


def test_five_hundred_seats_are_in_order_and_what_changes_arrives(
    page: Page, node: NodeProcess
) -> None:
    room = Roomful(node.url, CROWD)
    for n in range(7, CROWD, 50):
        room.seats[n] = seat(n, "failed")
    for n in range(3, CROWD, 20):
        room.seats[n] = seat(n, "downloading", n % 100)
    room.say()
    open_room(page, node)
    expect(page.locator(".seat")).to_have_count(CROWD)
    assert names(page) == expected(room)
    with room.alive():
        for n in (11, 250, 499):
            room.seats[n] = seat(n, "downloading", 42)
            room.say([n])
            page.wait_for_function(
                """(name) => [...document.querySelectorAll('[data-reason=downloading]')]
                  .some((one) => one.textContent.startsWith(name))""",
                arg=f"座位 {n}",
            )
    room.say()
    wanted = expected(room)
    page.wait_for_function(
        "(wanted) => JSON.stringify([...document.querySelectorAll('.seat-name')]"
        ".map((one) => one.textContent)) === JSON.stringify(wanted)",
        arg=wanted,
    )


def expected(room: Roomful) -> list[str]:
    def key(n: int) -> tuple[int, int]:
        phase = room.seats[n]["meetings"][0]["phase"]
        return {"failed": 0, "downloading": 1}.get(phase, 2), n

    return [f"座位 {n}" for n in sorted(room.seats, key=key)]
