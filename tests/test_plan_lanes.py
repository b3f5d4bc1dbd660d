"""Several lanes share a package: nobody waits for a slow or dead one, and little is asked twice.

The course of a download is played with a virtual clock of 1 ms; a request takes 2 ms to its first
byte, a connection that was cut 10 ms, and what was under way on it is lost.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from kiosk.plan import Plan
from kiosk.spans import Span, Spans

MB = 10**6
STEP_MS, LOOK_MS = 1, 50
LATENCY_MS, REDIAL_MS, UNDER_WAY = 2, 10, 64 << 10


@dataclass
class Server:
    """Sends ``rate`` bytes a second until it has sent ``dies_after``; then breaks, or hangs."""

    rate: float
    dies_after: float = float("inf")
    hangs: bool = False
    begins_ms: int = 0
    uneven: bool = False
    sent: int = 0
    requests: int = 0
    span: Span | None = None
    at: int = 0
    waits_ms: int = 0
    seen: deque[int] = field(default_factory=lambda: deque(maxlen=10))

    @property
    def dead(self) -> bool:
        return self.sent >= self.dies_after

    def pace(self, ms: int) -> float:
        """Bytes a millisecond; an uneven one swings between half and one and a half."""
        return self.rate / 1000 * ((0.5, 1.4, 0.9, 1.5, 0.7)[ms // 90 % 5] if self.uneven else 1)

    def measured(self) -> float | None:
        """Over the last half second, as whoever drives the plan would measure it."""
        if len(self.seen) < 3:
            return None
        return (self.seen[-1] - self.seen[0]) / (LOOK_MS * (len(self.seen) - 1)) * 1000


class Course:
    """One download of ``pieces`` from ``servers``, one lane each."""

    def __init__(self, pieces: list[Span], servers: list[Server], limit_ms: int = 60_000) -> None:
        self.plan, self.here, self.servers = Plan(pieces), Spans(), dict(enumerate(servers))
        self.size = self.plan.missing(self.here)
        self.ms, self.asked = 0, 0
        while self.plan.missing(self.here) and self.ms < limit_ms:
            self.step()

    @property
    def seconds(self) -> float:
        return self.ms / 1000

    @property
    def requests(self) -> int:
        return sum(server.requests for server in self.servers.values())

    def step(self) -> None:
        self.ms += STEP_MS
        for lane, server in self.servers.items():
            if self.ms % LOOK_MS == 0 and server.span is not None:
                server.seen.append(server.sent)
                self.plan.progress(lane, server.at, server.measured())
        for lane, server in self.servers.items():
            if self.ms > server.begins_ms:
                self.move(lane, server)

    def move(self, lane: int, server: Server) -> None:
        if server.dead and (not server.hangs or server.span is None):
            if server.span is not None:
                self.plan.release(lane)
                server.span = None
            return
        if server.span is None:
            if server.waits_ms <= 0 or self.ms % LOOK_MS == 0:
                self.take(lane, server)
            return
        if server.waits_ms > 0 or server.dead:
            server.waits_ms -= STEP_MS
            return
        stop = self.plan.stop_of(lane) or 0
        fresh = max(0, min(int(server.pace(self.ms) * STEP_MS), stop - server.at))
        self.here.add(server.at, server.at + fresh)
        server.at, server.sent = server.at + fresh, server.sent + fresh
        self.asked += fresh
        if server.at >= stop:
            cut = server.span.stop != stop
            self.asked += UNDER_WAY if cut else 0
            self.plan.progress(lane, server.at)
            self.plan.release(lane)
            server.span, server.waits_ms = None, 0
            self.take(lane, server)
            server.waits_ms += REDIAL_MS if cut else 0

    def take(self, lane: int, server: Server) -> None:
        active = [one for one in self.servers.values() if not one.dead and self.ms > one.begins_ms]
        server.span = self.plan.take(lane, self.here, server.measured(), len(active))
        if server.span is not None:
            server.at, server.waits_ms = server.span.start, LATENCY_MS
            server.requests += 1


def files(count: int, size: int) -> list[Span]:
    return [Span(at * size, (at + 1) * size) for at in range(count)]


FAST = 20 * MB


def dying(after: int, hangs: bool = False) -> Server:
    return Server(FAST, dies_after=after * MB, hangs=hangs)


COURSES = [
    # servers, what they can give together, and by how much it may be missed
    pytest.param([Server(FAST) for _ in range(3)], 200 / 60, 0.01, id="three equal ones"),
    pytest.param([Server(FAST), Server(FAST), Server(2 * MB)], 200 / 42, 0.03, id="one is slow"),
    pytest.param([Server(FAST), Server(FAST), dying(40)], 4.0, 0.04, id="one breaks"),
    pytest.param([Server(FAST), Server(FAST), dying(40, hangs=True)], 4.0, 0.04, id="one hangs"),
    pytest.param(
        [Server(FAST), dying(60, hangs=True), dying(65, hangs=True)], 3.75, 0.04, id="two hang late"
    ),
    pytest.param([Server(FAST, uneven=True) for _ in range(3)], 200 / 60, 0.03, id="uneven ones"),
    pytest.param(
        [Server(FAST), Server(FAST, begins_ms=1000), Server(FAST, begins_ms=2000)],
        260 / 60, 0.01, id="two come later",
    ),
    pytest.param([Server(FAST), Server(FAST), Server(0.1 * MB)], 200 / 40.1, 0.01, id="one drips"),
]  # fmt: skip


@pytest.mark.parametrize(("servers", "ideal_s", "over"), COURSES)
def test_lanes_together_bring_what_their_servers_can_give(
    servers: list[Server], ideal_s: float, over: float
) -> None:
    course = Course(files(100, 2 * MB), [replace(server) for server in servers])
    assert course.plan.missing(course.here) == 0
    assert course.seconds <= ideal_s * (1 + over)
    assert course.asked <= course.size * 1.02
    assert course.requests <= 30


def test_equal_lanes_bring_a_third_each_and_a_slow_one_its_tenth() -> None:
    equal = Course(files(100, 2 * MB), [Server(FAST) for _ in range(3)])
    assert [server.sent / equal.size for server in equal.servers.values()] == pytest.approx(
        [1 / 3] * 3, rel=0.02
    )
    slow = Course(files(100, 2 * MB), [Server(FAST), Server(FAST), Server(FAST / 10)])
    assert slow.servers[2].sent / slow.size == pytest.approx(0.1 / 2.1, rel=0.05)


def test_a_small_package_is_shared_as_well() -> None:
    course = Course(files(3, 200_000), [Server(MB) for _ in range(3)])
    assert course.seconds <= 0.6 / 3 * 1.05
    assert course.requests <= 6


def test_with_one_left_of_three_it_is_still_whole() -> None:
    course = Course(files(50, MB), [dying(5), Server(FAST), dying(5, hangs=True)])
    assert course.plan.missing(course.here) == 0
    assert course.asked <= course.size * 1.02


# What a lane gets


def test_a_lane_that_nobody_has_measured_gets_a_small_span_and_a_measured_one_a_second() -> None:
    plan, here = Plan([Span(0, 1000 * MB)]), Spans()
    assert plan.take(1, here, None, 2) == Span(0, 2 << 20)
    assert plan.take(2, here, 10 * MB, 2) == Span(2 << 20, (2 << 20) + 10 * MB)
    assert plan.take(1, here, 0.3 * MB, 2) == Span(0, 1 << 20), "it brought nothing so far"
    assert plan.take(3, here, 1e9, 3) == Span(1 << 20, 2 << 20), "up to what lane 2 has"
    assert plan.take(4, here, 1e9, 4) == Span((2 << 20) + 10 * MB, (2 << 20) + 10 * MB + (32 << 20))


def test_spans_come_in_reading_order_and_what_a_dead_lane_left_is_next() -> None:
    plan, here = Plan([Span(0, 50 * MB), Span(100 * MB, 150 * MB)]), Spans()
    first, second = plan.take(1, here, 10.0 * MB, 2), plan.take(2, here, 10.0 * MB, 2)
    assert (first, second) == (Span(0, 10 * MB), Span(10 * MB, 20 * MB))
    here.add(0, 4 * MB)
    plan.release(1)
    here.add(10 * MB, 20 * MB)
    assert plan.take(2, here, 10.0 * MB, 2) == Span(4 * MB, 10 * MB)


def test_what_somebody_wants_now_comes_next_to_any_lane() -> None:
    plan, here = Plan([Span(0, 50 * MB), Span(50 * MB, 60 * MB)]), Spans()
    plan.take(1, here, 4.0 * MB, 2)
    plan.front(Span(50 * MB, 60 * MB))
    assert plan.take(2, here, 4.0 * MB, 2) == Span(50 * MB, 54 * MB)
    assert plan.take(1, here, 4.0 * MB, 2) == Span(54 * MB, 58 * MB)
    plan.release(2)
    assert plan.take(3, here, 4.0 * MB, 2) == Span(50 * MB, 54 * MB)


def test_the_long_request_of_a_single_lane_is_cut_when_a_second_one_comes() -> None:
    plan, here = Plan([Span(0, 100 * MB)]), Spans()
    assert plan.take(1, here, None, 1) == Span(0, 100 * MB)
    plan.progress(1, 10 * MB, 5.0 * MB)
    here.add(0, 10 * MB)
    assert plan.take(2, here, 5.0 * MB, 2) == Span(15 * MB, 20 * MB)
    assert plan.stop_of(1) == 15 * MB


def test_the_last_bytes_are_divided_by_speed() -> None:
    plan, here = Plan([Span(0, 12 * MB)]), Spans()
    plan.take(1, here, 12.0 * MB, 1)
    plan.progress(1, 2 * MB)
    here.add(0, 2 * MB)
    assert plan.take(2, here, 3.0 * MB, 2) == Span(10 * MB, 12 * MB)
    assert plan.stop_of(1) == 10 * MB


def test_what_a_halted_lane_has_before_it_is_asked_of_one_other_at_a_time() -> None:
    plan, here = Plan([Span(0, 2 * MB)]), Spans()
    plan.take(1, here, 8.0 * MB, 1)
    plan.progress(1, MB, 0.0)
    here.add(0, MB)
    assert plan.take(2, here, 8.0 * MB, 3) == Span(MB, 2 * MB)
    assert plan.stop_of(1) == 2 * MB, "if it wakes up, it may go on"
    assert plan.take(3, here, 8.0 * MB, 3) == Span(1_500_000, 2 * MB), "half of the new one's"
    plan.progress(2, MB, 0.0)
    assert plan.take(4, here, 8.0 * MB, 3) == Span(MB, 1_500_000)


def test_crumbs_are_left_to_whoever_has_them_unless_it_halts() -> None:
    plan, here = Plan([Span(0, 60_000)]), Spans()
    plan.take(1, here, 100_000.0, 1)
    assert plan.take(2, here, 1.0 * MB, 2) is None
    plan.progress(1, 10_000, 0.0)
    here.add(0, 10_000)
    assert plan.take(2, here, 1.0 * MB, 2) == Span(10_000, 60_000)


def test_where_a_lane_stood_in_its_last_span_says_nothing_of_this_one() -> None:
    plan, here = Plan([Span(0, 4 * MB)]), Spans()
    assert plan.take(1, here, 1.0 * MB, 2) == Span(0, 1 << 20)
    plan.progress(1, 3 * MB, 0.0)
    assert plan.take(2, here, 3.0 * MB, 2) == Span(1 << 20, 4 * MB)
    assert plan.take(3, here, 3.0 * MB, 3) == Span(0, 1 << 20), "lane 1 brings nothing so far"


def test_with_one_lane_left_nothing_is_held_back_by_others() -> None:
    plan, here = Plan([Span(0, 10 * MB)]), Spans()
    plan.take(1, here, 1.0 * MB, 2)
    assert plan.take(2, here, 1.0 * MB, 1) == Span(0, 10 * MB)
    assert plan.stop_of(1) is None


def test_sixty_thousand_pieces_and_one_of_a_gigabyte_are_shared_out() -> None:
    small = [Span(at * 20_000, at * 20_000 + 1000) for at in range(60_000)]
    far = [Span(at * 100_000, at * 100_000 + 1000) for at in range(60_000)]
    for pieces in (small, far, [Span(0, 1 << 30)]):
        plan, here, lane, asked = Plan(pieces), Spans(), 0, 0
        while plan.missing(here) if asked % 1000 == 0 else True:
            lane, asked = lane % 3 + 1, asked + 1
            span = plan.take(lane, here, 20.0 * MB, 3)
            if span is None:
                break
            here.add(span.start, span.stop or 0)
        assert plan.missing(here) == 0


# Whatever happens

STEP = st.tuples(st.sampled_from(["take", "go", "die", "spoil", "front"]), st.integers(0, 999),
                 st.integers(0, 999))  # fmt: skip
CUTS = st.lists(st.integers(0, 400), min_size=2, max_size=14, unique=True)


@examples(300)
@given(CUTS, st.randoms(), st.lists(STEP, max_size=60))
def test_no_byte_is_asked_of_two_lanes_that_bring_something_and_it_always_gets_whole(
    cuts: list[int], chance, steps: list[tuple[str, int, int]]
) -> None:
    edges = [edge * 20_000 for edge in sorted(cuts)]
    pieces = [Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
    chance.shuffle(pieces)
    play = Play(Plan(pieces), edges[-1])
    for step, one, other in steps:
        getattr(play, step)(one, other)
        play.check()
    play.finish()


class Play:
    """Three lanes, moved about at random; knows where each really stands."""

    def __init__(self, plan: Plan, size: int) -> None:
        self.plan, self.size, self.here = plan, size, Spans()
        self.at: dict[int, int] = {}

    def take(self, one: int, other: int) -> None:
        lane = one % 3
        self.at.pop(lane, None)
        span = self.plan.take(lane, self.here, (None, 1e6, 3e5)[other % 3], 3)
        if span is None:
            return
        assert self.here.missing(span.start + 1, span.start), "it begins with a byte that lacks"
        assert self.plan.wanted().within(span.start, span.start + 1)
        self.at[lane] = span.start

    def go(self, one: int, other: int) -> None:
        lane = one % 3
        if lane in self.at:
            stop = max(self.at[lane], self.plan.stop_of(lane) or 0)
            there = self.at[lane] + (stop - self.at[lane]) * other // 999
            self.here.add(self.at[lane], there)
            self.at[lane] = there
            if one % 2:
                self.plan.progress(lane, there)

    def die(self, one: int, other: int) -> None:
        self.at.pop(one % 3, None)
        self.plan.release(one % 3)

    def spoil(self, one: int, other: int) -> None:
        start = self.size * min(one, other) // 1000
        stop = self.size * max(one, other) // 1000
        self.here.remove(start, stop)
        self.plan.spoil(start, stop)

    def front(self, one: int, other: int) -> None:
        self.plan.front(Span(self.size * one // 1000, self.size * (one + other) // 1000))

    def check(self) -> None:
        ahead = [(at, max(at, self.plan.stop_of(lane) or 0)) for lane, at in self.at.items()]
        for (start, stop), (begin, end) in combinations(ahead, 2):
            assert min(stop, end) <= max(start, begin)

    def finish(self) -> None:
        for lane in list(self.at):
            self.die(lane, 0)
        for _ in range(10_000):
            if not self.plan.missing(self.here):
                return
            self.take(0, 1)
            self.go(0, 999)
        raise AssertionError("it never gets whole")
