"""One progress: it never falls, never passes the total, and its speed is smooth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.meter import Meter

LOOKS = st.lists(
    st.tuples(
        st.integers(0, 10_000), st.integers(0, 500), st.one_of(st.none(), st.integers(0, 9000)),
        st.floats(-5, 5),
    ),
    max_size=60,
)  # fmt: skip


@given(LOOKS, st.one_of(st.none(), st.integers(0, 5000)))
def test_bytes_and_percent_never_fall_and_never_pass_the_total(
    looks: list[tuple[int, int, int | None, float]], estimate: int | None
) -> None:
    meter, now, arrived, last = Meter(estimate), 100.0, 0, (0, 0.0)
    for here, more, total, step in looks:
        now, arrived = now + step, arrived + more
        reading = meter.read(here, arrived, total, now)
        assert (reading.bytes, reading.percent) >= last
        assert reading.percent >= last[1]
        assert reading.percent <= 100
        assert reading.total is None or reading.bytes <= reading.total
        assert reading.bytes_per_second >= 0
        assert reading.seconds_left is None or reading.seconds_left >= 0
        last = (reading.bytes, reading.percent)


def test_a_restart_on_another_server_holds_the_count_until_it_is_overtaken() -> None:
    meter = Meter()
    counts = [meter.read(here, 0, 100, float(i)).bytes for i, here in enumerate([50, 0, 20, 60])]
    assert counts == [50, 50, 50, 60]


def test_a_damaged_file_that_is_fetched_again_holds_the_count_and_adds_to_the_time_left() -> None:
    meter = Meter()
    meter.read(0, 0, 100, 0.0)
    assert meter.read(80, 80, 100, 1.0).seconds_left == pytest.approx(0.25)
    again = meter.read(30, 80, 100, 1.0)
    assert (again.bytes, again.percent, again.total) == (80, 80, 100)
    assert again.seconds_left == pytest.approx(70 / 80)


def test_another_build_of_another_size_moves_nothing_back_and_is_not_done_before_its_time() -> None:
    meter = Meter()
    meter.read(50, 50, 100, 0.0)
    larger = meter.read(60, 60, 400, 1.0)
    assert (larger.bytes, larger.percent, larger.total) == (60, 50, 400)
    smaller = meter.read(10, 60, 40, 2.0)
    assert (smaller.bytes, smaller.percent) == (60, 50)
    assert smaller.total == 60, "never less than what is shown to be here"
    assert meter.read(30, 80, 40, 3.0).percent == 75
    assert meter.read(40, 90, 40, 4.0).percent == 100


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), max_size=40))
def test_nothing_says_100_percent_while_something_was_always_missing(
    looks: list[tuple[int, int]],
) -> None:
    meter = Meter(estimate=300)
    for second, (here, missing) in enumerate(looks):
        assert meter.read(here, 0, here + missing, float(second)).percent < 100


def test_speed_is_that_of_the_last_seconds() -> None:
    meter = Meter()
    for second in range(10):
        meter.read(second * 100, second * 100, 10_000, float(second))
    for second in range(10, 20):
        reading = meter.read(1000, 1000 + (second - 9) * 300, 10_000, float(second))
    assert reading.bytes_per_second == pytest.approx(300)
    assert reading.seconds_left == pytest.approx(30)


def test_nothing_is_said_about_speed_before_there_is_something_to_say() -> None:
    meter = Meter()
    assert meter.read(0, 0, 100, 0.0).bytes_per_second == 0
    assert meter.read(50, 50, 100, 0.1).seconds_left is None


def test_a_clock_that_jumps_back_starts_the_speed_anew() -> None:
    meter = Meter()
    meter.read(0, 0, 100, 1e9)
    meter.read(10, 10, 100, 1e9 + 1)
    assert meter.read(20, 20, 100, 5.0).bytes_per_second == 0
    assert meter.read(30, 30, 100, 6.0).bytes_per_second == pytest.approx(10)


def test_without_a_total_the_expected_size_gives_the_percent_but_never_the_end() -> None:
    meter = Meter(estimate=200)
    assert meter.read(100, 100, None, 0.0).percent == 50
    assert meter.read(300, 300, None, 1.0).percent == 99
    assert meter.read(300, 300, None, 1.0).total is None
    assert meter.read(300, 300, 300, 2.0).percent == 100
