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
BROKEN = (
    f"<p>在<b>望江</b>加压站改造</p>{FAR}<table><tr><td>维修</td>\n<td>三千万</td></tr></table>"
)
LONG = f"请在年底之前{'把款项与合同' * 6}一并报到{WORD}办理"
FILES = {
    "通知.html": f"<!doctype html><title>{WORD}</title><h1>x</h1>{FAR}{BROKEN}{FAR}",
    "流水.csv": "项目,金额,备注\n"
    + "水费,1,无\n" * 1500
    + f"电费,2,{WORD}\n"
    + "水费,1,无\n" * 900
    + f"维修,三千万,{LONG}\n",
}
MARKED = "() => [...(CSS.highlights.get('found') ?? [])].map(String)"
IN_SIGHT = """() => [...CSS.highlights.get('found')].every((range) => {
  const cell = range.startContainer.parentElement.getBoundingClientRect();
  const { left, right, top, bottom } = range.getBoundingClientRect();
  return left >= cell.left && right <= cell.right && top >= 72 && bottom <= innerHeight;
})"""
APART = """async () => {
  const { Marker } = await import('/static/js/viewers/spot.js');
  const halves = ['会议材料', '会议纪要'].map((text) => {
    const sheet = document.createElement('p');
    sheet.textContent = text;
    document.body.append(sheet);
    return new Marker(sheet);
  });
  const shown = () => [...CSS.highlights.get('found')].map(String).join();
  halves[0].mark('会议');
  halves[1].mark('纪要');
  const both = shown();
  halves[1].mark('会');
  halves[0].clear();
  return [both, shown()];
}"""


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    files = {name: text.encode() for name, text in FILES.items()}
    with reading(tmp_path_factory.mktemp("spots") / "data", files) as kiosk:
        eventually(lambda: kiosk.json("/api/meetings/M1/search?q=x")["pending"] == 0, 60)
        yield kiosk


def tap_the_hit(page: Page, kiosk: KioskProcess, n: int, words: str = WORD) -> None:
    page.goto(f"{kiosk.url}/meetings/M1/search?q={words}")
    page.locator(f'.found-group[data-n="{n}"] .found-hit').last.tap()
    expect(page).to_have_url(re.compile(f"/materials/{n}"))


def test_a_web_page_opens_where_the_words_are_and_its_frame_gains_nothing(
    page: Page, kiosk: KioskProcess
) -> None:
    tap_the_hit(page, kiosk, 1)
    frame = page.locator("iframe.frame")
    expect(frame).to_have_attribute("sandbox", "")
    found = page.frame_locator("iframe.frame").locator("mark")
    expect(found).to_have_text(["望江", "加压站"])
    expect(found.first).to_be_in_viewport()
    tap_the_hit(page, kiosk, 1, "维修 三千万")
    expect(found).to_have_text(["维修", "三千万"])
    expect(found.first).to_be_in_viewport()
    open_material(page, kiosk, "通知.html")
    expect(page.frame_locator("iframe.frame").locator("h1")).to_be_in_viewport()


def test_a_table_opens_at_the_row_that_has_the_words(page: Page, kiosk: KioskProcess) -> None:
    """They are in a column of narrower values, in two cells, and at the end of a long value."""
    tap_the_hit(page, kiosk, 2)
    cell = page.get_by_role("cell", name=WORD, exact=True)
    expect(cell).to_be_in_viewport()
    eventually(lambda: page.evaluate(MARKED) == [WORD])
    expect(page.get_by_role("rowheader", name="1501", exact=True)).to_be_in_viewport()
    assert page.evaluate(IN_SIGHT)
    assert cell.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth"), "nothing of it is cut"
    tap_the_hit(page, kiosk, 2, "维修 三千万")
    eventually(lambda: page.evaluate(MARKED) == ["维修三千万"])
    expect(page.get_by_role("rowheader", name="2402", exact=True)).to_be_in_viewport()
    tap_the_hit(page, kiosk, 2, WORD + "办理")
    eventually(lambda: page.evaluate(MARKED) == [WORD + "办理"])
    assert page.evaluate(IN_SIGHT)


def test_each_of_two_halves_has_its_own_marks(page: Page, kiosk: KioskProcess) -> None:
    page.goto(kiosk.url)
    assert page.evaluate(APART) == ["会议,纪要", "会"]
