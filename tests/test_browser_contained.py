"""Hostile HTML, SVG and PDF on the screen: shown, and nothing comes out of them (S9, S12).

A beacon listens on loopback under all the names a browser knows for it; the terminal's own log
tells whether anything but the page's own requests reached it.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import hostile
import pytest
from beacon import Beacon
from kiosk_process import KioskProcess, eventually
from playwright.sync_api import BrowserContext, Dialog, Download, Page, expect
from reading import (
    SAMPLES,
    expect_words,
    is_blank,
    number_of,
    open_material,
    reading,
    rows_of,
    seen,
    t,
)

pytestmark = [pytest.mark.browser, pytest.mark.fault("S9")]

SETTLED_MS = 900
ASKED = re.compile(r"request method=(\w+) path='([^']*)' status=(\d+)")
OWN = re.compile(
    r"/(static/.*|accent\.css|api/meetings(/M1(/reading|/materials/\d+/marks)?)?|socket\.io/|meetings/M1/(materials|files|frames"
    r"|thumbnails|pictures|pages)/.*)"
)
KEPT = ("PUT", "/api/meetings/M1/reading")
"""Where somebody is in a material: the one thing that the page itself writes down."""
ONE_PROCESS = "--disable-features=IsolateSandboxedIframes"
AWAY = "(place) => { document.querySelector('iframe.frame').contentWindow.location = place; }"
HAPPENS = """
(node, kind) => node.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }))
"""
STAGE = {"x": 0, "y": 90, "width": 1280, "height": 560}
"""What the bars leave free, in CSS pixels."""
SCRIPTED = b"<!doctype html><div id=app></div><script>app.textContent='x'</script>"


@pytest.fixture(scope="module")
def beacon() -> Iterator[Beacon]:
    with Beacon() as beacon:
        yield beacon


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory, beacon: Beacon) -> Iterator[KioskProcess]:
    files = {
        "通知.html": hostile.page(beacon),
        "图.svg": hostile.drawing(beacon),
        "图.xml": hostile.drawing(beacon),
        "说明.md": hostile.page(beacon),
        "字.txt": hostile.page(beacon),
        "文件.pdf": hostile.document(beacon),
        "对比.html": (SAMPLES / "ql-2026-q4" / "comparison.html").read_bytes(),
        "程序.html": SCRIPTED,
        "空.html": b"",
    }
    with reading(tmp_path_factory.mktemp("contained") / "data", files) as kiosk:
        eventually(lambda: all(row["trouble"] or row["thumbnail"] for row in rows_of(kiosk)
                               if row["viewer"] == "pdf"), 30)  # fmt: skip
        yield kiosk


class Watch:
    """Notes whatever should not happen to a page."""

    def __init__(self, context: BrowserContext, kiosk: KioskProcess, beacon: Beacon) -> None:
        # Chromium writes what it blocked into the console: so not the page of the fixture `page`.
        self.page = context.new_page()
        self._kiosk, self._beacon, self._context = kiosk, beacon, context
        self._log_at = len(kiosk.log)
        self.asked: list[str] = []
        self.downloads: list[Download] = []
        self.dialogs: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("download", self._note)
        self.page.on("dialog", self._dismiss)

    def _note(self, download: Download) -> None:
        self.downloads.append(download)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, name: str) -> Page:
        open_material(self.page, self._kiosk, name)
        return self.page

    def assert_nothing_came_out(self, name: str, besides: set[str] = frozenset()) -> None:
        self.page.wait_for_timeout(SETTLED_MS)
        assert self._beacon.heard == []
        assert self.page.evaluate("window.hacked") is None
        place = f"{self._kiosk.url}/meetings/M1/materials/{number_of(self._kiosk, name)}"
        assert self.page.url.split("?")[0] == place
        assert self._context.pages == [self.page]
        assert (self.downloads, self.dialogs) == ([], [])
        self._assert_the_terminal_was_left_alone(besides)

    def _assert_the_terminal_was_left_alone(self, besides: set[str]) -> None:
        asked = ASKED.findall(self._kiosk.log[self._log_at :])
        strange = [
            (method, path) for method, path, _ in asked
            if (method != "GET" and (method, path) != KEPT)
            or not (OWN.fullmatch(path) or path in besides)
        ]  # fmt: skip
        assert asked and strange == []


@pytest.fixture
def watch(context: BrowserContext, kiosk: KioskProcess, beacon: Beacon) -> Watch:
    beacon.heard.clear()
    return Watch(context, kiosk, beacon)


def test_the_beacon_hears_what_a_browser_sends(context: BrowserContext, beacon: Beacon) -> None:
    """Without this the silence below would prove nothing."""
    page = context.new_page()
    page.goto(beacon.url)
    for name in ("127.0.0.1", "127.0.0.77", "secret.localhost", "[::1]"):
        beacon.heard.clear()
        source = f"http://{name}:{beacon.port}/x.png"
        page.evaluate("(source) => { new Image().src = source; }", source)
        eventually(lambda: any(b"GET /x.png" in said for said in beacon.heard))
    beacon.heard.clear()
    with socket.create_connection(("127.0.0.1", beacon.port)):
        eventually(lambda: beacon.heard == [b"connected"])
    page.close()
    beacon.heard.clear()


def test_a_page_is_shown_and_nothing_comes_out(watch: Watch) -> None:
    page = watch.open("通知.html")
    expect(page.locator("iframe.frame")).to_have_attribute("sandbox", "")
    expect(page.frame_locator("iframe.frame").get_by_text("通知").first).to_be_visible()
    watch.assert_nothing_came_out("通知.html")


def test_a_drawing_is_a_picture_and_nothing_comes_out(watch: Watch) -> None:
    page = watch.open("图.svg")
    picture = page.locator("img.picture")
    expect(picture).to_be_visible()
    eventually(lambda: not is_blank(seen(picture)))
    picture.click(position={"x": 30, "y": 40})
    watch.assert_nothing_came_out("图.svg")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("图.xml", ".text-piece"), ("说明.md", ".flow-sheet"), ("字.txt", ".text-piece")],
)
def test_the_same_as_text_is_text(watch: Watch, name: str, shown: str) -> None:
    page = watch.open(name)
    expect(page.locator(shown).first).to_contain_text(re.compile("通知|图"))
    assert page.locator("iframe, .flow-sheet :is(script, link, img, form, a, style)").count() == 0
    watch.assert_nothing_came_out(name)


@pytest.mark.fault("S12")
def test_what_is_touched_in_a_page_leads_nowhere(watch: Watch) -> None:
    page = watch.open("通知.html")
    inside = page.frame_locator("iframe.frame")
    for word in hostile.LINKS:
        inside.get_by_text(word, exact=True).click()
        page.wait_for_timeout(400)
        expect(inside.get_by_text("通知").first, word).to_be_visible()
    watch.assert_nothing_came_out("通知.html")


# Playwright's driver dies of a frame that changes its process and back in the same moment.
@pytest.mark.parametrize("browser", [(ONE_PROCESS,)], indirect=True)
def test_a_frame_that_goes_elsewhere_is_brought_back(watch: Watch) -> None:
    """By its own links it cannot; so the page itself sends it away."""
    page = watch.open("对比.html")
    expect(page.frame_locator("iframe.frame").locator("h1").first).to_be_visible()
    page.wait_for_timeout(300)
    before = seen(page, clip=STAGE)
    assert not is_blank(before)
    for place in ("/options", "/api/meetings", "/static/starting.html"):
        page.evaluate(AWAY, place)
        page.wait_for_timeout(300)
        eventually(lambda: seen(page, clip=STAGE).tobytes() == before.tobytes())
    watch.assert_nothing_came_out("对比.html", besides={"/options"})


@pytest.mark.fault("S12")
def test_keys_menus_and_drops_do_not_lead_out_of_the_page(watch: Watch) -> None:
    page = watch.open("字.txt")
    expect(page.locator(".text-piece").first).to_be_visible()
    for kind in ("contextmenu", "dragstart", "dragover", "drop"):
        assert page.locator(".text-piece").first.evaluate(HAPPENS, kind) is False, kind
    for key in ("Control+p", "Control+s", "Control+o"):
        page.keyboard.press(key)
    watch.assert_nothing_came_out("字.txt")


def test_a_pdf_is_drawn_and_its_actions_do_nothing(watch: Watch) -> None:
    page = watch.open("文件.pdf")
    sheet = page.locator(".pdf-page").first
    expect(page.locator('.pdf-page[data-state="sharp"]').first).to_be_visible(timeout=15_000)
    for share in (0.2, 0.5):
        box = sheet.bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * share)
    watch.assert_nothing_came_out("文件.pdf")


@pytest.mark.parametrize("name", ["程序.html", "空.html"])
def test_a_page_that_would_stay_blank_is_said_to_have_nothing_to_show(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    open_material(page, kiosk, name)
    expect_words(page, "reader.fault.frame-empty")


def test_an_ordinary_page_is_shown(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "对比.html")
    expect(page.frame_locator("iframe.frame").locator("h1").first).to_be_visible()
    assert page.get_by_role("link", name=t("reader.back"), exact=True).is_visible()


def test_the_address_of_a_page_itself_is_no_way_around(
    context: BrowserContext, kiosk: KioskProcess, beacon: Beacon, tmp_path: Path
) -> None:
    beacon.heard.clear()
    page = context.new_page()
    rows = {row["name"]: row for row in rows_of(kiosk)}
    page.goto(kiosk.url + rows["通知.html"]["frame"])
    page.wait_for_timeout(SETTLED_MS)
    assert page.evaluate("[window.hacked ?? null, self.origin]") == [None, "null"]
    assert beacon.heard == []
    for name in ("通知.html", "图.svg"):
        headers = kiosk.get(rows[name]["url"]).headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment")
    headers = kiosk.get(rows["图.svg"]["frame"]).headers
    assert headers["Content-Disposition"].startswith("attachment"), "a picture, but no page"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
