"""Which page of a new version is which one of the old: rather none than a wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.marks.equal import Print, places


def prints(pages: str) -> list[Print]:
    """A letter is a page; pages with the same letter look the same."""
    return [Print(letter) for letter in pages]


def found(before: str, after: str) -> dict[int, int]:
    return places(prints(before), prints(after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abc", "abc", {0: 0, 1: 1, 2: 2}),
        ("abc", "xabc", {0: 1, 1: 2, 2: 3}),
        ("abc", "axc", {0: 0, 2: 2}),
        ("abc", "ac", {0: 0, 2: 1}),
        ("abc", "cab", {0: 1, 1: 2, 2: 0}),
        ("abc", "", {}),
        ("", "abc", {}),
    ],
)
def test_a_page_that_is_there_once_is_found_wherever_it_is(
    before: str, after: str, expected: dict[int, int]
) -> None:
    assert found(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("----", "----", {0: 0, 1: 1, 2: 2, 3: 3}),
        ("a-b-c", "xa-b-c", {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}),
        ("a-b-c", "a-xb-c", {0: 0, 1: 1, 2: 3, 3: 4, 4: 5}),
        ("a-b", "ax-b", {0: 0, 1: 2, 2: 3}),
        ("a--b", "a--b", {0: 0, 1: 1, 2: 2, 3: 3}),
    ],
)
def test_pages_that_look_the_same_are_known_by_their_neighbours(
    before: str, after: str, expected: dict[int, int]
) -> None:
    assert found(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("a-x-b", "a-b", {1, 3}),  # either of the two may have gone
        ("a--b", "a-b", {1, 2}),
        ("--", "---", {0, 1}),
        ("---", "-", {0, 1, 2}),
        ("a--b", "b--a", {1, 2}),
    ],
)
def test_where_it_is_not_certain_there_is_no_equal_page(
    before: str, after: str, lost: set[int]
) -> None:
    assert lost & set(found(before, after)) == set()


def test_a_page_whose_number_alone_changed_is_equal() -> None:
    before = [Print("a1", "a"), Print("b2", "b"), Print("-3", "")]
    after = [Print("x1", "x"), Print("a2", "a"), Print("b3", "b"), Print("-4", "")]
    assert places(before, after) == {0: 1, 1: 2}


def test_pages_that_are_told_apart_by_their_number_alone_are_not_taken_for_each_other() -> None:
    before = [Print("s1", "s"), Print("s2", "s")]
    after = [Print("s3", "s"), Print("s4", "s")]
    assert places(before, after) == {}


def test_a_page_is_not_given_away_twice() -> None:
    before = [Print("a", "l"), Print("b", "m")]
    after = [Print("a", "m")]
    assert places(before, after) == {0: 0}


pytestmark = pytest.mark.fault("C14")
PAGES = st.text("abcd--", max_size=12)


@given(PAGES, PAGES)
def test_equal_pages_are_equal_and_no_two_go_to_one_place(before: str, after: str) -> None:
    places_ = found(before, after)
    assert all(before[page] == after[place] for page, place in places_.items())
    assert len(set(places_.values())) == len(places_)


@given(PAGES)
def test_a_document_that_did_not_change_keeps_every_page(pages: str) -> None:
    assert found(pages, pages) == {page: page for page in range(len(pages))}


@given(PAGES, PAGES)
def test_it_is_the_same_in_both_directions(before: str, after: str) -> None:
    there, back = found(before, after), found(after, before)
    assert back == {place: page for page, place in there.items()}
