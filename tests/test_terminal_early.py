"""Materials that are read before their meeting is whole, and the one that somebody waits for."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import Json, KioskProcess, eventually, meeting_of
from scripted import Engine, Script, ScriptedKiosk, scripted

from kiosk.demo.origin import OriginPool, pool_of

FILES = {
    "工作报告.pdf": b"%PDF-1.4\n" + b"r" * 300_000,
    "笔记.txt": "会议纪要\n".encode("gb18030") * 40,
    "对比.html": b"<!doctype html><h1>x</h1>",
}
NAMES = list(FILES)
Terminal = tuple[ScriptedKiosk, Script]


BOTH = pytest.mark.parametrize("mode", ["eventlet", "threading"])
"""For what is a matter of lines and of asking at the same time."""


@pytest.fixture
def mode() -> str:
    return os.environ.get("KIOSK_ASYNC_MODE", "eventlet")


@pytest.fixture
def origins() -> Iterator[OriginPool]:
    """Who says what the meetings are; nobody fetches a package here."""
    meetings = {"M1": meeting_of(FILES), "M2": meeting_of({"b.txt": b"b" * 900}, "M2", "二号会")}
    with pool_of([()], meetings) as origins:
        yield origins


@pytest.fixture
def terminal(tmp_path: Path, origins: OriginPool, mode: str) -> Iterator[Terminal]:
    pool = {"server_ip": origins.base, "server_port": origins.port, "interval_s": 1}
    with scripted(tmp_path / "data", mode, **pool) as (kiosk, script):
        eventually(lambda: kiosk.json("/api/meetings")["meetings"])
        yield kiosk, script


def begun(terminal: Terminal, meeting_id: str = "M1") -> Engine:
    kiosk, script = terminal
    kiosk.send("POST", "/api/downloads", {"meetingId": meeting_id})
    engine = script.engine()
    engine.begin()
    return engine


def ready(engine: Engine, n: int) -> Path:
    name = NAMES[n - 1]
    return engine.ready(n, name, FILES[name])


def rows(kiosk: KioskProcess) -> list[Json]:
    return [row for item in kiosk.meeting()["agenda"] for row in item["materials"]]


def opened(kiosk: KioskProcess, n: int) -> Json:
    """The row of material ``n`` as soon as it can be opened."""
    return dict(eventually(lambda: next((r for r in rows(kiosk) if r["n"] == n and r["url"]), 0)))


def ended(kiosk: KioskProcess) -> Any:
    return eventually(lambda: kiosk.json("/api/downloads/M1")["ending"])


def test_what_is_ready_is_given_out_as_if_it_were_published(terminal: Terminal) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    ready(engine, 1)
    row = opened(kiosk, 1)
    assert [other["state"] for other in rows(kiosk)] == ["ready", "downloading", "downloading"]
    assert (row["name"], row["viewer"], row["bytes"]) == (NAMES[0], "pdf", len(FILES[NAMES[0]]))
    assert kiosk.meeting()["local"] is None
    answer = kiosk.get(row["url"])
    assert answer.content == FILES[NAMES[0]]
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    part = kiosk.get(row["url"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, FILES[NAMES[0]][5:10])
    assert part.headers["ETag"] == answer.headers["ETag"]
    plain = kiosk.get(row["url"].partition("?")[0])
    assert plain.content == answer.content, "without the query, too, while there is no revision"


def test_text_and_markup_are_given_out_as_if_they_were_published(terminal: Terminal) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    ready(engine, 2)
    ready(engine, 3)
    text = kiosk.get(f"{opened(kiosk, 2)['url']}&as=text")
    assert text.content.decode("utf-8").startswith("会议纪要")
    row = opened(kiosk, 3)
    assert kiosk.get(row["url"]).headers["Content-Type"] == "application/octet-stream"
    framed = kiosk.get(row["frame"])
    assert framed.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@BOTH
def test_the_address_leads_to_the_same_bytes_while_it_is_published_and_after(
    terminal: Terminal,
) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    ready(engine, 1)
    url = opened(kiosk, 1)["url"]
    answers: list[tuple[int, bytes]] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            answer = kiosk.get(url)
            answers.append((answer.status_code, answer.content))

    reading = threading.Thread(target=read)
    reading.start()
    try:
        eventually(lambda: len(answers) > 3)
        revision = engine.complete(FILES)
        ended(kiosk)
        seen = len(answers)
        eventually(lambda: len(answers) > seen + 3)
    finally:
        over.set()
        reading.join()
    assert set(answers) == {(200, FILES[NAMES[0]])}
    assert rows(kiosk)[0]["url"].endswith(f"?r={revision}")


def test_only_what_was_said_to_be_ready_is_given_out(terminal: Terminal) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    untold = engine.entry(b"whole, but nobody said so")
    ready(engine, 1)
    path, _, right = opened(kiosk, 1)["url"].partition("?")
    for query in ("?sha256=" + "0" * 64, "?sha256=", "?sha256=../x", "?r=x"):
        assert kiosk.get(path + query).status_code == 404, query
    assert kiosk.get(f"{path}?sha256={untold.name}").status_code == 404
    assert kiosk.get(f"/meetings/M1/files/2/{NAMES[1]}?{right}").status_code == 404
    assert kiosk.get(f"/meetings/M1/files/1/x?{right}").status_code == 404


def test_update_shows_nothing_early(terminal: Terminal, origins: OriginPool) -> None:
    kiosk, _ = terminal
    revision = begun(terminal).complete(FILES)
    ended(kiosk)
    newer = dict(FILES) | {NAMES[0]: b"%PDF-1.4 newer"}
    origins[0].meetings["M1"] = meeting_of(newer)
    origins[0].token = "token-2"
    eventually(lambda: kiosk.meeting()["update"])
    with kiosk.live() as page:
        engine = begun(terminal)
        path = engine.ready(1, NAMES[0], newer[NAMES[0]])
        page.wait("materialReady")
        assert kiosk.meeting()["local"]["revision"] == revision
        row = rows(kiosk)[0]
        assert kiosk.get(row["url"]).content == FILES[NAMES[0]]
        assert kiosk.get(f"{row['url'].partition('?')[0]}?sha256={path.name}").status_code == 404
        engine.complete(newer)
        page.wait_for_ending()
        assert kiosk.get(rows(kiosk)[0]["url"]).content == newer[NAMES[0]]
        assert kiosk.get(row["url"]).content == FILES[NAMES[0]], "nothing is pulled from a reader"


def test_after_a_cancel_it_can_be_read_as_long_as_its_file_is_there(terminal: Terminal) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    path = ready(engine, 1)
    url = opened(kiosk, 1)["url"]
    kiosk.send("DELETE", "/api/downloads/M1")
    ended(kiosk)
    assert [row["state"] for row in rows(kiosk)] == ["ready", "remote", "remote"]
    assert kiosk.get(url).status_code == 200
    again = begun(terminal)
    assert [row["state"] for row in rows(kiosk)] == ["ready", "downloading", "downloading"]
    again.leave()
    ended(kiosk)
    path.unlink()
    assert kiosk.get(url).status_code == 404
    assert {row["state"] for row in rows(kiosk)} == {"remote"}


def test_what_came_of_other_files_is_not_shown_as_theirs(
    terminal: Terminal, origins: OriginPool
) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    ready(engine, 1)
    opened(kiosk, 1)
    other = {NAMES[0]: FILES[NAMES[0]], NAMES[1]: b"another length"}
    origins[0].meetings["M1"] = meeting_of(other)
    origins[0].token = "token-2"
    engine.leave()
    ended(kiosk)
    eventually(lambda: len(rows(kiosk)) == 2)
    assert {row["state"] for row in rows(kiosk)} == {"remote"}


def test_purged_meeting_is_gone_with_what_was_ready(terminal: Terminal) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    ready(engine, 1)
    url = opened(kiosk, 1)["url"]
    engine.complete(FILES)
    ended(kiosk)
    assert kiosk.send("DELETE", "/api/meetings/M1").status_code == 200
    assert kiosk.get(url).status_code == 404


@BOTH
def test_the_one_that_is_wanted_is_told_to_the_engine_and_to_every_page(terminal: Terminal) -> None:
    kiosk, _ = terminal
    engine = begun(terminal)
    ready(engine, 1)
    opened(kiosk, 1)
    with kiosk.live() as page, kiosk.live() as other:
        answer = page.call("wantMaterial", {"meetingId": "M1", "index": 3})
        assert answer["download"]["front"] == 3
        assert engine.told() == {"front": 3}
        assert other.wait("materialWanted")["index"] == 3
        assert page.call("wantMaterial", {"meetingId": "M1", "index": 1})["download"]["front"] == 3
        page.call("wantMaterial", {"meetingId": "M1", "index": 2})
        assert engine.told() == {"front": 2}, "and nothing was said of the one that is ready"
        ready(engine, 2)
        other.wait("materialReady", lambda told: told["index"] == 2)
    assert kiosk.json("/api/downloads/M1")["front"] is None


@BOTH
def test_what_is_wanted_in_the_queue_is_told_when_its_turn_comes(terminal: Terminal) -> None:
    kiosk, script = terminal
    first = begun(terminal)
    kiosk.send("POST", "/api/downloads", {"meetingId": "M2"})
    with kiosk.live() as page:
        assert page.call("wantMaterial", {"meetingId": "M2", "index": 1})["ok"]
        first.leave()
        second = script.engine()
        assert second.job["meeting_id"] == "M2"
        assert second.told() == {"front": 1}


def test_nonsense_is_not_wanted(terminal: Terminal) -> None:
    kiosk, _ = terminal
    with kiosk.live() as page:
        for index in (None, 0, -1, True, 1.5, "1", [1], 10**9):
            refused = page.call("wantMaterial", {"meetingId": "M1", "index": index})
            assert refused["error"]["code"] == "bad-request", index
        nowhere = page.call("wantMaterial", {"meetingId": "M1", "index": 1})
        assert nowhere["error"]["code"] == "unknown-meeting", "no download is under way"
