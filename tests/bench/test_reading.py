"""What the benchmark of reading says of its figures, and that it measures the memory of a tab."""

from __future__ import annotations

import pytest
from bench import reading_report
from bench.footprint import Footprint
from bench.reading import Round
from playwright.sync_api import Page

FACTS = reading_report.Facts("2026-11-27", "a machine, 2 cores", 8, 0.5, "Chromium 1")


def rounds(picture: float, turn: float) -> list[Round]:
    return [
        Round(picture + n, 900 + n, [turn, turn, 5000], [90, 95, 99], [400], 250, 240)
        for n in (-1, 0, 1)
    ]


def test_each_bar_is_met_or_missed_by_the_median() -> None:
    page = reading_report.page(FACTS, {"kiosk": rounds(200, 101), "plain": rounds(800, 202)})
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    tap = next(line for line in lines if "something of page 1" in line)
    assert "| ≤ 300 ms | 200 ms [199–201] | met | 800 ms [799–801] | 0.25 |" in tap
    turn = next(line for line in lines if "next page" in line)
    assert "| **missed** |" in turn and "101 ms" in turn
    assert "Medians of 3 rounds" in page


@pytest.mark.browser
def test_the_memory_of_a_tab_is_seen_by_chromium_and_in_between(page: Page) -> None:
    page.goto("about:blank")
    with Footprint(page) as footprint:
        page.evaluate("globalThis.large = new Uint8Array(150e6).fill(1), 0")
        footprint.dump()
    assert 150 < footprint.told_mb < 400
    assert footprint.peak_mb >= footprint.told_mb
