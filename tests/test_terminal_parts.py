"""The parts of a terminal that need no process: the PIN's clock, the schedule, what is wanted."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk import agenda, secret
from kiosk.errors import UsageError
from kiosk.events import DownloadCancelled, DownloadComplete, DownloadError
from kiosk.manifest import Manifest
from kiosk.settings import Settings
from kiosk.terminal import Terminal
from kiosk.terminal.schedule import LONGEST_RETRY_S, Schedule
from kiosk.terminal.wanted import Wanted
from kiosk.upstream import Listed
from kiosk.web.access import IDLE_S, LONGEST_WAIT_S, Access


def listed(size: int) -> Listed:
    row = {"files": [{"name": "a.pdf", "temp_id": "a", "agenda_folder": "01", "size": size}]}
    document = {"meeting_id": "M1", "agenda_items": [row]}
    return Listed("M1", "M1", "", document, agenda.parse(document))


def here(meeting: Listed) -> Manifest:
    assert meeting.data is not None
    return Manifest("M1", fingerprint=meeting.data.fingerprint)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def hashed() -> str:
    return secret.hashed("4711")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(hashed: str, clock: Clock) -> Access:
    settings = Settings(pin=hashed)
    return Access(lambda: settings, clock)


def wrong(access: Access, pin: str = "0000") -> float:
    with pytest.raises(UsageError) as told:
        access.unlock(pin)
    return float(told.value.details["seconds"])


def test_each_wrong_pin_doubles_the_wait_up_to_a_limit(access: Access, clock: Clock) -> None:
    waits = []
    for _ in range(14):
        waits.append(wrong(access))
        clock.now += waits[-1]
    assert waits == sorted(waits)
    assert waits[5] == 2 * waits[4]
    assert waits[-1] == LONGEST_WAIT_S
    access.unlock("4711")
    assert wrong(access) == waits[0], "the right one makes up for the wrong ones"


def test_pin_that_comes_too_soon_is_not_looked_at(access: Access, clock: Clock) -> None:
    for _ in range(4):
        clock.now += wrong(access)
    clock.now -= 1
    assert wrong(access, "4711") == 1


def test_session_ends_after_being_idle_and_lives_on_while_used(
    access: Access, clock: Clock
) -> None:
    session = access.unlock("4711")
    for _ in range(3):
        clock.now += IDLE_S - 1
        access.check(session)
    clock.now += IDLE_S + 1
    with pytest.raises(UsageError):
        access.check(session)


def test_invented_session_opens_nothing(access: Access) -> None:
    for session in (None, "", "x"):
        with pytest.raises(UsageError):
            access.check(session)


def test_new_pin_ends_the_sessions_of_the_old_one(access: Access) -> None:
    mine, other = access.unlock("4711"), access.unlock("4711")
    access.lock_all_but(mine)
    access.check(mine)
    with pytest.raises(UsageError):
        access.check(other)


def test_without_a_pin_everything_is_open() -> None:
    Access(Settings).check(None)


def test_only_other_files_are_due() -> None:
    schedule = Schedule()
    assert schedule.due(listed(1), None, 0)
    assert not schedule.due(listed(1), here(listed(1)), 0)
    assert schedule.due(listed(2), here(listed(1)), 0)
    assert not schedule.due(Listed("M1", "M1", ""), None, 0), "nothing is known of its files yet"


def test_declined_version_is_left_alone_until_there_is_another() -> None:
    schedule = Schedule()
    assert schedule.due(listed(1), None, 0)
    schedule.settled(DownloadCancelled("M1"), 10)
    assert not schedule.due(listed(1), None, 1e9)
    assert schedule.due(listed(2), None, 10)


def test_failed_version_is_tried_again_after_growing_pauses() -> None:
    schedule = Schedule(random.Random(1))
    now, pauses = 0.0, []
    for _ in range(12):
        assert schedule.due(listed(1), None, now)
        schedule.settled(DownloadError("M1"), now)
        assert not schedule.due(listed(1), None, now + 29)
        pause = next(s for s in range(30, 10_000) if schedule.due(listed(1), None, now + s))
        pauses.append(pause)
        now += pause
    assert pauses[0] <= 60
    assert pauses[-1] > 10 * pauses[0]
    assert max(pauses) <= LONGEST_RETRY_S


@pytest.mark.fault("B14")
def test_something_new_on_the_servers_ends_a_pause_once() -> None:
    schedule = Schedule(random.Random(1))
    assert schedule.due(listed(1), None, 0, "t1")
    assert schedule.due(listed(1), None, 1, "t2"), "it may still be on its way"
    schedule.settled(DownloadComplete("M1"), 2)
    assert not schedule.due(listed(1), None, 3, "t2"), "not at once"
    assert schedule.due(listed(1), None, 6, "t2"), "what came may be what was there before"
    schedule.settled(DownloadError("M1"), 7)
    assert not schedule.due(listed(1), None, 12, "t2")
    assert schedule.due(listed(1), None, 12, "t3")
    schedule.settled(DownloadCancelled("M1"), 13)
    assert not schedule.due(listed(1), None, 1e9, "t4"), "somebody wanted none of it"


def test_start_delays_spread() -> None:
    schedule = Schedule(random.Random(1))
    delays = [schedule.delay(30) for _ in range(200)]
    assert all(0 <= delay <= 30 for delay in delays)
    assert max(delays) - min(delays) > 25
    assert schedule.delay(0) == 0


def test_wanted_downloads_outlive_the_process(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path / "wanted.json")
    assert wanted.load() == []
    for meeting_id in ("M1", "周会", "M3", "M1"):
        wanted.add(meeting_id)
    wanted.discard("M1")
    assert Wanted(tmp_path / "wanted.json").load() == ["周会", "M3"]


def test_settings_saved_at_once_from_two_places_are_all_kept(tmp_path: Path) -> None:
    flags = {"data_dir": str(tmp_path)}
    terminal = Terminal(Settings.load(flags, environ={}))
    changes = {"title": "办公室", "server_count": 7, "retries": 5, "language": "en",
               "theme": "dark", "timeout_s": 9.0, "interval_s": 8.0, "in_order": True}  # fmt: skip
    with ThreadPoolExecutor(len(changes)) as saving:
        list(saving.map(lambda name: terminal.save_settings({name: changes[name]}), changes))
    for settings in (terminal.settings, Settings.load(flags, environ={})):
        assert {name: getattr(settings, name) for name in changes} == changes


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{}", b"[1, null]", b"[" * 100_000])
@pytest.mark.fault("C5")
def test_wanted_file_that_makes_no_sense_counts_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wanted.json").write_bytes(content)
    assert Wanted(tmp_path / "wanted.json").load() == []
