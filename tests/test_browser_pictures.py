"""Pictures on the screen: those a browser reads, and those that the terminal prepares for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
import pytest
from kiosk_process import KioskProcess, eventually
from PIL import Image
from playwright.sync_api import Page, expect
from reading import expect_words, open_material, prepared, reading, seen, t
from test_render import huge_picture
from test_render_pictures import (
    CORNERS,
    corners,
    cut_in_half,
    deep_gradient,
    pages_of,
    quarters,
    saved,
    turned,
)

pytestmark = pytest.mark.browser

NOISE = Image.effect_noise((300, 300), 80)


def moving(form: str) -> bytes:
    frames = [corners(), corners().rotate(180)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=60_000)


def colours() -> dict[str, bytes]:
    """Pictures that must show the four quarters in their colours."""
    pillow_heif.register_heif_opener()
    return {
        "照片.jpg": saved(corners(), "JPEG", quality=95),
        "横放.jpg": turned("JPEG"),
        "横放.tif": turned("TIFF"),
        "印刷.jpg": saved(corners(mode="CMYK"), "JPEG", quality=95),
        "图.png": saved(corners(), "PNG"),
        "图.webp": saved(corners(), "WEBP", lossless=True),
        "图.avif": saved(corners(), "AVIF", quality=95),
        "图.bmp": saved(corners(), "BMP"),
        "动图.gif": moving("GIF"),
        "动图.webp": moving("WEBP"),
        "扫描.tiff": saved(corners(), "TIFF", compression="tiff_lzw"),
        "手机.heic": saved(corners(), "HEIF", quality=95),
        "巨幅.jpg": turned("JPEG", (9000, 4500)),
    }


BROKEN = {
    "谎称.png": (huge_picture(), "reader.fault.picture-huge"),
    "半张.tif": (cut_in_half(saved(NOISE, "TIFF")), "reader.fault.picture-broken"),
    "坏.heic": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(200), "reader.fault.picture-broken"),
    "坏.png": (b"\x89PNG\r\n\x1a\n" + bytes(400), "reader.fault.picture-broken"),
}


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    files = {
        **colours(),
        **{name: content for name, (content, _) in BROKEN.items()},
        "多页.tif": pages_of((600, 800), (800, 400), (600, 800)),
        "一亿二.png": saved(corners(12_000, 10_000, "L"), "PNG", compress_level=1),
        "灰.png": saved(deep_gradient(), "PNG"),
        "半张.jpg": cut_in_half(saved(NOISE, "JPEG")),
    }
    with reading(tmp_path_factory.mktemp("pictures") / "data", files) as kiosk:
        yield kiosk


@pytest.mark.parametrize("name", list(colours()))
def test_a_picture_is_upright_and_in_its_colours(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    open_material(page, kiosk, name)
    picture = page.locator("img.picture")
    expect(picture).to_be_visible(timeout=30_000)
    eventually(lambda: page.evaluate("document.querySelector('img.picture').naturalWidth") > 0)
    found = quarters(seen(picture))
    for shown, meant in zip(found, CORNERS, strict=True):
        assert max(abs(one - other) for one, other in zip(shown, meant, strict=True)) < 60, found


def long_scan() -> bytes:
    """Two hundred sheets: more than a few seconds of work, in a few bytes."""
    sheet = Image.new("1", (2480, 3508), 1)
    more = [sheet] * 199
    return saved(sheet, "TIFF", save_all=True, append_images=more, compression="group4")


def test_a_scan_that_is_being_prepared_says_so_and_opens_by_itself(
    page: Page, tmp_path: Path
) -> None:
    with reading(tmp_path / "data", {"扫描.tif": long_scan()}) as kiosk:
        open_material(page, kiosk, "扫描.tif")
        expect_words(page, "reader.preparing_title")
        expect(page.locator("img.picture").first).to_be_visible(timeout=60_000)


def test_the_pages_of_a_tiff_are_leafed_through(page: Page, kiosk: KioskProcess) -> None:
    prepared(kiosk, "多页.tif")
    open_material(page, kiosk, "多页.tif")
    words = page.locator(".reader-page-words")
    expect(words).to_have_text("1 / 3")
    page.get_by_role("button", name=t("reader.page_after")).tap()
    expect(words).to_have_text("2 / 3")
    second = page.get_by_alt_text(t("reader.page_of", page=2, pages=3))
    eventually(lambda: (box := second.bounding_box()) and box["width"] > 1.8 * box["height"])
    page.get_by_role("button", name=t("reader.turn")).tap()
    eventually(lambda: (box := second.bounding_box()) and box["height"] > 1.8 * box["width"])
    page.reload()
    expect(words).to_have_text("2 / 3")


def test_a_picture_of_120_million_pixels_is_never_unpacked_in_the_browser(
    page: Page, kiosk: KioskProcess
) -> None:
    prepared(kiosk, "一亿二.png")
    open_material(page, kiosk, "一亿二.png")
    picture = page.locator("img.picture")
    expect(picture).to_be_visible()
    width, height = page.evaluate(
        "(({naturalWidth, naturalHeight}) => [naturalWidth, naturalHeight])"
        "(document.querySelector('img.picture'))"
    )
    assert 1_000_000 < width * height <= 12_000_000
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert not any("/files/" in name for name in loaded)


def test_sixteen_bits_are_shown_from_black_to_white(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "灰.png")
    picture = page.locator("img.picture")
    expect(picture).to_be_visible()
    low, high = seen(picture).convert("L").getextrema()
    assert isinstance(low, int | float) and isinstance(high, int | float)
    assert low < 30 and high > 220


@pytest.mark.fault("S11")
@pytest.mark.parametrize("name", list(BROKEN))
def test_a_picture_that_cannot_be_shown_is_said_in_words(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    prepared(kiosk, name)
    open_material(page, kiosk, name)
    expect_words(page, BROKEN[name][1])
    page.get_by_role("link", name=t("reader.back"), exact=True).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))


@pytest.mark.fault("S11")
def test_half_a_photograph_shows_its_half_or_says_why_not(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "半张.jpg")
    expect(page.locator("img.picture, .reader-card").first).to_be_visible()
