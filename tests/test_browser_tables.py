"""Tables that are text, and archives, on the screen."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from playwright.sync_api import Page, expect
from test_browser_download import no_violations
from zips import File, archive

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
ROWS = 100_000
LONG = "序号,单位,金额,备注\n" + "".join(
    f"{n},第{n}水厂,{n}.50,备注 {n}\n" for n in range(1, ROWS + 1)
)
WIDE = ",".join(f"列{n}" for n in range(60)) + "\n" + ",".join(f"值{n}" for n in range(60)) + "\n"
HOSTILE_CELLS = 'a;b\n"<img src=x onerror=hacked=1>";"两行\n文字, 和 ""引号"""\n'


def nested() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("附件/第十项.pdf", "附件/第二项.docx", "说明.txt", "附件/图/<b>图.png"):
            made.writestr(name, b"x" * 2000)
    return out.getvalue()


FILES = {
    "长表.csv": LONG.encode("gb18030"),
    "制表符.tsv": "甲\t乙\n一,1\t二\n".encode("utf-16"),
    "分号.csv": HOSTILE_CELLS.encode(),
    "宽表.csv": WIDE.encode("utf-8-sig"),
    "空.csv": b"",
    "附件.zip": nested(),
    "空.zip": archive(),
    "炸弹.zip": archive(File("a", central={"size": 3 << 30, "compressed": 5})),
    "越界.zip": archive(File("../../passwd")),
    "坏.zip": nested()[:-40],
    "加密.zip": archive(File("a", flags=0x801)),
}
NUMBERS = {name: number for number, name in enumerate(FILES, 1)}


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    with pool_of([()], {"M1": meeting_of(FILES)}) as pool:
        settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        data = tmp_path_factory.mktemp("tables") / "data"
        with KioskProcess(data, mode, interval_s=1, min_free_mb=1, **settings) as one:
            eventually(lambda: one.json("/api/meetings")["meetings"])
            one.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: one.meeting()["local"])
            yield one


def t(key: str, **fields: object) -> str:
    words = WORDS[key]
    return str(words if isinstance(words, str) else words["other"]).format(**fields)


def open_material(page: Page, kiosk: KioskProcess, name: str) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/{NUMBERS[name]}")
    expect(page.locator(".reader")).to_be_visible()


def test_a_table_of_100_000_rows_costs_what_the_screen_shows(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, "长表.csv")
    table = page.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", str(ROWS + 1))
    expect(table.get_by_role("columnheader", name="单位")).to_be_visible()
    expect(table.get_by_role("cell", name="第3水厂", exact=True)).to_be_visible()
    page.locator(".grid-scroll").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(table.get_by_role("cell", name=f"第{ROWS}水厂", exact=True)).to_be_visible()
    expect(table.get_by_role("columnheader", name="单位")).to_be_in_viewport()
    assert table.get_by_role("row").count() < 120
    no_violations(page)


def test_the_page_answers_while_a_long_table_is_read(page: Page, kiosk: KioskProcess) -> None:
    # The rows come in turns of some milliseconds, and frames are drawn between them.
    page.add_init_script(
        "window.growth = []; setInterval(() => {"
        " const node = document.querySelector('.grid-table');"
        " if (node) growth.push(Number(node.getAttribute('aria-rowcount'))); }, 1);"
    )
    open_material(page, kiosk, "长表.csv")
    table = page.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", str(ROWS + 1))
    assert page.evaluate("new Set(growth).size") >= 3


@pytest.mark.parametrize(
    ("name", "heads", "cells"),
    [
        ("制表符.tsv", ["甲", "乙"], ["一,1", "二"]),
        ("分号.csv", ["a", "b"], ["<img src=x onerror=hacked=1>", '两行\n文字, 和 "引号"']),
    ],
)
def test_separators_encodings_and_quotes_are_found(
    page: Page, kiosk: KioskProcess, name: str, heads: list[str], cells: list[str]
) -> None:
    open_material(page, kiosk, name)
    table = page.get_by_role("table")
    expect(table.get_by_role("cell").first).to_be_visible()
    shown = [node.text_content() for node in table.get_by_role("columnheader").all()[1:]]
    assert shown == heads
    assert [node.text_content() for node in table.get_by_role("cell").all()] == cells
    assert page.evaluate("window.hacked") is None


def test_a_wide_table_scrolls_and_keeps_its_row_numbers(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "宽表.csv")
    last = page.get_by_role("cell", name="值59", exact=True)
    expect(last).not_to_be_in_viewport()
    page.locator(".grid-scroll").evaluate("node => node.scrollTo(node.scrollWidth, 0)")
    expect(last).to_be_in_viewport()
    expect(page.get_by_role("rowheader", name="1", exact=True)).to_be_in_viewport()


def test_a_value_that_does_not_fit_is_shown_whole_at_a_tap(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "分号.csv")
    page.get_by_role("cell").nth(1).tap()
    expect(page.locator(".grid-full")).to_have_text('两行\n文字, 和 "引号"')
    page.get_by_role("columnheader", name="a").tap()
    expect(page.locator(".grid-full")).to_be_hidden()
    expect(page.locator(".reader")).to_have_attribute("data-bars", "shown")


def test_a_table_is_zoomed_and_found_again_where_it_was_left(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, "长表.csv")
    table = page.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", str(ROWS + 1))
    page.locator(".grid-scroll").press("+")
    expect(page.locator(".reader-zoom-words")).to_have_text("115%")
    page.locator(".grid-scroll").evaluate("node => { node.scrollTop = 12000; }")
    expect(table.get_by_role("cell", name="第245水厂", exact=True)).to_be_in_viewport()
    page.get_by_role("link", name=t("reader.back")).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))
    open_material(page, kiosk, "长表.csv")
    expect(page.locator(".reader-zoom-words")).to_have_text("115%")
    expect(table.get_by_role("cell", name="第245水厂", exact=True)).to_be_in_viewport()


def test_an_empty_table_says_so(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "空.csv")
    expect(page.get_by_text(t("reader.text_empty"))).to_be_visible()


def test_an_archive_is_listed_folder_by_folder(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "附件.zip")
    sheet = page.locator(".archive")
    expect(sheet.get_by_role("heading", name=t("reader.archive_title"))).to_be_visible()
    expect(sheet).to_contain_text(t("reader.archive_files", count=4))
    names = sheet.locator(".archive-name")
    assert [node.text_content() for node in names.all()] == [
        "说明.txt", "第二项.docx", "第十项.pdf", "<b>图.png",
    ]  # fmt: skip
    expect(sheet.locator(".archive-folder")).to_have_text(["附件", "附件›图"])
    assert sheet.locator("b, a").count() == 0
    no_violations(page)


def test_an_empty_archive_says_so(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "空.zip")
    expect(page.get_by_text(t("reader.archive_empty"))).to_be_visible()


@pytest.mark.parametrize(
    ("name", "code"),
    [("炸弹.zip", "bomb"), ("越界.zip", "names"), ("坏.zip", "broken"), ("加密.zip", "encrypted")],
)
def test_a_hostile_archive_is_explained(
    page: Page, kiosk: KioskProcess, name: str, code: str
) -> None:
    open_material(page, kiosk, name)
    title = page.get_by_role("heading", name=t(f"reader.fault.archive-{code}"))
    expect(title).to_be_visible()
    expect(page.locator(".words-stage")).to_contain_text(name)
