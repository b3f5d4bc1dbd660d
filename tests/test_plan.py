"""Which bytes are here and which are asked for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.plan import Span, Spans, next_span

PAIRS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair))),
    max_size=30,
)


@given(PAIRS)
def test_spans_hold_exactly_the_bytes_that_were_added(pairs: list[tuple[int, int]]) -> None:
    spans = Spans(pairs)
    expected = {byte for start, stop in pairs for byte in range(start, stop)}
    assert {byte for start, stop in spans for byte in range(start, stop)} == expected
    assert spans.total == len(expected)
    held = list(spans)
    assert all(left[1] < right[0] for left, right in pairwise(held)), (
        "sorted, apart from each other"
    )


@given(PAIRS, st.integers(0, 70))
def test_missing_is_what_was_not_added(pairs: list[tuple[int, int]], total: int) -> None:
    spans = Spans(pairs)
    missing = {byte for gap in spans.missing(total) for byte in range(gap.start, gap.stop or 0)}
    here = {byte for start, stop in pairs for byte in range(start, stop)}
    assert missing == set(range(total)) - here


@given(PAIRS, st.integers(0, 70))
def test_clipping_drops_what_lies_behind(pairs: list[tuple[int, int]], stop: int) -> None:
    clipped = Spans(pairs).clipped(stop)
    assert clipped == Spans((a, min(b, stop)) for a, b in pairs if a < stop)


@given(PAIRS, st.integers(1, 70))
def test_asking_for_the_next_span_again_and_again_completes_the_package(
    pairs: list[tuple[int, int]], total: int
) -> None:
    spans = Spans(pairs).clipped(total)
    for _ in range(len(pairs) + 2):
        wanted = next_span(spans, total)
        if wanted is None:
            break
        spans.add(wanted.start, total if wanted.stop is None else wanted.stop)
    assert spans.total == total


def test_of_an_unknown_size_everything_after_the_beginning_is_asked_for() -> None:
    assert next_span(Spans([(0, 5), (9, 12)]), None) == Span(5)
    assert next_span(Spans([(3, 5)]), None) == Span(0)


def test_a_span_says_itself_as_a_range_header() -> None:
    assert Span(0).header() == "bytes=0-"
    assert Span(5, 9).header() == "bytes=5-8"


@pytest.mark.parametrize("pair", [(-1, 3), (5, 4)])
def test_what_is_no_span_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        Spans([pair])
