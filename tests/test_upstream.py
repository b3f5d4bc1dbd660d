"""What the terminal believes of a master, and what it does without one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kiosk_process import eventually, meeting_of

from kiosk.demo.origin import (
    CLOSED,
    HtmlPage,
    Origin,
    OriginPool,
    Silent,
    SlowStart,
    Status,
    pool_of,
)
from kiosk.errors import ServerError
from kiosk.pool import Server, parse
from kiosk.settings import Settings
from kiosk.upstream import OFFLINE_AFTER, State, Upstream, document_of, is_id, listing_of

MEETING = meeting_of({"a.txt": b"a"})


def settings_for(origins: OriginPool, **more: Any) -> Settings:
    flags = {"server_ip": origins.base, "server_port": origins.port,
             "server_count": origins.count, "interval_s": 1, **more}  # fmt: skip
    return Settings.load(flags, environ={})


@contextmanager
def polling(settings: Settings) -> Iterator[Upstream]:
    upstream = Upstream(lambda: settings, lambda changed: None)
    thread = threading.Thread(target=upstream.run)
    thread.start()
    try:
        yield upstream
    finally:
        upstream.stop()
        thread.join(10)


class Scripted(Origin):
    """Answers ``status/token`` or ``data`` with whatever document the test gives."""

    told: Any = None
    told_data: Any = None

    def _document(self, request: Any) -> tuple[int, Any]:
        if request.path.endswith("/status/token") and self.told is not None:
            return 200, self.told
        if request.path.endswith("/data") and self.told_data is not None:
            return 200, self.told_data
        return super()._document(request)


def server_of(origin: Origin) -> Server:
    return parse(origin.url)


def test_meetings_and_documents_are_known_after_one_round() -> None:
    with pool_of([()], {"M1": MEETING}) as origins, polling(settings_for(origins)) as upstream:
        eventually(lambda: upstream.state.online)
        (listed,) = upstream.state.meetings
        assert (listed.id, listed.title) == ("M1", "经营工作会")
        assert listed.data is not None
        assert listed.data.items[0].files[0].name == "a.txt"


def test_next_server_of_the_pool_is_asked_where_one_does_not_answer() -> None:
    faults = [CLOSED, (HtmlPage(path="/status/token"),), (Status(500, path="/status/token"),), ()]
    with pool_of(faults, {"M1": MEETING}) as origins, polling(settings_for(origins)) as upstream:
        eventually(lambda: upstream.state.online)
        assert upstream.state.server is not None
        assert upstream.state.server.name == origins.names[3]


def test_master_that_is_set_is_the_only_one_asked() -> None:
    with (
        Origin(meetings={"M7": MEETING}) as master,
        pool_of([()], {"M1": MEETING}) as origins,
        polling(settings_for(origins, master=master.url)) as upstream,
    ):
        eventually(lambda: upstream.state.online)
        assert [one.id for one in upstream.state.meetings] == ["M7"]
        assert not origins.log[:]


def test_answer_of_a_server_that_is_no_longer_set_is_not_listened_to() -> None:
    slow = SlowStart(0.8, path="/status/token")
    with Origin(meetings={"M1": MEETING}, faults=[slow]) as old, pool_of([CLOSED]) as closed:
        current = [Settings.load({"master": old.url, "interval_s": 1}, environ={})]
        states: list[State] = []
        upstream = Upstream(lambda: current[0], lambda _: states.append(upstream.state))
        thread = threading.Thread(target=upstream.run)
        thread.start()
        try:
            eventually(lambda: old.log[:])
            current[0] = settings_for(closed)
            upstream.poke(afresh=True)
            eventually(lambda: states)
        finally:
            upstream.stop()
            thread.join(10)
        assert not any(state.online or state.meetings for state in states)


def test_offline_only_after_three_failures_and_back_by_itself() -> None:
    with pool_of([()], {"M1": MEETING}) as origins, polling(settings_for(origins)) as upstream:
        eventually(lambda: upstream.state.online)
        origins[0].faults = [Status(503, path="/status/token")]
        asked = polls(origins)
        eventually(lambda: not upstream.state.online)
        assert polls(origins) - asked >= OFFLINE_AFTER
        assert [one.id for one in upstream.state.meetings] == ["M1"], "what was known stays known"
        origins[0].faults = []
        eventually(lambda: upstream.state.online)


def polls(origins: OriginPool) -> int:
    return sum(request.path.endswith("/status/token") for request in origins.log[:])


def test_documents_are_only_fetched_again_when_the_token_changes() -> None:
    with pool_of([()], {"M1": MEETING}) as origins, polling(settings_for(origins)) as upstream:
        eventually(lambda: upstream.state.online)
        asked = polls(origins)
        assert origins.log.wait_for(lambda _: polls(origins) >= asked + 2)
        assert documents(origins) == 1
        origins[0].token = "token-2"
        eventually(lambda: upstream.state.token == "token-2")
        assert documents(origins) == 2


def test_edit_without_a_new_token_is_seen_when_somebody_asks_for_the_meeting() -> None:
    with pool_of([()], {"M1": MEETING}) as origins, polling(settings_for(origins)) as upstream:
        eventually(lambda: upstream.state.online)
        old = upstream.state.meetings[0].data
        origins[0].meetings["M1"] = meeting_of({"b.txt": b"other"})
        document = upstream.fresh("M1")
        assert document is not None
        assert document["agenda_items"][0]["files"][0]["display_name"] == "b.txt"
        asked = polls(origins)
        assert origins.log.wait_for(lambda _: polls(origins) >= asked + 2)
        new = upstream.state.meetings[0].data
        assert old is not None
        assert new is not None
        assert new.fingerprint != old.fingerprint


def documents(origins: OriginPool) -> int:
    return sum(request.path.endswith("/data") for request in origins.log[:])


def test_token_is_not_taken_as_seen_while_a_document_is_due() -> None:
    fault = Status(500, path="/data", times=2)
    with (
        pool_of([(fault,)], {"M1": MEETING}) as origins,
        polling(settings_for(origins)) as upstream,
    ):
        eventually(lambda: upstream.state.online)
        assert upstream.state.token == ""
        eventually(lambda: upstream.state.token == "token-1")
        assert upstream.state.meetings[0].data is not None


def test_the_list_is_there_before_the_documents_of_a_slow_master() -> None:
    meetings = {name: meeting_of({"a.txt": b"a"}, name, f"会 {name}") for name in ("M1", "M2")}
    with pool_of([()], meetings) as origins:
        origins[0].faults = [SlowStart(1.2, path="/data")]
        with polling(settings_for(origins)) as upstream:
            first = eventually(lambda: upstream.state.meetings and upstream.state)
            assert [(row.title, row.document) for row in first.meetings] == [
                ("会 M1", None), ("会 M2", None),
            ]  # fmt: skip
            assert first.online and first.token == "", "and it is not taken as seen"
            second = eventually(lambda: upstream.state.meetings[0].document and upstream.state)
            assert second.meetings[1].document is None
            eventually(lambda: upstream.state.token)
            assert all(row.document for row in upstream.state.meetings)


def test_reporters_and_minutes_come_from_the_detailed_document() -> None:
    item = {"title": "预算", "files": []}
    detailed = {"agenda_items": [{**item, "reporter": "李明", "duration_minutes": 15}]}
    with Scripted(meetings={"M1": MEETING}) as origin:
        origin.told_data = {"meeting_id": "M1", "agenda_items": [dict(item)]}
        origin.meetings["M1"].data = detailed
        document = document_of(server_of(origin), "M1", 3)
    assert document["agenda_items"][0]["reporter"] == "李明"
    assert document["agenda_items"][0]["duration_minutes"] == 15


@pytest.mark.parametrize(
    "told",
    [[], "x", 7, {}, {"detail": "x"}, {"x": {"id": "none"}}],
)
def test_answer_that_is_no_listing_is_a_fault_of_that_server(told: Any) -> None:
    with Scripted() as origin:
        origin.told = told
        with pytest.raises(ServerError):
            listing_of(server_of(origin))


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        (None, []),
        ({}, []),
        ([None, 1, "x", [], {}], []),
        ([{"id": 7, "title": None, "time": None}], ["7"]),
        ([{"id": True}, {"id": ""}, {"id": "x" * 201}, {"id": "a/b"}, {"id": ".."}], []),
        ([{"id": "a\nb"}, {"id": "a\\b"}, {"id": "ok"}, {"id": "ok"}], ["ok"]),
        ([{"id": str(n)} for n in range(500)], [str(n) for n in range(200)]),
    ],
)
def test_rows_that_make_no_sense_are_passed_over(rows: Any, ids: list[str]) -> None:
    with Scripted() as origin:
        origin.told = {"id": "t", "meetings": rows}
        token, listed = listing_of(server_of(origin))
    assert token == "t"
    assert [one.id for one in listed] == ids


def test_answer_that_is_too_large_or_too_deep_is_refused() -> None:
    with Scripted() as origin:
        for told in ({"meetings": [{"id": "x", "title": "y" * (9 << 20)}]}, deep(5000)):
            origin.told = told
            with pytest.raises(ServerError):
                listing_of(server_of(origin), 10)


def deep(levels: int) -> Any:
    """As text, because our own encoder could not write it either."""
    return "[" * levels + "]" * levels


def test_silent_server_costs_no_more_than_its_time() -> None:
    with (
        Origin(faults=[Silent(path="/status/token")]) as origin,
        pytest.raises(ServerError) as told,
    ):
        listing_of(server_of(origin), 0.3)
    assert told.value.code == "silent"


def test_document_of_another_meeting_is_refused() -> None:
    with Scripted(meetings={"M1": MEETING}) as origin:
        origin.told_data = {"meeting_id": "M2", "agenda_items": []}
        with pytest.raises(ServerError):
            document_of(server_of(origin), "M1", 3)


def test_id_must_be_one_printable_part_of_an_address() -> None:
    assert is_id("周会 7")
    assert not any(map(is_id, ("", ".", "..", "a/b", "a\\b", "a\x00", "x" * 201)))
