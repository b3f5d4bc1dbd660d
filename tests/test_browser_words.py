"""Texts on the screen: in their encoding, however long their lines, and Markdown made to hurt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kiosk_process import KioskProcess
from playwright.sync_api import Page, expect
from reading import open_material, reading, t
from test_render_words import JAPANESE, SIMPLIFIED, TRADITIONAL

pytestmark = pytest.mark.browser

MIB = 1 << 20
LINE = "会议纪要第一部分。"
ENCODED = {
    "utf8.txt": (SIMPLIFIED, "utf-8"),
    "gb.txt": (SIMPLIFIED, "gb18030"),
    "utf16.txt": (SIMPLIFIED, "utf-16"),
    "utf16le.txt": (SIMPLIFIED, "utf-16-le"),
    "utf16be.txt": (SIMPLIFIED, "utf-16-be"),
    "big5.txt": (TRADITIONAL, "big5"),
    "sjis.txt": (JAPANESE, "cp932"),
}
DEEP = {
    "引用.md": "> " * 20_000 + "底",
    "括号.md": "[" * 50_000 + "底",
    "列表.md": "\n".join("  " * depth + "- 项" for depth in range(400)),
    "星号.md": "*a **b " * 40_000,
    "标签.md": "<div>" * 50_000 + "底",
    "大表.md": "|" + "列|" * 20 + "\n|" + "-|" * 20 + "\n" + ("|" + "格|" * 20 + "\n") * 8000,
}
XML = "<?xml version='1.0'?><会议>" + "<议题 号='1'><标题>报告</标题></议题>" * 100 + "</会议>"


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    files = {
        **{name: text.encode(codec) for name, (text, codec) in ENCODED.items()},
        **{name: text.encode() for name, text in DEEP.items()},
        "五十兆.txt": (LINE * 10 + "\n").encode() * (50 * MIB // (27 * 10 + 1)),
        "一行.txt": (LINE * (3 * MIB // 27)).encode(),
        "空.txt": b"",
        "空.md": b"",
        "数据.xml": XML.encode("gb18030"),
        "坏.xml": b"<a><b>" + b"<c>" * 900,
    }
    with reading(tmp_path_factory.mktemp("words") / "data", files) as kiosk:
        yield kiosk


@pytest.mark.parametrize("name", list(ENCODED))
def test_a_text_is_read_in_its_encoding(page: Page, kiosk: KioskProcess, name: str) -> None:
    open_material(page, kiosk, name)
    for line in ENCODED[name][0].split():
        expect(page.locator(".text-piece").first).to_contain_text(line)


def test_of_a_text_of_50_mb_the_beginning_is_shown_and_said(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, "五十兆.txt")
    expect(page.locator(".text-piece").first).to_contain_text(LINE)
    note = page.locator(".flow .reader-note")
    expect(note).to_have_text(t("reader.text_cut", megabytes=4))
    shown = page.evaluate("document.querySelector('.flow-sheet').textContent.length")
    assert shown < 2 * MIB


def test_a_line_of_three_megabytes_is_wrapped(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "一行.txt")
    expect(page.locator(".text-piece").first).to_contain_text(LINE)
    width = page.evaluate("document.querySelector('.flow').scrollWidth - innerWidth")
    assert width <= 0


@pytest.mark.parametrize("name", ["空.txt", "空.md"])
def test_an_empty_text_says_that_it_is_empty(page: Page, kiosk: KioskProcess, name: str) -> None:
    open_material(page, kiosk, name)
    expect(page.locator(".reader-note")).to_have_text(t("reader.text_empty"))


@pytest.mark.parametrize("name", list(DEEP))
def test_markdown_that_is_made_to_hurt_is_laid_out_or_shown_as_written(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    open_material(page, kiosk, name)
    sheet = page.locator(".flow-sheet")
    shown = sheet.locator("xpath=self::*[contains(@class, 'markdown')] | .//pre").first
    expect(shown).to_be_attached(timeout=10_000)
    if not sheet.get_attribute("class").count("markdown"):
        expect(sheet.locator(".reader-note").first).to_have_text(t("reader.markdown_plain"))
    page.get_by_role("link", name=t("reader.back"), exact=True).tap()
    expect(page.locator("main.meeting")).to_be_visible(timeout=10_000)


def test_crammed_xml_is_laid_out_as_lines(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "数据.xml")
    piece = page.locator(".text-piece").first
    expect(piece).to_contain_text("    <标题>报告</标题>")
    assert page.locator(".flow-sheet 标题").count() == 0


def test_broken_xml_is_text_all_the_same(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "坏.xml")
    expect(page.locator(".text-piece").first).to_contain_text("<b>")
