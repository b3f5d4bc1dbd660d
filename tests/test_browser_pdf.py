"""Reading a PDF in a real browser: pictures first, one page alone, outline, links."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from papers import pdf
from pdfs import A4, book, link_out, link_to, locked_pdf
from playwright.sync_api import Locator, Page, expect
from reading import is_blank, seen

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STUDY = ROOT / "kiosk" / "demo" / "samples" / "ql-2026-q4" / "study.pdf"
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
SLIDE = (960, 540)
LINKED, LEADS_OUT = "60 600 500 700", "60 300 500 400"
FILES = {
    "研究.pdf": STUDY.read_bytes(),
    "手册.pdf": book(
        [A4, A4, SLIDE, A4, A4, A4],
        links=link_to(5, 400, LINKED) + link_out("http://127.0.0.1:9/", LEADS_OUT),
        outline=True,
    ),
    "加密.pdf": locked_pdf(),
    "无字体.pdf": pdf(["会议材料"]),
}
STUDY_N, BOOK_N, LOCKED_N, FONTLESS_N = range(1, 5)
TAPS = 3  # of a busy machine's events some come too late to be a double tap
NOTE_BOXES = """
window.boxes = [];
const note = () => {
  const page = document.querySelector(".pdf-page");
  if (page?.querySelector("img, canvas")) boxes.push(JSON.stringify(page.getBoundingClientRect()));
};
new MutationObserver(note).observe(document, {childList: true, subtree: true, attributes: true});
"""


def t(key: str, **fields: object) -> str:
    return str(WORDS[key]).format(**fields)


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    """A terminal that has the meeting and has looked at its documents."""
    folder = tmp_path_factory.mktemp("pdf")
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with contextlib.ExitStack() as stack:
        with pool_of([()], {"M1": meeting_of(FILES)}) as pool:
            settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
            kiosk = KioskProcess(folder / "data", mode, interval_s=1, min_free_mb=1, **settings)
            one = stack.enter_context(kiosk)
            eventually(lambda: one.json("/api/meetings")["meetings"])
            one.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: all(row["sheets"] or row["trouble"] for row in rows(one)))
        yield one


@pytest.fixture(autouse=True)
def _from_the_beginning(kiosk: KioskProcess) -> None:
    """The terminal remembers where somebody was; each test begins at page 1."""
    for n in (STUDY_N, BOOK_N):
        told = {"n": n, "revision": None, "place": {"page": 0, "y": 0}}
        assert kiosk.send("PUT", "/api/meetings/M1/reading", told).status_code < 300


def rows(kiosk: KioskProcess) -> list[dict[str, object]]:
    meeting = kiosk.get("/api/meetings/M1").json()
    found = [row for item in meeting.get("agenda", []) for row in item["materials"]]
    return found or [{"sheets": None, "trouble": None}]


def open_material(page: Page, kiosk: KioskProcess, n: int, query: str = "") -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/{n}{query}")
    expect(page.locator(".reader")).to_be_visible()


def number_shown(page: Page) -> Locator:
    return page.locator(".reader-page-words")


def sheet(page: Page, n: int, pages: int) -> Locator:
    return page.get_by_label(t("reader.page_of", page=n, pages=pages), exact=True)


def tool(page: Page, key: str) -> Locator:
    return page.get_by_role("button", name=t(key), exact=True)


def sharp(page: Page, n: int, pages: int) -> None:
    expect(sheet(page, n, pages)).to_have_attribute("data-state", "sharp")
    expect(sheet(page, n, pages)).to_be_in_viewport()


def stroke(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """One finger, quickly from here to there."""
    fingers = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0)):
        x, y = (start[i] + (end[i] - start[i]) * share for i in (0, 1))
        point = {"x": x, "y": y, "id": 1}
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    fingers.detach()


def test_a_picture_stands_in_the_place_of_a_page_until_it_is_sharp(
    page: Page, kiosk: KioskProcess
) -> None:
    page.route("**/pdf.worker.min.mjs", lambda _: None)  # PDF.js never gets anywhere
    open_material(page, kiosk, STUDY_N)
    expect(page.locator('.pdf-page[data-pictured="true"] .pdf-picture')).to_be_visible()
    expect(number_shown(page)).to_have_text("1 / 200")
    heights = page.evaluate(
        "[document.querySelector('.pane').scrollHeight,"
        " document.querySelector('.pdf-page').offsetHeight]"
    )
    assert heights[0] > 200 * heights[1]
    tool(page, "reader.page_after").tap()
    expect(number_shown(page)).to_have_text("2 / 200")
    expect(sheet(page, 2, 200).locator(".pdf-picture")).to_be_visible()


def test_the_sharp_page_takes_the_place_of_the_picture_without_a_jump(
    page: Page, kiosk: KioskProcess
) -> None:
    page.add_init_script(NOTE_BOXES)
    open_material(page, kiosk, STUDY_N)
    sharp(page, 1, 200)
    expect(page.locator(".pdf-picture")).to_have_count(0)
    assert len(set(page.evaluate("window.boxes"))) == 1


def test_pictures_are_read_where_pdf_js_cannot_show_the_document(
    page: Page, kiosk: KioskProcess
) -> None:
    broken = "throw new Error('not today')"
    page.route(
        "**/pdf.min.mjs",
        lambda route: route.fulfill(body=broken, content_type="text/javascript"),
    )
    open_material(page, kiosk, BOOK_N)
    expect(sheet(page, 1, 6).locator(".pdf-picture")).to_be_visible()
    page.keyboard.press("End")
    expect(sheet(page, 6, 6).locator(".pdf-picture")).to_be_visible()
    expect(number_shown(page)).to_have_text("6 / 6")
    expect(page.locator(".reader-card")).to_have_count(0)


def width_of(page: Page, n: int = 1) -> float:
    box = sheet(page, n, 6).bounding_box()
    assert box
    return box["width"]


def test_a_page_fits_the_window_or_its_width_turns_and_grows_at_a_double_tap(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, BOOK_N)
    sharp(page, 1, 6)
    usual = width_of(page)
    tool(page, "reader.fit_width").tap()
    eventually(lambda: 1200 < width_of(page) <= 1280)
    tool(page, "reader.fit_page").tap()
    eventually(lambda: width_of(page) * A4[1] / A4[0] <= 800)
    expect(tool(page, "reader.fit_page")).to_have_attribute("aria-pressed", "true")
    tool(page, "reader.turn").tap()
    eventually(lambda: width_of(page) * A4[0] / A4[1] <= 800 < width_of(page))
    for _ in range(3):
        tool(page, "reader.turn").tap()
    tool(page, "reader.fit_page").tap()
    eventually(lambda: width_of(page) == usual)
    for wanted in (2 * usual, usual):
        for _ in range(TAPS):
            page.touchscreen.tap(640, 650)  # beside the links
            page.touchscreen.tap(640, 650)
            page.wait_for_timeout(400)
            if width_of(page) == pytest.approx(wanted, abs=2):
                break
        else:
            pytest.fail(f"it is {width_of(page)} wide and not {wanted}")
    assert page.evaluate("visualViewport.scale") == 1


def test_a_small_page_leads_to_its_page(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, BOOK_N)
    tool(page, "reader.rail").tap()
    fourth = page.locator(".rail .thumbnail").nth(3)
    expect(fourth.locator("canvas, img")).to_be_visible()
    fourth.tap()
    expect(number_shown(page)).to_have_text("4 / 6")
    expect(fourth).to_have_attribute("aria-current", "page")


def test_chinese_in_a_font_that_is_not_in_the_file_is_drawn_and_found(
    page: Page, kiosk: KioskProcess
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_material(page, kiosk, FONTLESS_N)
    sharp(page, 1, 1)
    box = sheet(page, 1, 1).bounding_box()
    assert box
    scale = box["width"] / A4[0]
    letters = [
        seen(page, clip={"x": box["x"] + (60 + 14 * n) * scale, "y": box["y"] + 70 * scale,
                         "width": 14 * scale, "height": 15 * scale})
        for n in range(4)
    ]  # fmt: skip
    assert not any(map(is_blank, letters))
    assert len({letter.tobytes() for letter in letters}) == 4, "each is itself, and not a box"
    assert any("/cmaps/" in url for url in asked), "what its codes mean comes from here"
    assert all(url.startswith(kiosk.url) for url in asked)
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox").fill("议材")
    expect(page.locator(".find-count")).to_have_text(t("reader.find_place", place=1, count=1))


def test_one_page_alone_is_turned_by_key_swipe_and_edge(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, BOOK_N)
    sharp(page, 1, 6)
    tool(page, "reader.alone").tap()
    expect(tool(page, "reader.alone")).to_have_attribute("aria-pressed", "true")
    sharp(page, 1, 6)
    expect(sheet(page, 2, 6)).not_to_be_in_viewport()
    whole = sheet(page, 1, 6).bounding_box()
    assert whole and whole["y"] >= 0 and whole["height"] <= 800
    page.keyboard.press("ArrowRight")
    sharp(page, 2, 6)
    expect(sheet(page, 1, 6)).not_to_be_in_viewport()
    stroke(page, (900, 400), (500, 410))
    sharp(page, 3, 6)
    slide = sheet(page, 3, 6).bounding_box()
    assert slide and 1200 < slide["width"] <= 1280
    stroke(page, (640, 300), (640, 500))
    sharp(page, 2, 6)
    page.touchscreen.tap(1250, 400)
    sharp(page, 3, 6)
    page.touchscreen.tap(30, 400)
    sharp(page, 2, 6)
    page.mouse.move(640, 400)
    page.mouse.wheel(0, 120)
    sharp(page, 3, 6)


def test_a_page_alone_that_is_zoomed_moves_under_the_finger_and_is_not_turned(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, BOOK_N)
    tool(page, "reader.alone").tap()
    sharp(page, 1, 6)
    for _ in range(8):
        tool(page, "reader.zoom_in").tap()
    stroke(page, (900, 400), (500, 410))
    page.touchscreen.tap(1250, 300)
    expect(number_shown(page)).to_have_text("1 / 6")
    page.keyboard.press("Control+0")
    page.keyboard.press("End")
    sharp(page, 6, 6)


def test_the_way_of_reading_is_remembered(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, BOOK_N)
    sharp(page, 1, 6)
    tool(page, "reader.alone").tap()
    page.keyboard.press("ArrowRight")
    sharp(page, 2, 6)
    open_material(page, kiosk, STUDY_N)
    sharp(page, 1, 200)
    expect(tool(page, "reader.alone")).to_have_attribute("aria-pressed", "true")
    open_material(page, kiosk, BOOK_N)
    sharp(page, 2, 6)
    tool(page, "reader.alone").tap()
    open_material(page, kiosk, BOOK_N)
    sharp(page, 2, 6)
    expect(tool(page, "reader.alone")).to_have_attribute("aria-pressed", "false")


def test_the_outline_leads_through_the_document(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, BOOK_N)
    tool(page, "reader.outline").tap()
    tree = page.get_by_role("tree")
    entries = tree.get_by_role("treeitem")
    expect(entries).to_have_count(2)
    current = tree.locator('[aria-current="true"]')
    expect(current).to_contain_text("Chapter 1")
    entries.nth(1).tap()
    expect(number_shown(page)).to_have_text("3 / 6")
    expect(current).to_contain_text("Chapter 2")
    page.keyboard.press("ArrowRight")
    expect(entries).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(number_shown(page)).to_have_text("6 / 6")
    expect(current).to_contain_text("Section 2.1")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(entries).to_have_count(2)
    expect(current).to_contain_text("Chapter 2")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_outline_and_single_page_pass_the_accessibility_check(
    page: Page, kiosk: KioskProcess, language: str
) -> None:
    page.add_init_script(f"sessionStorage.setItem('kiosk.language', '{language}')")
    open_material(page, kiosk, BOOK_N)
    keys = json.loads((ROOT / "static" / "i18n" / f"{language}.json").read_text("utf-8"))
    page.get_by_role("button", name=keys["reader.alone"], exact=True).tap()
    page.get_by_role("button", name=keys["reader.outline"], exact=True).tap()
    expect(page.get_by_role("tree").locator('[aria-current="true"]')).to_be_visible()
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def test_a_document_without_an_outline_offers_none(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, STUDY_N)
    sharp(page, 1, 200)
    expect(tool(page, "reader.find")).to_be_visible()
    expect(tool(page, "reader.outline")).to_be_hidden()


def test_a_link_within_is_followed_and_one_out_does_nothing(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, BOOK_N)
    sharp(page, 1, 6)
    links = sheet(page, 1, 6).locator(".pdf-link")
    expect(links).to_have_count(1)
    address = page.url
    box = sheet(page, 1, 6).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * 280 / 595, box["y"] + box["height"] * 492 / 842)
    expect(number_shown(page)).to_have_text("1 / 6")
    assert page.url == address
    links.tap()
    expect(number_shown(page)).to_have_text("5 / 6")
    assert page.url == address


def test_a_locked_document_is_said_to_be_locked(page: Page, kiosk: KioskProcess) -> None:
    page.goto(f"{kiosk.url}/meetings/M1")
    card = page.locator("a.card", has_text="加密")
    expect(card).to_contain_text(t("material.state.locked"))
    card.tap()
    expect(page.get_by_role("heading", name=t("reader.fault.encrypted"))).to_be_visible()


def test_pictures_and_sizes_are_given_out_and_nothing_else(kiosk: KioskProcess) -> None:
    base = "/meetings/M1/pages"
    assert kiosk.json(f"{base}/{BOOK_N}") == [[2, *A4], [1, *SLIDE], [3, *A4]]
    picture = kiosk.get(f"{base}/{BOOK_N}/4")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert picture.headers["Cache-Control"] == "no-store"
    for path in (f"{base}/{BOOK_N}/7", f"{base}/{BOOK_N}/0", f"{base}/{LOCKED_N}", f"{base}/9",
                 f"{base}/{BOOK_N}/99999999999", f"{base}/{BOOK_N}/-1",
                 f"{base}/{BOOK_N}/1?r={'0' * 64}"):  # fmt: skip
        assert kiosk.get(path).status_code == 404, path


def test_a_purge_takes_the_pictures_along(kiosk: KioskProcess) -> None:
    assert kiosk.get(f"/meetings/M1/pages/{STUDY_N}/77").status_code == 200
    renditions = kiosk.data_dir / "renditions"
    assert list(renditions.glob("*/page-77.jpg"))
    assert kiosk.send("DELETE", "/api/meetings/M1").status_code == 200
    assert kiosk.get(f"/meetings/M1/pages/{STUDY_N}/77").status_code == 404
    assert list(renditions.iterdir()) == []
