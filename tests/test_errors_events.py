"""The words everything is built from: errors say what to do next, events survive the wire."""

from __future__ import annotations

import dataclasses
import json
import string

import pytest

from kiosk import errors, events
from kiosk.errors import CODES, KioskError


@pytest.mark.parametrize("code", CODES)
def test_every_error_has_a_sentence_a_hint_and_a_kind_of_its_own(code: str) -> None:
    problem = CODES[code]
    fields = [name for _, name, _, _ in string.Formatter().parse(problem.message) if name]
    fault = problem.kind(code, **dict.fromkeys(fields, 7))
    assert fault.message == problem.message.format_map(dict.fromkeys(fields, 7))
    assert fault.hint.endswith((".", "?"))
    assert json.loads(json.dumps(fault.to_json()))["code"] == code
    assert code == code.lower()
    assert "_" not in code


def test_an_error_of_the_wrong_kind_cannot_be_made() -> None:
    with pytest.raises(TypeError):
        errors.LocalError("refused", server="x")
    with pytest.raises(KeyError):
        errors.LocalError("no-such-code")


def test_an_error_never_fails_while_it_is_told() -> None:
    assert "?" in errors.TransientError("refused").message


def test_every_leaf_of_the_tree_has_a_code() -> None:
    leaves = {kind for kind in KioskError.__subclasses__() if kind is not errors.ServerError}
    leaves |= set(errors.ServerError.__subclasses__())
    used = {problem.kind for problem in CODES.values()}
    assert {kind for kind in leaves if kind.__module__ == errors.__name__} == used


@pytest.mark.parametrize("name", events.EVENTS)
def test_every_event_survives_the_wire(name: str) -> None:
    event = events.EVENTS[name](meeting_id="会议 1")
    line = events.encode(event)
    assert "\n" not in line
    assert json.loads(line)["event"] == name
    assert events.decode(line) == event


def test_names_on_the_wire_are_those_of_the_contract() -> None:
    switch = events.ServerSwitch("M1", "a", "b", "refused", "no", {}, 1.5)
    assert set(json.loads(events.encode(switch))) == {
        "event", "meetingId", "from", "to", "reason", "message", "details", "waitSeconds",
    }  # fmt: skip
    progress = set(events.payload(events.DownloadProgress("M1")))
    assert progress == {
        "meetingId", "phase", "server", "serverIndex", "serverCount", "attempt", "receivedBytes",
        "reusedBytes", "heldBytes", "delivered", "totalBytes", "percent", "bytesPerSecond",
        "secondsLeft", "streamed",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "7", '{"event": "no"}', '{"event": "downloadStart"}']
)
def test_what_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        events.decode(line)


def test_a_field_of_a_later_version_is_passed_over() -> None:
    line = '{"event": "materialReady", "meetingId": "M1", "index": 2, "colour": "red"}'
    assert events.decode(line) == events.MaterialReady("M1", 2)


def test_every_event_is_documented_and_frozen() -> None:
    for kind in events.EVENTS.values():
        assert kind.__doc__
        with pytest.raises(dataclasses.FrozenInstanceError):
            kind("M1").meeting_id = "x"  # type: ignore[misc]
