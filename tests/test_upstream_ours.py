"""A server of ours says how often it wants to be asked; by that it is known."""

from __future__ import annotations

import threading

import pytest
from kiosk_process import eventually
from rawserver import answer, raw_server

from kiosk.pool import parse
from kiosk.settings import Settings
from kiosk.upstream import Upstream, told_by

LISTING = b'{"id": "none", "meetings": []}'


def origin_of(url: str) -> str:
    return url.rpartition("/")[0]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("1", 1.0), ("2.5", 2.5), ("0", 1.0), ("0.001", 1.0), ("9999", 9999.0),
        ("", None), ("-1", None), ("nan", None), ("inf", None), ("1e9", None), ("12345", None),
        ("1, 2", None), ("soon", None),
    ],
)  # fmt: skip
def test_the_interval_is_a_number_of_seconds_or_not_said(said: str, seconds: float | None) -> None:
    with raw_server(answer(LISTING, f"Poll-Interval: {said}")) as server:
        assert told_by(parse(origin_of(server.url))) == ("none", (), seconds)


@pytest.mark.parametrize(
    ("headers", "interval_s", "pause"),
    [
        (("Poll-Interval: 1",), 10.0, 1.0),
        (("Poll-Interval: 30",), 10.0, 10.0),
        ((), 10.0, 10.0),
    ],
)
def test_a_server_of_ours_is_asked_as_often_as_it_wants(
    headers: tuple[str, ...], interval_s: float, pause: float
) -> None:
    with raw_server(answer(LISTING, *headers)) as server:
        master = parse(origin_of(server.url))
        settings = Settings.load({"master": master.url(), "interval_s": interval_s}, environ={})
        upstream = Upstream(lambda: settings, lambda _: None)
        thread = threading.Thread(target=upstream.run)
        thread.start()
        try:
            eventually(lambda: upstream.state.online)
            assert upstream.ours() == (master if headers else None)
            assert upstream._pause() == pause
        finally:
            upstream.stop()
            thread.join(10)
