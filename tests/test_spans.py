"""Sets of bytes: what is added, removed, missing and cut out is exactly that."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.spans import Span, Spans

PAIR = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
    lambda pair: (min(pair), max(pair)),
)
PAIRS = st.lists(PAIR, max_size=30)


def bytes_of(spans: Spans | list[tuple[int, int]]) -> set[int]:
    return {byte for start, stop in spans for byte in range(start, stop)}


def listed(spans: list[Span]) -> set[int]:
    return bytes_of([(span.start, span.stop or 0) for span in spans])


@given(PAIRS, PAIRS)
def test_a_set_holds_exactly_the_bytes_that_were_added_and_not_removed(
    pairs: list[tuple[int, int]], gone: list[tuple[int, int]]
) -> None:
    spans, expected = Spans(pairs), bytes_of(pairs)
    twin = spans.copy()
    for start, stop in gone:
        spans.remove(start, stop)
        expected -= set(range(start, stop))
    assert bytes_of(spans) == expected
    assert spans.total == len(expected)
    held = list(spans)
    assert all(left[1] < right[0] for left, right in pairwise(held)), (
        "sorted, apart from each other"
    )
    assert twin == Spans(pairs), "a copy changes apart"


@given(PAIRS, PAIR)
def test_missing_is_what_was_not_added_and_the_rest_is_within(
    pairs: list[tuple[int, int]], window: tuple[int, int]
) -> None:
    spans, (start, stop) = Spans(pairs), window
    here = bytes_of(pairs)
    assert listed(spans.missing(stop, start)) == set(range(start, stop)) - here
    assert listed(spans.within(start, stop)) == set(range(start, stop)) & here


@given(PAIRS, st.integers(0, 70))
def test_clipping_drops_what_lies_behind(pairs: list[tuple[int, int]], stop: int) -> None:
    clipped = Spans(pairs).clipped(stop)
    assert clipped == Spans((a, min(b, stop)) for a, b in pairs if a < stop)


def test_the_prefix_ends_at_the_first_gap() -> None:
    assert Spans([(0, 5), (9, 12)]).prefix() == 5
    assert Spans([(3, 5)]).prefix() == Spans().prefix() == 0


def test_a_span_says_itself_as_a_range_header() -> None:
    assert Span(0).header() == "bytes=0-"
    assert Span(5, 9).header() == "bytes=5-8"


@pytest.mark.parametrize("pair", [(-1, 3), (5, 4)])
def test_what_is_no_span_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        Spans([pair])
    with pytest.raises(ValueError):
        Spans().remove(*pair)
