"""One document of each kind, whole and broken in every way: shown, or said in words, in time."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import hostile
import hostile_office
import pillow_heif
import pytest
from beacon import Beacon
from documents import Reader
from pdfs import locked_pdf
from playwright.sync_api import BrowserContext
from reading import SAMPLES, reading, rows_of
from test_render_pictures import corners, pages_of, saved

pytestmark = [pytest.mark.browser, pytest.mark.fault("S11")]

SAMPLE = SAMPLES / "ql-2026-q4"
CUTS = (0.0, 0.1, 0.6, 0.95)
READERS = {".pdf", ".png", ".mp4", ".docx", ".txt"}


def whole() -> dict[str, bytes]:
    """One file a kind, of the samples and made here."""
    kinds = {path.suffix: path for path in sorted(SAMPLES.rglob("*.*"), reverse=True)}
    kinds.pop(".json")
    pillow_heif.register_heif_opener()
    return {
        **{f"样本{suffix}": path.read_bytes() for suffix, path in kinds.items()},
        "图.tif": pages_of((300, 400), (400, 300)), "图.heic": saved(corners(), "HEIF"),
        "图.gif": saved(corners(), "GIF"), "图.webp": saved(corners(), "WEBP"),
        "图.avif": saved(corners(), "AVIF"), "图.bmp": saved(corners(), "BMP"),
        "表.csv": "项目,金额\n甲,1\n".encode("gb18030"), "数据.xml": b"<a><b>1</b></a>",
        "数据.json": b'{"a": 1}',
    }  # fmt: skip


def cut(files: dict[str, bytes]) -> dict[str, bytes]:
    return {
        f"断{share:.2f} {name}": content[: int(len(content) * share)]
        for name, content in files.items()
        for share in CUTS
    }


def twisted(files: dict[str, bytes]) -> dict[str, bytes]:
    """The right beginning, and noise behind it; and each under the ending of another."""
    noise = random.Random(1).randbytes(3000)
    names = list(files)
    return {
        # This noise is a sound picture of nothing as WebP.
        **{
            f"乱 {name}": content[:64] + noise
            for name, content in files.items()
            if not name.endswith(".webp")
        },
        **{f"冒名 {n}{Path(names[n - 1]).suffix}": files[name] for n, name in enumerate(names)},
    }


def locked() -> dict[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    packed = bytearray(out.getvalue())
    packed[6] |= 1
    return {
        "锁.pdf": locked_pdf(),
        "锁.zip": bytes(packed),
        "锁.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000),
    }


def assert_all_are_well(context: BrowserContext, place: Path, files: dict[str, bytes]) -> None:
    with reading(place, files) as kiosk:
        reader = Reader(context.new_page(), kiosk)
        told = list(reader.read_all(rows_of(kiosk)))
    assert len(told) == len(files)
    assert [str(one) for one in told if not one.is_well] == []


def test_each_kind_is_shown_or_explained(context: BrowserContext, tmp_path: Path) -> None:
    assert_all_are_well(context, tmp_path / "data", whole())


def test_what_is_cut_or_twisted_is_shown_or_explained(
    context: BrowserContext, tmp_path: Path
) -> None:
    """One of each reader; ``make soak`` has all kinds."""
    files = {name: content for name, content in whole().items() if Path(name).suffix in READERS}
    assert len(files) == len(READERS)
    assert_all_are_well(context, tmp_path / "data", cut(files) | twisted(files))


def test_what_is_locked_or_hostile_is_shown_or_explained(
    context: BrowserContext, tmp_path: Path
) -> None:
    with Beacon() as beacon:
        files = {**locked(), "页.html": hostile.page(beacon), "画.svg": hostile.drawing(beacon),
                 "件.pdf": hostile.document(beacon)}  # fmt: skip
        assert_all_are_well(context, tmp_path / "data", files)
        assert beacon.heard == []


@pytest.mark.fault("S9")
def test_what_office_files_ask_for_when_they_are_opened_is_not_given(
    context: BrowserContext, tmp_path: Path
) -> None:
    touched = tmp_path / "touched"
    with Beacon() as beacon:
        files = hostile_office.all_of_them(beacon, touched)
        assert_all_are_well(context, tmp_path / "data", files)
        assert beacon.heard == []
    assert not touched.exists()


def test_a_blank_stage_is_not_taken_for_a_document(
    context: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.LIMIT_S", 1.5)
    white = b"<!doctype html><body><p style='color:#fff'>unseen</p>"
    with reading(tmp_path / "data", {"白.html": white}) as kiosk:
        (told,) = Reader(context.new_page(), kiosk).read_all(rows_of(kiosk))
    assert (told.how, told.is_well) == ("blank", False)
