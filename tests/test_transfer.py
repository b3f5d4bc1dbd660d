"""The pure machine: what an outcome means, rounds, and the ways it ends."""

from __future__ import annotations

import random
from typing import Any

import pytest
from simulated import EVER, MIB, Course, Host, Turn, course

from kiosk.errors import LocalError, PackageError, TransientError, UnfitError
from kiosk.transfer import (
    TABLE,
    Ask,
    Check,
    Close,
    Command,
    Connect,
    IllegalMove,
    Policy,
    State,
    Switch,
    Transfer,
)

SERVERS = ["a", "b", "c"]
WELL = Host()
SHUT = Host((Turn(connect="refuses", connect_s=0.001),))
SILENT = Host((Turn(think_s=EVER),))


def refused(server: str = "x") -> TransientError:
    return TransientError("refused", server=server)


def busy(server: str, seconds: float) -> TransientError:
    return TransientError("busy", server=server, status=503, retry_after=seconds)


def wrong(server: str = "x") -> UnfitError:
    return UnfitError("wrong-content", server=server, why="crc")


def begun(servers: list[str] | None = None, **policy: Any) -> Transfer:
    """Its first server is asked: lane 1, at 0."""
    transfer = Transfer(SERVERS if servers is None else servers, Policy(**policy), random.Random(1))
    transfer.start(0.0)
    assert transfer.stood(1, 0.0) == [Ask(1)]
    return transfer


def only(commands: list[Command]) -> Connect:
    (connect,) = commands
    assert isinstance(connect, Connect)
    return connect


def test_servers_are_connected_to_one_after_the_other_in_their_order() -> None:
    transfer = begun()
    second = only(transfer.failed(1, refused("a"), 1.0))
    third = only(transfer.failed(second.lane, refused("b"), 1.0))
    assert [(c.server, c.index) for c in (second, third)] == [("b", 2), ("c", 3)]


def test_success_ends_everything_else_and_nobody_is_asked_again() -> None:
    transfer = begun()
    transfer.tick(1.05)
    assert transfer.whole(1.1) == [Close(2), Close(1), Check()]
    transfer.sound()
    assert transfer.state is State.COMPLETE
    assert transfer.tick(1e9) == []
    assert transfer.failed(1, refused(), 1e9) == []
    assert transfer.want(3, 1e9) == []
    assert transfer.distrust("a", wrong(), 1e9) == []
    assert transfer.faults() == [], "a connect that was under way is nobody's fault"


def test_every_server_that_is_lost_is_told_of_with_who_takes_its_place() -> None:
    transfer = begun(["a", "b"])
    fault = refused("a")
    second = only(transfer.failed(1, fault, 1.0))
    assert transfer.switches == [Switch("a", "b", fault, 0.0)]
    transfer.failed(second.lane, refused("b"), 2.0)
    last = transfer.switches[-1]
    assert (last.left, last.to) == ("b", "a")
    assert last.wait_s == pytest.approx(transfer.resumes_at - 2.0)


def test_an_unfit_server_is_not_asked_in_a_later_round() -> None:
    transfer = begun(["a", "b"])
    second = only(transfer.failed(1, wrong("a"), 0.0))
    assert transfer.failed(second.lane, refused("b"), 0.0) == []
    assert transfer.state is State.PAUSING
    assert only(transfer.tick(transfer.resumes_at)).server == "b"
    assert transfer.round == 2


@pytest.mark.fault("B10")
def test_all_servers_failed_after_the_last_round_with_one_reason_each() -> None:
    found = course(SHUT, SILENT, Host((Turn(breaks_at=1),)), rounds=2).run()
    assert found.transfer.state is State.FAILED
    assert [(name, fault.code, tries) for name, fault, tries in found.transfer.faults()] == [
        ("a", "refused", 2),
        ("b", "silent", 2),
        ("c", "cut-off", 2),
    ]


@pytest.mark.fault("B9")
def test_a_server_that_fails_now_and_then_is_asked_in_as_many_rounds_as_are_set() -> None:
    moody = Host((Turn(connect="refuses"), Turn(breaks_at=1), Turn(breaks_at=MIB / 2), Turn()))
    found = course(moody, rounds=4).run()
    assert (found.transfer.state, found.transfer.round) == (State.COMPLETE, 4)
    assert found.sent == found.size
    assert course(moody, rounds=3).run().transfer.state is State.FAILED


def test_a_round_that_brought_something_new_is_not_counted() -> None:
    cuts = Host((Turn(breaks_at=2 * MIB),))
    found = course(cuts, size=20 * MIB).run()
    assert found.transfer.state is State.COMPLETE
    assert found.transfer.round == 1
    assert found.sent == 20 * MIB


def test_a_round_that_only_brought_what_was_here_before_is_counted() -> None:
    found = course(Host((Turn(breaks_at=2 * MIB),)), size=20 * MIB)
    found.acts = [(second / 4, _forget) for second in range(200)]
    found.run()
    assert found.transfer.state is State.FAILED
    assert found.transfer.faults()[0][2] <= 3 + 2


def test_who_wants_one_round_gets_one_round() -> None:
    found = course(Host((Turn(breaks_at=2 * MIB),)), size=20 * MIB, rounds=1).run()
    assert found.transfer.state is State.FAILED
    assert found.transfer.attempt == 1


def _forget(found: Course) -> None:
    """A stream from the start: what came of the one before is dropped while nobody sends."""
    if not found.asked:
        found.here = type(found.here)()


@pytest.mark.fault("B9")
def test_a_round_that_brought_something_is_not_counted() -> None:
    found = course(Host((Turn(breaks_at=MIB + 1),)), SHUT, rounds=2).run()
    assert (found.transfer.state, found.transfer.round) == (State.COMPLETE, 1)
    assert found.sent == found.size
    assert max(switch.wait_s for switch in found.transfer.switches) <= 1.0


def test_who_wants_one_round_only_gets_one_round_only() -> None:
    found = course(Host((Turn(breaks_at=9 * MIB),)), rounds=1).run()
    assert (found.transfer.state, found.transfer.attempt) == (State.FAILED, 1)


def test_bytes_that_were_here_before_are_no_progress() -> None:
    transfer = begun(["a"], rounds=3)
    now, lane = 1.0, 1
    for held in (9 * MIB, 0, 9 * MIB, 3 * MIB):
        transfer.held(held)
        transfer.failed(lane, refused("a"), now)
        now = transfer.resumes_at + 1.0
        lane = next((only([c]).lane for c in transfer.tick(now)), 0)
    assert (transfer.state, transfer.round) == (State.FAILED, 3)


def test_pauses_grow_with_full_jitter_below_a_cap() -> None:
    policy = Policy()
    assert [policy.pause_ceiling(count) for count in range(1, 8)] == [1, 2, 4, 8, 16, 20, 20]
    waits = set()
    for seed in range(50):
        transfer = Transfer(["a"], policy, random.Random(seed))
        transfer.start(0.0)
        transfer.failed(1, refused("a"), 10.0)
        waits.add(transfer.resumes_at - 10.0)
    assert 0.0 <= min(waits) < 0.2
    assert 0.8 < max(waits) <= 1.0


@pytest.mark.fault("B11")
def test_without_servers_it_fails_at_once() -> None:
    transfer = Transfer([])
    assert transfer.start(0.0) == []
    assert transfer.state is State.FAILED


@pytest.mark.fault("B8")
def test_retry_after_silences_that_server_only_and_is_capped() -> None:
    decade = Host((Turn(says=busy("a", 10 * 365 * 86400.0)),))
    found = course(decade, SHUT, rounds=3).run()
    first, second = found.times("connect", "a")
    assert 60.0 <= second - first < 61.0
    assert len(found.times("connect", "b")) == 3
    assert max(found.times("connect", "b")) < 10.0, "the other one is not kept waiting"


def test_a_pause_ends_sooner_where_somebodys_own_wish_is_shorter() -> None:
    transfer = begun(["a"], pause_s=20.0)
    transfer.failed(1, busy("a", 0.0), 0.0)
    long = transfer.resumes_at
    assert long > 1.0
    transfer = begun(["a", "b"], rounds=1)
    second = only(transfer.failed(1, busy("a", 3.0), 0.0))
    assert transfer.failed(second.lane, refused("b"), 0.5) == []
    assert transfer.state is State.FAILED, "in the last round it had its turn"


def test_what_retry_after_says_below_zero_is_nothing() -> None:
    transfer = begun(["a"])
    transfer.failed(1, busy("a", -5.0), 1.0)
    assert 1.0 <= transfer.resumes_at <= 2.0


# Endings, in every state


def at(state: str, **policy: Any) -> Course:
    """A course that has come as far as ``state``."""
    slow = Host((Turn(connect_s=0.2, learn_s=0.3, think_s=0.5, rate=1e6),))
    hosts, until = {
        "connecting": ([slow], 0.1),
        "hedging": ([Host((Turn(connect="hangs"),)), slow, slow], 0.3),
        "learning": ([slow], 0.3),
        "asking": ([slow], 0.7),
        "receiving": ([slow], 2.0),
        "takeover": ([SILENT, Host((Turn(connect="hangs"),))], 1.2),
        "spare": ([Host((Turn(think_s=1.1, rate=1e6),)), slow], 1.5),
        "pausing": ([SHUT], 0.05),
        "checking": ([WELL], 1.15),
    }[state]
    return course(*hosts, seed=6, **policy).run(until)


ALONG = [
    "connecting", "hedging", "learning", "asking", "receiving", "takeover", "spare", "pausing",
    "checking",
]  # fmt: skip


@pytest.mark.parametrize("state", ALONG)
def test_cancel_ends_it_wherever_it_is(state: str) -> None:
    found = at(state)
    opened = len(found.wires)
    assert opened == {"hedging": 2, "takeover": 2, "spare": 2, "pausing": 0, "checking": 0}.get(
        state, 1
    )
    closes = found.transfer.cancel()
    assert len(closes) == opened
    assert all(isinstance(command, Close) for command in closes)
    assert found.transfer.state is State.CANCELLED
    assert found.transfer.cancel() == []
    assert found.transfer.tick(1e9) == []


@pytest.mark.fault("B12")
@pytest.mark.parametrize("state", ALONG)
def test_the_deadline_strikes_wherever_it_is(state: str) -> None:
    found = at(state, deadline_s=3.0)
    assert not found.transfer.ended
    assert not any(isinstance(command, Close) for command in found.transfer.tick(found.now))
    found.obey(found.transfer.tick(3.0))
    assert found.transfer.state is State.FAILED
    assert found.transfer.verdict is not None
    assert found.transfer.verdict.code == "deadline-exceeded"
    assert not found.wires


@pytest.mark.parametrize(
    "fault", [LocalError("disk-full", needed=9, free=1), PackageError("encrypted", name="x")]
)
def test_a_fault_that_no_server_can_mend_ends_it_and_blames_none(fault: Any) -> None:
    for state in ALONG:
        found = at(state)
        blamed = found.transfer.faults()
        found.obey(found.transfer.halt(fault))
        assert found.transfer.faults() == blamed
        assert (found.transfer.state, found.transfer.verdict) == (State.FAILED, fault)


# The check


@pytest.mark.fault("A2")
def test_bytes_that_fail_the_check_are_fetched_from_another_server() -> None:
    found = course(Host(damages=True), WELL, rounds=1).run()
    assert found.order("ask") == ["a", "b"]
    assert found.transfer.state is State.COMPLETE
    assert found.faults() == {"a": "wrong-content"}
    assert [(switch.left, switch.to) for switch in found.transfer.switches] == [("a", "b")]


def test_where_all_are_wrong_it_ends() -> None:
    found = course(Host(damages=True), Host(damages=True)).run()
    assert found.transfer.state is State.FAILED
    assert found.faults() == dict.fromkeys("ab", "wrong-content")


def test_a_distrusted_server_is_left_in_the_middle_of_a_transfer() -> None:
    transfer = begun()
    assert transfer.distrust("a", wrong("a"), 1.0) == [Close(1), Connect(2, "b", 2)]
    assert transfer.distrust("a", wrong("a"), 1.1) == [], "once is enough"
    assert len(transfer.switches) == 1


def test_a_server_may_be_distrusted_in_a_pause() -> None:
    transfer = begun(["a", "b"])
    second = only(transfer.failed(1, refused("a"), 0.0))
    transfer.failed(second.lane, refused("b"), 0.0)
    following = transfer.switches[-1].to
    assert transfer.distrust(following, wrong(following), 0.0) == []
    transfer.tick(transfer.resumes_at)
    assert transfer.switches[-1].left == following
    assert transfer.switches[-1].to != following
    transfer = begun(["a"])
    transfer.failed(1, refused("a"), 0.0)
    transfer.distrust("a", wrong("a"), 0.0)
    assert transfer.tick(transfer.resumes_at) == []
    assert transfer.state is State.FAILED


def test_whoever_delivered_is_asked_again_for_bytes_that_nobody_is_to_blame_for() -> None:
    transfer = begun(rounds=2)
    transfer.whole(1.0)
    again = only(transfer.unsound(1.5))
    assert again.server == "a"
    transfer.whole(2.0)
    assert only(transfer.unsound(2.5)).server == "a"
    transfer.whole(3.0)
    assert transfer.unsound(3.5) == [], "but not for ever"
    assert transfer.state is State.FAILED


def test_what_comes_too_late_for_its_lane_may_still_make_it_whole() -> None:
    transfer = begun(["a"])
    transfer.failed(1, TransientError("cut-off", server="a", received=9), 1.0)
    assert transfer.state is State.PAUSING
    assert transfer.whole(1.0) == [Check()]


# The table


@pytest.mark.parametrize("move", ["sound", "unsound", "start"])
def test_an_illegal_move_is_refused_and_changes_nothing(move: str) -> None:
    transfer = begun()
    with pytest.raises(IllegalMove):
        getattr(transfer, move)(*([] if move == "sound" else [1.0]))
    assert (transfer.state, transfer.attempt) == (State.FETCHING, 1)
    assert transfer.tick(0.5) == []


def test_every_state_is_reachable_and_endings_have_no_way_out() -> None:
    reached = {State.IDLE}
    while new := {to for state in reached for to in TABLE[state].values()} - reached:
        reached |= new
    assert reached == set(State)
    assert {state for state in State if not TABLE[state]} == {
        State.COMPLETE, State.FAILED, State.CANCELLED,
    }  # fmt: skip
