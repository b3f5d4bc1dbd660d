"""Several servers at once: never more than are wanted, and each loss made good."""

from __future__ import annotations

import random
from typing import Any

import pytest
from simulated import EVER, MIB, TICK, Host, Turn, course

from kiosk.errors import TransientError, UnfitError
from kiosk.transfer import Ask, Close, Connect, Policy, State, Transfer

WELL = Host()
SHUT = Host((Turn(connect="refuses", connect_s=0.001),))
DEAD = Host((Turn(connect="hangs"),))


def reset(server: str) -> TransientError:
    return TransientError("reset", server=server)


def three(count: int = 4, **policy: Any) -> Transfer:
    """Lanes 1, 2 and 3 are asked at a, b and c, at 0."""
    made = Policy(parallel=3, **policy)
    transfer = Transfer(list("abcdef")[:count], made, random.Random(1))
    transfer.start(0.0)
    assert transfer.want(3, 0.0) == [Connect(2, "b", 2), Connect(3, "c", 3)]
    for lane in (1, 2, 3):
        assert Ask(lane) in transfer.stood(lane, 0.0)
    for lane in (1, 2, 3):
        transfer.observed(lane, "receiving", 1, 0.0)
    return transfer


def test_one_server_is_asked_until_somebody_says_that_more_are_of_use() -> None:
    found = course(WELL, WELL, WELL, parallel=3, want=1).run()
    assert found.order("connect") == ["a"]
    found = course(WELL, WELL, WELL, parallel=3, want=3, size=60 * MIB).run()
    assert found.order("ask") == ["a", "b", "c"]
    assert found.sent == found.size
    assert found.now < 60 * MIB / 60e6 + 0.5


def test_never_more_are_asked_than_the_setting_allows() -> None:
    found = course(WELL, WELL, WELL, WELL, parallel=2, want=4).run()
    assert found.order("ask") == ["a", "b"]


def test_of_too_many_the_slowest_is_closed_without_blame() -> None:
    transfer = three()
    for step in range(1, 20):
        for lane, rate in ((1, 9e6), (2, 1e6), (3, 5e6)):
            transfer.observed(lane, "receiving", int(step * rate * TICK), step * TICK)
    assert transfer.want(2, 1.0) == [Close(2)]
    assert transfer.want(2, 1.0) == []
    assert transfer.faults() == []
    assert transfer.want(3, 1.0) == [Connect(4, "b", 2)]
    assert transfer.want(0, 1.0) == [Close(4), Close(3)] or transfer.want(0, 1.0) == []


def test_a_lane_with_nothing_to_fetch_is_closed_and_its_place_stays_empty() -> None:
    transfer = three()
    assert transfer.idle(2, 0.5) == [Close(2)]
    assert transfer.tick(0.6) == []
    assert transfer.want(3, 0.7) == [], "the same number is no news"
    assert transfer.failed(1, reset("a"), 0.8) == [Connect(4, "b", 2), Connect(5, "d", 4)]
    assert [name for name, _, _ in transfer.faults()] == ["a"]


def test_a_lane_with_nothing_to_fetch_relieves_one_in_trouble() -> None:
    transfer = three(count=3)
    transfer.idle(2, 0.5)
    for lane in (1, 3):
        transfer.observed(lane, "receiving", 10_000_000, 0.5)
    transfer.observed(3, "receiving", 20_000_000, 1.5)
    assert transfer.tick(1.55) == [Connect(4, "b", 2)]
    assert transfer.stood(4, 1.56) == [Close(1), Ask(4)]


def test_a_lost_lane_is_replaced_by_the_next_server() -> None:
    transfer = three()
    assert transfer.failed(2, reset("b"), 0.5) == [Connect(4, "d", 4)]
    assert transfer.stood(4, 0.51) == [Ask(4)]
    assert [(switch.left, switch.to) for switch in transfer.switches] == [("b", "d")]


@pytest.mark.fault("B18")
def test_a_lost_server_comes_back_after_a_pause_while_others_go_on() -> None:
    restarting = Host((Turn(breaks_at=MIB), Turn(connect="refuses"), Turn()))
    found = course(restarting, WELL, parallel=2, want=2, size=80 * MIB, rounds=3).run()
    assert found.times("ask", "a")[1] > found.times("cut-off", "a")[0]
    assert len(found.times("connect", "a")) == 3
    assert (found.transfer.state, found.transfer.round) == (State.COMPLETE, 1)


def test_but_no_more_often_than_there_are_rounds() -> None:
    steady = Host((Turn(rate=1e6),))
    found = course(SHUT, steady, parallel=2, want=2, size=30 * MIB, rounds=3).run()
    assert len(found.times("connect", "a")) == 3
    assert found.transfer.state is State.COMPLETE


def test_a_server_that_is_out_does_not_come_back() -> None:
    page = UnfitError("not-a-package", server="a", type="a page")
    found = course(Host((Turn(says=page), Turn())), WELL, parallel=2, want=2, size=80 * MIB).run()
    assert len(found.times("connect", "a")) == 1
    assert [(switch.left, switch.to) for switch in found.transfer.switches] == [("a", "b")]


def test_of_two_in_trouble_the_silent_one_is_relieved_first() -> None:
    transfer = three()
    for step in range(1, 42):
        transfer.observed(1, "receiving", int(step * 100e3 * TICK), step * TICK)
        transfer.observed(2, "receiving", step * 1_000_000, step * TICK)
        if step < 21:
            transfer.observed(3, "receiving", step * 1_000_000, step * TICK)
        transfer.tick(step * TICK)
    assert transfer.stood(4, 2.06) == [Close(3), Ask(4)]


def test_a_lane_in_trouble_keeps_its_place_where_all_others_are_busy() -> None:
    transfer = three(count=3)
    for step in range(1, 140):
        for lane in (1, 2):
            transfer.observed(lane, "receiving", step * 1_000_000, step * TICK)
        assert transfer.tick(step * TICK) == []
    for step in range(140, 165):
        for lane in (1, 2):
            transfer.observed(lane, "receiving", step * 1_000_000, step * TICK)
        transfer.tick(step * TICK)
    assert [(name, fault.code) for name, fault, _ in transfer.faults()] == [("c", "stalled")]


def test_dead_servers_beside_busy_ones_cost_no_round() -> None:
    found = course(DEAD, WELL, DEAD, WELL, parallel=3, want=3, size=200 * MIB).run()
    assert sorted(set(found.order("ask"))) == ["b", "d"]
    assert (found.transfer.state, found.transfer.round) == (State.COMPLETE, 1)


def test_a_place_that_nobody_can_fill_stays_empty() -> None:
    found = course(WELL, parallel=3, want=3, size=60 * MIB).run()
    assert found.order("connect") == ["a"]
    assert found.transfer.state is State.COMPLETE


def test_of_three_the_one_that_is_wrong_is_left_and_its_bytes_alone_are_fetched_again() -> None:
    hosts = (WELL, Host(damages=True), WELL)
    found = course(*hosts, parallel=3, want=3, size=60 * MIB, rounds=1).run()
    assert found.transfer.state is State.COMPLETE
    assert 0 < found.spoiled < found.size
    assert found.sent == found.size + found.spoiled
    assert found.faults() == {"b": "wrong-content"}


def test_one_that_dies_and_one_that_is_silent_leave_the_third_to_finish() -> None:
    hosts = (Host((Turn(breaks_at=8 * MIB),)), Host((Turn(think_s=EVER),)), WELL)
    found = course(*hosts, parallel=3, want=3, size=60 * MIB, rounds=2).run()
    assert found.transfer.state is State.COMPLETE
    assert found.sent == found.size
