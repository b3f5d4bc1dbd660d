"""Reading ahead with the real engine and a slow server: what comes when, and what a tap changes."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from kiosk_process import KioskProcess, Live, eventually, kiosk_on, meeting_of
from playwright.sync_api import Page, expect
from test_browser_download import LONG_S, no_violations, sent, size_of, t

from kiosk.demo.origin import CLOSED, CutAt, NoRanges, OriginPool, Slow, pool_of

pytestmark = pytest.mark.browser

COUNT = 8
SLOW = Slow(200_000)


def documents(tmp_path: Path) -> dict[str, bytes]:
    """Eight PDFs of a quarter of a megabyte each."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(3):
        document.new_page(595, 842)
    document.save(tmp_path / "made.pdf")
    document.close()
    made = (tmp_path / "made.pdf").read_bytes()
    noise = random.Random(1)
    return {f"{n}.pdf": made + b"\n%" + noise.randbytes(250_000) for n in range(1, COUNT + 1)}


@pytest.fixture
def origins(tmp_path: Path) -> Iterator[OriginPool]:
    files = documents(tmp_path)
    meetings = {"M1": meeting_of(files), "M2": meeting_of(files, "M2", "二号会")}
    with pool_of([(SLOW,)], meetings) as origins:
        yield origins


@pytest.fixture
def kiosk(tmp_path: Path, origins: OriginPool) -> Iterator[KioskProcess]:
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with kiosk_on(origins, tmp_path / "data", mode, min_free_mb=1) as kiosk:
        eventually(lambda: len(kiosk.json("/api/meetings")["meetings"]) == 2)
        yield kiosk


def came(live: Live, meeting_id: str = "M1") -> list[int]:
    """The order in which the materials were ready, once the download has ended well."""
    assert live.wait_for_ending(meeting_id)[0] == "downloadComplete"
    heard = [told for name, told in live.heard if name == "materialReady"]
    return [told["index"] for told in heard if told["meetingId"] == meeting_id]


def test_the_first_one_is_read_before_the_last_one_has_come(
    page: Page, kiosk: KioskProcess
) -> None:
    with kiosk.live() as live:
        page.goto(f"{kiosk.url}/meetings/M1")
        page.get_by_role("button", name=t("meeting.download")).tap()
        first = page.locator(".card").first
        expect(first).to_have_attribute("data-state", "ready", timeout=LONG_S)
        first.tap()
        expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=LONG_S)
        assert kiosk.json("/api/downloads/M1")["ending"] is None
        no_violations(page)
        assert came(live) == list(range(1, COUNT + 1)), "in the order of the agenda"
        expect(page).to_have_url(re.compile(r"/materials/1\?r="), timeout=LONG_S)
        expect(page.locator(".pdf-page canvas").first).to_be_attached()


def test_a_tap_on_the_last_one_brings_it_before_those_in_between(
    page: Page, kiosk: KioskProcess
) -> None:
    with kiosk.live() as live:
        page.goto(f"{kiosk.url}/meetings/M1")
        page.get_by_role("button", name=t("meeting.download")).tap()
        cards = page.locator(".card")
        expect(cards.first).to_have_attribute("data-state", "arriving", timeout=LONG_S)
        cards.last.tap()
        expect(page.get_by_role("heading", name=t("reader.first_title"))).to_be_visible()
        expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=LONG_S)
        assert kiosk.json("/api/downloads/M1")["ending"] is None
        order = came(live)
        assert sorted(order) == list(range(1, COUNT + 1))
        assert order.index(COUNT) < order.index(COUNT - 1), order
        assert [n for n in order if n != COUNT] == sorted(order)[:-1], "the others in their order"


def test_what_is_wanted_before_the_download_begins_comes_first(kiosk: KioskProcess) -> None:
    with kiosk.live() as live:
        for meeting_id in ("M1", "M2"):
            live.call("startDownload", {"meetingId": meeting_id})
        assert live.call("wantMaterial", {"meetingId": "M2", "index": 6})["download"]["front"] == 6
        live.call("cancelDownload", {"meetingId": "M1"})
        assert came(live, "M2")[0] == 6


def test_a_server_that_sends_all_or_nothing_gives_early_reading_too(
    page: Page, kiosk: KioskProcess, origins: OriginPool
) -> None:
    origins[0].faults = [SLOW, NoRanges()]
    with kiosk.live() as live:
        page.goto(f"{kiosk.url}/meetings/M1")
        page.get_by_role("button", name=t("meeting.download")).tap()
        expect(page.locator(".card").first).to_have_attribute("data-state", "ready", timeout=LONG_S)
        assert kiosk.json("/api/downloads/M1")["ending"] is None
        assert came(live) == list(range(1, COUNT + 1))


def test_what_was_opened_stays_open_while_servers_change(page: Page, tmp_path: Path) -> None:
    files = documents(tmp_path)
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    faults = [CLOSED, (CutAt(0.5), Slow(400_000)), (Slow(400_000),)]
    with (
        pool_of(faults, {"M1": meeting_of(files)}) as origins,
        kiosk_on(origins, tmp_path / "data", mode, min_free_mb=1) as kiosk,
        kiosk.live() as live,
    ):
        eventually(lambda: kiosk.json("/api/meetings")["meetings"])
        page.goto(f"{kiosk.url}/meetings/M1")
        page.get_by_role("button", name=t("meeting.download")).tap()
        live.wait("materialReady")
        page.goto(f"{kiosk.url}/meetings/M1/materials/1")
        expect(page.locator(".pdf-page canvas").first).to_be_attached(timeout=LONG_S)
        page.evaluate("window.kept = document.querySelector('.pane')")
        came(live)
        expect(page).to_have_url(re.compile(r"/materials/1\?r="), timeout=LONG_S)
        assert page.evaluate("window.kept.isConnected")
        assert sent(origins) < 1.1 * size_of(origins[1].meetings["M1"]), "nothing comes twice"
