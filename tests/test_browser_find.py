"""Searching a long Chinese document in a real browser, and addresses that lead to a place."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from playwright.sync_api import Locator, Page, expect

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "kiosk" / "demo" / "samples" / "ql-2026-q4" / "study.pdf"
PATIENCE_MS = 20_000  # for all of a long document, on a machine that does other things, too
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))


def t(key: str, **fields: object) -> str:
    return str(WORDS[key]).format(**fields)


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    """A terminal that has a document of 200 pages, and no server any more."""
    folder = tmp_path_factory.mktemp("find")
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with contextlib.ExitStack() as stack:
        with pool_of([()], {"M1": meeting_of({"研究.pdf": STUDY.read_bytes()})}) as pool:
            settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
            kiosk = KioskProcess(folder / "data", mode, interval_s=1, min_free_mb=1, **settings)
            one = stack.enter_context(kiosk)
            eventually(lambda: one.json("/api/meetings")["meetings"])
            one.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: one.meeting()["local"])
        yield one


@pytest.fixture(autouse=True)
def _from_the_beginning(kiosk: KioskProcess) -> None:
    """The terminal remembers where somebody was; each test begins at page 1."""
    for n in (1,):
        told = {"n": n, "revision": None, "place": {"page": 0, "y": 0}}
        assert kiosk.send("PUT", "/api/meetings/M1/reading", told).status_code < 300


def open_study(page: Page, kiosk: KioskProcess, query: str = "") -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/1{query}")
    sharp = page.locator('.pdf-page[data-state="sharp"]').first
    expect(sharp).to_be_visible(timeout=PATIENCE_MS)


def sheet(page: Page, n: int) -> Locator:
    return page.get_by_label(t("reader.page_of", page=n, pages=200), exact=True)


def test_an_address_opens_a_page_with_the_words_marked(page: Page, kiosk: KioskProcess) -> None:
    open_study(page, kiosk, "?page=150&find=望江加压站")
    expect(page.locator(".reader-page-words")).to_have_text("150 / 200")
    mark = sheet(page, 150).locator(".find-mark").first
    expect(mark).to_be_in_viewport()
    field = page.get_by_role("searchbox")
    expect(field).to_have_value("望江加压站")
    expect(field).not_to_be_focused()
    expect(page.locator(".find-count")).to_have_text(re.compile(r"^\d+ / \d"))
    assert "find=" not in page.url and "page=" not in page.url
    page.reload()
    expect(page.locator(".reader-page-words")).to_have_text("150 / 200")
    expect(field).to_have_count(0)


def test_words_that_are_elsewhere_leave_one_at_the_page_of_the_address(
    page: Page, kiosk: KioskProcess
) -> None:
    open_study(page, kiosk, "?page=20&find=GD073")
    expect(page.locator(".find-count")).to_have_text(re.compile(r"^1 / \d"), timeout=PATIENCE_MS)
    expect(page.locator(".reader-page-words")).to_have_text("20 / 200")
    page.get_by_role("button", name=t("reader.find_after")).tap()
    current = page.locator('.find-mark[data-current="true"]')
    expect(current).to_be_in_viewport(timeout=PATIENCE_MS)


def test_an_address_with_words_alone_leads_to_the_first_place(
    page: Page, kiosk: KioskProcess
) -> None:
    open_study(page, kiosk, "?find=GD073")
    current = page.locator('.find-mark[data-current="true"]')
    expect(current).to_be_in_viewport(timeout=PATIENCE_MS)
    expect(page.locator(".reader-page-words")).not_to_have_text("1 / 200")


def test_an_address_that_makes_no_sense_opens_the_document(page: Page, kiosk: KioskProcess) -> None:
    open_study(page, kiosk, "?page=-1&find=%00%FF")
    expect(page.locator(".reader-page-words")).to_have_text("1 / 200")
    open_study(page, kiosk, "?page=9999")
    expect(page.locator(".reader-page-words")).to_have_text("200 / 200")


def test_words_are_found_in_all_of_a_long_document_while_it_is_read(
    page: Page, kiosk: KioskProcess
) -> None:
    open_study(page, kiosk)
    page.keyboard.press("Control+f")  # the bars may be gone by now
    page.get_by_role("searchbox").fill("望江 加压站")
    count = page.locator(".find-count")
    expect(count).to_have_text(re.compile(r"^1 / \d{2,}"), timeout=PATIENCE_MS)
    page.keyboard.press("Enter")
    expect(count).to_have_text(re.compile(r"^2 / "))
    current = page.locator('.find-mark[data-current="true"]')
    expect(current).to_be_in_viewport(timeout=PATIENCE_MS)
