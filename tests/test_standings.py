"""What is remembered of servers decides who is asked first: the fast more often, the dead last."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CODES
from kiosk.standings import GONE, Standings

NOW = 1.7e9
DAY = 24 * 3600.0
POOL = ["a", "b", "c", "d"]


def first_choices(standings: Standings, now: float = NOW, draws: int = 4000) -> Counter[str]:
    chance = random.Random(7)
    return Counter(standings.order(POOL, chance, now)[0] for _ in range(draws))


def last(standings: Standings, now: float) -> str:
    return standings.order(POOL, random.Random(1), now)[-1]


def test_unknown_servers_are_all_equally_likely_to_be_first() -> None:
    choices = first_choices(Standings())
    assert all(choices[name] == pytest.approx(1000, rel=0.15) for name in POOL)


def test_a_faster_one_is_likelier_first_but_at_most_eight_times() -> None:
    standings = Standings()
    for name, rate in zip(POOL, (80e6, 20e6, 1e6, 1.0), strict=True):
        standings.heard(name, rate, NOW)
    choices = first_choices(standings)
    assert choices["a"] / choices["b"] == pytest.approx(4, rel=0.2)
    assert choices["a"] / choices["c"] == pytest.approx(8, rel=0.3)
    assert choices["c"] == pytest.approx(choices["d"], rel=0.3)


def test_one_that_nobody_has_measured_counts_like_the_usual_one() -> None:
    standings = Standings()
    for name, rate in zip(POOL, (40e6, 20e6, 10e6, None), strict=True):
        standings.heard(name, rate, NOW)
    choices = first_choices(standings)
    assert choices["d"] == pytest.approx(choices["b"], rel=0.2)


def test_speed_follows_what_is_measured_without_jumping() -> None:
    standings = Standings()
    standings.heard("a", 10e6, NOW)
    standings.heard("a", 20e6, NOW)
    assert standings.rate("a", NOW) == pytest.approx(13e6)
    for useless in (None, 0.0, -5.0, float("nan"), float("inf")):
        standings.heard("a", useless, NOW)
    assert standings.rate("a", NOW) == pytest.approx(13e6)
    assert standings.rate("b", NOW) is None


def test_a_server_that_is_gone_comes_last_for_longer_each_time_until_it_delivers() -> None:
    standings, now = Standings(), NOW
    for seconds in (30, 60, 120, 240, 480, 600, 600):
        standings.failed("b", "connect-timeout", now)
        standings.failed("b", "connect-timeout", now + 1)
        assert last(standings, now + seconds - 0.1) == "b"
        now += seconds
        assert first_choices(standings, now, 400)["b"] > 50, "it is tried again like any other"
    standings.failed("b", "connect-timeout", now)
    standings.heard("b", None, now + 1)
    assert first_choices(standings, now + 1, 400)["b"] > 50
    standings.failed("b", "refused", now + 1)
    assert first_choices(standings, now + 31.1, 400)["b"] > 50, "counted from the beginning"


def test_of_several_that_are_gone_the_one_that_may_be_back_first_is_asked_first() -> None:
    standings = Standings()
    for seconds, name in enumerate(("c", "a", "d")):
        standings.failed(name, "silent", NOW + seconds)
    assert standings.order(POOL, random.Random(1), NOW + 5) == ["b", "c", "a", "d"]
    for name in POOL:
        standings.failed(name, "reset", NOW + 5)
    assert standings.order(POOL, random.Random(1), NOW + 6) == ["c", "a", "d", "b"]


@pytest.mark.parametrize("code", sorted(set(CODES) - GONE))
def test_a_server_that_answers_is_not_gone(code: str) -> None:
    standings = Standings()
    standings.failed("a", code, NOW)
    assert first_choices(standings, NOW, 400)["a"] > 50


@pytest.mark.parametrize("jump", [DAY + 1, 10 * 365 * DAY, -3600.0, -10 * 365 * DAY])
def test_a_clock_that_jumps_makes_it_forget(jump: float) -> None:
    standings = Standings()
    standings.heard("a", 1e6, NOW)
    standings.failed("b", "refused", NOW)
    assert standings.rate("a", NOW + jump) is None
    assert first_choices(standings, NOW + jump, 400)["b"] > 50
    standings.failed("b", "refused", NOW + jump)
    assert last(standings, NOW + jump + 29) == "b"
    assert set(standings.to_json()["servers"]) == {"b"}


def test_a_clock_that_is_set_right_by_a_second_changes_nothing() -> None:
    standings = Standings()
    standings.failed("b", "refused", NOW)
    assert last(standings, NOW - 1) == "b"


NAMES = st.sampled_from([*POOL, "10.1.1.11:8001", "服务器"])
EVENTS = st.lists(
    st.tuples(NAMES, st.one_of(st.none(), st.floats(), st.sampled_from(sorted(CODES))),
              st.floats(-2 * DAY, 2 * DAY)),
    max_size=40,
)  # fmt: skip


@given(EVENTS)
def test_whatever_happened_all_servers_are_asked_once_and_a_restart_forgets_nothing(events) -> None:
    standings, now = Standings(), NOW
    for name, what, step in events:
        now = max(0.0, now + step)
        if isinstance(what, str):
            standings.failed(name, what, now)
        else:
            standings.heard(name, what, now)
    again = Standings.of_json(json.loads(json.dumps(standings.to_json())))
    order = again.order(POOL, random.Random(3), now)
    assert sorted(order) == POOL
    assert order == standings.order(POOL, random.Random(3), now)


def test_the_memory_does_not_grow_without_end() -> None:
    standings = Standings()
    for number in range(1500):
        standings.heard(f"s{number}", 1e6, NOW)
    assert len(standings.to_json()["servers"]) == 1000
    assert standings.rate("s1499", NOW) == 1e6


SOUND = {"at": NOW, "rate": 1e6, "openings": 1, "open_until": NOW + 30}


@pytest.mark.parametrize(
    "document",
    [None, [], "", 5, {}, {"version": 2, "servers": {}}, {"version": 1},
     {"version": 1, "servers": []},
     *({"version": 1, "servers": {"a": fields}} for fields in (
         None, [], {}, SOUND | {"at": "x"}, SOUND | {"at": True}, SOUND | {"rate": float("nan")},
         SOUND | {"rate": -1}, SOUND | {"rate": 10**400}, SOUND | {"openings": 1.5},
         SOUND | {"openings": True},
         SOUND | {"open_until": NOW + 1e9}, SOUND | {"open_until": float("inf")},
     ))],
)  # fmt: skip
def test_what_is_no_memory_is_refused(document: object) -> None:
    assert Standings.of_json({"version": 1, "servers": {"a": SOUND}}).rate("a", NOW) == 1e6
    with pytest.raises(ValueError):
        Standings.of_json(document)
