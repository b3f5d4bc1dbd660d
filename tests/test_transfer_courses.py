"""Random courses: whatever servers do, a download ends once, as well as it could have."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulated import EVER, MIB, Course, Host, Turn, course

from kiosk.errors import ServerError, TransientError, UnfitError
from kiosk.plan import Plan
from kiosk.spans import Span
from kiosk.transfer import State

SAYS: list[ServerError] = [
    TransientError("busy", server="x", status=503),
    TransientError("busy", server="x", status=503, retry_after=0.5),
    TransientError("busy", server="x", status=429, retry_after=7.0),
    TransientError("busy", server="x", status=503, retry_after=1e9),
    TransientError("not-here", server="x", status=404),
    TransientError("cannot-join", server="x"),
    TransientError("reset", server="x"),
    UnfitError("forbidden", server="x", status=403),
    UnfitError("not-a-package", server="x", type="a page"),
]
SOON = st.floats(0.0, 0.3)
SIZES = st.sampled_from([1, 70_000, MIB, 3 * MIB, 6 * MIB])
AT = st.sampled_from([0, 1, 69_999, 500_000, MIB, 2 * MIB, 4 * MIB])
WELL = st.builds(Turn, connect_s=SOON, learn_s=SOON, think_s=SOON, rate=st.floats(1e6, 5e7))
ILL = st.one_of(
    st.builds(Turn, connect=st.sampled_from(["refuses", "hangs"]), connect_s=st.floats(0, 4)),
    st.builds(Turn, connect_s=st.floats(0, 3), learn_s=st.floats(0, 3), think_s=st.floats(0, 9)),
    st.builds(Turn, think_s=st.just(EVER)),
    st.builds(Turn, says=st.sampled_from(SAYS), think_s=st.floats(0, 2)),
    st.builds(Turn, rate=st.floats(2e4, 6e5)),
    st.builds(Turn, breaks_at=AT, rate=st.floats(5e4, 2e7)),
    st.builds(
        Turn,
        breaks_at=AT,
        breaks=st.just("stalls"),
        stall_s=st.one_of(st.just(EVER), st.floats(0, 12)),
        rate=st.floats(5e4, 2e7),
    ),
    st.builds(Turn, breaks_at=AT, rate=st.just(1e7)),
    st.builds(Turn, says=st.sampled_from(SAYS[:5])),
)
HOSTS = st.builds(
    Host,
    turns=st.builds(
        list.__add__,
        st.lists(ILL, min_size=1, max_size=4),
        st.sampled_from([[], [], [Turn()], [Turn(rate=3e5)]]),
    ),
    well_at=st.sampled_from([EVER, EVER, 1.0, 6.0, 20.0]),
    damages=st.sampled_from([False, False, False, False, True]),
)
GOOD = st.builds(Host, turns=st.lists(WELL, min_size=1, max_size=1))


def cancel(made: Course) -> None:
    """Somebody ends it."""
    made.obey(made.transfer.cancel())


def wanting(lanes: int) -> Callable[[Course], None]:
    """More or fewer lanes are of use from a moment on."""

    def act(made: Course) -> None:
        # What is too much is closed by and by, what is asked is never too much.
        made.want = max(made.want, lanes)
        made.obey(made.transfer.want(lanes, made.now))
        made.want = lanes

    return act


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Any servers, any policy, and somebody who changes their mind."""
    count = draw(st.sampled_from([0, 1, 1, 2, 3, 4, 5, 7]))
    hosts = draw(st.lists(HOSTS, min_size=count, max_size=count))
    good = draw(st.sampled_from([0, 0, 1, 2]))
    for _ in range(good):
        hosts.insert(draw(st.integers(0, len(hosts))), draw(GOOD))
    made = course(
        *hosts,
        size=draw(SIZES),
        seed=draw(st.integers(0, 1 << 32)),
        want=draw(st.sampled_from([1, 2, 4])),
        parallel=draw(st.sampled_from([1, 1, 2, 3])),
        rounds=draw(st.sampled_from([1, 2, 3, 4])),
        deadline_s=draw(st.sampled_from([0.0, 0.0, 0.0, 2.0, 30.0])),
    )
    acts = st.one_of(
        st.just(cancel), st.integers(1, 4).map(wanting), st.integers(1, 4).map(wanting)
    )
    when = draw(st.lists(st.floats(0, 20), max_size=draw(st.sampled_from([0, 0, 2]))))
    made.acts = [(at, draw(acts)) for at in sorted(when)]
    return made


def is_well(turn: Turn) -> bool:
    """Whether it is one of `WELL`."""
    prompt = max(turn.connect_s, turn.learn_s, turn.think_s) <= 0.3 and turn.rate >= 1e6
    return prompt and turn.connect == "stands" and turn.says is None and turn.breaks_at == EVER


def hold(made: Course) -> None:
    """What holds at the end of every course; what holds all along is in `Course.obey`."""
    cancelled = any(act is cancel for _, act in made.acts)
    sound = any(
        all(is_well(turn) for turn in host.turns) and not host.damages
        for host in made.hosts.values()
    )
    made.run()
    transfer, policy, count = made.transfer, made.policy, len(made.hosts)
    assert transfer.ended
    assert made.now < 3600
    whole = made.planner.missing(made.here) == 0
    assert whole or transfer.state is not State.COMPLETE
    # Each MiB may begin the rounds anew.
    assert transfer.attempt <= 4 * max(1, count) * policy.rounds * (1 + made.size // MIB)
    if policy.deadline_s:
        assert made.now <= policy.deadline_s + 0.5
    elif sound and not cancelled:
        assert transfer.state is State.COMPLETE
    if transfer.state is State.FAILED and not policy.deadline_s:
        told = {name for name, _, _ in transfer.faults()}
        assert told == set(made.hosts)
    assert made.here.total == made.sent - made.twice - made.spoiled
    for switch in transfer.switches:
        assert {switch.left, switch.to} <= set(made.hosts)
        assert switch.wait_s >= 0


@examples(300)
@given(courses())
def test_any_course_ends_once_and_well_if_one_server_is_well(made: Course) -> None:
    hold(made)
    assert made.twice == 0


@examples(150)
@given(courses(), st.integers(1, 5))
def test_any_course_with_the_plan_asks_little_twice(made: Course, pieces: int) -> None:
    edges = [made.size * i // pieces for i in range(pieces + 1)]
    spans = [Span(a, b) for a, b in pairwise(edges) if a < b]
    made.planner = Plan(spans)
    hold(made)
    assert made.twice <= 2 * MIB * (len(made.transfer.switches) + 1)
