"""Pictures as they come: of many pages, of many bits, on their side, huge, cut, and in HEIF."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image
from test_render import drawn, store

from kiosk import render
from kiosk.render import pictures

RED, GREEN, BLUE, WHITE = (200, 20, 20), (20, 160, 20), (20, 20, 200), (255, 255, 255)
CORNERS = (RED, GREEN, BLUE, WHITE)  # from the upper left, by rows
ORIENTATION = 0x0112
ON_ITS_SIDE = 6  # what is seen on top was to the left


def saved(picture: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def corners(width: int = 400, height: int = 200, mode: str = "RGB") -> Image.Image:
    """A picture whose four quarters tell how it stands."""
    small = Image.new("RGB", (2, 2))
    small.putdata(CORNERS)
    return small.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def turned(form: str, size: tuple[int, int] = (400, 200)) -> bytes:
    """The same, stored on its side with a mark that says so."""
    stored = corners(*size).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    return saved(stored, form, exif=exif)


def quarters(picture: Image.Image) -> tuple[tuple[int, ...], ...]:
    """The colours in the middle of its quarters, from the upper left, by rows."""
    shown = picture.convert("RGB")
    places = [(x, y) for y in (1, 3) for x in (1, 3)]
    found = [shown.getpixel((x * shown.width // 4, y * shown.height // 4)) for x, y in places]
    return tuple(pixel for pixel in found if isinstance(pixel, tuple))


def assert_stands_upright(picture: Image.Image) -> None:
    assert picture.width == 2 * picture.height
    for seen, meant in zip(quarters(picture), CORNERS, strict=True):
        assert max(abs(one - other) for one, other in zip(seen, meant, strict=True)) < 40


def made(data_dir: Path, content: bytes, page: int = 1) -> Image.Image:
    """The picture that is shown for a page."""
    path = render.picture_path(data_dir, store(data_dir, content), page)
    assert path is not None
    return Image.open(path)


def thumbnail(data_dir: Path, content: bytes) -> Image.Image:
    path = render.thumbnail_path(data_dir, store(data_dir, content))
    assert path is not None
    return Image.open(path)


def pages_of(*sizes: tuple[int, int]) -> bytes:
    """A TIFF with a page of each size, each of another colour."""
    colours = (RED, GREEN, BLUE)
    sheets = [Image.new("RGB", size, colours[n % 3]) for n, size in enumerate(sizes)]
    return saved(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])


def deep_gradient() -> Image.Image:
    """From black to white in 16 bits."""
    grey = Image.linear_gradient("L").convert("I").point(lambda level: level * 257)
    return grey.convert("I;16")


def test_each_page_of_a_tiff_gets_its_picture(tmp_path: Path) -> None:
    scan = pages_of((300, 400), (500, 200), (300, 400))
    (about,) = drawn(tmp_path, scan)
    assert (about["pages"], about["pictures"], about["trouble"]) == (3, 3, None)
    with made(tmp_path, scan, 2) as second:
        assert (second.format, second.size) == ("JPEG", (500, 200))
        assert quarters(second)[0][1] > 100
    with thumbnail(tmp_path, scan) as first:
        assert first.size == (300, 400)
    for page in (0, 4, -1):
        assert render.picture_path(tmp_path, store(tmp_path, scan), page) is None


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16", "I", "F", "LA"])
@pytest.mark.parametrize("packing", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_a_tiff_of_any_depth_is_read(tmp_path: Path, mode: str, packing: str | None) -> None:
    picture = deep_gradient() if mode == "I;16" else Image.linear_gradient("L").convert(mode)
    (about,) = drawn(tmp_path, saved(picture, "TIFF", compression=packing))
    assert (about["pictures"], about["thumbnail"], about["trouble"]) == (1, True, None)
    with made(tmp_path, saved(picture, "TIFF", compression=packing)) as shown:
        low, high = shown.convert("L").getextrema()
        assert isinstance(low, int | float) and isinstance(high, int | float)
        assert low < 30 and high > 200


def test_a_smaller_copy_in_a_tiff_is_no_page(tmp_path: Path) -> None:
    copy = Image.new("RGB", (40, 30), RED)
    copy.encoderinfo = {"tiffinfo": {254: 1}}
    page = Image.new("RGB", (400, 300), RED)
    scan = saved(page, "TIFF", save_all=True, append_images=[copy])
    (about,) = drawn(tmp_path, scan)
    assert (about["pages"], about["pictures"]) == (None, 1)


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_a_picture_on_its_side_is_set_upright(tmp_path: Path, form: str) -> None:
    content = turned(form)
    drawn(tmp_path, content)
    with thumbnail(tmp_path, content) as small:
        assert_stands_upright(small)


def test_a_huge_picture_on_its_side_is_shown_upright_and_smaller(tmp_path: Path) -> None:
    content = turned("JPEG", (9000, 4500))
    (about,) = drawn(tmp_path, content)
    assert (about["pictures"], about["pages"]) == (1, None)
    with made(tmp_path, content) as shown:
        assert_stands_upright(shown)
        assert shown.width * shown.height <= pictures.MADE_PIXELS


def test_a_picture_of_120_million_pixels_is_shown_smaller(tmp_path: Path) -> None:
    content = saved(corners(12_000, 10_000, "L"), "PNG", compress_level=1)
    (about,) = drawn(tmp_path, content)
    assert (about["width"], about["height"], about["pictures"]) == (12_000, 10_000, 1)
    with made(tmp_path, content) as shown:
        assert shown.width * shown.height <= pictures.MADE_PIXELS


def test_a_very_long_picture_keeps_its_width_as_far_as_it_can(tmp_path: Path) -> None:
    content = saved(Image.new("L", (900, 40_000), 200), "PNG", compress_level=1)
    (about,) = drawn(tmp_path, content)
    assert about["pictures"] == 1
    with made(tmp_path, content) as shown:
        assert shown.height <= pictures.MADE_SIDE and shown.width >= 350


def test_what_a_browser_can_unpack_is_left_to_it(tmp_path: Path) -> None:
    for form in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF"):
        (about,) = drawn(tmp_path, saved(corners(), form))
        assert (about["pictures"], about["thumbnail"]) == (None, True), form


def test_sixteen_bits_are_not_cut_off_at_eight(tmp_path: Path) -> None:
    grey = Image.new("I;16", (64, 64), 0x8000)
    (about,) = drawn(tmp_path, saved(grey, "PNG"))
    assert about["thumbnail"]
    with thumbnail(tmp_path, saved(grey, "PNG")) as small:
        assert abs(quarters(small)[0][0] - 128) < 6


def cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def chain_that_bites_its_tail() -> bytes:
    """A TIFF whose second directory names the first as the next one."""
    scan = bytearray(pages_of((30, 30), (30, 30)))
    (first,) = struct.unpack_from("<L", scan, 4)
    (count,) = struct.unpack_from("<H", scan, first)
    (second,) = struct.unpack_from("<L", scan, first + 2 + 12 * count)
    (count,) = struct.unpack_from("<H", scan, second)
    struct.pack_into("<L", scan, second + 2 + 12 * count, first)
    return bytes(scan)


def test_a_cut_picture_is_said_to_be_broken(tmp_path: Path) -> None:
    for form in ("TIFF", "PNG", "JPEG"):
        noise = Image.effect_noise((300, 300), 80)
        (about,) = drawn(tmp_path, cut_in_half(saved(noise, form)))
        assert (about["trouble"], about["pictures"]) == ("broken", None), form


def test_pages_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    (about,) = drawn(tmp_path, chain_that_bites_its_tail())
    assert about["pictures"] is not None and about["pictures"] <= 2


def test_what_time_does_not_allow_is_left_out_after_the_first_page(tmp_path: Path) -> None:
    scan = tmp_path / "scan"
    scan.write_bytes(pages_of((30, 30), (30, 30), (30, 30)))
    found = pictures.look(scan, tmp_path, until=time.monotonic() - 1)
    assert (found["pages"], found["pictures"]) == (3, 1)


def test_a_photograph_in_heif_is_shown_in_its_colours(tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    content = saved(corners(), "HEIF", quality=90)
    assert render.viewer_of("a.heic", content[:4096]) == "pictures"
    (about,) = drawn(tmp_path, content)
    assert (about["pictures"], about["trouble"]) == (1, None)
    with made(tmp_path, content) as shown:
        assert_stands_upright(shown)


def test_without_its_library_heif_is_said_to_have_no_reader(tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    (tmp_path / "photo").write_bytes(saved(corners(), "HEIF"))
    code = (
        "import pathlib, sys; sys.modules['pillow_heif'] = None\n"
        "from kiosk.render.draw import look\n"
        "found = look(pathlib.Path(sys.argv[1]), pathlib.Path('/nowhere'))\n"
        "print(found['trouble'], found['thumbnail'])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "photo")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["no-reader", "False"]
