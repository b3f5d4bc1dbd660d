"""Reading in a real browser while the rest still comes, and what somebody waits for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from kiosk_process import eventually, meeting_of
from playwright.sync_api import Locator, Page, expect
from scripted import Engine, Script, ScriptedKiosk, scripted
from test_browser_download import LONG_S, no_violations, t

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

NAMES = ["工作报告.pdf", "说明.txt", "预算.txt", "程序.bin"]
NOTE_FIGURES = """() => {
  const of = (name) => document.querySelector(`.running ${name}`)?.textContent;
  const note = () => window.noted.push([of(".phase"), of(".figure")]);
  window.noted = [];
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""  # noqa: E501 - a script
Begin = Callable[..., tuple[ScriptedKiosk, Engine]]


def pdf(tmp_path: Path, pages: int = 40) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    document.save(tmp_path / "made.pdf")
    document.close()
    return (tmp_path / "made.pdf").read_bytes()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    words = ["第一行\n第二行\n".encode(), "预算\n".encode() * 50, b"\x7fELF not really"]
    return dict(zip(NAMES, [pdf(tmp_path), *words], strict=True))


@pytest.fixture
def terminal(tmp_path: Path, files: dict[str, bytes]) -> Iterator[tuple[ScriptedKiosk, Script]]:
    """A terminal on which a meeting is on that is not here."""
    with pool_of([()], {"M1": meeting_of(files)}) as origins:
        pool = {"server_ip": origins.base, "server_port": origins.port, "interval_s": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        with scripted(tmp_path / "data", mode, **pool) as (kiosk, script):
            eventually(lambda: kiosk.json("/api/meetings")["meetings"])
            yield kiosk, script


@pytest.fixture
def begin(page: Page, terminal: tuple[ScriptedKiosk, Script]) -> Begin:
    """Opens the meeting's page in the middle of its first download."""
    kiosk, script = terminal

    def begun(path: str = "") -> tuple[ScriptedKiosk, Engine]:
        kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        engine = script.engine()
        engine.begin()
        page.goto(f"{kiosk.url}/meetings/M1{path}")
        return kiosk, engine

    return begun


def card(page: Page, n: int) -> Locator:
    return page.locator(".cards > li").nth(n - 1)


def state(page: Page, n: int, expected: str) -> None:
    expect(card(page, n).locator(".card")).to_have_attribute("data-state", expected)


def test_cards_turn_ready_one_by_one_in_their_place(
    page: Page, begin: Begin, files: dict[str, bytes]
) -> None:
    _, engine = begin()
    state(page, 1, "arriving")
    state(page, 2, "downloading")
    expect(page.locator(".agenda")).to_contain_text("0/4")
    boxes = [card(page, n).bounding_box() for n in range(1, 5)]
    page.evaluate("window.kept = [...document.querySelectorAll('.cards .card')]")
    for n, name in enumerate(NAMES[:2], 1):
        engine.ready(n, name, files[name])
        state(page, n, "ready")
        state(page, n + 1, "arriving")
    engine.ready(4, NAMES[3], files[NAMES[3]])
    state(page, 4, "unsupported")
    expect(page.locator(".agenda")).to_contain_text("3/4")
    assert [card(page, n).bounding_box() for n in range(1, 5)] == boxes, "nothing jumps"
    assert page.evaluate("window.kept.every((card) => card.isConnected)"), "a finger stays on it"
    no_violations(page)
    page.evaluate(NOTE_FIGURES)
    engine.complete(files)
    expect(page.locator(".done-line")).to_be_visible()
    done = {figure for phase, figure in page.evaluate("noted") if phase == t("timeline.complete")}
    assert done == {"100"}, "what is done is whole from its first moment"


def test_a_document_is_read_while_the_rest_comes_and_when_all_is_published_under_it(
    page: Page, begin: Begin, files: dict[str, bytes]
) -> None:
    _, engine = begin()
    engine.ready(1, NAMES[0], files[NAMES[0]])
    state(page, 1, "ready")
    card(page, 1).get_by_role("link").tap()
    expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=LONG_S)
    expect(page).to_have_url(re.compile("/materials/1$"))
    page.evaluate("window.kept = document.querySelector('.pane')")
    revision = engine.complete(files)
    expect(page).to_have_url(re.compile(rf"/materials/1\?r={revision}$"), timeout=LONG_S)
    expect(page.locator(".reader-newer .notice")).to_have_count(0)
    page.get_by_role("button", name="1 / 40").tap()
    page.keyboard.type("37")
    page.keyboard.press("Enter")
    expect(page.locator(".reader-page-words")).to_have_text("37 / 40")
    expect(page.locator('.pdf-page[data-state="sharp"]').first).to_be_visible()
    assert page.evaluate("window.kept.isConnected"), "nothing was loaded anew"
    page.reload()
    expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=LONG_S)


def test_a_tap_on_one_that_is_not_here_puts_it_first_and_it_opens_by_itself(
    page: Page, begin: Begin, files: dict[str, bytes]
) -> None:
    kiosk, engine = begin()
    state(page, 3, "downloading")
    card(page, 3).get_by_role("link").tap()
    expect(page.get_by_role("heading", name=t("reader.first_title"))).to_be_visible()
    expect(page.locator(".reader-card")).to_contain_text(t("reader.first_words"))
    expect(page.locator(".reader-card")).to_contain_text(NAMES[2])
    assert engine.told() == {"front": 3}
    no_violations(page)
    page.evaluate("window.kept = document.querySelector('.reader-card')")
    engine.ready(1, NAMES[0], files[NAMES[0]])
    eventually(lambda: kiosk.meeting()["agenda"][0]["materials"][0]["url"])
    engine.progress(percent=55.0, received_bytes=550, held_bytes=550)
    expect(page.locator(".waiting-line")).to_contain_text("55")
    assert page.evaluate("window.kept.isConnected"), "another one that comes changes nothing here"
    engine.ready(3, NAMES[2], files[NAMES[2]])
    expect(page.locator("main")).to_contain_text("预算\n预算")
    expect(page.locator(".reader-card")).to_have_count(0)


def test_there_is_a_way_back_and_the_one_that_was_asked_for_is_marked(
    page: Page, begin: Begin
) -> None:
    _, engine = begin("/materials/4")
    assert engine.told() == {"front": 4}
    page.get_by_role("link", name=t("reader.waiting_back")).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))
    state(page, 4, "arriving")
    state(page, 1, "downloading")


def test_whoever_waits_while_the_download_fails_can_start_it_again(
    page: Page, begin: Begin, terminal: tuple[ScriptedKiosk, Script], files: dict[str, bytes]
) -> None:
    _, engine = begin("/materials/2")
    assert engine.told() == {"front": 2}
    engine.leave()
    again = page.get_by_role("button", name=t("reader.waiting_start"))
    expect(again).to_be_visible()
    expect(page.get_by_role("heading", name=t("reader.waiting_title"))).to_be_visible()
    no_violations(page)
    again.tap()
    second = terminal[1].engine()
    assert second.told() == {"front": 2}, "it is still the one that is waited for"
    second.begin()
    second.ready(2, NAMES[1], files[NAMES[1]])
    expect(page.get_by_text("第二行")).to_be_visible()


def test_what_was_waited_for_and_is_not_in_the_package_is_said_to_be_missing(
    page: Page, begin: Begin, files: dict[str, bytes]
) -> None:
    _, engine = begin("/materials/2")
    assert engine.told() == {"front": 2}
    engine.complete({**files, NAMES[1]: None})
    expect(page.get_by_role("heading", name=t("reader.missing_title"))).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_waiting_is_whole_on_an_upright_screen_in_the_dark(
    page: Page, begin: Begin, terminal: tuple[ScriptedKiosk, Script], language: str
) -> None:
    changes: dict[str, Any] = {"language": language, "theme": "dark"}
    terminal[0].send("PUT", "/api/settings", changes)
    page.set_viewport_size({"width": 800, "height": 1280})
    begin("/materials/1")
    expect(page.get_by_role("heading", name=t("reader.first_title", language))).to_be_visible()
    no_violations(page)
    small = """() => [...document.querySelectorAll('button, a[href]')]
      .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
      .filter((box) => box.width < 48 || box.height < 48).length"""
    assert page.evaluate(small) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
