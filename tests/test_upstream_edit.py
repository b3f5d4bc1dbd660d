"""A secretary replaces a file while the meeting runs: the master's token stays, its content not."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

from kiosk_process import meeting_of

from kiosk.demo.origin import Origin
from kiosk.settings import Settings
from kiosk.upstream import REFRESH_ROUNDS, Upstream


def test_a_replaced_file_is_noticed_although_the_token_stays(tmp_path: Path) -> None:
    with Origin(meetings={"M1": meeting_of({"a.pdf": b"%PDF old"})}) as master:
        settings = dataclasses.replace(
            Settings(), master=master.url, data_dir=str(tmp_path), interval_s=0.05
        )
        noticed = threading.Event()
        upstream = Upstream(lambda: settings, lambda changed: changed and noticed.set())
        thread = threading.Thread(target=upstream.run)
        thread.start()
        try:
            assert noticed.wait(10)
            before = upstream.state.meetings[0].data
            noticed.clear()
            master.meetings = {"M1": meeting_of({"a.pdf": b"%PDF corrected"})}
            assert noticed.wait(10)
            after = upstream.state.meetings[0].data
        finally:
            upstream.stop()
            thread.join(10)
        assert before is not None and after is not None
        assert before.fingerprint != after.fingerprint
        polls = [request for request in master.log[:] if request.path.endswith("/status/token")]
        asked = [request for request in master.log[:] if request.path.endswith("/data")]
        assert len(asked) <= len(polls) / REFRESH_ROUNDS + 2, "it is not asked every time"
