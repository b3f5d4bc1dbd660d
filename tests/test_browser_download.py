"""The main job in a real browser: one tap, a live download that survives dead servers, reading."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from kiosk_process import KioskProcess, meeting_of
from playwright.sync_api import BrowserContext, Page, expect

from kiosk.demo.origin import CLOSED, CutAt, Fault, OriginMeeting, OriginPool, Slow, Status, pool_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WORDS: dict[str, dict[str, Any]] = {
    language: json.loads((ROOT / "static" / "i18n" / f"{language}.json").read_text("utf-8"))
    for language in ("zh-CN", "en")
}
LONG_S = 30_000


def t(key: str, language: str = "zh-CN") -> str:
    return str(WORDS[language][key])


def pdf(tmp_path: Path, pages: int = 3) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    path = tmp_path / f"{pages}.pdf"
    document.save(path)
    document.close()
    return path.read_bytes()


@pytest.fixture
def meeting(tmp_path: Path) -> OriginMeeting:
    noise = random.Random(1).randbytes(2_500_000)
    return meeting_of(
        {"工作报告.pdf": pdf(tmp_path), "说明.txt": "第一行\n第二行\n".encode(), "数据.bin": noise}
    )


Start = Callable[..., tuple[KioskProcess, OriginPool]]


@pytest.fixture
def start(tmp_path: Path, meeting: OriginMeeting) -> Iterator[Start]:
    """A terminal with a pool whose servers have these faults."""
    running: list[Any] = []

    def begin(
        *servers: tuple[Fault, ...] | None, meetings: Any = None, mode: str = "", **settings: Any
    ) -> tuple[KioskProcess, OriginPool]:
        pool = pool_of(servers, {"M1": meeting} if meetings is None else meetings)
        running.append(pool)
        settings = {
            "server_ip": pool.base, "server_port": pool.port, "server_count": pool.count,
            "in_order": True, "interval_s": 1, "retries": 1, "min_free_mb": 1, **settings,
        }  # fmt: skip
        mode = mode or os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        kiosk = KioskProcess(tmp_path / "data", mode, **settings)
        running.append(kiosk)
        return kiosk, pool

    yield begin
    for one in reversed(running):
        one.stop() if isinstance(one, KioskProcess) else one.close()


def open_and_download(page: Page, kiosk: KioskProcess, language: str = "zh-CN") -> None:
    page.goto(kiosk.url)
    page.get_by_role("button", name=t("welcome.download", language), exact=True).tap()
    expect(page).to_have_url(re.compile("/meetings/M1$"))


def sent(pool: OriginPool) -> int:
    """Bytes of packages that left the servers."""
    return sum(request.sent for request in pool.log.packages)


def size_of(meeting: OriginMeeting) -> int:
    assert isinstance(meeting.package, bytes)
    return len(meeting.package)


def percents(page: Page) -> list[float]:
    """Everything the big figure ever showed; collected in the page from now on."""
    page.evaluate(
        """() => {
          const seen = (window.seenPercents = []);
          const look = () => {
            const bar = document.querySelector('[role=progressbar]');
            const now = bar?.getAttribute('aria-valuenow');
            if (now) seen.push(Number(now));
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    return []


def no_violations(page: Page, *rules: str) -> None:
    """axe-core finds nothing, in this very state of the page; nothing against these rules only."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    only = {"runOnly": rules} if rules else {}
    found = page.evaluate(
        "(more) => axe.run(document, {resultTypes: ['violations'], ...more})", only
    )
    shown = [
        (one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]
    ]
    assert shown == []


THEME = """(theme) => {
  document.documentElement.dataset.theme = theme;
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
}"""


def no_faint_words(page: Page, *themes: str) -> None:
    """Nor in these themes; they are colours and nothing else."""
    was = page.evaluate("document.documentElement.dataset.theme")
    for theme in themes:
        page.evaluate(THEME, theme)
        no_violations(page, "color-contrast")
    page.evaluate(THEME, was)


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_from_one_tap_to_reading_while_servers_die(
    page: Page, start: Start, meeting: OriginMeeting, mode: str
) -> None:
    kiosk, pool = start(CLOSED, (CutAt(0.5), Slow(1_500_000)), (Slow(1_500_000),), mode=mode)
    open_and_download(page, kiosk)
    percents(page)
    panel = page.get_by_label(t("download.title")).first
    expect(panel).to_contain_text(f"127.0.0.{pool.base.rpartition('.')[2]}")
    expect(panel).to_contain_text("2/3")
    expect(panel).to_contain_text("3/3", timeout=LONG_S)
    no_violations(page)
    card = page.get_by_role("link", name=re.compile("工作报告"))
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    seen = page.evaluate("() => window.seenPercents")
    assert seen == sorted(seen), "never backwards"
    assert len(set(seen)) > 5, "it moves"
    assert max(seen) <= 100
    no_violations(page)
    card.tap()
    expect(page).to_have_url(re.compile("/materials/1"))
    expect(page.locator("canvas").first).to_be_visible(timeout=LONG_S)
    no_violations(page)
    assert pool.log.open_packages == 1
    assert {request.server for request in pool.log.packages} == set(pool.names[1:])
    assert sent(pool) < 1.1 * size_of(meeting), "the third server went on where the second stopped"


def test_cancel_keeps_what_came_and_go_on_finishes(page: Page, start: Start) -> None:
    kiosk, pool = start((Slow(500_000),))
    open_and_download(page, kiosk)
    expect(page.get_by_role("progressbar")).to_have_attribute(
        "aria-valuenow", re.compile(r"[2-9]\d"), timeout=LONG_S
    )
    page.get_by_role("button", name=t("download.cancel")).tap()
    expect(page.get_by_text(t("download.cancelled"))).to_be_visible()
    assert pool.log.wait_for(lambda log: log.packages[0].closed_at is not None, 2)
    no_violations(page)
    pool[0].faults = []
    page.get_by_role("button", name=t("download.resume")).tap()
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    assert pool.log.packages[-1].range, "it goes on where it stopped"


@pytest.mark.fault("B10")
def test_all_servers_dead_says_why_and_keeps_the_old_version(
    page: Page, start: Start, meeting: OriginMeeting
) -> None:
    kiosk, pool = start((), CLOSED)
    open_and_download(page, kiosk)
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    newer = meeting_of({"工作报告.pdf": b"%PDF-1.4 newer", "新文件.txt": b"new"})
    pool[0].meetings = {"M1": newer}
    pool[0].faults = [Status(500)]
    pool[0].token = "token-2"
    page.get_by_role("button", name=re.compile(t("meeting.update.get"))).tap(timeout=LONG_S)
    failed = page.locator(".failed")
    expect(failed).to_be_visible(timeout=LONG_S)
    for name in pool.names:
        expect(failed).to_contain_text(name.partition(":")[0])
    expect(failed.get_by_role("button", name=t("download.again"))).to_be_visible()
    no_violations(page)
    failed.get_by_role("button", name=re.compile(t("download.old").partition("{")[0])).tap()
    page.get_by_role("link", name=re.compile("工作报告")).tap()
    expect(page.locator("canvas").first).to_be_visible(timeout=LONG_S)


def test_failure_without_anything_here_offers_another_try(page: Page, start: Start) -> None:
    kiosk, pool = start(CLOSED, (Status(500),))
    open_and_download(page, kiosk)
    failed = page.locator(".failed")
    expect(failed).to_be_visible(timeout=LONG_S)
    no_violations(page)
    pool[1].faults = []
    failed.get_by_role("button", name=t("download.again")).tap()
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)


@pytest.mark.fault("P2")
def test_reload_in_the_middle_shows_the_same_state_at_once(
    page: Page, start: Start, meeting: OriginMeeting
) -> None:
    kiosk, pool = start((Slow(700_000),))
    open_and_download(page, kiosk)
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"[3-9]\d"), timeout=LONG_S)
    before = float(bar.get_attribute("aria-valuenow") or 0)
    page.reload()
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"\d+"))
    assert float(bar.get_attribute("aria-valuenow") or 0) >= before
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    assert sent(pool) <= size_of(meeting), "it was fetched once"


@pytest.mark.fault("P3")
def test_a_restarted_terminal_is_found_again_without_a_hand(
    context: BrowserContext, start: Start
) -> None:
    # Chromium itself writes of refused connections into the console: not a page of `page`'s.
    page = context.new_page()
    kiosk, _ = start(())
    open_and_download(page, kiosk)
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    port = kiosk.port
    page.goto(kiosk.url)
    expect(page.get_by_role("button", name=t("welcome.open"), exact=True)).to_be_visible()
    kiosk.stop()
    expect(page.get_by_text(t("connection.lost")).first).to_be_visible()
    kiosk.start(port)
    expect(page.get_by_text(t("connection.lost"))).to_have_count(0, timeout=10_000)
    page.get_by_role("button", name=t("welcome.open"), exact=True).tap()
    page.get_by_role("link", name=re.compile("说明")).tap()
    expect(page.get_by_text("第二行")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_screen_is_whole_in_both_languages(page: Page, start: Start, language: str) -> None:
    kiosk, _ = start((), language=language, theme="light", title="清澜水务集团")
    page.goto(kiosk.url)
    expect(page.locator("html")).to_have_attribute("lang", language)
    no_violations(page)
    no_faint_words(page, "dark")
    open_and_download(page, kiosk, language)
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    no_violations(page)
    no_faint_words(page, "dark")
    for address in ("/options", "/meetings/M1/materials/2", "/meetings/M1/materials/3"):
        page.goto(kiosk.url + address)
        expect(page.locator("main")).to_be_visible()
        page.wait_for_load_state("networkidle")
        no_violations(page)
        no_faint_words(page, "dark")
        assert not re.search(r"\{\w+\}|undefined|\bnull\b|NaN", page.locator("body").inner_text())
        sideways = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        assert not sideways


def test_the_options_show_the_pool_as_it_is_typed_and_test_it(page: Page, start: Start) -> None:
    kiosk, pool = start((), CLOSED)
    page.goto(kiosk.url + "/options")
    for name in pool.names:
        expect(page.locator("main")).to_contain_text(name.partition(":")[0])
    count = page.get_by_label(t("settings.server_count.label"), exact=True)
    count.fill("4")
    last = int(pool.base.rpartition(".")[2]) + 3
    expect(page.locator("main")).to_contain_text(f"127.0.0.{last}")
    count.fill("2")
    count.blur()
    page.get_by_role("button", name=t("options.test")).tap()
    rows = page.get_by_role("complementary").get_by_role("listitem")
    expect(rows.nth(0)).to_contain_text(t("options.test_has"), timeout=LONG_S)
    refused = t("error.refused.message").replace("{server}", t("options.test_this"))
    expect(rows.nth(1)).to_contain_text(refused, timeout=LONG_S)
    assert rows.nth(1).inner_text().count(pool.names[1]) == 1, "whose row it is, is said once"
    saved = {row["name"]: row["value"] for row in kiosk.json("/api/settings")["settings"]}
    assert saved["server_count"] == 2


def test_touch_targets_are_large_enough(page: Page, start: Start) -> None:
    kiosk, _ = start(())
    small = """() => [...document.querySelectorAll('button, a[href], input, select')]
      .filter((one) => one.checkVisibility() && !one.closest('.only-read, [hidden]'))
      .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.width < 48 || box.height < 48))
      .map(([html, box]) => `${html} ${box.width}×${box.height}`)"""
    page.goto(kiosk.url)
    expect(page.get_by_role("button", name=t("welcome.download"), exact=True)).to_be_visible()
    assert page.evaluate(small) == []
    open_and_download(page, kiosk)
    expect(page.locator(".done-line")).to_be_visible(timeout=LONG_S)
    for address in ("/meetings/M1", "/meetings/M1/materials/1", "/options"):
        page.goto(kiosk.url + address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(small) == [], address
