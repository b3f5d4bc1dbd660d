"""Opens every document of a folder: ``make soak ARGS="--documents DIR -k documents"``.

Without a folder these are the samples of the demo. With ``-s`` it prints what became of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import Reader, files_in
from playwright.sync_api import BrowserContext
from reading import SAMPLES, reading, rows_of
from test_browser_documents import assert_all_are_well, cut, twisted, whole

BATCH = 100


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.getoption("--documents") or SAMPLES).resolve()


@pytest.mark.fault("S11")
@pytest.mark.timeout(7200)
def test_all_documents_are_shown_or_explained(
    context: BrowserContext, folder: Path, tmp_path: Path
) -> None:
    files = list(files_in(folder).items())
    assert files, f"no documents in {folder}"
    told = []
    for start in range(0, len(files), BATCH):
        with reading(tmp_path / f"data{start}", dict(files[start : start + BATCH])) as kiosk:
            reader = Reader(context.new_page(), kiosk)
            for one in reader.read_all(rows_of(kiosk)):
                print(one)
                told.append(one)
    print(Counter(one.how for one in told))
    assert len(told) == len(files)
    assert [str(one) for one in told if not one.is_well] == []


@pytest.mark.fault("S11")
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("spoilt", [cut, twisted])
def test_every_kind_spoilt_in_every_way_is_shown_or_explained(
    context: BrowserContext, tmp_path: Path, spoilt: Callable[[dict[str, bytes]], dict[str, bytes]]
) -> None:
    assert_all_are_well(context, tmp_path / "data", spoilt(whole()))
