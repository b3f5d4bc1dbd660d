"""Searching a meeting in a real browser: typing, what is said meanwhile, tapping, coming back."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import papers
import pytest
from kiosk_process import KioskProcess, eventually, kiosk_on, meeting_of
from playwright.sync_api import BrowserContext, Page, Route, expect
from test_browser_download import no_violations
from test_search_meeting import downloaded
from test_search_reading import PHRASE, book

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
NOTES = "".join(f"第 {n} 条：照常进行。\n" for n in range(400)) + f"最后：{PHRASE}。\n"
HOSTILE = "<img src=x onerror=window.hacked=1>.txt"
FILES = {
    "长报告.pdf": book(150),
    "汇报.pptx": papers.pptx("开场", f"{PHRASE}方案"),
    "记录.txt": NOTES.encode(),
    HOSTILE: b"<b onclick=window.hacked=1>hacked</b> marker",
}


def t(key: str, **fields: object) -> str:
    words = WORDS[key]
    return str(words if isinstance(words, str) else words["other"]).format(**fields)


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with pool_of([()], {"M1": meeting_of(FILES)}) as pool:
        data_dir = tmp_path_factory.mktemp("search") / "data"
        with kiosk_on(pool, data_dir, mode, min_free_mb=1) as kiosk:
            downloaded(kiosk)
            yield kiosk


def opened(page: Page, kiosk: KioskProcess) -> None:
    """The search, opened as one does."""
    page.goto(f"{kiosk.url}/meetings/M1")
    page.get_by_role("link", name=t("search.open")).tap()
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_typing_finds_and_a_tap_opens_the_page(page: Page, kiosk: KioskProcess) -> None:
    opened(page, kiosk)
    expect(page.get_by_role("heading", name=t("search.invite"))).to_be_visible()
    page.keyboard.type(PHRASE)
    hit = page.get_by_role("link", name=t("search.page", page=150))
    expect(hit.locator("mark")).to_have_text(PHRASE)
    expect(page.get_by_role("status").first).to_have_text(t("search.total", count=3))
    hit.tap()
    expect(page).to_have_url(re.compile("/materials/1"))
    expect(page.locator(".reader-page-words")).to_have_text("150 / 200")


def test_the_way_back_finds_the_results_as_they_were(page: Page, kiosk: KioskProcess) -> None:
    opened(page, kiosk)
    page.keyboard.type("页")
    page.get_by_role("button", name=t("search.more", count=17)).tap()
    hits = page.locator(".found-hit")
    expect(hits).to_have_count(20)
    hits.nth(17).scroll_into_view_if_needed()
    scroll = page.locator(".search-results")
    before = scroll.evaluate("(one) => one.scrollTop")
    assert before > 200
    hits.nth(17).tap()
    expect(page.locator(".reader-page-words")).to_have_text("18 / 200")
    page.get_by_role("link", name=t("search.back")).tap()
    expect(page.get_by_role("searchbox")).to_have_value("页")
    expect(hits).to_have_count(20)
    eventually(lambda: abs(scroll.evaluate("(one) => one.scrollTop") - before) < 2)
    page.get_by_role("link", name=t("app.back")).tap()
    page.locator("a.card").first.tap()
    page.get_by_role("link", name=t("reader.back")).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))


def test_words_are_marked_in_a_text_where_they_stand(page: Page, kiosk: KioskProcess) -> None:
    opened(page, kiosk)
    page.keyboard.type(f"最后 {PHRASE}")
    page.locator(".found-hit").tap()
    pane = page.locator(".flow")
    expect(pane).to_contain_text("最后")
    eventually(lambda: pane.evaluate("(one) => one.scrollTop") > 1000)
    marked = "() => [...(CSS.highlights.get('found') ?? [])].map(String)"
    assert page.evaluate(marked) == [f"最后：{PHRASE}"]


def test_a_title_leads_to_its_item_and_a_name_to_its_material(
    page: Page, kiosk: KioskProcess
) -> None:
    opened(page, kiosk)
    page.keyboard.type("报告")
    expect(page.locator(".found-item mark")).to_have_text("报告")
    page.locator(".found-item").tap()
    expect(page.locator(".agenda [aria-current]")).to_contain_text("工作报告")
    page.keyboard.press("/")
    page.keyboard.type("记录")
    page.locator(".found-material").tap()
    expect(page).to_have_url(re.compile("/materials/3"))


def test_nothing_found_is_said_and_cleared(page: Page, kiosk: KioskProcess) -> None:
    opened(page, kiosk)
    page.keyboard.type("没有这个词")
    expect(page.get_by_role("heading", name=t("search.none", words="没有这个词"))).to_be_visible()
    page.get_by_role("button", name=t("search.clear")).tap()
    expect(page.get_by_role("heading", name=t("search.invite"))).to_be_visible()
    expect(page).to_have_url(re.compile("/search$"))
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/meetings/M1$"))


def test_the_keyboard_opens_moves_and_chooses(page: Page, kiosk: KioskProcess) -> None:
    page.goto(f"{kiosk.url}/meetings/M1")
    expect(page.locator("a.card").first).to_be_visible()
    page.keyboard.press("Control+f")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(PHRASE)
    expect(page.locator(".found-hit").first).to_be_visible()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".found-hit").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".reader-page-words")).to_have_text("150 / 200")


def test_the_reader_opens_the_search_and_gets_its_material_back(
    page: Page, kiosk: KioskProcess
) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/3")
    expect(page.locator(".flow")).to_be_visible()
    page.get_by_role("button", name=t("search.title")).tap()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name=t("app.back")).tap()
    expect(page).to_have_url(re.compile("/materials/3"))
    expect(page.locator(".flow")).to_be_visible()
    # The text stands a moment before the reader knows what can be done with it.
    expect(page.get_by_role("button", name=t("reader.zoom_in"), exact=True)).to_be_visible()
    page.keyboard.press("Control+f")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_hostile_names_and_texts_are_words(page: Page, kiosk: KioskProcess) -> None:
    opened(page, kiosk)
    page.keyboard.type("hacked")
    expect(page.locator(".found-name")).to_have_text(HOSTILE)
    assert page.locator(".found img, .found b").count() == 0
    page.get_by_role("searchbox").fill("<b>x</b>")
    expect(page.get_by_role("heading", name=t("search.none", words="<b>x</b>"))).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_what_is_still_being_read_is_told_and_shows_by_itself(
    page: Page, kiosk: KioskProcess
) -> None:
    lacking = {"hits": [], "materials": [], "total": 0, "pending": 3}

    def not_yet(route: Route) -> None:
        """The terminal's answer as it is while it still reads."""
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), **lacking})

    page.route("**/api/meetings/M1/search?*", not_yet)
    opened(page, kiosk)
    page.keyboard.type(PHRASE)
    expect(page.get_by_text(t("search.pending", count=3))).to_be_visible()
    expect(page.get_by_text(t("search.none.pending"))).to_be_visible()
    lacking.clear()
    expect(page.locator(".found-hit").first).to_be_visible()
    expect(page.get_by_text(t("search.pending", count=3))).not_to_be_visible()


def test_a_terminal_that_does_not_answer_is_said_and_tried_again(
    context: BrowserContext, kiosk: KioskProcess
) -> None:
    # Chromium writes into the console what did not load: not a page of `page`'s.
    page = context.new_page()
    opened(page, kiosk)
    page.route("**/api/meetings/M1/search?*", lambda route: route.abort())
    page.keyboard.type(PHRASE)
    expect(page.get_by_role("alert")).to_contain_text(t("error.no-answer.message"))
    page.unroute("**/api/meetings/M1/search?*")
    page.get_by_role("button", name=t("app.again")).tap()
    expect(page.locator(".found-hit").first).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 800), ("contrast", 1920)])
def test_every_state_is_whole_in_both_languages(
    page: Page, kiosk: KioskProcess, language: str, theme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(f"sessionStorage.setItem('kiosk.language', '{language}')")
    page.goto(f"{kiosk.url}/meetings/M1/search")
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    empty = page.locator(".search-empty h2")
    expect(empty).to_be_visible()
    no_violations(page)
    page.keyboard.type("页")
    expect(page.locator(".found-hit")).to_have_count(3)
    no_violations(page)
    page.get_by_role("searchbox").fill("没有" * 50)
    expect(empty).to_be_visible()
    no_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
