"""A hit of the search opens a material at its spot, with the words marked, also in a frame."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from kiosk_process import KioskProcess, eventually
from playwright.sync_api import Page, expect
from reading import open_material, reading

pytestmark = pytest.mark.browser

WORD = "望江加压站"
FAR = "<p>其他事项一二三。</p>\n" * 400
FILES = {
    "通知.html": f"<!doctype html><title>{WORD}</title><h1>x</h1>{FAR}<p>在{WORD}改造</p>{FAR}",
    "流水.csv": "项目,金额,备注\n"
    + "水费,1,无\n" * 1500
    + f"电费,2,{WORD}\n"
    + "水费,1,无\n" * 900,
}
MARKED = "() => [...(CSS.highlights.get('found') ?? [])].map(String)"


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    files = {name: text.encode() for name, text in FILES.items()}
    with reading(tmp_path_factory.mktemp("spots") / "data", files) as kiosk:
        eventually(lambda: kiosk.json("/api/meetings/M1/search?q=x")["pending"] == 0, 60)
        yield kiosk


def tap_the_hit(page: Page, kiosk: KioskProcess, n: int) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/search?q={WORD}")
    page.locator(f'.found-group[data-n="{n}"] .found-hit').last.tap()
    expect(page).to_have_url(re.compile(f"/materials/{n}"))


def test_a_web_page_opens_where_the_words_are_and_its_frame_gains_nothing(
    page: Page, kiosk: KioskProcess
) -> None:
    tap_the_hit(page, kiosk, 1)
    frame = page.locator("iframe.frame")
    expect(frame).to_have_attribute("sandbox", "")
    found = page.frame_locator("iframe.frame").locator("mark")
    expect(found).to_have_count(1)
    expect(found).to_have_text(WORD)
    expect(found).to_be_in_viewport()
    open_material(page, kiosk, "通知.html")
    expect(page.frame_locator("iframe.frame").locator("h1")).to_be_in_viewport()


def test_a_table_opens_at_the_row_that_has_the_words(page: Page, kiosk: KioskProcess) -> None:
    tap_the_hit(page, kiosk, 2)
    expect(page.get_by_role("cell", name=WORD)).to_be_in_viewport()
    eventually(lambda: page.evaluate(MARKED) == [WORD])
    expect(page.get_by_role("rowheader", name="1501", exact=True)).to_be_in_viewport()
