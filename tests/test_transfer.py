"""The pure machine: any sequence of faults, played without a clock, a socket or a disk."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import LocalError, PackageError, ServerError, TransientError, UnfitError
from kiosk.transfer import TABLE, Ask, Check, Close, IllegalMove, Policy, State, Transfer

SERVERS = ["a", "b", "c"]


def refused(server: str = "x") -> TransientError:
    return TransientError("refused", server=server)


def wrong(server: str = "x") -> UnfitError:
    return UnfitError("wrong-content", server=server, why="crc")


def begun(servers: list[str] | None = None, **policy: Any) -> tuple[Transfer, Ask]:
    transfer = Transfer(SERVERS if servers is None else servers, Policy(**policy), random.Random(1))
    (ask,) = transfer.start(0.0)
    assert isinstance(ask, Ask)
    return transfer, ask


def test_servers_are_asked_one_after_the_other_in_their_order() -> None:
    transfer, ask = begun()
    asked = [ask.server]
    for _ in range(2):
        (ask,) = transfer.failed(ask.lane, refused(), 1.0)
        asked.append(ask.server)
    assert asked == SERVERS
    assert [ask.index for ask in [ask]] == [3]


def test_success_ends_everything_else_and_nobody_is_asked_again() -> None:
    transfer, ask = begun()
    assert transfer.whole(ask.lane) == [Check()]
    transfer.sound()
    assert transfer.state is State.COMPLETE
    assert transfer.tick(1e9) == []
    assert transfer.failed(ask.lane, refused(), 1e9) == []


def test_a_late_answer_of_a_server_that_was_left_is_ignored() -> None:
    transfer, first = begun()
    (second,) = transfer.failed(first.lane, refused(), 0.1)
    assert transfer.whole(first.lane) == []
    assert transfer.failed(first.lane, wrong(), 0.2) == []
    assert transfer.state is State.FETCHING
    assert transfer.whole(second.lane) == [Check()]


def test_a_silent_server_is_closed_and_the_next_one_asked() -> None:
    transfer, ask = begun(first_byte_s=5.0)
    transfer.observed(ask.lane, "asking", 0, 1.0)
    assert transfer.tick(5.9) == []
    close, following = transfer.tick(6.1)
    assert close == Close(ask.lane)
    assert isinstance(following, Ask)
    assert following.server == "b"
    assert transfer.switches[0].fault.code == "silent"


def test_a_server_that_keeps_sending_is_not_left() -> None:
    transfer, ask = begun(stall_s=8.0)
    for second in range(1, 100):
        transfer.observed(ask.lane, "receiving", second * 10, float(second))
        assert transfer.tick(float(second) + 0.5) == []
    assert transfer.tick(108.0)[0] == Close(ask.lane)
    assert transfer.switches[0].fault.code == "stalled"


def test_a_server_without_an_equal_gets_the_whole_timeout_in_the_last_round() -> None:
    policy = Policy(rounds=3, timeout_s=30.0, first_byte_s=5.0)
    assert [policy.patience("asking", round_) for round_ in (1, 2, 3)] == [5.0, 10.0, 30.0]
    assert policy.patience("connecting", 3) == 8.0


def test_an_unfit_server_is_not_asked_in_a_later_round() -> None:
    transfer, ask = begun(["a", "b"])
    (ask,) = transfer.failed(ask.lane, wrong("a"), 0.0)
    assert transfer.failed(ask.lane, refused("b"), 0.0) == []
    assert transfer.state is State.PAUSING
    (ask,) = transfer.tick(transfer.resumes_at)
    assert ask.server == "b"
    assert transfer.round == 2


def test_all_servers_failed_after_the_last_round_with_one_reason_each() -> None:
    transfer, ask = begun(rounds=2)
    now = 0.0
    while not transfer.ended:
        now = max(now, transfer.resumes_at)
        commands = transfer.failed(ask.lane, refused(ask.server), now) or transfer.tick(
            transfer.resumes_at
        )
        ask = next((c for c in commands if isinstance(c, Ask)), ask)
    assert transfer.state is State.FAILED
    assert [(name, fault.code, tries) for name, fault, tries in transfer.faults()] == [
        (name, "refused", 2) for name in SERVERS
    ]


def test_without_servers_it_fails_at_once() -> None:
    transfer = Transfer([])
    assert transfer.start(0.0) == []
    assert transfer.state is State.FAILED


def test_retry_after_silences_that_server_only_and_is_capped() -> None:
    transfer, ask = begun(["a", "b"], retry_after_cap_s=60.0)
    busy = TransientError("busy", server="a", status=503, retry_after=10 * 365 * 86400.0)
    (ask,) = transfer.failed(ask.lane, busy, 0.0)
    assert ask.server == "b"
    transfer.failed(ask.lane, refused(), 0.0)
    assert transfer.resumes_at < 60.0, "b is asked again long before a"
    (ask,) = transfer.tick(transfer.resumes_at)
    assert ask.server == "b"
    transfer.failed(ask.lane, refused(), 1.0)
    assert transfer.resumes_at == pytest.approx(60.0)


@pytest.mark.parametrize("state", ["fetching", "pausing", "checking"])
def test_cancel_ends_it_in_every_state(state: str) -> None:
    transfer, ask = begun(["a"])
    if state == "pausing":
        transfer.failed(ask.lane, refused(), 0.0)
    if state == "checking":
        transfer.whole(ask.lane)
    assert transfer.state.value == state
    closes = transfer.cancel()
    assert transfer.state is State.CANCELLED
    assert closes == ([Close(ask.lane)] if state == "fetching" else [])
    assert transfer.cancel() == []


@pytest.mark.parametrize("state", ["fetching", "pausing", "checking"])
def test_the_deadline_strikes_in_every_state(state: str) -> None:
    transfer, ask = begun(["a"], deadline_s=10.0)
    if state == "pausing":
        transfer.failed(ask.lane, refused(), 9.9)
    if state == "checking":
        transfer.whole(ask.lane)
    transfer.tick(10.0)
    assert transfer.state is State.FAILED
    assert transfer.verdict is not None
    assert transfer.verdict.code == "deadline-exceeded"


def test_a_local_fault_blames_no_server() -> None:
    transfer, ask = begun()
    assert transfer.halt(LocalError("disk-full", needed=9, free=1)) == [Close(ask.lane)]
    assert transfer.faults() == []
    assert transfer.state is State.FAILED


def test_a_copy_that_fails_its_check_is_fetched_from_another_server() -> None:
    transfer, ask = begun()
    transfer.whole(ask.lane)
    (ask,) = transfer.unsound("a", wrong("a"), 3.0)
    assert isinstance(ask, Ask)
    assert ask.server == "b"
    assert transfer.state is State.FETCHING


def test_an_illegal_move_is_refused_and_changes_nothing() -> None:
    transfer, _ = begun()
    with pytest.raises(IllegalMove):
        transfer.sound()
    assert transfer.state is State.FETCHING


def test_every_state_is_reachable_and_endings_have_no_way_out() -> None:
    reached = {State.IDLE}
    while new := {to for state in reached for to in TABLE[state].values()} - reached:
        reached |= new
    assert reached == set(State)
    assert {state for state in State if not TABLE[state]} == {
        State.COMPLETE, State.FAILED, State.CANCELLED,
    }  # fmt: skip


FAULTS = st.sampled_from(
    [
        refused(), wrong(), TransientError("busy", server="x", status=503, retry_after=5.0),
        TransientError("not-here", server="x", status=404),
        PackageError("encrypted", name="x"), LocalError("storage-failed", why="x"),
    ]
)  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fail", "whole", "sound", "unsound", "look", "wait", "late", "cancel"]),
        FAULTS,
        st.floats(0, 40),
    ),
    max_size=60,
)


@given(st.integers(0, 5), st.integers(1, 3), st.integers(1, 4), st.integers(0, 2**32), STEPS)
def test_any_sequence_of_faults_keeps_the_invariants(
    count: int, parallel: int, rounds: int, seed: int, steps: list[Any]
) -> None:
    names = [f"s{i}" for i in range(count)]
    policy = Policy(parallel=parallel, rounds=rounds)
    transfer = Transfer(names, policy, random.Random(seed))
    play = Play(transfer, policy)
    play.obey(transfer.start(0.0))
    for kind, fault, wait in steps:
        play.step(kind, fault, wait)
    play.drain()
    assert transfer.ended
    assert transfer.attempt <= max(1, count) * rounds


class Play:
    """Carries out commands and holds the invariants after each."""

    def __init__(self, transfer: Transfer, policy: Policy) -> None:
        self.transfer = transfer
        self.policy = policy
        self.now = 0.0
        self.open: dict[int, str] = {}
        self.closed: list[int] = []
        self.out: set[str] = set()
        self.checking = False

    def obey(self, commands: list[Any]) -> None:
        for command in commands:
            if isinstance(command, Ask):
                assert command.server not in self.out, "asked a server that is out"
                assert command.server not in self.open.values(), "asked one server twice at once"
                assert not self.checking, "a request after success"
                self.open[command.lane] = command.server
            elif isinstance(command, Close):
                del self.open[command.lane]
                self.closed.append(command.lane)
            else:
                assert not self.open, "success ends the rest"
                self.checking = True
        assert len(self.open) <= self.policy.parallel
        if self.transfer.ended:
            assert not self.open

    def step(self, kind: str, fault: Any, wait: float) -> None:
        before = self.transfer.state
        self.now += wait if kind == "wait" else 0.01
        lane = next(iter(self.open), 0)
        if kind == "fail" and lane:
            server = self.open.pop(lane)
            if isinstance(fault, ServerError):
                if isinstance(fault, UnfitError):
                    self.out.add(server)
                self.obey(self.transfer.failed(lane, fault, self.now))
            else:
                self.open[lane] = server
                self.obey(self.transfer.halt(fault))
        elif kind == "whole" and lane:
            del self.open[lane]
            self.obey(self.transfer.whole(lane))
        elif kind == "sound" and self.checking and not self.transfer.ended:
            self.transfer.sound()
        elif kind == "unsound" and self.checking and not self.transfer.ended:
            self.checking = False
            self.out.add(self.transfer.servers[0])
            self.obey(self.transfer.unsound(self.transfer.servers[0], wrong(), self.now))
        elif kind == "look" and lane:
            self.transfer.observed(lane, "receiving", int(self.now * 100), self.now)
        elif kind == "late" and self.closed:
            self.obey(self.transfer.failed(self.closed[-1], refused(), self.now))
        elif kind == "cancel":
            self.obey(self.transfer.cancel())
        self.obey(self.transfer.tick(self.now))
        if not TABLE[before]:
            assert self.transfer.state is before, "an ending is final"

    def drain(self) -> None:
        for _ in range(2000):
            if self.transfer.ended:
                return
            if self.checking:
                self.transfer.sound()
                return
            self.now = max(self.now + 31.0, self.transfer.resumes_at)
            self.obey(self.transfer.tick(self.now))
