"""Marks of a material that was replaced: on the equal page, or kept aside and told of."""

from __future__ import annotations

import pytest

from kiosk.marks import Document, Entry, Others, PageMarks, Print, View, parse, view

pytestmark = pytest.mark.fault("C14")

OLD, NEW, NEWEST = "a" * 64, "b" * 64, "c" * 64
NAME = "报告.pdf"
NOBODY = Others()


def marks(word: str) -> PageMarks:
    return parse({"notes": [{"x": 0.5, "y": 0.5, "text": word}]})


def document(sha256: str, serial: int, looks: str | None, **pages: str) -> Document:
    """``looks``: a letter for each page; ``pages``: p1="word" is a note on page 1, "" none."""
    entries = {
        int(page[1:]): Entry(3, "2026-11-27T09:00:00+00:00", marks(word) if word else PageMarks())
        for page, word in pages.items()
    }
    prints = None if looks is None else tuple(map(Print, looks))
    return Document(sha256, NAME, serial, prints, entries)


def shown(looks: str | None, sha256: str = NEW) -> Document:
    return document(sha256, 0, looks)


def words(found: View) -> dict[int, str]:
    return {page: one.marks.notes[0].text for page, one in found.pages.items() if one.marks}


def aside(found: View) -> list[tuple[int, str]]:
    return [(one.page, one.entry.marks.notes[0].text) for one in found.kept]


def test_marks_stay_on_their_page_when_pages_were_inserted_before() -> None:
    old = document(OLD, 1, "abc", p1="first", p3="third")
    found = view([old], shown("xxabc"), NOBODY, ())
    assert (words(found), aside(found)) == ({3: "first", 5: "third"}, [])
    assert {one.version for one in found.pages.values()} == {0}


def test_marks_of_a_page_that_changed_or_went_are_kept_aside() -> None:
    old = document(OLD, 1, "abcd", p1="one", p2="two", p4="four")
    found = view([old], shown("axc"), NOBODY, ())
    assert words(found) == {1: "one"}
    assert aside(found) == [(2, "two"), (4, "four")]


def test_own_marks_of_a_page_stand_in_the_place_of_older_ones() -> None:
    old = document(OLD, 1, "ab", p1="old", p2="left")
    own = document(NEW, 2, "ab", p1="new")
    found = view([old, own], shown("ab"), NOBODY, ())
    assert words(found) == {1: "new", 2: "left"}
    assert (found.pages[1].version, found.pages[2].version) == (3, 0)


def test_marks_that_were_wiped_in_the_new_version_do_not_come_back() -> None:
    old = document(OLD, 1, "ab", p1="old")
    own = document(NEW, 2, "ab", p1="")
    found = view([old, own], shown("ab"), NOBODY, ())
    assert (words(found), aside(found)) == ({}, [])
    assert found.pages[1].version == 3


def test_marks_that_were_wiped_in_a_version_in_between_do_not_come_back() -> None:
    first = document(OLD, 1, "ab", p1="old", p2="left")
    second = document(NEW, 2, "ab", p1="")
    found = view([first, second], shown("ab", NEWEST), NOBODY, ())
    assert (words(found), aside(found)) == ({2: "left"}, [])
    gone = view([first, second], shown("b", NEWEST), NOBODY, ())
    assert (words(gone), aside(gone)) == ({1: "left"}, [])


def test_marks_are_carried_over_several_versions_and_told_of_once() -> None:
    first = document(OLD, 1, "abc", p1="one", p2="two")
    second = document(NEW, 2, "xabc", p2="one again")
    found = view([first, second], shown("yabc", NEWEST), NOBODY, ())
    assert words(found) == {2: "one again", 3: "two"}
    gone = view([first, second], shown("yc", NEWEST), NOBODY, ())
    assert aside(gone) == [(2, "two"), (2, "one again")]


def test_an_older_version_that_is_still_open_sees_what_fits_and_is_not_told_of_newer_ones() -> None:
    old = document(OLD, 1, "ab", p1="one")
    new = document(NEW, 2, "xb", p1="new page", p2="two")
    found = view([old, new], shown("ab", OLD), NOBODY, ())
    assert (words(found), aside(found)) == ({1: "one", 2: "two"}, [])


def test_what_was_written_on_another_material_stays_there() -> None:
    twin = document(OLD, 1, "a", p1="on the twin")
    assert view([twin], shown("a"), Others(frozenset({OLD})), ()) == View()
    other = Document(OLD, "other.pdf", 1, twin.prints, twin.pages)
    assert view([other], shown("a"), Others(names=frozenset({"other.pdf"})), ()) == View()


def test_marks_follow_a_material_that_was_renamed_and_no_other_one() -> None:
    old = document(OLD, 1, "abcd", p1="one", p2="two")
    renamed = Document(OLD, "报告 v1.pdf", 1, old.prints, old.pages)
    found = view([renamed], shown("xacd"), NOBODY, ())
    assert (words(found), aside(found)) == ({2: "one"}, [(2, "two")])
    assert view([renamed], shown("xyza"), NOBODY, ()) == View()
    assert view([renamed], shown(""), NOBODY, ()) == View()


def test_while_pages_are_not_known_nothing_is_told_of_them() -> None:
    old = document(OLD, 1, None, p1="one")
    assert view([old], shown("a"), NOBODY, {OLD}) == View(settling=True)
    known = document(OLD, 1, "a", p1="one")
    assert view([known], shown(None), NOBODY, {NEW}) == View(settling=True)


def test_a_document_that_cannot_be_read_has_no_equal_pages() -> None:
    old = document(OLD, 1, "a", p1="one")
    assert aside(view([old], shown(""), NOBODY, ())) == [(1, "one")]
    assert aside(view([document(OLD, 1, None, p1="one")], shown("a"), NOBODY, ())) == [(1, "one")]
