"""What is known of a room: pure, so that any course of reports and silences is played at once."""

from __future__ import annotations

import ast
import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import UsageError
from kiosk.node.room import report as reports
from kiosk.node.room import seats as room
from kiosk.node.room.report import Held, Report, Trouble, parsed
from kiosk.node.room.seats import FORGOTTEN_S, REASONS, SILENT_S, Row, Seats, ordered

AT = "2026-11-24T09:12:00.000Z"
FAILED = Held("M1", phase="failed", trouble=Trouble("all-servers-failed"))
READY = Held("M1", "a" * 64, "ready", 100)

Json = dict[str, Any]


def seat(n: int, *meetings: Held, name: str | None = None, free: int | None = None) -> Report:
    """What seat ``n`` says."""
    return Report(f"{n:032x}", f"座位{n}" if name is None else name, "0.1.0", free, meetings)


def room_of(*said: Report) -> Seats:
    seats = Seats()
    for one in said:
        seats.report(one, "10.1.1.20", 0.0, AT)
    return seats


def standing(seats: Seats) -> list[tuple[str, str]]:
    return [(row["seat"], row["reason"]) for row in seats.rows()]


# How a seat stands


@pytest.mark.parametrize(
    ("held", "reason", "colour"),
    [
        ([], "idle", "green"),
        ([READY], "ready", "green"),
        ([READY, FAILED], "failed", "red"),
        ([READY, Held("M2", phase="waiting")], "waiting", "amber"),
        ([Held("M2", phase="verifying", percent=99)], "downloading", "amber"),
        ([Held("M1", "a" * 64, "ready", 100, update=True)], "outdated", "amber"),
        ([Held("M1", "a" * 64, "downloading", 5, update=True)], "downloading", "amber"),
        ([Held("M1")], "absent", "amber"),
        ([Held("M1", phase="cancelled"), Held("M2", phase="downloading")], "cancelled", "amber"),
    ],
)
def test_a_seat_stands_as_its_worst_meeting_does(
    held: list[Held], reason: str, colour: str
) -> None:
    (row,) = room_of(seat(1, *held)).rows()
    assert (row["reason"], row["colour"]) == (reason, colour)


def test_little_space_is_amber_and_what_is_red_stays_red() -> None:
    seats = room_of(seat(1, READY, free=10_000_000), seat(2, FAILED, free=10_000_000))
    assert standing(seats) == [("座位2", "failed"), ("座位1", "low-space")]


def test_the_slowest_of_several_downloads_is_what_is_told() -> None:
    going = [Held(f"M{n}", phase="downloading", percent=n) for n in (63, 12)]
    assert room_of(seat(1, *going)).rows()[0]["percent"] == 12


def test_a_seat_without_a_name_is_told_by_its_address() -> None:
    assert room_of(seat(1, name="")).rows()[0]["seat"] == "10.1.1.20"


def test_a_seat_that_is_not_heard_is_silent_since_it_was_heard_last() -> None:
    seats = room_of(seat(1, READY))
    seats.look(SILENT_S - 0.1)
    assert standing(seats) == [("座位1", "ready")]
    seats.look(SILENT_S)
    assert standing(seats) == [("座位1", "silent")]
    assert seats.rows()[0]["since"] == AT
    seats.report(seat(1, READY), "10.1.1.20", SILENT_S + 1, AT)
    assert seats.rows()[0]["since"] is None and standing(seats) == [("座位1", "ready")]


def test_a_seat_that_is_never_heard_again_is_forgotten() -> None:
    seats = room_of(seat(1))
    seats.change()
    seats.look(FORGOTTEN_S)
    assert len(seats) == 0
    assert seats.change().gone == [seat(1).id]


def test_red_ones_come_first_and_then_names_as_one_counts() -> None:
    seats = room_of(
        seat(1, READY, name="10 号"), seat(2, READY, name="9 号"), seat(3, FAILED, name="99 号"),
        seat(4, Held("M1"), name="第十席"), seat(5, Held("M1"), name="第二席"),
    )  # fmt: skip
    names = [row["seat"] for row in seats.rows()]
    assert names == ["99 号", "第二席", "第十席", "9 号", "10 号"]
    assert seats.counts() == {"red": 1, "amber": 2, "green": 2}


# Try again


def test_the_red_ones_are_told_to_try_again_once_and_only_what_failed() -> None:
    seats = room_of(seat(1, FAILED, READY), seat(2, READY))
    assert seats.retry() == 1
    assert seats.rows()[0]["asked"]
    assert seats.report(seat(1, FAILED), "10.1.1.20", 1.0, AT) == ["M1"]
    assert seats.report(seat(1, FAILED), "10.1.1.20", 2.0, AT) == []
    assert not seats.rows()[0]["asked"]
    assert seats.report(seat(2, READY), "10.1.1.20", 2.0, AT) == []


def test_what_has_become_ready_by_itself_is_not_tried_again() -> None:
    seats = room_of(seat(1, FAILED))
    seats.retry()
    assert seats.report(seat(1, READY), "10.1.1.20", 1.0, AT) == []


def test_one_seat_can_be_told_alone_and_a_silent_one_not_at_all() -> None:
    seats = room_of(seat(1, FAILED), seat(2, FAILED))
    assert seats.retry([seat(2).id, "f" * 32]) == 1
    seats.look(SILENT_S)
    assert seats.retry() == 0


# What pages are told


def test_only_what_has_changed_is_told() -> None:
    seats = room_of(seat(1, READY), seat(2, READY))
    assert {row["seat"] for row in seats.change().rows} == {"座位1", "座位2"}
    seats.report(seat(1, READY), "10.1.1.20", 5.0, "later")
    seats.report(seat(2, FAILED), "10.1.1.20", 5.0, "later")
    (row,) = seats.change().rows
    assert (row["seat"], row["reason"]) == ("座位2", "failed")
    assert not seats.change()


def test_free_space_is_told_in_steps_that_matter() -> None:
    seats = room_of(seat(1, READY, free=50_123_456_789))
    seats.change()
    seats.report(seat(1, READY, free=50_123_999_999), "10.1.1.20", 1.0, AT)
    assert not seats.change()


PHASE = st.sampled_from(reports.PHASES)
HELD = st.builds(
    Held, st.sampled_from(["M1", "M2"]), phase=PHASE, percent=st.integers(0, 100),
    update=st.booleans(),
)  # fmt: skip
SAID = st.builds(
    lambda n, held, name: seat(n, *held, name=name),
    st.integers(1, 12), st.lists(HELD, max_size=2), st.sampled_from(["", "甲", "乙", "座 10"]),
)  # fmt: skip
STEP = st.one_of(
    st.tuples(st.just("report"), SAID, st.integers(1, 3)),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 20.0, SILENT_S, FORGOTTEN_S])),
    st.tuples(st.just("retry")),
    st.tuples(st.just("change")),
)


@given(st.lists(STEP, max_size=60))
def test_whoever_follows_the_changes_knows_what_a_snapshot_says(steps: list[Any]) -> None:
    seats, now, page = Seats(most=8), 0.0, dict[str, Row]()
    for step in steps:
        match step:
            case ("report", said, host):
                seats.report(said, f"10.1.1.{host}", now, AT)
            case ("wait", seconds):
                now += seconds
                seats.look(now)
            case ("retry",):
                seats.retry()
            case _:
                follow(page, seats)
        assert len(seats) <= 8
    follow(page, seats)
    rows = seats.rows()
    assert ordered(page.values()) == rows
    assert sum(seats.counts().values()) == len(rows) == len(seats)
    colours = [room.COLOURS.index(row["colour"]) for row in rows]
    assert colours == sorted(colours)
    assert all(row["asked"] is False for row in rows if row["colour"] != "red")


def follow(page: dict[str, Row], seats: Seats) -> None:
    change = seats.change()
    for row in change.rows:
        page[row["id"]] = row
    for key in change.gone:
        del page[key]


# Bounds


@pytest.mark.fault("R2")
def test_whoever_invents_seats_displaces_its_own_inventions() -> None:
    seats = Seats(most=50)
    for n in range(20):
        seats.report(seat(n), f"10.1.1.{n}", 0.0, AT)
    for n in range(1000, 4000):
        seats.report(seat(n), "10.9.9.9", 1.0, AT)
    seats.report(seat(20), "10.1.1.20", 2.0, AT)
    assert len(seats) == 50
    real = {row["address"] for row in seats.rows()} - {"10.9.9.9"}
    assert real == {f"10.1.1.{n}" for n in range(21)}


@pytest.mark.fault("R3")
def test_a_machine_that_was_replaced_does_not_stay_red() -> None:
    seats = room_of(seat(1, READY, name="主席台 1"), seat(2, READY, name="主席台 2"))
    seats.look(SILENT_S)
    seats.report(seat(3, READY, name="主席台 1"), "10.1.1.21", SILENT_S, AT)
    assert standing(seats) == [("主席台 2", "silent"), ("主席台 1", "ready")]


def test_two_seats_of_one_name_are_both_there() -> None:
    assert len(room_of(seat(1, name="kiosk"), seat(2, name="kiosk")).rows()) == 2


# What a stranger may say

GOOD: Json = {
    "id": "0123456789abcdef", "seat": "主席台 1", "version": "0.1.0", "freeBytes": 1,
    "meetings": [
        {"meeting": "M1", "revision": "a" * 64, "phase": "failed", "percent": 3.7, "update": True,
         "error": {"code": "disk-full", "status": "disk_full", "message": "m", "hint": "h",
                   "details": {"free": 1}}},
    ],
}  # fmt: skip


def test_a_report_is_what_it_says() -> None:
    said = parsed(GOOD)
    assert (said.seat, said.free_bytes) == ("主席台 1", 1)
    trouble = Trouble("disk-full", "m", "h", {"free": 1}, "disk_full")
    assert said.meetings == (Held("M1", "a" * 64, "failed", 3, True, trouble),)
    assert said.meetings[0].to_json()["error"]["details"] == {"free": 1}


def meeting(**more: object) -> Json:
    return {**GOOD, "meetings": [{**GOOD["meetings"][0], **more}]}


@pytest.mark.fault("R1")
@pytest.mark.parametrize(
    "document",
    [
        None, [], "x", 5, {}, {**GOOD, "id": "x"}, {**GOOD, "id": 5}, {**GOOD, "id": "A" * 32},
        {**GOOD, "id": "a" * 65}, {**GOOD, "seat": None}, {**GOOD, "seat": ["x"]},
        {**GOOD, "seat": "x" * 81}, {**GOOD, "version": {}}, {**GOOD, "freeBytes": -1},
        {**GOOD, "freeBytes": True}, {**GOOD, "freeBytes": 1 << 70}, {**GOOD, "freeBytes": 1.5},
        {**GOOD, "meetings": {}}, {**GOOD, "meetings": [[]]},
        {**GOOD, "meetings": [GOOD["meetings"][0]] * 2},
        {**GOOD, "meetings": [{"meeting": f"M{n}", "phase": "ready"} for n in range(51)]},
        meeting(meeting=""), meeting(meeting=None), meeting(meeting="x" * 201),
        meeting(meeting="a\nb"), meeting(meeting="\ud800"),
        meeting(revision="z" * 64), meeting(revision=5), meeting(phase="dancing"),
        meeting(phase=[]),
        meeting(percent=101), meeting(percent=-1), meeting(percent=math.nan), meeting(percent="9"),
        meeting(percent=True), meeting(update="yes"), meeting(error="x"), meeting(error={}),
        meeting(error={"code": "Nonsense!"}), meeting(error={"code": "x" * 81}),
        meeting(error={"code": "x", "message": 5}), meeting(error={"code": "x", "hint": "x" * 301}),
        meeting(error={"code": "x", "details": []}), meeting(error={"code": "x", "status": None}),
        meeting(error={"code": "x", "details": {"x": [1]}}),
        meeting(error={"code": "x", "details": {"x": math.inf}}),
        meeting(error={"code": "x", "details": {"<b>": 1}}),
        meeting(error={"code": "x", "details": {f"x{n}": 1 for n in range(13)}}),
    ],
)  # fmt: skip
def test_anything_else_is_refused_as_a_whole(document: object) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(document)
    assert caught.value.code == "bad-request"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(st.sampled_from(["id", "seat", "version", "freeBytes", "meetings"]), JSON)
def test_no_value_in_any_place_breaks_anything(name: str, value: object) -> None:
    try:
        said = parsed({**GOOD, name: value})
    except UsageError:
        return
    assert all(one.isprintable() for one in said.seat + said.version)
    assert len(room_of(said).rows()) == 1


@given(st.sampled_from([field.name for field in dataclasses.fields(Held)] + ["error"]), JSON)
def test_no_value_in_a_meeting_breaks_anything(name: str, value: object) -> None:
    try:
        said = parsed(meeting(**{name: value}))
    except UsageError:
        return
    assert room_of(said).rows()[0]["reason"] in REASONS


def test_what_cannot_be_seen_is_not_shown() -> None:
    assert parsed({**GOOD, "seat": " a\u202eb\x00c\n"}).seat == "a b c"


@pytest.mark.parametrize("module", [reports, room])
def test_it_needs_no_clock_and_no_disk(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert not imported & {"time", "datetime", "os", "pathlib", "socket", "threading", "flask"}
