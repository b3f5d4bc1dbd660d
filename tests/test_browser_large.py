"""Large words: nothing is cut or covered, and nothing is where nobody can scroll to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kiosk_process import KioskProcess
from playwright.sync_api import Page, Route, expect
from reading_room import open_material, reading_room
from test_browser_access import VIEWS, two

pytestmark = pytest.mark.browser

LARGE = [view for view in VIEWS if view is not two]  # there is no room for two

CUT = """() => {
  const found = [];
  const scrolls = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at);
      if ([overflowX, overflowY].some((way) => ['auto', 'scroll'].includes(way))
        && (at.scrollHeight > at.clientHeight || at.scrollWidth > at.clientWidth)) return at;
    }
    return null;
  };
  const said = (one, why) => found.push(`${why}: ${one.outerHTML.slice(0, 140)}`);
  const shown = (one) => one.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const dialog = document.querySelector('dialog[open]');
  const root = dialog ?? document.body;
  const keys = [...root.querySelectorAll('button, a[href], input')].filter(shown);
  for (const one of keys) {
    const box = one.getBoundingClientRect();
    if (box.width === 0 || one.closest('.only-read')) continue;
    const out = box.left < -1 || box.right > innerWidth + 1 || box.top < -1
      || box.bottom > innerHeight + 1;
    if (out && !scrolls(one.parentElement)) said(one, 'beyond the screen');
    if (one.matches('button, a.button') && (one.scrollWidth > one.clientWidth + 1
      || one.scrollHeight > one.clientHeight + 1)
      && !one.querySelector('.one-line, .two-lines, .three-lines')
      && !one.matches('.thumbnail, .setting-switch')) said(one, 'cut');
  }
  for (const [at, one] of keys.entries()) {
    const box = one.getBoundingClientRect();
    if (box.width === 0 || scrolls(one)) continue;
    for (const other of keys.slice(at + 1)) {
      if (one.contains(other) || other.contains(one) || scrolls(other)) continue;
      const its = other.getBoundingClientRect();
      const over = Math.min(box.right, its.right) - Math.max(box.left, its.left) > 2
        && Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top) > 2;
      if (over) said(other, `over ${one.outerHTML.slice(0, 60)}`);
    }
  }
  for (const one of root.querySelectorAll('h1, h2, h3, p, span, li, time')) {
    if (!shown(one) || !one.textContent.trim() || one.children.length) continue;
    const box = one.getBoundingClientRect();
    if (box.width <= 1 || one.closest('.only-read, [aria-hidden=true], .pane, .flow')) continue;
    const out = box.left < -1 || box.right > innerWidth + 1 || box.top < -1
      || box.bottom > innerHeight + 1;
    if (out && !scrolls(one.parentElement) && !one.closest('.one-line, .two-lines, .three-lines'))
      said(one, 'words beyond the screen');
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
  return found;
}"""


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    place = tmp_path_factory.mktemp("large") / "data"
    with reading_room(place, title="清澜水务集团", dim_minutes=0) as (kiosk, _):
        yield kiosk


def twice_as_large(page: Page) -> None:
    """As a browser does it whose words are set to twice their size."""

    def answer(route: Route) -> None:
        style = ":root { --accent: #9f1d20; font-size: 200% !important }"
        route.fulfill(body=style, content_type="text/css")

    page.route("**/accent.css", answer)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_is_cut_or_covered_at_twice_the_size_of_words(
    page: Page, kiosk: KioskProcess, language: str
) -> None:
    kiosk.send("PUT", "/api/settings", {"language": language})
    twice_as_large(page)
    wrong = {}
    for view in LARGE:
        view(page, kiosk, language)
        page.wait_for_timeout(300)
        if found := page.evaluate(CUT):
            wrong[view.__name__] = found
    assert wrong == {}


def test_large_words_leave_no_room_for_two(page: Page, kiosk: KioskProcess) -> None:
    kiosk.send("PUT", "/api/settings", {"language": "zh-CN"})
    twice_as_large(page)
    open_material(page, kiosk, 1, "?with=2")
    expect(page.locator(".reader-title")).to_have_text("工作报告.pdf")
    expect(page.locator(".reader")).to_have_count(1)


def test_the_size_of_words_can_be_set(page: Page, kiosk: KioskProcess) -> None:
    kiosk.send("PUT", "/api/settings", {"language": "zh-CN"})
    for size, scale in (("normal", 1), ("large", 1.2), ("very-large", 1.45)):
        kiosk.send("PUT", "/api/settings", {"text_size": size})
        page.goto(kiosk.url)
        found = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        assert found == pytest.approx(16 * scale)
        assert page.evaluate(CUT) == [], size
    for view in LARGE:
        view(page, kiosk, "zh-CN")
        page.wait_for_timeout(100)
        assert page.evaluate(CUT) == [], view.__name__
    kiosk.send("PUT", "/api/settings", {"text_size": "normal"})
