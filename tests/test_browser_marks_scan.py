"""Writing on the pages of a scan in a real browser: kept over a reload and by an equal page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from handwriting import Hand, close_to, colour_at, ends, is_near, lines
from kiosk_process import KioskProcess
from leaves import papers
from meetings import publish
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from reading import t
from test_browser_marks import MODE, RED, open_material, saved, write

from kiosk.library import Library

pytestmark = pytest.mark.browser


def scan(*colours: str) -> bytes:
    first, *rest = [Image.new("RGB", (900, 600), colour) for colour in colours]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


def sheet(page: Page, number: int) -> Locator:
    return page.get_by_alt_text(t("reader.page_of", page=number, pages=2))


def test_a_line_on_the_second_page_of_a_scan_is_kept_as_long_as_that_page(
    page: Page, tmp_path: Path
) -> None:
    library = Library(tmp_path / "data")
    paper = {"报告.pdf": papers(["budget"])}
    publish(library, {**paper, "扫描.tif": scan("#78a0c8", "#d2e1c8")})
    with KioskProcess(library.data_dir, MODE) as kiosk:
        open_material(page, kiosk, 2)
        write(page)
        Hand(page, sheet(page, 2)).draw((0.2, 0.3), (0.6, 0.5))
        (marked,) = saved(kiosk, lines, n=2)
        assert marked["page"] == 2
        assert close_to(ends(marked["strokes"][0]), (0.2, 0.3, 0.6, 0.5))
        page.reload()
        expect(page.locator(".marks-filled, .marks-line")).to_have_count(1)
        assert is_near(colour_at(page, sheet(page, 2), (0.4, 0.4)), RED)
        page.goto("about:blank")
    publish(library, {**paper, "扫描.tif": scan("#d2e1c8", "#ffffff")})
    with KioskProcess(library.data_dir, MODE) as kiosk:
        open_material(page, kiosk, 2)
        expect(page.locator(".marks-filled, .marks-line")).to_have_count(1)
        assert is_near(colour_at(page, sheet(page, 1), (0.4, 0.4)), RED)
