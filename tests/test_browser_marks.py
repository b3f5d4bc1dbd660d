"""Writing on materials in a real browser: finger, stylus, notes, turned pages, reloads."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from handwriting import Hand, close_to, colour_at, ends, is_near, lines
from kiosk_process import KioskProcess, eventually
from leaves import papers
from meetings import publish
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from test_browser_download import LONG_S, no_violations

from kiosk.library import Library

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
MODE = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
RED, YELLOW = (208, 30, 30), (255, 225, 77)


def t(key: str, **fields: object) -> str:
    found = WORDS[key]
    return str(found if isinstance(found, str) else found["other"]).format(**fields)


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (120, 160, 200)).save(out, "PNG")
    return out.getvalue()


FILES = {"报告.pdf": papers(["budget", "staff", "plan"]), "图.png": a_picture()}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    publish(library, FILES)
    return library


@pytest.fixture
def kiosk(library: Library) -> Iterator[KioskProcess]:
    """A terminal that has the meeting already, and no network."""
    with KioskProcess(library.data_dir, MODE) as one:
        yield one


def open_material(page: Page, kiosk: KioskProcess, n: int = 1) -> None:
    page.set_viewport_size({"width": 1280, "height": 1800})  # a whole page between the bars
    page.goto(f"{kiosk.url}/meetings/M1/materials/{n}")
    key = page.get_by_role("button", name=t("marks.write"), exact=True)
    expect(key).to_be_visible(timeout=LONG_S)
    shown = ".picture" if n == 2 else '.pdf-page[data-state="sharp"]'
    expect(page.locator(shown).first).to_be_visible(timeout=LONG_S)


def press(page: Page, key: str) -> None:
    """A key of the reading tools, also when they are about to go."""
    page.get_by_role("button", name=t(key), exact=True).evaluate("key => key.click()")


def write(page: Page, tool: str = "pen") -> None:
    press(page, "marks.write")
    key = page.get_by_role("button", name=t(f"marks.{tool}"), exact=True)
    key.tap()
    expect(key).to_have_attribute("aria-pressed", "true")


def sheet(page: Page, index: int = 0) -> Locator:
    return page.locator(".pdf-page, .picture").nth(index)


def saved(kiosk: KioskProcess, fits: Callable[[Any], Any], n: int = 1) -> Any:
    """What the terminal has of a material, once it fits."""

    def pages() -> Any:
        found = kiosk.json(f"/api/meetings/M1/materials/{n}/marks")["pages"]
        return found if fits(found) else None

    return eventually(pages)


def put(kiosk: KioskProcess, page: int, **marks: Any) -> None:
    address = f"/api/meetings/M1/materials/1/marks/{page}"
    assert kiosk.send("PUT", address, {"version": 0, **marks}).status_code == 200


def scrolls(page: Page) -> None:
    """A finger moves the document. On a busy machine it may have to try twice."""
    top = "document.querySelector('.pane').scrollTop"
    before = page.evaluate(top)

    def moved() -> bool:
        Hand(page, page.locator(".pane")).draw((0.5, 0.6), (0.5, 0.4))
        return bool(page.evaluate(top) > before + 40)

    eventually(moved)


def test_a_finger_draws_a_line_that_is_there_after_a_reload(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk)
    write(page)
    Hand(page, sheet(page)).draw((0.2, 0.3), (0.6, 0.5))
    (marked,) = saved(kiosk, lines)
    (stroke,) = marked["strokes"]
    assert (marked["page"], stroke["tool"], stroke["ink"]) == (1, "pen", "red")
    assert close_to(ends(stroke), (0.2, 0.3, 0.6, 0.5))
    assert "pressure" not in stroke
    expect(page.locator(".marks-state")).to_have_text(t("marks.state_saved"))
    assert is_near(colour_at(page, sheet(page), (0.4, 0.4)), RED)
    page.reload()
    expect(page.locator(".marks-line")).to_have_count(1)
    assert is_near(colour_at(page, sheet(page), (0.4, 0.4)), RED)


def test_reading_is_as_it_was_before_and_after_writing(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    write(page)
    page.get_by_role("button", name=t("marks.done"), exact=True).tap()
    expect(page.locator(".marks-tray")).to_be_hidden()
    expect(page.locator(".reader-tools")).to_be_visible()
    scrolls(page)
    assert kiosk.json("/api/meetings/M1/materials/1/marks")["pages"] == []


def test_a_stylus_draws_with_pressure_and_then_a_finger_scrolls(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk)
    write(page)
    hand = Hand(page, sheet(page))
    hand.draw((0.2, 0.3), (0.6, 0.4), pen=True)
    (marked,) = saved(kiosk, lines)
    pressure = marked["strokes"][0]["pressure"]
    assert pressure == sorted(pressure) and pressure[0] < pressure[-1]
    assert 2 * len(pressure) == len(marked["strokes"][0]["points"])
    page.wait_for_timeout(500)  # as long as the hand may still lie there
    scrolls(page)
    assert lines(kiosk.json("/api/meetings/M1/materials/1/marks")["pages"]) == 1


def test_the_hand_beside_the_stylus_leaves_no_mark(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    write(page)
    hand = Hand(page, sheet(page))
    before = page.evaluate("document.querySelector('.pane').scrollTop")
    hand.stylus([(300, 500), (400, 520)], lambda: hand.draw((0.7, 0.5), (0.7, 0.4)))
    assert page.evaluate("document.querySelector('.pane').scrollTop") == before
    saved(kiosk, lambda pages: lines(pages) == 1)


def test_two_fingers_zoom_while_writing_and_leave_no_line(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    write(page)
    before = sheet(page).bounding_box()
    Hand(page, sheet(page)).pinch(60, 180)
    assert before
    eventually(lambda: sheet(page).evaluate("it => it.clientWidth") > 1.25 * before["width"])
    expect(page.locator(".marks-line")).to_have_count(0)
    assert page.evaluate("visualViewport.scale") == 1


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_line_on_a_turned_page_stays_on_its_spot(
    page: Page, kiosk: KioskProcess, turns: int
) -> None:
    open_material(page, kiosk)
    for _ in range(turns):
        press(page, "reader.turn")
    write(page)
    hand = Hand(page, sheet(page))
    hand.draw((0.3, 0.2), (0.5, 0.4))
    (marked,) = saved(kiosk, lines)
    expected = {
        1: (0.2, 0.7, 0.4, 0.5), 2: (0.7, 0.8, 0.5, 0.6), 3: (0.8, 0.3, 0.6, 0.5),
    }[turns]  # fmt: skip
    assert close_to(ends(marked["strokes"][0]), expected)
    assert is_near(colour_at(page, sheet(page), (0.4, 0.3)), RED)


def test_a_line_stays_on_its_spot_through_a_zoom(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    for _ in range(3):
        press(page, "reader.zoom_in")
    write(page)
    hand = Hand(page, sheet(page))
    begin, end = hand.spot(500, 700), hand.spot(600, 800)
    hand.draw(begin, end)
    (marked,) = saved(kiosk, lines)
    assert close_to(ends(marked["strokes"][0]), (*begin, *end))
    spot = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    page.get_by_role("button", name=t("marks.done"), exact=True).tap()
    for _ in range(6):
        page.keyboard.press("-")
    page.wait_for_timeout(300)
    assert is_near(colour_at(page, sheet(page), spot), RED)


def test_undo_redo_and_the_eraser(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    write(page)
    hand = Hand(page, sheet(page))
    hand.draw((0.2, 0.2), (0.6, 0.2))
    hand.draw((0.2, 0.4), (0.6, 0.4))
    drawn = page.locator(".marks-line")
    expect(drawn).to_have_count(2)
    page.get_by_role("button", name=t("marks.undo"), exact=True).tap()
    expect(drawn).to_have_count(1)
    page.get_by_role("button", name=t("marks.redo"), exact=True).tap()
    expect(drawn).to_have_count(2)
    page.get_by_role("button", name=t("marks.eraser"), exact=True).tap()
    hand.draw((0.4, 0.1), (0.4, 0.3))
    expect(drawn).to_have_count(1)
    saved(kiosk, lambda pages: lines(pages) == 1)
    page.keyboard.press("Control+z")
    expect(drawn).to_have_count(2)
    saved(kiosk, lambda pages: lines(pages) == 2)


def test_the_highlighter_lets_the_print_through(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    write(page, "highlighter")
    Hand(page, sheet(page)).draw((0.05, 0.49), (0.4, 0.49))
    (marked,) = saved(kiosk, lines)
    assert (marked["strokes"][0]["tool"], marked["strokes"][0]["ink"]) == ("highlighter", "yellow")
    box = sheet(page).bounding_box()
    assert box is not None
    clip = {"x": box["x"] + box["width"] * 0.1, "y": box["y"] + box["height"] * 0.48,
            "width": box["width"] * 0.15, "height": box["height"] * 0.02}  # fmt: skip
    shot = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    colours = [colour for _, colour in sorted(shot.getcolors(1 << 20) or (), reverse=True)]
    assert is_near(colours[0], YELLOW), "the paper is yellow"
    assert any(max(colour) < 60 for colour in colours), "and the print is still black"


def test_a_note_is_written_read_changed_and_removed(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    write(page, "note")
    Hand(page, sheet(page)).draw((0.5, 0.4))
    card = page.get_by_role("dialog", name=t("marks.note"))
    card.get_by_role("textbox").fill("请核对 <b>数字</b>")
    card.get_by_role("button", name=t("marks.note_done")).tap()
    (marked,) = saved(kiosk, lambda pages: pages and pages[0]["notes"])
    (note,) = marked["notes"]
    assert note["text"] == "请核对 <b>数字</b>" and close_to((note["x"], note["y"]), (0.5, 0.4))
    page.reload()
    pin = page.get_by_role("button", name=t("marks.note_name", number=1, text=note["text"]))
    pin.tap()
    expect(card.get_by_role("textbox")).to_have_value(note["text"])
    card.get_by_role("textbox").fill("好")
    page.keyboard.press("Escape")
    saved(kiosk, lambda pages: pages[0]["notes"][0]["text"] == "好")
    page.locator(".marks-pin").focus()
    page.keyboard.press("Enter")
    card.get_by_role("button", name=t("marks.note_remove")).tap()
    saved(kiosk, lambda pages: pages[0]["notes"] == [])
    expect(page.locator(".marks-pin")).to_have_count(0)


def test_a_note_can_be_put_down_with_the_keyboard_alone(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk)
    page.get_by_role("button", name=t("marks.write"), exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=t("marks.note"), exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.type("ok")
    page.keyboard.press("Escape")
    (marked,) = saved(kiosk, lambda pages: pages and pages[0]["notes"])
    assert marked["notes"][0]["text"] == "ok"
    page.keyboard.press("Escape")
    expect(page.locator(".marks-tray")).to_be_hidden()


def test_the_list_leads_to_the_page(page: Page, kiosk: KioskProcess) -> None:
    put(kiosk, 3, notes=[{"x": 0.5, "y": 0.5, "text": "第三页的批注"}])
    open_material(page, kiosk)
    write(page)
    page.get_by_role("button", name=t("marks.list"), exact=True).tap()
    panel = page.get_by_role("complementary", name=t("marks.list"))
    expect(panel).to_contain_text("第三页的批注")
    panel.get_by_role("button", name=t("reader.page_name", page=3)).tap()
    expect(page.locator(".reader-page-words")).to_have_text("3 / 3")
    panel.get_by_role("button", name=t("reader.close")).tap()
    expect(panel).to_have_count(0)


def test_a_picture_is_written_on_as_well(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, 2)
    press(page, "reader.turn")
    write(page)
    Hand(page, sheet(page)).draw((0.3, 0.2), (0.5, 0.4))
    (marked,) = saved(kiosk, lines, n=2)
    assert close_to(ends(marked["strokes"][0]), (0.2, 0.7, 0.4, 0.5))
    assert is_near(colour_at(page, sheet(page), (0.4, 0.3)), RED)


def test_what_is_written_while_the_terminal_is_away_is_saved_afterwards(
    page: Page, kiosk: KioskProcess, context: Any
) -> None:
    troubles: list[str] = []
    alone = context.new_page()
    alone.on("pageerror", lambda error: troubles.append(str(error)))
    open_material(alone, kiosk)
    write(alone)
    port = kiosk.port
    kiosk.stop()
    Hand(alone, sheet(alone)).draw((0.2, 0.3), (0.6, 0.5))
    expect(alone.locator(".marks-state")).to_have_text(t("marks.state_waiting"))
    kiosk.start(port)
    expect(alone.locator(".marks-state")).to_have_text(t("marks.state_saved"), timeout=15_000)
    saved(kiosk, lines)
    assert troubles == []


def test_two_windows_that_write_on_one_page_lose_nothing(
    page: Page, kiosk: KioskProcess, context: Any
) -> None:
    other = context.new_page()  # of its own, for its console tells of the 409
    for one in (page, other):
        open_material(one, kiosk)
        write(one)
    Hand(page, sheet(page)).draw((0.2, 0.2), (0.6, 0.2))
    saved(kiosk, lambda pages: lines(pages) == 1)
    Hand(other, sheet(other)).draw((0.2, 0.4), (0.6, 0.4))
    saved(kiosk, lambda pages: lines(pages) == 2)
    expect(other.locator(".marks-line")).to_have_count(2)


def test_marks_of_a_page_that_changed_are_told_of_and_shown(page: Page, library: Library) -> None:
    with KioskProcess(library.data_dir, MODE) as kiosk:
        open_material(page, kiosk)
        write(page)
        Hand(page, sheet(page)).draw((0.2, 0.3), (0.6, 0.5))
        put(kiosk, 2, notes=[{"x": 0.5, "y": 0.5, "text": "旧批注"}])
        saved(kiosk, lines)
        eventually(lambda: library.marks("M1").documents()[0].prints)
        page.goto("about:blank")  # it would miss the terminal
    publish(library, {**FILES, "报告.pdf": papers(["preface", "budget", "staff!", "plan"])})
    with KioskProcess(library.data_dir, MODE) as kiosk:
        open_material(page, kiosk)
        line = page.locator(".marks-kept")
        expect(line).to_contain_text(t("marks.kept_one", page=2))
        line.get_by_role("button", name=t("marks.kept_see")).tap()
        old = page.get_by_role("dialog", name=t("marks.kept_title"))
        expect(old).to_contain_text("旧批注")
        old.get_by_role("button", name=t("reader.close")).tap()
        page.get_by_role("button", name="1 / 4").evaluate("key => key.click()")
        page.keyboard.type("2")
        page.keyboard.press("Enter")
        expect(page.locator(".reader-page-words")).to_have_text("2 / 4")
        expect(page.locator(".marks-line")).to_have_count(1)
        second = page.get_by_label(t("reader.page_of", page=2, pages=4))
        expect(second).to_be_visible()
        assert is_near(colour_at(page, second, (0.4, 0.4)), RED)


def test_memory_of_marks_is_given_back_with_the_page(page: Page, library: Library) -> None:
    publish(library, {"长.pdf": papers([f"page {n}" for n in range(1, 31)])})
    with KioskProcess(library.data_dir, MODE) as kiosk:
        for number in range(1, 31):
            line = {"tool": "pen", "ink": "blue", "width": 3, "points": [0.1, 0.1, 0.9, 0.9]}
            put(kiosk, number, strokes=[line])
        open_material(page, kiosk)
        expect(page.locator(".marks-line").first).to_be_attached()
        for _ in range(10):
            page.keyboard.press("PageDown")
        expect(page.locator(".reader-page-words")).not_to_have_text("1 / 30")
        assert page.locator(".marks-line").count() <= 5
        assert page.locator("canvas.marks-live").count() == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_everybody_can_use_it(page: Page, library: Library, language: str) -> None:
    with KioskProcess(library.data_dir, MODE, "--language", language) as kiosk:
        put(kiosk, 1, notes=[{"x": 0.5, "y": 0.2, "text": "第一页"}])
        page.goto(f"{kiosk.url}/meetings/M1/materials/1")
        expect(page.locator(".marks-pin")).to_be_visible(timeout=LONG_S)
        no_violations(page)
        page.locator(".reader-tools button").last.evaluate("key => key.click()")
        expect(page.locator(".marks-tray")).to_be_visible()
        no_violations(page)
        page.locator(".marks-pin").tap()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_timeout(300)
        no_violations(page)
