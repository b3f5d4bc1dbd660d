"""What a node decides by itself: when to fetch, whom to believe, how often to be asked."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kiosk.manifest import AgendaItem, Manifest, Material
from kiosk.node.admission import Admission
from kiosk.node.peers import ALIVE_S, MOST, Peers, Unbelievable
from kiosk.node.pollers import WINDOW_S, Pollers
from kiosk.node.sync.due import Due, Version
from kiosk.node.sync.memory import Memory
from kiosk.node.wire import NO_TOKEN, document_for, document_of, token_of
from kiosk.upstream import Listed


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def here(fingerprint: str = "f1", *, missing: bool = False) -> Manifest:
    return Manifest("M1", fingerprint=fingerprint, missing=("a",) if missing else ())


# When to fetch


TAKEN = Version("f1", "v1", "w1")


def due() -> Due:
    return Due(random.Random(1))


def test_what_is_not_here_is_fetched_at_once_and_what_is_here_is_not() -> None:
    one = due()
    assert one.due("M1", Version("f1"), None, Version(), 0.0)
    assert one.due("M2", Version(), None, Version(), 0.0), "also where nobody says what is in it"
    assert not one.due("M3", Version("f1", "v1"), here(), TAKEN, 0.0)
    assert not one.due("M3", Version(), here(), TAKEN, 0.0), "nothing is known that speaks for it"


@pytest.mark.parametrize(
    "version",
    [
        Version("f2", "v1"),
        Version("f1", "v2"),
        Version("", "v2"),
        Version("f1", "v1", "w2"),
    ],
)
def test_other_files_or_another_package_are_a_reason(version: Version) -> None:
    assert due().due("M1", version, here(), TAKEN, 0.0)


def test_a_fetch_that_failed_is_tried_again_after_growing_pauses() -> None:
    one, now, pauses = due(), 0.0, []
    for _ in range(10):
        assert one.due("M1", Version("f1"), None, Version(), now)
        one.settled("M1", now, came=False, news=False)
        began = now
        while not one.due("M1", Version("f1"), None, Version(), now):
            now += 0.1
        pauses.append(now - began)
    assert pauses[0] < 1.2 < pauses[3] < max(pauses) <= 60.1


def test_a_new_version_does_not_wait_for_the_pause_of_an_old_one() -> None:
    one = due()
    assert one.due("M1", Version("f1"), None, Version(), 0.0)
    for _ in range(5):
        one.settled("M1", 0.0, came=False, news=False)
    assert not one.due("M1", Version("f1"), None, Version(), 0.1)
    assert one.due("M1", Version("f2"), None, Version(), 0.1)


def test_validators_that_change_with_every_answer_are_not_followed_all_day() -> None:
    one, fetched = due(), 0
    for second in range(3600):
        if one.due("M1", Version("f1", f"v{second}"), here(), TAKEN, float(second)):
            fetched += 1
            one.settled("M1", float(second), came=True, news=False)
    assert 3 <= fetched <= 20


def test_one_package_that_was_built_again_of_the_same_files_does_not_delay_the_next_one() -> None:
    one = due()
    assert one.due("M1", Version("f1", "v2"), here(), TAKEN, 0.0)
    one.settled("M1", 0.0, came=True, news=False)
    assert one.due("M1", Version("f1", "v3"), here(), Version("f1", "v2"), 1.0)


def test_files_that_the_package_lacked_are_asked_for_again_now_and_then() -> None:
    one = due()
    lacking = here(missing=True)
    assert one.due("M1", Version("f1", "v1"), lacking, TAKEN, 0.0)
    one.settled("M1", 0.0, came=True, news=False)
    assert not one.due("M1", Version("f1", "v1"), lacking, TAKEN, 2.0)
    assert one.due("M1", Version("f1", "v2"), lacking, TAKEN, 2.0), "a new package counts at once"


# Whom to believe


BEAT = {"node_id": "n1", "address": "10.0.0.7:8001", "status": "online", "synced_meetings": ["M1"]}


def test_a_node_is_known_while_its_heart_beats() -> None:
    clock = Clock()
    peers = Peers(clock)
    peers.heard(BEAT, "10.0.0.7")
    assert [(one.id, one.address, one.synced) for one in peers.alive()] == [
        ("n1", "10.0.0.7:8001", frozenset({"M1"}))
    ]
    clock.now += ALIVE_S + 1
    assert peers.alive() == []


@pytest.mark.parametrize("change", [
    {"address": "10.0.0.8:8001"}, {"address": "http://10.0.0.7:8001"}, {"address": "host:8001"},
    {"address": None}, {"address": "10.0.0.7:8001/x@y"}, {"address": "u@10.0.0.7:8001"},
    {"address": "10.0.0.7:99999"}, {"node_id": ""}, {"node_id": 7}, {"node_id": "a\nb"},
    {"node_id": "x" * 201},
])  # fmt: skip
def test_what_makes_no_sense_is_not_believed(change: dict[str, object]) -> None:
    peers = Peers()
    with pytest.raises(Unbelievable):
        peers.heard({**BEAT, **change}, "10.0.0.7")
    assert peers.alive() == []


def test_meetings_in_a_heartbeat_are_bounded_and_sorted_out() -> None:
    said = {**BEAT, "synced_meetings": ["M1", 7, None, {"a": 1}, "../x", "y" * 201] + ["m"] * 1000}
    assert Peers().heard(said, "10.0.0.7").synced == {"M1", "7", "m"}


def test_a_node_is_sent_away_by_its_own_machine_only_and_there_is_an_end_of_nodes() -> None:
    peers = Peers()
    peers.heard(BEAT, "10.0.0.7")
    peers.left({"node_id": "n1"}, "10.0.0.8")
    assert len(peers.alive()) == 1
    for number in range(MOST - 1):
        peers.heard({**BEAT, "node_id": f"more{number}"}, "10.0.0.7")
    with pytest.raises(Unbelievable):
        peers.heard({**BEAT, "node_id": "one too many"}, "10.0.0.7")
    peers.left({"node_id": "n1"}, "10.0.0.7")
    assert "n1" not in {one.id for one in peers.alive()}


# How often to be asked


@pytest.mark.parametrize(("clients", "expected"), [(1, 1), (50, 1), (500, 5), (1000, 10)])
def test_the_more_ask_the_less_often_they_should(clients: int, expected: int) -> None:
    clock = Clock()
    pollers = Pollers(clock)
    pause, told = 1, [1]
    for _ in range(60):
        for _ in range(clients):
            clock.now += pause / clients
            told.append(pollers.asked())
        pause = told[-1]
    assert abs(pause - expected) <= 1
    assert min(told) >= 1


def test_when_they_are_gone_the_next_one_may_ask_often_again() -> None:
    clock = Clock()
    pollers = Pollers(clock)
    for _ in range(9000):
        clock.now += 0.002
        pollers.asked()
    assert pollers.asked() > 1
    for _ in range(3):
        clock.now += 2 * WINDOW_S
        last = pollers.asked()
    assert last == 1


def test_so_many_are_let_in_and_each_of_the_others_is_told_another_time() -> None:
    admission = Admission(2)
    assert [admission.enter() for _ in range(4)] == [True, True, False, False]
    assert admission.turned_away == 2
    admission.leave()
    assert admission.enter()
    assert len({admission.retry_after() for _ in range(200)}) >= 4


# What is said


def test_the_token_changes_with_what_is_served_and_with_nothing_else() -> None:
    rows = [("M1", "t", "", "r1"), ("M2", "t", "", "")]
    assert token_of(rows) == token_of(reversed(rows)) != token_of(rows[:1])
    assert token_of([("M1", "t", "", "r2"), rows[1]]) != token_of(rows)
    assert token_of([]) == NO_TOKEN


def material(path: str, name: str = "") -> Material:
    return Material(path, name or path, 3, "ab" * 32, 2, 1)


def test_a_document_that_is_made_of_a_revision_finds_each_file_again() -> None:
    same = (material("1/a.pdf"), material("1/a.docx"), material("1/b.pdf", "乙"), material("c"))
    rows = document_of(Manifest("M1", agenda=(AgendaItem("x", materials=same),)))["agenda_items"]
    ids = [(row["agenda_folder"], row["temp_id"]) for row in rows[0]["files"]]
    assert ids == [("1", "a.pdf"), ("1", "a.docx"), ("1", "b"), ("", "c")]


def test_the_document_that_is_served_speaks_of_the_files_that_are_served() -> None:
    from kiosk import agenda

    listed = {"name": "n", "temp_id": "t", "agenda_folder": "f", "size": 3}
    old, new = (
        {"agenda_items": [{"title": "x", "files": [{**listed, "size": size}]}]} for size in (3, 4)
    )
    fingerprint = agenda.parse(old).fingerprint  # type: ignore[union-attr]
    manifest = Manifest("M1", "title", fingerprint=fingerprint)
    assert document_for(manifest, new, old) == old
    assert document_for(manifest, new, None) == document_of(manifest)


# What is remembered


def test_what_was_on_is_known_after_a_restart_and_a_damaged_memory_is_none(tmp_path: Path) -> None:
    path = tmp_path / "upstream.json"
    one = Memory(path)
    one.heard([Listed("M1", "会议", "09:00")])
    one.take("M1", Version("f1", "v1", "w1"))
    one.take("M1", Version("f2", "", "w2"))
    assert one.end(["M0"]) == ["M0"]
    assert one.end(["M0"]) == []
    one.save()
    other = Memory(path)
    other.load()
    assert [row.id for row in other.listed()] == ["M1"]
    assert other.taken("M1") == Version("f2", "v1", "w2"), "what is not told is what it was"
    assert (list(other.ended()), other.confirmed) == (["M0"], False)
    other.heard([Listed("M0", "", "")])
    assert list(other.ended()) == []
    for damage in (b"", b"{", b"[]", b'{"format": 1}', b'{"format": 9}', b"\xff" * 99):
        path.write_bytes(damage)
        spoilt = Memory(path)
        spoilt.load()
        assert (spoilt.listed(), spoilt.heard_at) == ((), None)
