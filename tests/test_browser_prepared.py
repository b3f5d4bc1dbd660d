"""Office files in a real browser: waited for in words, opened by themselves, or explained."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess, eventually, kiosk_on, meeting_of
from paperfiles import compound, sample
from playwright.sync_api import Locator, Page, expect
from scripted_converter import install, paper
from test_browser_download import LONG_S, no_violations, t

from kiosk.demo.origin import pool_of

pytestmark = pytest.mark.browser

LOCKED = compound({"EncryptedPackage": b"", "EncryptionInfo": b""})
Start = Callable[..., KioskProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A terminal that has downloaded a meeting of these files."""
    running: list[KioskProcess] = []
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")

    def begin(files: dict[str, bytes], **settings: str) -> KioskProcess:
        with pool_of([()], {"M1": meeting_of(files)}) as origins:
            kiosk = kiosk_on(origins, tmp_path / "data", mode, **settings)
            running.append(kiosk)
            eventually(lambda: kiosk.json("/api/meetings")["meetings"])
            kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
            eventually(lambda: kiosk.meeting()["local"])
        return kiosk

    yield begin
    for kiosk in running:
        kiosk.stop()


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a converter that does what its files say."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", install(folder))
    return folder


def size_of(card: Locator) -> tuple[float, float]:
    box = card.bounding_box()
    assert box is not None
    return box["width"], box["height"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_tap_on_what_is_being_prepared_waits_in_words_and_opens_by_itself(
    page: Page, tmp_path: Path, converter: Path, start: Start, language: str
) -> None:
    go = tmp_path / "go"
    kiosk = start({"工作报告.docx": paper(f"waits {go}")}, language=language)
    page.goto(f"{kiosk.url}/meetings/M1")
    card = page.locator(".cards .card").first
    expect(card).to_have_attribute("data-state", "preparing")
    expect(card).to_contain_text(t("material.state.preparing", language))
    no_violations(page)
    card.tap()
    title = page.get_by_role("heading", name=t("reader.preparing_title", language))
    expect(title).to_be_visible()
    expect(page.locator(".reader-card")).to_contain_text("工作报告.docx")
    no_violations(page)
    page.go_back()
    expect(card).to_have_attribute("data-state", "preparing")
    before = size_of(card)
    card.tap()
    expect(title).to_be_visible()
    go.touch()
    expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=LONG_S)
    expect(page.locator(".reader-card")).to_have_count(0)
    expect(page.locator(".reader-page-words")).to_have_text("1 / 2")
    page.go_back()
    expect(card).to_have_attribute("data-state", "ready")
    expect(card.locator("img")).to_be_visible()
    assert size_of(card) == before, "its picture came into a place that was kept"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_cannot_be_prepared_is_explained(
    page: Page, converter: Path, start: Start, language: str
) -> None:
    kiosk = start({"预算.xlsx": LOCKED, "报告.docx": paper("fails")}, language=language)
    for n, trouble in ((1, "encrypted"), (2, "broken")):
        page.goto(f"{kiosk.url}/meetings/M1/materials/{n}")
        heading = page.get_by_role("heading", name=t(f"reader.trouble.{trouble}", language))
        expect(heading).to_be_visible(timeout=LONG_S)
        expect(page.locator("main")).to_contain_text(t(f"reader.trouble.{trouble}.hint", language))
        no_violations(page)


def test_real_office_files_are_read_like_paper(page: Page, libreoffice: Path, start: Start) -> None:
    files = {
        "供水安全管理办法.docx": sample("ql-2026-q4/rules.docx"),
        "经营工作汇报.pptx": sample("ql-2026-q4/report.pptx"),
    }
    kiosk = start(files)
    for n in (1, 2):
        page.goto(f"{kiosk.url}/meetings/M1/materials/{n}")
        expect(page.locator('.pdf-page[data-state="sharp"]').first).to_be_visible(timeout=60_000)
        assert page.title().startswith(list(files)[n - 1])
