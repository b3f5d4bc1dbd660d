"""Reading and setting up in a real browser: long, broken, hostile documents; typed values; PIN."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from kiosk_process import KioskProcess, meeting_of
from playwright.sync_api import CDPSession, Page, expect

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
HOSTILE = """# 标题
<img src="http://127.0.0.1:1/x.png" onerror="window.hacked=1"><script>window.hacked=1</script>
[离开](/options) <b style="color:red" onclick="window.hacked=1">粗体</b>
<a href="javascript:window.hacked=1">点这里</a>
"""
PINCHES = 3  # of a busy machine's events some come too late for their gesture
FRAMED = "<h1>通知</h1><script>parent.hacked = 1</script>"


def t(key: str, **fields: object) -> str:
    return str(WORDS[key]).format(**fields)


def long_pdf(tmp_path: Path) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for number in range(200):
        document.new_page(595, 842 if number % 5 else 420)
    document.save(tmp_path / "long.pdf")
    document.close()
    return (tmp_path / "long.pdf").read_bytes()


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[KioskProcess]:
    """A terminal that has the meeting already."""
    files = {
        "长文件.pdf": long_pdf(tmp_path),
        "坏文件.pdf": b"%PDF-1.7\n" + b"nonsense " * 500,
        "说明.md": HOSTILE.encode(),
        "坏图.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 400,
        "归档.bin": b"\0\1\2" * 1000,
    }
    with pool_of([()], {"M1": meeting_of(files)}) as pool:
        settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        with KioskProcess(tmp_path / "data", mode, interval_s=1, min_free_mb=1, **settings) as one:
            wait_until_listed(one)
            assert one.send("POST", "/api/downloads", {"meetingId": "M1"}).status_code == 202
            wait_until_here(one)
            yield one


def wait_until_listed(kiosk: KioskProcess) -> None:
    end = time.monotonic() + 15
    while not kiosk.json("/api/meetings")["meetings"]:
        assert time.monotonic() < end, kiosk.log
        time.sleep(0.05)


def wait_until_here(kiosk: KioskProcess) -> None:
    end = time.monotonic() + 15
    while not kiosk.meeting()["local"]:
        assert time.monotonic() < end, kiosk.log
        time.sleep(0.05)


def open_material(page: Page, kiosk: KioskProcess, n: int) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/{n}")
    expect(page.locator(".reader")).to_be_visible()


def test_a_long_document_costs_what_the_screen_shows(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, 1)
    canvases = page.locator(".pdf-page canvas")
    expect(canvases.first).to_be_attached()
    page.get_by_role("button", name="1 / 200").tap()
    dialog = page.get_by_role("dialog")
    for digit in "150":
        dialog.get_by_role("button", name=digit, exact=True).tap()
    dialog.get_by_role("button", name=t("reader.jump_go")).tap()
    expect(page.locator(".reader-page-words")).to_have_text("150 / 200")
    expect(page.get_by_label(t("reader.page_of", page=150, pages=200))).to_be_visible()
    expect(page.locator('.pdf-page[data-state="sharp"]').first).to_be_visible()
    assert canvases.count() <= 5


def test_a_page_that_does_not_exist_is_refused_in_words(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, 1)
    page.get_by_role("button", name="1 / 200").tap()
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(t("reader.jump_wrong", pages=200))


def test_a_document_opens_where_it_was_left(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, 1)
    expect(page.locator(".pdf-page canvas").first).to_be_attached()
    page.get_by_role("button", name="1 / 200").tap()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    expect(page.locator(".reader-page-words")).to_have_text("77 / 200")
    page.get_by_role("link", name=t("reader.back")).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))
    open_material(page, kiosk, 1)
    expect(page.locator(".reader-page-words")).to_have_text("77 / 200")


def test_two_fingers_zoom_the_document_and_not_the_page(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, 1)
    expect(page.locator(".pdf-page canvas").first).to_be_attached()
    before = page.locator(".pdf-page").first.bounding_box()
    fingers = page.context.new_cdp_session(page)
    document = page.locator(".pdf-page").first
    assert before
    for _ in range(PINCHES):
        pinch(fingers)
        page.wait_for_timeout(300)
        if (document.bounding_box() or before)["width"] > 2 * before["width"]:
            break
    else:
        pytest.fail("it is not larger")
    assert page.evaluate("visualViewport.scale") == 1


def pinch(fingers: CDPSession) -> None:
    for kind, apart in [("touchStart", 50), *(("touchMove", 50 + 15 * n) for n in range(1, 9))]:
        points = [{"x": 640 + side * apart, "y": 400, "id": side + 1} for side in (-1, 1)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize(
    ("n", "title"), [(2, "reader.fault.broken"), (4, "reader.fault.picture-broken"),
                     (5, "reader.none_title")]
)  # fmt: skip
def test_what_cannot_be_shown_says_why(page: Page, kiosk: KioskProcess, n: int, title: str) -> None:
    open_material(page, kiosk, n)
    expect(page.get_by_role("heading", name=t(title))).to_be_visible()
    page.get_by_role("link", name=t("reader.back"), exact=True).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))


def test_hostile_markdown_is_laid_out_and_does_nothing(page: Page, kiosk: KioskProcess) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_material(page, kiosk, 3)
    sheet = page.locator(".markdown")
    expect(sheet.get_by_role("heading", name="标题")).to_be_visible()
    assert sheet.locator("a, script, img, [style], [onclick]").count() == 0
    assert page.evaluate("window.hacked") is None
    assert all(url.startswith(kiosk.url) for url in asked)


def test_a_wrong_value_is_explained_beside_it_and_kept(page: Page, kiosk: KioskProcess) -> None:
    page.goto(kiosk.url + "/options")
    field = page.get_by_label(t("settings.server_ip.label"), exact=True)
    field.fill("10.1.1.999")
    field.blur()
    expect(page.locator("#setting-server_ip-status")).to_have_text(t("options.wrong.server_ip"))
    expect(field).to_have_value("10.1.1.999")
    field.fill("10.1.1.11")
    field.blur()
    expect(page.locator("#setting-server_ip-status")).to_have_text(t("options.saved"))


def test_theme_and_accent_change_the_open_page(page: Page, kiosk: KioskProcess) -> None:
    page.goto(kiosk.url + "/options")
    page.get_by_role("button", name=t("options.group.look"), exact=True).tap()
    page.get_by_role("button", name=t("options.choice.theme.dark"), exact=True).tap()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name=t("options.colour.blue"), exact=True).tap()
    expect(page.locator("#setting-accent-status")).to_have_text(t("options.saved"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_pin_closes_the_options_and_opens_them(page: Page, kiosk: KioskProcess) -> None:
    page.goto(kiosk.url + "/options")
    page.get_by_role("button", name=t("options.group.access"), exact=True).tap()
    page.get_by_role("button", name=t("options.pin_set")).tap()
    for _ in range(2):
        page.keyboard.type("2580")
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(t("options.pin_is_set"))
    page.get_by_role("button", name=t("options.lock")).tap()
    expect(page).to_have_url(kiosk.url + "/")
    assert kiosk.get("/api/settings").status_code == 403
