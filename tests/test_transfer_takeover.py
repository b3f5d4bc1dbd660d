"""Silent and slow servers: left at once for one that stands ready, and kept while there is none."""

from __future__ import annotations

import random

import pytest
from simulated import EVER, MIB, TICK, Course, Host, Turn, course

from kiosk.errors import TransientError
from kiosk.transfer import Ask, Close, Connect, Policy, State, Transfer

WELL = Host()
DEAD = Host((Turn(connect="hangs"),))
DRIP = Host((Turn(rate=100e3),))


def asked(count: int = 2, **policy: float) -> Transfer:
    """The first server is asked, at 0."""
    transfer = Transfer(list("abcde")[:count], Policy(**policy), random.Random(1))
    transfer.start(0.0)
    assert transfer.stood(1, 0.0) == [Ask(1)]
    transfer.observed(1, "asking", 0, 0.0)
    return transfer


def test_a_silent_server_keeps_its_place_until_another_connection_stands() -> None:
    transfer = asked()
    assert transfer.tick(1.0) == []
    assert transfer.tick(1.05) == [Connect(2, "b", 2)], "a connection, no request"
    assert transfer.stood(2, 1.1) == [Close(1), Ask(2)], "and never two at once"
    (switch,) = transfer.switches
    assert (switch.left, switch.to, switch.fault.code) == ("a", "b", "silent")
    assert switch.fault.details["seconds"] == pytest.approx(1.1)


def test_a_spare_is_kept_for_a_moment_and_given_back() -> None:
    transfer = asked()
    transfer.tick(1.05)
    transfer.observed(1, "receiving", 10_000_000, 1.06)
    assert transfer.stood(2, 1.1) == []
    for step in range(1, 60):
        transfer.observed(1, "receiving", 10_000_000 * (step + 1), 1.1 + step * TICK)
        assert transfer.tick(1.1 + step * TICK) == []
    transfer.observed(1, "receiving", 10**9, 4.15)
    assert transfer.tick(4.15) == [Close(2)]
    assert transfer.faults() == []
    assert transfer.switches == []
    fault = TransientError("reset", server="a")
    assert transfer.failed(1, fault, 5.0) == [Connect(3, "b", 2)], "it is usable still"


def test_a_spare_takes_over_at_once_when_the_first_fails_or_falls_silent_again() -> None:
    transfer = asked()
    transfer.tick(1.05)
    transfer.observed(1, "receiving", 1000, 1.06)
    transfer.stood(2, 1.1)
    assert transfer.tick(2.0) == []
    assert transfer.tick(2.1) == [Close(1), Ask(2)]
    assert transfer.switches[0].fault.code == "stalled"


def test_a_hanging_takeover_is_hedged_too_and_whoever_is_passed_over_is_told_of() -> None:
    found = course(Host((Turn(think_s=EVER),)), DEAD, WELL).run()
    assert found.order("ask") == ["a", "c"]
    assert found.times("ask", "c")[0] <= 1.0 + 0.25 + 2 * TICK + 0.02
    assert {switch.left: switch.to for switch in found.transfer.switches} == {"a": "c", "b": "c"}


def test_a_silent_server_keeps_its_patience_while_the_only_other_connect_hangs() -> None:
    found = course(Host((Turn(think_s=4.9),)), DEAD).run()
    assert found.order("ask") == ["a"]
    assert found.transfer.state is State.COMPLETE
    assert found.faults() == {"b": "connect-timeout"}
    assert [(switch.left, switch.to) for switch in found.transfer.switches] == [("b", "a")]


def test_a_hanging_takeover_does_not_lengthen_the_patience_either() -> None:
    found = course(Host((Turn(think_s=EVER),)), DEAD).run(until=7.0)
    assert found.times("close", "a")[0] == pytest.approx(0.01 + 6.0, abs=2 * TICK)
    assert found.faults() == {"a": "silent", "b": "connect-timeout"}


@pytest.mark.fault("B3")
def test_the_only_server_may_think_for_four_seconds() -> None:
    found = course(Host((Turn(think_s=4.0),))).run()
    assert (found.transfer.state, found.transfer.attempt) == (State.COMPLETE, 1)


@pytest.mark.fault("B3")
def test_where_all_think_for_five_seconds_the_last_one_is_waited_for_in_the_first_round() -> None:
    found = course(*[Host((Turn(think_s=5.0),))] * 5).run()
    assert found.order("ask") == list("abcde")
    assert (found.transfer.state, found.transfer.round) == (State.COMPLETE, 1)
    assert found.now < 4 * 1.2 + 5 + 20 * MIB / 20e6 + 0.5


def test_patience_grows_by_the_round_up_to_the_timeout() -> None:
    policy = Policy(rounds=3, timeout_s=30.0)
    assert [policy.patience("asking", round_) for round_ in (1, 2, 3)] == [6.0, 12.0, 30.0]
    assert [policy.patience("receiving", round_) for round_ in (1, 2, 3)] == [8.0, 16.0, 30.0]
    assert [policy.patience("connecting", round_) for round_ in (1, 2, 3)] == [2.0, 4.0, 8.0]
    assert Policy(timeout_s=3.0).patience("receiving", 1) == 3.0
    found = course(Host((Turn(think_s=EVER),))).run()
    waits = zip(found.times("ask"), found.times("close"), strict=True)
    assert [round(until - since) for since, until in waits] == [6, 12, 30]
    assert found.transfer.faults()[0][1].details["seconds"] == 30


@pytest.mark.fault("B4")
def test_a_stall_in_mid_body_is_left_a_second_after_the_last_byte() -> None:
    stall = Host((Turn(breaks_at=10 * MIB, breaks="stalls"),))
    found = course(stall, WELL).run()
    last_byte = found.times("ask", "a")[0] + 0.02 + 10 * MIB / 20e6
    assert found.times("ask", "b")[0] - last_byte <= 1.1
    assert found.sent == found.size, "and goes on at the byte where it stopped"
    assert found.faults() == {"a": "stalled"}


def test_between_two_ranges_it_is_the_servers_turn_as_well() -> None:
    transfer = asked()
    transfer.observed(1, "receiving", 5000, 0.1)
    transfer.observed(1, "asking", 5000, 0.2)
    assert transfer.tick(1.2) == []
    transfer.tick(1.25)
    transfer.stood(2, 1.3)
    assert transfer.switches[0].fault.code == "stalled"
    assert transfer.switches[0].fault.details["received"] == 5000


@pytest.mark.parametrize("phase", ["learning", "storing"])
def test_a_lane_that_is_busy_with_itself_is_in_no_trouble(phase: str) -> None:
    transfer = asked()
    transfer.observed(1, phase, 0, 0.1)
    for step in range(500):
        assert transfer.tick(0.1 + step * TICK) == []


def test_no_phase_lasts_for_ever() -> None:
    transfer = asked(count=1, timeout_s=30.0)
    transfer.observed(1, "learning", 0, 0.1)
    assert transfer.tick(30.0) == []
    assert transfer.tick(30.2) == [Close(1)]


# Slow servers


@pytest.mark.fault("B5")
def test_a_drip_is_left_after_two_seconds() -> None:
    found = course(DRIP, WELL).run()
    assert found.times("ask", "b")[0] <= 2.2
    (switch,) = found.transfer.switches
    assert (switch.left, switch.to, switch.fault.code) == ("a", "b", "too-slow")
    assert switch.fault.details["rate"] == pytest.approx(100e3, rel=0.05)
    assert found.sent == found.size


@pytest.mark.fault("B5")
def test_a_server_that_begins_to_drip_after_a_good_start_is_left_as_soon() -> None:
    transfer = asked()
    received, left = 0, 0.0
    for step in range(1, 200):
        received += 1_000_000 if step <= 100 else 2_000
        transfer.observed(1, "receiving", received, step * TICK)
        if transfer.tick(step * TICK):
            left = step * TICK
            break
    assert 6.5 < left <= 5.0 + 2.1


@pytest.mark.fault("B5")
@pytest.mark.parametrize(("every", "leaves"), [(15, True), (3, False)])
def test_a_drip_is_left_although_now_and_then_it_is_seen_being_stored(
    every: int, leaves: bool
) -> None:
    transfer = asked()
    moves = []
    for step in range(1, 60):
        phase = "storing" if step % every == 0 else "receiving"
        transfer.observed(1, phase, step * 5_000, step * TICK)
        moves += [step for _ in transfer.tick(step * TICK)]
    assert bool(moves) == leaves, "a disk that takes a third of the time is another matter"
    assert not moves or moves[0] * TICK <= 2.2


@pytest.mark.parametrize("phase", ["learning", "storing"])
def test_time_in_which_a_lane_learns_or_stores_is_not_held_against_its_server(phase: str) -> None:
    transfer = asked()
    transfer.observed(1, "receiving", 60_000, 0.1)
    for step in range(3, 60):
        transfer.observed(1, phase, 60_000, step * TICK)
        assert transfer.tick(step * TICK) == []
    transfer.observed(1, "receiving", 61_000, 3.0)
    assert transfer.tick(3.9) == []
    assert transfer.tick(4.05) == [Connect(2, "b", 2)], "but its silence from then on is"


def test_a_rate_is_measured_although_the_disk_is_busy_with_what_came() -> None:
    transfer = asked()
    for step in range(1, 80):
        phase = "storing" if step % 2 else "receiving"
        transfer.observed(1, phase, step * 50_000, step * TICK)
    assert transfer.rate("a") == pytest.approx(1e6, rel=0.05)


def test_a_lane_that_was_asked_and_does_not_begin_is_silent() -> None:
    transfer = asked()
    for step in range(1, 22):
        transfer.observed(1, "standing", 0, step * TICK)
        transfer.observed(1, "connecting", 0, step * TICK)
    assert transfer.tick(1.05) == [Connect(2, "b", 2)]
    for step in range(22, 40):
        transfer.observed(2, "receiving", step * 10**6, step * TICK)
    assert transfer.rate("b") is None, "and what was not asked has nothing to show"


@pytest.mark.fault("B5")
def test_where_all_drip_each_is_left_once_at_most_and_the_last_one_stays() -> None:
    found = course(*[DRIP] * 4, size=5 * MIB).run()
    assert found.order("ask") == list("abcd")
    assert (found.transfer.state, found.transfer.round) == (State.COMPLETE, 1)


def test_a_single_drip_is_waited_for() -> None:
    found = course(Host((Turn(rate=5e3),)), size=MIB).run()
    assert (found.transfer.state, found.transfer.attempt) == (State.COMPLETE, 1)


def test_a_server_above_the_floor_is_kept() -> None:
    found = course(Host((Turn(rate=300e3),)), WELL, size=5 * MIB).run()
    assert found.order("connect") == ["a"]


def test_a_much_faster_one_that_was_left_is_gone_back_to_once() -> None:
    faster, slower = Host((Turn(rate=100e3),)), Host((Turn(rate=50e3),))
    found = course(faster, slower, size=2 * MIB).run()
    assert found.order("ask") == ["a", "b", "a"]
    near = course(Host((Turn(rate=70e3),)), slower, size=2 * MIB).run()
    assert near.order("ask") == ["a", "b"], "not for a little"


def test_rates_that_go_up_and_down_make_no_endless_to_and_fro() -> None:
    rates = [200e3, 30e3, 120e3, 10e3, 60e3, 5e3, 20e3]
    moody = Host(tuple(Turn(rate=rate) for rate in rates))
    other = Host(tuple(Turn(rate=rate) for rate in (100e3, 15e3, 50e3, 4e3, 12e3)))
    found = course(moody, other, size=2 * MIB).run()
    assert found.transfer.state is State.COMPLETE
    assert len(found.order("ask")) <= 4


def test_a_slow_one_is_gone_back_to_at_once_when_the_one_in_its_place_fails() -> None:
    found = course(DRIP, Host((Turn(breaks_at=MIB),)), size=3 * MIB, rounds=1).run()
    assert found.order("ask")[:3] == ["a", "b", "a"]
    assert found.times("ask")[2] - found.times("cut-off")[0] < 0.1
    assert found.transfer.state is State.COMPLETE


def test_a_slow_one_is_better_than_a_silent_one() -> None:
    found = course(DRIP, Host((Turn(breaks_at=MIB, breaks="stalls"),)), size=3 * MIB).run()
    assert found.order("ask")[:3] == ["a", "b", "a"]
    assert found.transfer.round == 1


def test_a_lost_server_comes_back_to_relieve_one_that_crawls() -> None:
    once = Host((Turn(breaks_at=MIB), Turn()))
    found = course(once, Host((Turn(rate=20e3),)), size=20 * MIB).run()
    assert found.order("ask") == ["a", "b", "a"]
    assert found.now < 10.0
    assert found.transfer.round == 1


def test_but_not_to_take_the_place_of_one_that_thinks() -> None:
    busy = Host((Turn(says=TransientError("busy", server="a", status=503)),))
    found = course(busy, Host((Turn(think_s=5.0),)), rounds=1).run()
    assert found.order("connect") == ["a", "b"]
    assert found.transfer.state is State.COMPLETE


def test_a_long_wait_for_an_answer_says_nothing_about_the_pace_after_it() -> None:
    slow_start = Host((Turn(breaks_at=2 * MIB, breaks="stalls", stall_s=0.0),))
    found: Course = course(slow_start, size=2 * MIB).run()
    assert found.transfer.state is State.COMPLETE
    transfer = asked()
    transfer.observed(1, "receiving", 100, 0.1)
    transfer.observed(1, "asking", 100, 0.2)
    transfer.tick(1.25)
    transfer.failed(2, TransientError("refused", server="b"), 1.3)
    now, received = 5.0, 100
    transfer.observed(1, "receiving", received, now)
    for _ in range(39):
        now, received = now + TICK, received + 50_000
        transfer.observed(1, "receiving", received, now)
        assert transfer.tick(now) == []
    assert transfer.rate("a") == pytest.approx(1e6, rel=0.05)
