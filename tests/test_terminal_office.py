"""Office files on a terminal: made ready in the background, what somebody waits for first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kiosk_process import Json, KioskProcess, eventually, kiosk_on, meeting_of
from paperfiles import compound
from scripted import Script, ScriptedKiosk, scripted
from scripted_converter import PDF, install, paper

from kiosk.demo.origin import pool_of

Start = Callable[[dict[str, bytes]], KioskProcess]


@pytest.fixture(params=["eventlet", "threading"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a converter that does what its files say."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", install(folder))
    return folder


@pytest.fixture
def start(tmp_path: Path, mode: str) -> Iterator[Start]:
    """A terminal that has downloaded a meeting of these files."""
    running: list[KioskProcess] = []

    def begin(files: dict[str, bytes]) -> KioskProcess:
        with pool_of([()], {"M1": meeting_of(files)}) as origins:
            kiosk = kiosk_on(origins, tmp_path / "data", mode)
            running.append(kiosk)
            with kiosk.live() as page:
                page.call("startDownload", {"meetingId": "M1"})
                assert page.wait_for_ending()[0] == "downloadComplete"
        return kiosk

    yield begin
    for kiosk in running:
        kiosk.stop()


def rows(kiosk: KioskProcess) -> list[Json]:
    return [row for item in kiosk.meeting()["agenda"] for row in item["materials"]]


def states(kiosk: KioskProcess) -> list[str]:
    return [row["state"] for row in rows(kiosk)]


def when(kiosk: KioskProcess, n: int, state: str) -> Json:
    """The row of material ``n`` as soon as it is in that state."""
    return dict(
        eventually(lambda: next((r for r in rows(kiosk)[n - 1 : n] if r["state"] == state), 0))
    )


def test_a_material_is_prepared_and_then_opens_as_pdf(
    tmp_path: Path, converter: Path, start: Start
) -> None:
    go = tmp_path / "go"
    content = paper(f"waits {go}")
    kiosk = start({"工作报告.docx": content})
    row = when(kiosk, 1, "preparing")
    assert (row["viewer"], row["name"], row["type"]) == ("office", "工作报告.docx", "docx")
    assert kiosk.get(row["url"]).content == content
    go.touch()
    row = when(kiosk, 1, "ready")
    assert (row["viewer"], row["name"], row["type"]) == ("pdf", "工作报告.docx", "docx")
    assert (row["pages"], row["bytes"], row["trouble"]) == (2, len(content), None)
    assert kiosk.get(row["thumbnail"]).headers["Content-Type"] == "image/webp"
    answer = kiosk.get(row["url"])
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    part = kiosk.get(row["url"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, PDF[5:10])
    assert part.headers["ETag"] == answer.headers["ETag"]


def test_what_somebody_waits_for_comes_first(tmp_path: Path, converter: Path, start: Start) -> None:
    first, then = tmp_path / "first", tmp_path / "then"
    files = {"1.docx": paper(f"waits {first}")}
    files |= {f"{n}.docx": paper(f"waits {then} {n}") for n in range(2, 12)}
    files["12.docx"] = paper("wanted")
    kiosk = start(files)
    eventually((converter / "starts").exists)
    with kiosk.live() as page:
        answer = page.call("wantMaterial", {"meetingId": "M1", "index": 12})
        assert answer["ok"]
        first.touch()
        when(kiosk, 12, "ready")
        assert states(kiosk)[1:11] == ["preparing"] * 10
        then.touch()
        eventually(lambda: states(kiosk) == ["ready"] * 12)
        again = page.call("wantMaterial", {"meetingId": "M1", "index": 12})
        assert again["error"]["code"] == "unknown-meeting", "nothing is left to do"


def test_nothing_else_can_be_asked_for_in_that_way(converter: Path, start: Start) -> None:
    kiosk = start({"a.docx": paper("hangs"), "b.docx": paper("b")})
    current = kiosk.meeting()["local"]["revision"]
    wanted = {
        (3, None): "unknown-meeting",
        (2, "f" * 64): "unknown-meeting",
        (2, "f" * 65): "bad-request",
        (2, 7): "bad-request",
        (2, current): None,
    }
    with kiosk.live() as page:
        for (index, revision), code in wanted.items():
            asked = {"meetingId": "M1", "index": index, "revision": revision}
            told = page.call("wantMaterial", asked)
            assert told.get("error", {}).get("code") == code
    assert when(kiosk, 2, "ready")["viewer"] == "pdf"


def test_what_cannot_be_prepared_says_why_and_the_file_is_still_there(
    converter: Path, start: Start
) -> None:
    locked = compound({"EncryptedPackage": b"", "EncryptionInfo": b""})
    kiosk = start({"a.xlsx": locked, "b.docx": paper("fails"), "c.docx": paper("c")})
    encrypted, broken = when(kiosk, 1, "unsupported"), when(kiosk, 2, "unsupported")
    assert (encrypted["viewer"], encrypted["trouble"]) == ("office", "encrypted")
    assert (broken["viewer"], broken["trouble"]) == ("office", "broken")
    when(kiosk, 3, "ready")
    answer = kiosk.get(encrypted["url"])
    assert answer.content == locked
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    for n in (1, 2, 9):
        assert kiosk.get(f"/meetings/M1/documents/{n}").status_code == 404


def test_a_purged_meeting_leaves_no_document(tmp_path: Path, converter: Path, start: Start) -> None:
    kiosk = start({"a.docx": paper("a")})
    url = when(kiosk, 1, "ready")["url"]
    kept = tmp_path / "data" / "renditions" / hashlib.sha256(paper("a")).hexdigest()
    assert (kept / "document.pdf").read_bytes() == PDF
    assert kiosk.send("DELETE", "/api/meetings/M1").status_code == 200
    assert kiosk.get(url).status_code == 404
    assert not kept.exists()


def test_libreoffice_that_is_installed_later_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    kiosk = start({"a.docx": paper("a")})
    assert when(kiosk, 1, "unsupported")["trouble"] == "no-converter"
    made = tmp_path / "made"
    install(made)
    (made / "soffice").rename(folder / "soffice")
    when(kiosk, 1, "preparing")
    with kiosk.live() as page:
        assert page.call("wantMaterial", {"meetingId": "M1", "index": 1})["ok"]
    assert when(kiosk, 1, "ready")["viewer"] == "pdf"


@pytest.fixture
def early(tmp_path: Path, converter: Path, mode: str) -> Iterator[tuple[ScriptedKiosk, Script]]:
    """A terminal in the middle of a first download."""
    files = {"a.docx": paper("a"), "b.txt": b"words"}
    with pool_of([()], {"M1": meeting_of(files)}) as origins:
        pool = {"server_ip": origins.base, "server_port": origins.port, "interval_s": 1}
        with scripted(tmp_path / "data", mode, **pool) as (kiosk, script):
            eventually(lambda: kiosk.json("/api/meetings")["meetings"])
            yield kiosk, script


def test_an_office_file_is_read_before_the_rest_is_here_and_afterwards(
    early: tuple[ScriptedKiosk, Script],
) -> None:
    kiosk, script = early
    kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
    engine = script.engine()
    engine.begin()
    engine.ready(1, "a.docx", paper("a"))
    row = when(kiosk, 1, "ready")
    assert (row["viewer"], row["pages"], kiosk.meeting()["local"]) == ("pdf", 2, None)
    assert kiosk.get(row["url"]).content == PDF
    assert kiosk.get(row["thumbnail"]).status_code == 200
    engine.complete({"a.docx": paper("a"), "b.txt": b"words"})
    eventually(lambda: kiosk.meeting()["local"])
    assert kiosk.get(row["url"]).content == PDF, "the same address, now of what is published"
    assert when(kiosk, 1, "ready")["viewer"] == "pdf"
