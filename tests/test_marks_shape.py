"""Marks as a page sends them: what makes sense is kept to the letter, the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import UsageError
from kiosk.marks import parse
from kiosk.marks.shape import MOST_LETTERS, MOST_NOTES, MOST_POINTS, MOST_STROKES

LINE = {"tool": "pen", "ink": "red", "width": 2.5, "points": [0.1, 0.2, 0.3, 0.4]}
LIGHT = {"tool": "highlighter", "ink": "yellow", "width": 18, "points": [0, 0, 1, 1]}
FELT = {**LINE, "pressure": [0.25, 1]}
NOTE = {"x": 0.5, "y": 1, "text": "请核对\n第二行\u3000。"}


def test_marks_come_back_as_they_were_sent() -> None:
    sent = {"strokes": [LINE, LIGHT, FELT], "notes": [NOTE]}
    assert parse(json.loads(json.dumps(sent))).to_json() == sent


def test_a_page_without_marks_is_false() -> None:
    assert not parse({})
    assert parse({"notes": [NOTE]})


def test_positions_are_kept_to_a_fiftieth_of_a_pixel() -> None:
    shown = parse({"strokes": [{**LINE, "points": [1 / 3, 2 / 3]}]}).to_json()
    assert shown["strokes"][0]["points"] == [0.33333, 0.66667]


def test_control_characters_leave_a_note() -> None:
    assert (
        parse({"notes": [{**NOTE, "text": "a\0b\x1b[2J\ud800c\td"}]}).notes[0].text == "ab[2Jc\td"
    )


@pytest.mark.parametrize(
    "marks",
    [
        None, [], "x", 1,
        {"strokes": {}}, {"strokes": [1]}, {"notes": ["x"]}, {"strokes": [[]]},
        {"strokes": [{}]},
        {"strokes": [{**LINE, "tool": "brush"}]},
        {"strokes": [{**LINE, "ink": "#d01e1e"}]},
        {"strokes": [{**LINE, "ink": []}]},
        {"strokes": [{**LINE, "width": 0}]},
        {"strokes": [{**LINE, "width": 1e9}]},
        {"strokes": [{**LINE, "width": True}]},
        {"strokes": [{**LINE, "points": []}]},
        {"strokes": [{**LINE, "points": [0.1]}]},
        {"strokes": [{**LINE, "points": [0.1, 0.2, 0.3]}]},
        {"strokes": [{**LINE, "points": [0.1, -0.1]}]},
        {"strokes": [{**LINE, "points": [0.1, 1.01]}]},
        {"strokes": [{**LINE, "points": [0.1, float("nan")]}]},
        {"strokes": [{**LINE, "points": [0.1, float("inf")]}]},
        {"strokes": [{**LINE, "points": [0.1, 10**400]}]},
        {"strokes": [{**LINE, "points": ["0.1", "0.2"]}]},
        {"strokes": [{**LINE, "points": [None, None]}]},
        {"strokes": [{**FELT, "pressure": [0.5]}]},
        {"strokes": [{**FELT, "pressure": [0.5, 2]}]},
        {"strokes": [{**FELT, "pressure": 1}]},
        {"notes": [{**NOTE, "text": 1}]},
        {"notes": [{"text": "x"}]},
        {"notes": [{**NOTE, "x": 7}]},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(marks: Any) -> None:
    with pytest.raises(UsageError) as caught:
        parse(marks)
    assert caught.value.code == "bad-request"


@pytest.mark.parametrize(
    "marks",
    [
        {"strokes": [LINE] * (MOST_STROKES + 1)},
        {"strokes": [{**LINE, "points": [0.5] * (2 * MOST_POINTS + 2)}]},
        {"strokes": [{**LINE, "points": [0.5] * 2 * MOST_POINTS}] * 21},
        {"notes": [NOTE] * (MOST_NOTES + 1)},
        {"notes": [{**NOTE, "text": "字" * (MOST_LETTERS + 1)}]},
    ],
    ids=["strokes", "points", "points of a page", "notes", "letters"],
)
def test_more_than_fits_is_refused(marks: Any) -> None:
    with pytest.raises(UsageError) as caught:
        parse(marks)
    assert caught.value.code == "too-many-marks"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.data(), JSON)
def test_any_json_is_read_as_it_says_or_refused(data: st.DataObject, value: Any) -> None:
    marks = json.loads(json.dumps({"strokes": [FELT], "notes": [NOTE]}))
    target = data.draw(st.sampled_from([marks, marks["strokes"][0], marks["notes"][0]]))
    target[data.draw(st.sampled_from(sorted(target)))] = value
    try:
        read = parse(marks)
    except UsageError:
        return
    assert parse(read.to_json()) == read
