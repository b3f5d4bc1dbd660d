"""For everybody: axe, the keyboard, names, large words, forced colours, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import KioskProcess, eventually
from playwright.sync_api import Page, expect
from reading_room import fetch, materials, open_material, origin_meeting, reading_room, t
from test_browser_download import no_faint_words, no_violations

from kiosk.demo.origin import OriginPool

pytestmark = pytest.mark.browser

WAIT_MS = 15_000
Room = tuple[KioskProcess, OriginPool]
View = Callable[[Page, KioskProcess, str], None]


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    place = tmp_path_factory.mktemp("access") / "data"
    with reading_room(place, title="清澜水务集团", dim_minutes=0) as room:
        yield room


@pytest.fixture
def room(terminal: Room) -> Room:
    terminal[0].send("PUT", "/api/settings", {"language": "zh-CN", "theme": "light"})
    return terminal


# The views and their states, each put on the screen


def welcome(page: Page, kiosk: KioskProcess, language: str) -> None:
    page.goto(kiosk.url)
    expect(page.get_by_role("button", name=t("welcome.open", language), exact=True)).to_be_visible()


def meeting(page: Page, kiosk: KioskProcess, language: str) -> None:
    page.goto(f"{kiosk.url}/meetings/M1")
    expect(page.locator(".cards")).to_be_visible()


def recents(page: Page, kiosk: KioskProcess, language: str) -> None:
    revision = kiosk.meeting()["local"]["revision"]
    for n in (1, 2, 5, 6):
        body = {"n": n, "revision": revision, "place": {"page": 3, "y": 0}}
        kiosk.send("PUT", "/api/meetings/M1/reading", body)
    meeting(page, kiosk, language)
    expect(page.locator(".recent")).to_have_count(4)


def document(page: Page, kiosk: KioskProcess, language: str) -> None:
    open_material(page, kiosk, 1)
    expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=WAIT_MS)


def rail(page: Page, kiosk: KioskProcess, language: str) -> None:
    document(page, kiosk, language)
    page.get_by_role("button", name=t("reader.rail", language), exact=True).tap()
    expect(page.locator(".rail .thumbnail").first).to_be_visible()


def find(page: Page, kiosk: KioskProcess, language: str) -> None:
    document(page, kiosk, language)
    page.get_by_role("button", name=t("reader.find", language), exact=True).tap()
    page.keyboard.type("报告")
    expect(page.locator(".find-count")).to_have_text(t("reader.find_none", language))


def jump(page: Page, kiosk: KioskProcess, language: str) -> None:
    document(page, kiosk, language)
    page.locator(".reader-page-key").tap()
    expect(page.get_by_role("dialog")).to_be_visible()


def contents(page: Page, kiosk: KioskProcess, language: str) -> None:
    recents(page, kiosk, language)
    document(page, kiosk, language)
    page.get_by_role("button", name=t("reader.contents", language), exact=True).tap()
    expect(page.get_by_role("dialog")).to_be_visible()


def two(page: Page, kiosk: KioskProcess, language: str) -> None:
    open_material(page, kiosk, 1, "?with=2")
    expect(page.get_by_text("第一行").first).to_be_visible()


def picture(page: Page, kiosk: KioskProcess, language: str) -> None:
    open_material(page, kiosk, 5)
    expect(page.locator("img.picture")).to_be_visible()


def film(page: Page, kiosk: KioskProcess, language: str) -> None:
    open_material(page, kiosk, 4)
    expect(page.get_by_role("button", name=t("reader.media_play", language))).to_be_visible()


def missing(page: Page, kiosk: KioskProcess, language: str) -> None:
    open_material(page, kiosk, 3)
    expect(page.locator("main")).to_contain_text(t("reader.missing_title", language))


def options(page: Page, kiosk: KioskProcess, language: str) -> None:
    page.goto(kiosk.url + "/options")
    page.get_by_role("button", name=t("options.group.look", language), exact=True).tap()
    idle = page.get_by_label(t("settings.idle_minutes.label", language), exact=True)
    expect(idle).to_be_visible()


VIEWS: list[View] = [
    welcome, meeting, recents, document, rail, find, jump, contents, two, picture, film, missing,
    options,
]  # fmt: skip


PRESSED = """() => [...document.querySelectorAll('button, a[href], input, [role=region], dialog')]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.getAttribute('aria-label') || one.labels?.length
    || one.getAttribute('aria-labelledby') || one.textContent.trim()))
  .map((one) => one.outerHTML.slice(0, 120))"""
MOVING = """() => [...document.querySelectorAll('*')].filter((one) => {
  const look = getComputedStyle(one);
  const longest = (words) => Math.max(...words.split(',').map((part) => parseFloat(part)));
  return longest(look.transitionDuration) > 0.02
    || (look.animationName !== 'none' && longest(look.animationDuration) > 0.02);
}).map((one) => one.outerHTML.slice(0, 120))"""
UNMARKED = """() => [...document.querySelectorAll('[aria-current], [aria-pressed=true]')]
  .filter((one) => one.checkVisibility() && !one.matches('.thumbnail'))
  .filter((one) => getComputedStyle(one).outlineStyle === 'none')
  .map((one) => one.outerHTML.slice(0, 120))"""


REACHABLE = """() => [...document.querySelectorAll(
    'button, a[href], input, select, textarea, [tabindex="0"]')]
  .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility()
    && !one.closest('[inert]'))
  .map((one) => (one.dataset.probe ??= String(window.probes = (window.probes ?? 0) + 1)))"""
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = getComputedStyle(one);
  const ring = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2;
  const box = one.getBoundingClientRect();
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
    && box.left < innerWidth;
  return {probe: one.dataset.probe ?? '', html: one.outerHTML.slice(0, 120), ring, seen};
}"""


# Thumbnails come and go with what is in sight; the arrows and the page key lead to any of them.
LEFT = """(probes) => probes.map((probe) => document.querySelector(`[data-probe="${probe}"]`))
  .filter((one) => one && !one.matches('.thumbnail')).map((one) => one.outerHTML.slice(0, 120))"""


def assert_keyboard_reaches_everything(page: Page) -> None:
    modal = page.locator("dialog[open]").count() > 0
    scope = f"() => ({REACHABLE})()" if not modal else (
        "() => { const all = (" + REACHABLE + ")(); return all.filter((probe) =>"
        " document.querySelector(`[data-probe='${probe}']`).closest('dialog[open]')); }"
    )  # fmt: skip
    wanted = set(page.evaluate(scope))
    assert wanted
    reached = set()
    for _ in range(3 * len(wanted) + 10):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            continue
        assert focused["ring"], f"nothing shows that {focused['html']} has the focus"
        assert focused["seen"], f"{focused['html']} has the focus and is not on the screen"
        reached.add(focused["probe"])
        if wanted <= reached:
            break
    assert page.evaluate(LEFT, list(wanted - reached)) == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_is_for_everybody(page: Page, room: Room, view: View) -> None:
    """Names, contrast in every theme, motion only for those who want it, colours of the system,
    and the keyboard reaches everything, and one sees where it is.
    """
    kiosk, _ = room
    view(page, kiosk, "zh-CN")
    no_violations(page)
    no_faint_words(page, "dark", "contrast")
    assert page.evaluate(PRESSED) == [], "pressed, and without a name"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == [], "moves for whoever asked for rest"
    page.emulate_media(reduced_motion="no-preference", forced_colors="active")
    assert page.evaluate(UNMARKED) == [], "told by its colour alone"
    page.emulate_media(forced_colors="none")
    assert_keyboard_reaches_everything(page)
    kiosk.send("PUT", "/api/settings", {"language": "en"})
    view(page, kiosk, "en")
    no_violations(page)


def test_axe_finds_nothing_in_any_other_kind_of_material(page: Page, room: Room) -> None:
    """Markdown, a web page, a recording, and what is only named."""
    kiosk, _ = room
    others = {6: ".markdown", 7: "iframe.frame", 8: ".media-controls", 9: ".reader-card"}
    for language in ("zh-CN", "en"):
        kiosk.send("PUT", "/api/settings", {"language": language})
        for n, shown in others.items():
            open_material(page, kiosk, n)
            expect(page.locator(shown)).to_be_visible()
            no_violations(page)


def test_axe_finds_nothing_in_the_clock_and_in_what_comes_after_it(
    page: Page, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"idle_minutes": 0.02, "dim_minutes": 0.05}
    with reading_room(tmp_path / "data", **more) as (kiosk, _):
        for language in ("zh-CN", "en"):
            kiosk.send("PUT", "/api/settings", {"language": language})
            open_material(page, kiosk, 1)
            expect(page.locator(".go-on")).to_be_visible(timeout=WAIT_MS)
            no_violations(page)
            expect(page.get_by_role("dialog")).to_be_visible(timeout=WAIT_MS)
            no_violations(page)


def test_axe_finds_nothing_where_a_new_version_is_told_and_marked(
    page: Page, tmp_path: Path
) -> None:
    with reading_room(tmp_path / "data") as (kiosk, pool):
        for language in ("zh-CN", "en"):
            kiosk.send("PUT", "/api/settings", {"language": language})
            document(page, kiosk, language)
            changed = materials()
            changed["工作报告"] = {**changed["工作报告"], "纪要.txt": language.encode()}
            pool[0].meetings["M1"] = origin_meeting(changed)
            eventually(lambda: kiosk.meeting()["update"])
            fetch(kiosk)
            expect(page.locator(".reader-newer .notice")).to_be_visible()
            no_violations(page)
            meeting(page, kiosk, language)
            expect(page.locator(".card[data-updated]")).to_be_visible()
            no_violations(page)


# The keyboard


@pytest.mark.parametrize("view", [rail, find, jump, contents], ids=lambda view: view.__name__)
def test_escape_closes_what_is_open_and_gives_the_focus_back(
    page: Page, room: Room, view: View
) -> None:
    kiosk, _ = room
    view(page, kiosk, "zh-CN")
    page.keyboard.press("Escape")
    expect(page.locator(".reader-panel, dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")


def test_live_regions_say_little(page: Page, room: Room) -> None:
    """What changes while somebody leafs through a document is not read out at every step."""
    kiosk, _ = room
    document(page, kiosk, "zh-CN")
    page.evaluate(
        """() => {
          window.said = [];
          const live = '[aria-live]:not([aria-live=off]), [role=status], [role=alert]';
          const look = (one) => one?.closest?.(live);
          new MutationObserver((changes) => {
            for (const { target } of changes) {
              const place = look(target.nodeType === 1 ? target : target.parentElement);
              if (place) window.said.push(place.textContent);
            }
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }"""
    )
    words = page.locator(".reader-page-words")
    before = words.inner_text()
    for _ in range(5):
        page.keyboard.press("PageDown")
    expect(words).not_to_have_text(before)
    assert page.evaluate("window.said") == []
    page.keyboard.press("Shift+PageDown")
    expect(page.get_by_text("第一行").first).to_be_visible()
    assert set(page.evaluate("window.said")) == {"纪要.txt"}


def test_both_languages_say_where_one_is(page: Page, room: Room) -> None:
    kiosk, _ = room
    for language in ("zh-CN", "en"):
        kiosk.send("PUT", "/api/settings", {"language": language})
        document(page, kiosk, language)
        page.keyboard.press("PageDown")
        expect(page.get_by_role("region", name=re.compile("工作报告.pdf")).first).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", language)
