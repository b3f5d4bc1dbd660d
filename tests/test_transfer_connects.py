"""Who is connected to, and when: dead servers cost moments, and nobody is asked who need not be."""

from __future__ import annotations

import random

import pytest
from simulated import MIB, TICK, Course, Host, Turn, course

from kiosk.errors import TransientError
from kiosk.transfer import Ask, Close, Connect, Policy, Transfer

WELL = Host()
DEAD = Host((Turn(connect="hangs"),))
SHUT = Host((Turn(connect="refuses", connect_s=0.001),))


def pair(**policy: float) -> Transfer:
    return Transfer(["a", "b", "c"], Policy(**policy), random.Random(1))


def test_a_server_is_asked_only_when_its_connection_stands() -> None:
    transfer = pair()
    assert transfer.start(0.0) == [Connect(1, "a", 1)]
    assert transfer.attempt == 0
    assert transfer.tick(0.2) == []
    assert transfer.stood(1, 0.21) == [Ask(1)]
    assert transfer.attempt == 1


def test_the_next_is_connected_to_beside_one_that_takes_long_and_whoever_stands_is_asked() -> None:
    transfer = pair()
    transfer.start(0.0)
    assert transfer.tick(0.24) == []
    assert transfer.tick(0.25) == [Connect(2, "b", 2)]
    assert transfer.stood(1, 0.3) == [Ask(1), Close(2)]
    assert transfer.switches == []


def test_whoever_had_its_time_and_did_not_stand_is_told_of_and_is_the_last_of_the_round() -> None:
    transfer = pair()
    transfer.start(0.0)
    transfer.tick(0.25)
    assert transfer.stood(2, 0.4) == [Ask(2), Close(1)]
    (switch,) = transfer.switches
    assert (switch.left, switch.to, switch.fault.code) == ("a", "b", "connect-timeout")
    assert switch.fault.details["seconds"] == pytest.approx(0.4)
    (following,) = transfer.failed(2, TransientError("reset", server="b"), 5.0)
    assert following == Connect(3, "c", 3)
    (following,) = transfer.failed(3, TransientError("refused", server="c"), 5.1)
    assert following == Connect(4, "a", 1), "it has its turn in this round yet"


def test_whoever_had_less_than_its_time_goes_back_to_the_front_without_blame() -> None:
    transfer = pair()
    transfer.start(0.0)
    transfer.tick(0.25)
    transfer.stood(1, 0.3)
    assert transfer.faults() == []
    assert transfer.failed(1, TransientError("reset", server="a"), 1.0) == [Connect(3, "b", 2)]


@pytest.mark.fault("B2")
def test_four_of_five_swallow_the_connect_and_the_fifth_is_asked_after_a_second() -> None:
    found = course(DEAD, DEAD, DEAD, DEAD, WELL).run()
    (asked,) = found.times("ask")
    assert asked <= 4 * 0.25 + TICK + 0.011
    assert found.order("ask") == ["e"]
    assert found.faults() == dict.fromkeys("abcd", "connect-timeout")
    assert {switch.to for switch in found.transfer.switches} == {"e"}
    assert found.transfer.round == 1


def test_the_moments_do_not_add_up_where_the_driver_looks_late() -> None:
    transfer = Transfer(list("abcde"), Policy(), random.Random(1))
    now, fifth = 0.0, 0.0
    transfer.start(now)
    while not fifth:
        now += 0.07
        if Connect(5, "e", 5) in transfer.tick(now):
            fifth = now
    assert fifth <= 1.0 + 0.07


def test_a_driver_that_was_away_does_not_connect_to_everybody_at_once() -> None:
    transfer = Transfer(list("abcde"), Policy(connect_s=30.0), random.Random(1))
    transfer.start(0.0)
    assert transfer.tick(20.0) == [Connect(2, "b", 2)]
    assert transfer.tick(20.05) == []
    assert transfer.tick(20.2) == [Connect(3, "c", 3)]


@pytest.mark.fault("B1")
def test_four_of_five_refuse_and_the_fifth_is_asked_at_once() -> None:
    found = course(SHUT, SHUT, SHUT, SHUT, WELL).run()
    assert found.times("ask") == [pytest.approx(0.014)]
    assert [switch.to for switch in found.transfer.switches] == list("bcde")


def test_a_refusal_beside_a_hanging_connect_costs_nothing_either() -> None:
    found = course(DEAD, SHUT, WELL).run()
    assert found.times("ask") == [pytest.approx(0.25 + 0.001 + 0.01, abs=TICK)]


def test_of_many_dead_servers_five_at_most_are_connected_to_and_each_has_its_second() -> None:
    found = course(*[DEAD] * 11, WELL).run()
    assert found.times("ask")[0] <= 11 * 0.25 + 2 * TICK, "the five eldest make room, one by one"
    for name in "abcdefg":
        assert found.times("close", name)[0] - found.times("connect", name)[0] >= 1.25 - TICK


def test_connects_that_are_slow_everywhere_succeed() -> None:
    slow = Host((Turn(connect_s=1.9),))
    found = course(*[slow] * 12).run()
    assert found.transfer.state.value == "complete"
    assert found.transfer.round == 1


def test_a_connect_is_waited_for_longer_in_each_round() -> None:
    found = course(DEAD, rounds=3).run()
    waits = zip(found.times("connect"), found.times("close"), strict=True)
    assert [round(until - since) for since, until in waits] == [2, 4, 8]
    assert found.faults() == {"a": "connect-timeout"}
    assert found.transfer.faults()[0][2] == 3


def test_a_server_that_wants_to_be_left_alone_is_not_even_connected_to() -> None:
    busy = Turn(says=TransientError("busy", server="a", status=503, retry_after=5.0))
    found = course(Host((busy, Turn())), DEAD, rounds=4).run()
    first, second = found.times("connect", "a")
    assert second - first >= 5.0
    assert len(found.times("connect", "b")) > 1, "and the other one meanwhile"


def test_a_lane_that_is_closed_is_not_listened_to() -> None:
    transfer = pair()
    transfer.start(0.0)
    transfer.tick(0.25)
    transfer.stood(1, 0.3)
    assert transfer.stood(2, 0.31) == []
    assert transfer.failed(2, TransientError("reset", server="b"), 0.32) == []
    assert transfer.idle(2, 0.33) == []
    transfer.observed(2, "receiving", 10, 0.34)
    assert transfer.rate("b") is None
    assert transfer.faults() == []


def test_nothing_stands_twice() -> None:
    transfer = pair()
    transfer.start(0.0)
    transfer.stood(1, 0.1)
    assert transfer.stood(1, 0.2) == []
    assert transfer.attempt == 1


def test_a_course_is_the_same_for_the_same_chance() -> None:
    def play() -> Course:
        return course(SHUT, DEAD, Host((Turn(breaks_at=MIB),)), rounds=4).run()

    assert play().log == play().log
