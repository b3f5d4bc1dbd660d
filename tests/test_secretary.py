"""The secretary's page: who may come in, what may be changed, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from folders import Origin, fill, origin_over
from kiosk_process import eventually

from kiosk.errors import LocalError
from kiosk.node.folder import secretary
from kiosk.node.folder.description import ENDED, IN_PROGRESS
from kiosk.node.guard import Guard
from kiosk.node.password import Password
from kiosk.settings import Settings

HERE, ELSEWHERE = "127.0.0.1", "10.1.1.50"
OCTETS = "application/octet-stream"


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    folder = fill(tmp_path / "meetings", {"M1/a.txt": "a", "M1/sub/b.txt": "b"})
    with origin_over(folder, tmp_path / "data") as origin:
        origin.published("M1", "a.txt", "b.txt")
        yield origin


def client_of(origin: Origin, machine: str = HERE, **settings: Any) -> FlaskClient:
    """Somebody at that machine, at an origin with these settings."""
    app = Flask("origin")
    app.config["MAX_CONTENT_LENGTH"] = 256 << 10  # as a node has it
    its = Settings.load(settings, {})
    app.register_blueprint(secretary.blueprint(origin.source, Password(lambda: its), its))
    app.wsgi_app = Guard(app.wsgi_app, pages=("/secretary",))  # type: ignore[method-assign]
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = machine
    return client


@pytest.fixture
def client(origin: Origin) -> FlaskClient:
    return client_of(origin)


def code_of(answer: Any) -> str:
    return str(answer.get_json()["error"]["code"])


def test_meetings_are_told_at_a_glance_and_one_with_its_files(client: FlaskClient) -> None:
    told = client.get("/secretary/api/meetings").get_json()
    (meeting,) = told["meetings"]
    assert (meeting["id"], meeting["status"], meeting["said"]) == ("M1", "in-progress", False)
    assert meeting["states"] == {"ready": 2}
    assert (meeting["published"]["materials"], meeting["published"]["bytes"]) == (2, 2)
    assert (told["fault"], told["locks"], told["refused"]) == (None, False, [])
    rows = client.get("/secretary/api/meetings/M1").get_json()["rows"]
    assert [(row["path"], row["bytes"], row["state"]) for row in rows] == [
        ("a.txt", 1, "ready"),
        ("sub/b.txt", 1, "ready"),
    ]
    assert code_of(client.get("/secretary/api/meetings/M9")) == "unknown-meeting"


def test_nothing_is_told_twice(origin: Origin, client: FlaskClient) -> None:
    def ask(version: int) -> Any:
        return client.get(f"/secretary/api/meetings?since={version}")

    version = eventually(lambda: origin.source.seen.version)
    assert ask(version).status_code == 204
    fill(origin.source.folder, {"M1/c.txt": "c"})
    answer = eventually(lambda: ask(version) if ask(version).status_code == 200 else None)
    assert answer.get_json()["version"] > version


def test_a_meeting_is_ended_and_started(origin: Origin, client: FlaskClient) -> None:
    for status, meant in (("ended", ENDED), ("in-progress", IN_PROGRESS)):
        answer = client.put("/secretary/api/meetings/M1/status", json={"status": status})
        assert answer.status_code == 200
        eventually(lambda meant=meant: origin.view("M1").status == meant)
    fill(origin.source.folder, {"M1/meeting.toml": 'status = "ended"'})
    eventually(lambda: origin.view("M1").said)
    answer = client.put("/secretary/api/meetings/M1/status", json={"status": "in-progress"})
    assert (answer.status_code, code_of(answer)) == (409, "status-said")


def test_a_file_is_brought_and_published(origin: Origin, client: FlaskClient) -> None:
    body = bytes(3_000_000)
    path = "/secretary/api/meetings/M1/files/%E6%8A%A5%E5%91%8A.pdf"
    answer = client.put(path, data=body, content_type=OCTETS)
    assert (answer.status_code, answer.get_json()) == (
        201,
        {"name": "报告.pdf", "bytes": len(body)},
    )
    made = origin.published("M1", "a.txt", "报告.pdf", "b.txt")
    assert origin.text(made, "报告.pdf") == body
    assert code_of(client.put(path, data=b"other", content_type=OCTETS)) == "file-exists"
    assert client.put(f"{path}?replace=1", data=b"x", content_type=OCTETS).status_code == 201
    eventually(lambda: origin.view("M1").published != made)


def test_a_file_is_removed_and_the_next_revision_is_without_it(
    origin: Origin, client: FlaskClient
) -> None:
    where = "/secretary/api/meetings/M1/files"
    assert client.delete(f"{where}/sub/b.txt").status_code == 200
    origin.published("M1", "a.txt")
    assert not (origin.source.folder / "M1/sub/b.txt").exists()
    assert code_of(client.delete(f"{where}/sub/b.txt")) == "unknown-material"


@pytest.mark.fault("F3")
def test_only_a_file_of_the_meeting_is_removed(
    origin: Origin, client: FlaskClient, tmp_path: Path
) -> None:
    meeting, outside = origin.source.folder / "M1", fill(tmp_path / "outside", {"a.txt": "kept"})
    (meeting / "link.txt").symlink_to(outside / "a.txt")
    (meeting / "there").symlink_to(outside, target_is_directory=True)
    fill(meeting, {"meeting.toml": ""})
    eventually(lambda: {row.path for row in origin.view("M1").rows} >= {"link.txt", "there"})
    where = "/secretary/api/meetings/M1/files"
    for path in (
        "link.txt", "there/a.txt", "sub", "sub/", "../outside/a.txt", "sub/../a.txt", "%2e%2e/x",
        "meeting.toml", "x", ".kiosk-0.part",
    ):  # fmt: skip
        assert client.delete(f"{where}/{path}").status_code in (404, 405), path
    # A folder that becomes a link between look and deed is not followed either.
    (meeting / "sub").rename(tmp_path / "sub")
    (meeting / "sub").symlink_to(tmp_path / "sub", target_is_directory=True)
    with pytest.raises(LocalError):
        origin.source.arrivals.remove("M1", "sub/b.txt")
    assert (tmp_path / "sub/b.txt").read_text() == "b"
    assert (outside / "a.txt").read_text() == "kept"
    assert (meeting / "a.txt").exists() and (meeting / "link.txt").is_symlink()


def test_a_new_meeting_is_there_at_once(origin: Origin, client: FlaskClient) -> None:
    answer = client.post("/secretary/api/meetings", json={"name": " 董事会 "})
    assert (answer.status_code, answer.get_json()) == (201, {"folder": "董事会"})
    view = origin.view("董事会")
    answer = client.put(
        f"/secretary/api/meetings/{view.id}/files/a.txt", data=b"a", content_type=OCTETS
    )
    assert answer.status_code == 201
    origin.published("董事会", "a.txt")


@pytest.mark.parametrize("machine", [ELSEWHERE, "fe80::1%eth0", "", "::ffff:10.0.0.1"])
@pytest.mark.fault("F9")
def test_without_a_password_only_this_machine_comes_in(origin: Origin, machine: str) -> None:
    client = client_of(origin, machine)
    for answer in (
        client.get("/secretary/api/meetings"),
        client.get("/secretary/api/meetings/M1"),
        client.put("/secretary/api/meetings/M1/status", json={"status": "ended"}),
        client.put("/secretary/api/meetings/M1/files/x.txt", data=b"x", content_type=OCTETS),
        client.post("/secretary/api/meetings", json={"name": "M2"}),
        client.delete("/secretary/api/meetings/M1/files/a.txt"),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "only-here")
    # What somebody else claims to be counts for nothing.
    told = client.get("/secretary/api/meetings", headers={"X-Forwarded-For": HERE})
    assert told.status_code == 403
    assert sorted(path.name for path in origin.source.folder.rglob("*")) == [
        "M1", "a.txt", "b.txt", "sub",
    ]  # fmt: skip


@pytest.mark.fault("F9")
def test_with_a_password_whoever_enters_it_comes_in(origin: Origin) -> None:
    client = client_of(origin, ELSEWHERE, node_password="correct horse")
    assert code_of(client.get("/secretary/api/meetings")) == "password-needed"
    wrong = client.post("/secretary/unlock", json={"password": "battery staple"})
    assert (wrong.status_code, code_of(wrong)) == (403, "wrong-password")
    assert int(wrong.headers["Retry-After"]) >= 1
    answer = eventually(lambda: unlocked(client))
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert client.get("/secretary/api/meetings").get_json()["locks"] is True
    # This very machine is no exception then.
    assert client_of(origin, node_password="correct horse").get(
        "/secretary/api/meetings"
    ).status_code == 403  # fmt: skip


def unlocked(client: FlaskClient) -> Any:
    """The answer to the right password, once the pause after a wrong one is over."""
    answer = client.post("/secretary/unlock", json={"password": "correct horse"})
    return answer if answer.status_code == 200 else None


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.fault("F9")
def test_another_site_changes_nothing(
    origin: Origin, client: FlaskClient, headers: dict[str, str]
) -> None:
    body = {"status": "ended"}
    answer = client.put("/secretary/api/meetings/M1/status", json=body, headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "wrong-host")
    assert origin.view("M1").status == IN_PROGRESS


def test_our_own_page_may(client: FlaskClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/secretary/api/meetings", json={"name": "M2"}, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "case",
    [
        ("PUT", "meetings/M1/status", b'{"status": "paused"}', "application/json", 400),
        ("PUT", "meetings/M1/status", b"[]", "application/json", 400),
        ("PUT", "meetings/M1/status", b"{", "application/json", 400),
        ("PUT", "meetings/M1/status", b"status=ended", "application/x-www-form-urlencoded", 400),
        ("PUT", "meetings/M1/status", b" " * 20_000, "application/json", 413),
        ("PUT", "meetings/M9/status", b'{"status": "ended"}', "application/json", 404),
        ("POST", "meetings", b'{"name": 1}', "application/json", 400),
        ("POST", "meetings", b'{"name": ""}', "application/json", 422),
        ("POST", "meetings", b'{"name": "../x"}', "application/json", 422),
        ("POST", "meetings", b'{"name": "M1"}', "application/json", 409),
        ("PUT", "meetings/M9/files/a.txt", b"x", OCTETS, 404),
        ("PUT", "meetings/M1/files/a.txt", b"x", "text/plain", 400),
        ("PUT", "meetings/M1/files/.a.txt", b"x", OCTETS, 422),
        ("PUT", "meetings/M1/files/a.txt", b"x", OCTETS, 409),
        ("POST", "meetings/M1/files/a.txt", b"x", OCTETS, 405),
    ],
)
@pytest.mark.fault("F9")
def test_what_makes_no_sense_is_refused(
    client: FlaskClient, case: tuple[str, str, bytes, str, int]
) -> None:
    method, path, body, type_, status = case
    answer = client.open(f"/secretary/api/{path}", method=method, data=body, content_type=type_)
    assert answer.status_code == status
