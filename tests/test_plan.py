"""Which bytes are asked for next, by one lane: whole runs, in the order people read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.plan import Plan
from kiosk.spans import Span, Spans

GIB = 1 << 30
GAP = 16 << 10


def pieces(*pairs: tuple[int, int]) -> list[Span]:
    return [Span(*pair) for pair in pairs]


def asked(plan: Plan, here: Spans | None = None) -> list[tuple[int, int]]:
    """All that one lane asks for until everything is here."""
    here = here or Spans()
    found = []
    while (span := plan.take(1, here, None, 1)) is not None:
        found.append((span.start, span.stop or 0))
        here.add(span.start, span.stop or 0)
    assert plan.missing(here) == 0
    return found


def test_neighbours_over_hundreds_of_files_are_one_request() -> None:
    files = [Span(at * 1000, (at + 1) * 1000) for at in range(300)]
    assert asked(Plan(files)) == [(0, 300_000)]


def test_pieces_come_in_reading_order_not_in_that_of_the_file() -> None:
    plan = Plan(pieces((500_000, 600_000), (600_000, 700_000), (0, 100_000), (300_000, 310_000)))
    assert asked(plan) == [(500_000, 700_000), (0, 100_000), (300_000, 310_000)]


def test_a_small_gap_is_bridged_and_a_large_one_is_not() -> None:
    assert asked(Plan(pieces((0, 100), (100 + GAP, 20_000)))) == [(0, 20_000)]
    assert asked(Plan(pieces((0, 100), (101 + GAP, 20_000)))) == [(0, 100), (101 + GAP, 20_000)]


def test_what_is_here_is_not_asked_for_and_a_part_goes_on_at_its_first_gap() -> None:
    here = Spans([(0, 400_000), (500_000, 900_000)])
    assert asked(Plan(pieces((0, 300_000), (300_000, GIB))), here) == [
        (400_000, 500_000),
        (900_000, GIB),
    ]


def test_what_is_not_wanted_is_never_at_an_end_of_a_request() -> None:
    here = Spans([(100, 150)])
    assert asked(Plan(pieces((100, 200), (210, 250), (260, 300))), here) == [(150, 300)]


def test_a_piece_that_somebody_wants_now_is_next_and_then_it_goes_on_as_before() -> None:
    plan, here = Plan(pieces((0, 100_000), (100_000, 200_000), (200_000, 300_000))), Spans()
    assert plan.take(1, here, None, 1) == Span(0, 300_000)
    here.add(0, 40_000)
    plan.front(Span(200_000, 300_000))
    plan.release(1)
    assert plan.take(1, here, None, 1) == Span(200_000, 300_000)
    here.add(200_000, 250_000)
    assert plan.take(1, here, None, 1) == Span(250_000, 300_000), "it lost its server, and is first"
    here.add(250_000, 300_000)
    assert plan.take(1, here, None, 1) == Span(40_000, 200_000)


def test_of_several_wanted_now_the_last_is_first_and_what_is_not_wanted_at_all_is_passed_over() -> (
    None
):
    plan = Plan(pieces((0, 100_000), (200_000, 300_000), (400_000, 500_000)))
    for piece in ((200_000, 300_000), (400_000, 500_000), (600_000, 700_000)):
        plan.front(Span(*piece))
    assert asked(plan) == [(400_000, 500_000), (200_000, 300_000), (0, 100_000)]


def test_what_was_spoiled_is_asked_for_again() -> None:
    plan, here = Plan(pieces((0, 100_000), (100_000, 200_000), (200_000, 300_000))), Spans()
    plan.take(1, here, None, 1)
    here.add(0, 250_000)
    here.remove(100_000, 200_000)
    plan.spoil(100_000, 200_000)
    assert asked(plan, here) == [(100_000, 200_000), (250_000, 300_000)]
    here.remove(0, 100_000)
    plan.spoil(0, 100_000)
    assert asked(plan, here) == [(0, 100_000)], "even after all was here"


def test_a_running_span_is_cut_in_front_of_what_was_spoiled() -> None:
    plan, here = Plan(pieces((0, 300_000))), Spans([(0, 50_000)])
    assert plan.stop_of(1) is None
    plan.take(1, here, None, 1)
    assert plan.stop_of(1) == 300_000
    plan.spoil(100_000, 200_000)
    assert plan.stop_of(1) == 100_000
    plan.release(1)
    assert plan.stop_of(1) is None


def test_too_many_jumps_are_taken_in_file_order_but_for_the_first_that_are_read() -> None:
    backwards = [Span(at * 100_000, at * 100_000 + 10) for at in reversed(range(600))]
    spans = asked(Plan(backwards))
    assert [start // 100_000 for start, _ in spans] == [*range(599, 579, -1), *range(580)]
    few = [Span(at * 100_000, at * 100_000 + 10) for at in reversed(range(400))]
    assert [start // 100_000 for start, _ in asked(Plan(few))] == [*range(399, -1, -1)]


def test_sixty_thousand_pieces_far_apart_are_one_request_each() -> None:
    files = [Span(at * 100_000, at * 100_000 + 1000) for at in range(60_000)]
    assert len(asked(Plan(files))) == 60_000


def test_nothing_wanted_is_nothing_to_ask_for() -> None:
    assert asked(Plan([])) == []
    assert Plan([]).missing(Spans([(0, 5)])) == 0


REGIONS = st.lists(st.integers(0, 40), min_size=2, max_size=30, unique=True).map(
    lambda edges: [Span(*pair) for pair in zip(*[iter(sorted(edges))] * 2, strict=False)]
)


@given(REGIONS, st.randoms(), st.lists(st.integers(0, 40), max_size=20), st.integers(0, 3))
def test_whatever_is_here_asking_again_and_again_completes_it_without_waste(
    regions: list[Span], chance, held: list[int], join_gap: int
) -> None:
    chance.shuffle(regions)
    here = Spans((byte, byte + 1) for byte in held)
    plan = Plan(regions, join_gap)
    wanted = {byte for start, stop in plan.wanted() for byte in range(start, stop)}
    lacking = wanted - set(held)
    assert plan.missing(here) == len(lacking)
    spans = asked(plan, here)
    assert all(start in lacking and stop - 1 in lacking for start, stop in spans)
    extra = [byte for start, stop in spans for byte in range(start, stop) if byte not in lacking]
    assert len(extra) <= join_gap * len(lacking)
    assert len(spans) <= len(lacking)


def test_what_went_without_a_word_is_found_at_the_end() -> None:
    plan, here = Plan(pieces((0, 100_000), (200_000, 300_000))), Spans()
    assert asked(plan, here) == [(0, 100_000), (200_000, 300_000)]
    here.remove(10_000, 20_000)
    assert asked(plan, here) == [(10_000, 20_000)]
