"""The secretary's page in a real browser: files in, meetings started and ended, everything said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import fill
from kiosk_process import eventually
from node_process import FRONTS
from origin_process import OriginProcess
from playwright.sync_api import Browser, Page, expect
from reading_room import t
from secretary_desk import Desk
from test_browser_download import no_violations

pytestmark = pytest.mark.browser

SMALLEST = 48


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    said = 'title = "董事会会议"\nstatus = "planned"\ntime = "2026-11-24 09:00"'
    files = {"经营会/01 报告/报告.pdf": "r", "经营会/通知.txt": "n", "董事会/议程.docx": "a"}
    return fill(tmp_path / "meetings", {**files, "董事会/meeting.toml": said})


@pytest.fixture
def origin(folder: Path, tmp_path: Path) -> Iterator[Desk]:
    with Desk(folder, tmp_path / "origin") as origin:
        eventually(lambda: len(origin.states()) == 2)
        yield origin


def opened(page: Page, origin: Desk, title: str = "经营会") -> None:
    """The page with that meeting chosen."""
    page.goto(origin.secretary())
    page.locator(".meetings-row", has_text=title).click()
    expect(page.locator("#meeting-title")).to_have_text(title)


def test_what_became_of_each_file_is_shown(page: Page, origin: Desk, folder: Path) -> None:
    (folder / "经营会" / "旧链接.pdf").symlink_to("通知.txt")
    fill(folder, {"经营会/空.txt": "", "经营会/<b>粗.txt": "x"})
    opened(page, origin)
    shown = {"通知.txt": "ready", "报告.pdf": "ready", "旧链接.pdf": "refused", "空.txt": "empty"}
    for name, state in {**shown, "<b>粗.txt": "ready"}.items():
        row = page.locator(f'.panel-files .file[data-state="{state}"]', has_text=name)
        expect(row).to_have_count(1)
    expect(page.locator(".panel-files b")).to_have_count(0)
    expect(page.locator(".file", has_text="旧链接").locator(".file-state")).to_have_text(
        t("secretary.why.link")
    )
    expect(page.locator(".meetings-row", has_text="经营会")).to_contain_text(
        t("secretary.troubled", count=2)
    )


def test_files_are_chosen_or_dropped_and_become_readable(
    page: Page, origin: Desk, tmp_path: Path, folder: Path
) -> None:
    opened(page, origin)
    brought = fill(tmp_path / "desk", {"一.pdf": "1", "二.pdf": "22"})
    page.locator("input[type=file]").set_input_files([brought / "一.pdf", brought / "二.pdf"])
    for name in ("一.pdf", "二.pdf"):
        row = page.locator('.panel-files .file[data-state="ready"]', has_text=name)
        expect(row).to_have_count(1)
    expect(page.locator(".upload")).to_have_count(0)
    data = page.evaluate_handle(
        "() => { const data = new DataTransfer();"
        " data.items.add(new File(['333'], '三.pdf')); return data; }"
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": data})
    expect(page.locator('.panel-files .file[data-state="ready"]', has_text="三.pdf")).to_have_count(
        1
    )
    assert (folder / "经营会" / "三.pdf").read_bytes() == b"333"


def test_a_file_of_that_name_is_only_replaced_after_asking(
    page: Page, origin: Desk, tmp_path: Path, folder: Path
) -> None:
    opened(page, origin)
    brought = fill(tmp_path / "desk", {"通知.txt": "another one"})
    page.locator("input[type=file]").set_input_files(brought / "通知.txt")
    row = page.locator(".upload", has_text="通知.txt")
    expect(row).to_contain_text(t("error.file-exists.message", name="通知.txt"))
    assert (folder / "经营会" / "通知.txt").read_bytes() == b"n"
    row.get_by_role("button", name=t("secretary.replace")).click()
    expect(page.locator(".upload")).to_have_count(0)
    assert (folder / "经营会" / "通知.txt").read_bytes() == b"another one"


def test_a_meeting_is_ended_after_asking_and_started_again(page: Page, origin: Desk) -> None:
    opened(page, origin)
    page.get_by_role("button", name=t("secretary.end"), exact=True).click()
    dialog = page.locator("dialog")
    dialog.get_by_role("button", name=t("secretary.no"), exact=True).click()
    expect(dialog).to_have_count(0)
    assert "in-progress" in origin.states()
    page.get_by_role("button", name=t("secretary.end"), exact=True).click()
    dialog.get_by_role("button", name=t("secretary.end"), exact=True).click()
    expect(page.locator(".panel-head .status")).to_have_text(t("secretary.status.ended"))
    page.get_by_role("button", name=t("secretary.start"), exact=True).click()
    expect(page.locator(".panel-head .status")).to_have_text(t("secretary.status.in-progress"))


def test_a_file_is_removed_after_asking(page: Page, origin: Desk, folder: Path) -> None:
    opened(page, origin)
    name = t("secretary.remove_one", name="报告.pdf")
    page.get_by_role("button", name=name, exact=True).click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text(t("secretary.remove_ask", name="报告.pdf"))
    dialog.get_by_role("button", name=t("secretary.no"), exact=True).click()
    assert (folder / "经营会/01 报告/报告.pdf").exists()
    page.get_by_role("button", name=name, exact=True).click()
    dialog.get_by_role("button", name=t("secretary.remove"), exact=True).click()
    expect(page.locator(".panel-files .file")).to_have_count(1)
    assert not (folder / "经营会/01 报告/报告.pdf").exists()


def test_what_meeting_toml_says_cannot_be_changed_here(page: Page, origin: Desk) -> None:
    opened(page, origin, "董事会会议")
    expect(page.locator(".panel-head .status")).to_have_text(t("secretary.status.planned"))
    expect(page.get_by_role("button", name=t("secretary.start"), exact=True)).to_be_disabled()
    expect(page.locator(".panel-head")).to_contain_text(t("secretary.said"))
    fill(origin.folder, {"董事会/meeting.toml": "title = 1"})
    expect(page.locator(".panel-notes")).to_contain_text("title must be text")


def test_a_new_meeting_is_made_and_chosen_by_the_keyboard_alone(
    page: Page, origin: Desk, folder: Path
) -> None:
    page.goto(origin.secretary())
    expect(page.locator(".meetings-row")).to_have_count(2)
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=t("secretary.new"), exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("经营会")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_contain_text(t("error.file-exists.message", name="经营会"))
    page.keyboard.type("2026")
    page.keyboard.press("Enter")
    expect(page.locator("#meeting-title")).to_have_text("经营会2026")
    assert (folder / "经营会2026").is_dir()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(
    page: Page, folder: Path, tmp_path: Path, language: str, theme: str
) -> None:
    settings = {"language": language, "theme": theme}
    with Desk(folder, tmp_path / "origin", **settings) as origin:
        eventually(lambda: len(origin.states()) == 2)
        opened(page, origin)
        expect(page.locator(".panel-files .file")).to_have_count(2)
        no_violations(page)
        small = page.evaluate(
            """least => [...document.querySelectorAll('button, input:not([hidden]), a')]
              .map((one) => [one.textContent, one.getBoundingClientRect()])
              .filter(([, box]) => Math.min(box.width, box.height) < least)
              .map(([text]) => text)""",
            SMALLEST,
        )
        assert small == []
        # The words of the other language are one press away.
        other = "en" if language == "zh-CN" else "zh-CN"
        page.get_by_role("button", name=t(f"secretary.language.{other}"), exact=True).click()
        expect(page.locator("h1")).to_have_text(t("secretary.title", other))


def test_behind_a_password(browser: Browser, folder: Path, tmp_path: Path) -> None:
    settings = {"node_password": "correct horse", "language": "zh-CN"}
    with Desk(folder, tmp_path / "origin", **settings) as origin:
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        page.goto(origin.secretary())
        field = page.get_by_label(t("secretary.password"))
        field.fill("battery staple")
        page.keyboard.press("Enter")
        expect(page.locator(".sheet-note")).to_have_attribute("data-wrong", "true")
        expect(page.get_by_role("button", name=t("secretary.open"), exact=True)).to_be_enabled()
        field.fill("correct horse")
        page.keyboard.press("Enter")
        expect(page.locator(".meetings-row")).to_have_count(2)
        assert "correct horse" not in json.dumps(context.storage_state())
        context.close()


def test_an_origin_that_goes_away_is_said_and_found_again(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    with Desk(folder, tmp_path / "origin") as origin:
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        opened(page, origin)
        port = origin.close()
        expect(page.get_by_text(t("secretary.lost"))).to_be_visible()
        origin.open(port)
        expect(page.get_by_text(t("secretary.lost"))).to_be_hidden(timeout=15_000)
        fill(folder, {"经营会/新.pdf": "new"})
        expect(page.locator(".panel-files .file", has_text="新.pdf")).to_have_count(1)
        context.close()


@pytest.mark.parametrize("front", FRONTS)
def test_a_large_file_is_brought_to_the_origin_as_it_runs_in_the_field(
    page: Page, folder: Path, tmp_path: Path, front: str
) -> None:
    brought = fill(tmp_path / "desk", {"film.mp4": os.urandom(20_000_000)})
    with OriginProcess(folder, tmp_path / "origin", front, theme="dark") as origin:
        page.goto(origin.secretary())
        page.locator(".meetings-row", has_text="经营会").click()
        page.locator("input[type=file]").set_input_files(brought / "film.mp4")
        row = page.locator('.panel-files .file[data-state="ready"]', has_text="film.mp4")
        expect(row).to_have_count(1, timeout=15_000)
        expect(page.locator(".upload")).to_have_count(0)
        page.get_by_role("link", name=t("secretary.room"), exact=True).click()
        page.get_by_role("link", name=t("room.secretary"), exact=True).click()
        expect(page.locator(".meetings-row")).to_have_count(2)
    assert (folder / "经营会" / "film.mp4").read_bytes() == (brought / "film.mp4").read_bytes()
