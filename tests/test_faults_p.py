"""What a display is told during a download: it never falls, never passes the whole, ends once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from bundles import PAPERS, Bundle
from downloads import Start
from faulty import EITHER, expect, run
from kiosk_process import Live, eventually, kiosk_on

from kiosk import events
from kiosk.demo.origin import (
    AS_EXISTING_MASTER,
    CLOSED,
    CutAt,
    Fault,
    ResetAt,
    Slow,
    Status,
    StopAt,
    WrongBytes,
    pool_of,
)

PACE = Slow(1_500_000)
COURSES: dict[str, list[tuple[Fault, ...] | None]] = {
    "cuts": [(CutAt(0.3), PACE), (ResetAt(0.3), PACE), (PACE,)],
    "stops": [CLOSED, (StopAt(0.4), PACE), (PACE,)],
    "damage": [(WrongBytes(900_000), PACE), (PACE,)],
    "rounds": [(Status(503, times=2), CutAt(0.5), PACE)],
    "streams": [(*AS_EXISTING_MASTER, CutAt(0.6), PACE), (PACE,)],
    "streams only": [(*AS_EXISTING_MASTER, CutAt(0.6, times=1), PACE)],
}


@pytest.mark.fault("P1")
@EITHER
@pytest.mark.parametrize("course", COURSES)
def test_what_is_shown_never_falls_and_never_passes_the_whole(
    start: Start, bundle: Bundle, course: str
) -> None:
    download = start(*COURSES[course], meetings={"M1": bundle.origin})
    assert run(download, retries=5) == 0
    expect(download, bundle)
    shown = [event for event in download.events if isinstance(event, events.DownloadProgress)]
    counts = [event.received_bytes + event.reused_bytes for event in shown]
    percents = [event.percent for event in shown]
    assert counts == sorted(counts)
    assert percents == sorted(percents)
    assert max(percents) <= 100
    assert all(
        count <= (event.total_bytes or count) for count, event in zip(counts, shown, strict=True)
    )
    assert all(event.bytes_per_second >= 0 for event in shown)
    endings = [event for event in download.events if isinstance(event, events.ENDINGS)]
    assert endings == [download.events[-1]]


@pytest.mark.fault("P1", "P5")
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_several_pages_see_one_transfer_through_every_switch(tmp_path: Path, mode: str) -> None:
    with (
        pool_of(COURSES["cuts"], {"M1": PAPERS.origin}) as origins,
        kiosk_on(origins, tmp_path / "data", mode) as kiosk,
    ):
        pages = [Live(kiosk.url) for _ in range(5)]
        try:
            pressing = [
                threading.Thread(target=page.call, args=("startDownload", {"meetingId": "M1"}))
                for page in pages
            ]
            for press in pressing:
                press.start()
            for press in pressing:
                press.join()
            endings = [page.wait_for_ending() for page in pages]
        finally:
            for page in pages:
                page.close()
        assert {name for name, _ in endings} == {"downloadComplete"}
        for page in pages:
            seen = [body["percent"] for name, body in page.heard if name == "downloadProgress"]
            assert seen == sorted(seen)
            assert max(seen) <= 100
        assert origins.log.open_packages == 1
        assert eventually(lambda: kiosk.json("/api/downloads/M1"))["percent"] == 100
