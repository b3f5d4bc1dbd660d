"""The JSON interface and the bytes of materials, asked for as a browser or a stranger would."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from PIL import Image

from kiosk.demo.origin import CLOSED, OriginPool, pool_of

PDF = b"%PDF-1.4\n" + os.urandom(300_000)
HTML = b"<!doctype html><script>fetch('/api/settings')</script><h1>x</h1>"
FILES = {
    "<b>报告</b> 100%.pdf": PDF,
    "笔记.txt": "会议纪要\n".encode("gb18030") * 40,
    "page.html": HTML,
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "table.xlsx": b"PK\x03\x04 not really",
    "script.js": b"alert(1)",
}


@pytest.fixture(scope="module")
def origins() -> Iterator[OriginPool]:
    with pool_of(
        [CLOSED, ()], {"M1": meeting_of(FILES, title="<script>alert(1)</script>")}
    ) as pool:
        yield pool


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def kiosk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, origins: OriginPool
) -> Iterator[KioskProcess]:
    """A terminal that has the meeting."""
    data_dir = tmp_path_factory.mktemp("web") / "data"
    pool = {"server_ip": origins.base, "server_port": origins.port, "server_count": 2}
    with KioskProcess(data_dir, request.param, interval_s=1, **pool) as kiosk:
        with kiosk.live() as page:
            page.call("startDownload", {"meetingId": "M1"})
            page.wait_for_ending()
        yield kiosk


def material(kiosk: KioskProcess, name: str) -> Any:
    rows = kiosk.meeting()["agenda"][0]["materials"]
    return next(row for row in rows if row["name"] == name)


def error(answer: Any) -> str:
    body = answer.json()
    assert list(body) == ["error"]
    assert {"code", "message", "hint", "details"} <= set(body["error"])
    return str(body["error"]["code"])


# Materials


def test_material_is_the_very_bytes_and_stays_in_no_cache(kiosk: KioskProcess) -> None:
    for name, content in FILES.items():
        answer = kiosk.get(material(kiosk, name)["url"])
        assert answer.content == content
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert int(answer.headers["Content-Length"]) == len(content)
        assert quote(name, safe="") in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "type_", "how"),
    [
        ("<b>报告</b> 100%.pdf", "application/pdf", "inline"),
        ("笔记.txt", "text/plain", "inline"),
        ("page.html", "application/octet-stream", "attachment"),
        ("drawing.svg", "application/octet-stream", "attachment"),
        ("table.xlsx", "application/octet-stream", "attachment"),
    ],
)
def test_only_what_a_viewer_shows_has_its_type(
    kiosk: KioskProcess, name: str, type_: str, how: str
) -> None:
    answer = kiosk.get(material(kiosk, name)["url"])
    assert answer.headers["Content-Type"].startswith(type_)
    assert answer.headers["Content-Disposition"].startswith(how)


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [("bytes=0-9", 206, 0, 9), ("bytes=100-", 206, 100, len(PDF) - 1),
     ("bytes=-5", 206, len(PDF) - 5, len(PDF) - 1), ("bytes=0-99999999", 206, 0, len(PDF) - 1)],
)  # fmt: skip
def test_range_of_a_material(
    kiosk: KioskProcess, asked: str, status: int, first: int, last: int
) -> None:
    url = material(kiosk, "<b>报告</b> 100%.pdf")["url"]
    answer = kiosk.get(url, headers={"Range": asked})
    assert answer.status_code == status
    assert answer.content == PDF[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(PDF)}"


def test_range_past_the_end_is_416_and_nonsense_is_not_served_in_part(kiosk: KioskProcess) -> None:
    url = material(kiosk, "<b>报告</b> 100%.pdf")["url"]
    answer = kiosk.get(url, headers={"Range": f"bytes={len(PDF)}-"})
    assert answer.status_code == 416
    for nonsense in ("bytes=9-5", "bytes=a-b", "lines=1-2"):
        assert kiosk.get(url, headers={"Range": nonsense}).status_code in (200, 416)


@pytest.mark.fault("S9")
@pytest.mark.parametrize("name", ["page.html", "drawing.svg"])
def test_markup_is_only_shown_contained(kiosk: KioskProcess, name: str) -> None:
    row = material(kiosk, name)
    assert row["viewer"] == "frame"
    answer = kiosk.get(row["frame"])
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "allow" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_frame_of_anything_else_is_not_there(kiosk: KioskProcess) -> None:
    n = material(kiosk, "script.js")["n"]
    assert kiosk.get(f"/meetings/M1/frames/{n}").status_code == 404


def test_text_comes_as_unicode_whatever_it_was(kiosk: KioskProcess) -> None:
    url = material(kiosk, "笔记.txt")["url"]
    answer = kiosk.get(f"{url}&as=text")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode("utf-8").startswith("会议纪要")


@pytest.mark.fault("S4")
@pytest.mark.parametrize(
    "path",
    [
        "/meetings/M1/files/1/%2e%2e", "/meetings/M1/files/1/..%2f..%2fsettings.toml",
        "/meetings/M1/files/1/%5c..%5csettings.toml", "/meetings/M1/files/1/a%00.pdf",
        "/meetings/M1/files/0/x", "/meetings/M1/files/99/x", "/meetings/M1/files/-1/x",
        "/meetings/M1/files/1/wrong.pdf", "/meetings/M2/files/1/x", "/meetings/M1/thumbnails/99",
        "/meetings/%2e%2e/files/1/x", "/meetings/M1/files/1/x?r=../../settings",
        "/meetings/M1/frames/99", "/static/..%2fpyproject.toml", "/static/%2e%2e/pyproject.toml",
        "/static/%00", "/meetings/M1/files/1",
    ],
)  # fmt: skip
def test_address_that_is_not_one_is_404(kiosk: KioskProcess, path: str) -> None:
    """As raw bytes: a client library would tidy the path up."""
    with socket.create_connection(("127.0.0.1", kiosk.port), 10) as connection:
        host = f"Host: 127.0.0.1:{kiosk.port}\r\nConnection: close\r\n"
        connection.sendall(f"GET {path} HTTP/1.1\r\n{host}\r\n".encode())
        assert connection.makefile("rb").readline().split()[1] == b"404"


# Shapes


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nowhere", 404, "not-found"),
        ("GET", "/api", 404, "not-found"),
        ("PATCH", "/api/meetings", 405, "not-allowed"),
        ("GET", "/api/meetings/none", 404, "unknown-meeting"),
        ("GET", "/api/downloads/none", 404, "unknown-meeting"),
        ("DELETE", "/api/downloads/none", 404, "unknown-meeting"),
        ("DELETE", "/api/meetings/none", 404, "unknown-meeting"),
        ("POST", "/api/nowhere", 404, "not-found"),
    ],
)
def test_faults_have_one_shape(
    kiosk: KioskProcess, method: str, path: str, status: int, code: str
) -> None:
    answer = kiosk.send(method, path)
    assert answer.status_code == status
    assert error(answer) == code


@pytest.mark.parametrize(
    "body", [[], {}, {"meetingId": 1}, {"meetingId": ""}, {"meetingId": "x" * 201}, "M1"]
)
def test_download_of_nonsense_is_refused(kiosk: KioskProcess, body: object) -> None:
    answer = kiosk.send("POST", "/api/downloads", body)
    assert answer.status_code == 400
    assert error(answer) == "bad-request"


def test_bodies_are_bounded_and_must_be_json(kiosk: KioskProcess) -> None:
    large = kiosk.send("POST", "/api/downloads", {"meetingId": "M1", "x": "y" * 70_000})
    assert (large.status_code, error(large)) == (413, "bad-request")
    broken = kiosk.send(
        "POST", "/api/downloads", data=b"{", headers={"Content-Type": "application/json"}
    )
    assert (broken.status_code, error(broken)) == (400, "bad-request")


def test_address_that_leads_nowhere_shows_the_shell(kiosk: KioskProcess) -> None:
    answer = kiosk.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.fault("S8")
def test_markup_in_a_title_stays_data(kiosk: KioskProcess) -> None:
    answer = kiosk.get("/api/meetings")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["meetings"][0]["title"] == "<script>alert(1)</script>"


def test_thumbnails_and_page_counts_come_after_the_meeting(tmp_path: Path) -> None:
    picture = _png()
    with pool_of([()], {"M1": meeting_of({"p.png": picture})}) as origins:
        pool = {"server_ip": origins.base, "server_port": origins.port}
        with KioskProcess(tmp_path / "data", "eventlet", interval_s=1, **pool) as kiosk:
            with kiosk.live() as page:
                page.call("startDownload", {"meetingId": "M1"})
                page.wait_for_ending()
            url = eventually(lambda: material(kiosk, "p.png")["thumbnail"])
            answer = kiosk.get(url)
            assert answer.headers["Content-Type"] == "image/webp"
            assert answer.content[8:12] == b"WEBP"


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 700), "#9f1d20").save(out, "PNG")
    return out.getvalue()


# Settings


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[KioskProcess]:
    """A terminal that a test may set up."""
    with KioskProcess(tmp_path / "data", "eventlet", "--language", "en") as kiosk:
        yield kiosk


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    """One that stays as it is."""
    place = tmp_path_factory.mktemp("bare") / "data"
    with KioskProcess(place, "eventlet", "--language", "en") as kiosk:
        yield kiosk


def value(kiosk: KioskProcess, name: str) -> Any:
    rows = kiosk.json("/api/settings")["settings"]
    return next(row for row in rows if row["name"] == name)


def test_saved_settings_work_at_once_and_are_told(plain: KioskProcess, origins: OriginPool) -> None:
    assert plain.json("/api/meetings")["configured"] is False
    with plain.live() as page:
        changes = {"server_ip": origins.base, "server_port": origins.port, "server_count": 2,
                   "title": "市政府", "accent": "#123456"}  # fmt: skip
        answer = plain.send("PUT", "/api/settings", changes)
        assert answer.status_code == 200
        page.wait("settingsChanged")
        page.wait("meetingsChanged")
    assert plain.json("/api/meetings")["online"] is True
    assert "市政府" in plain.get("/").text
    assert plain.get("/accent.css").text == ":root{--accent:#123456}\n"
    assert value(plain, "title")["source"] == "file"


def test_wrong_settings_are_told_by_field_and_nothing_is_saved(bare: KioskProcess) -> None:
    answer = bare.send("PUT", "/api/settings", {"title": "x", "server_port": 22, "nonsense": 1})
    assert answer.status_code == 422
    fields = answer.json()["error"]["fields"]
    assert set(fields) == {"server_port", "nonsense"}
    assert fields["server_port"]["code"] == "bad-setting"
    assert value(bare, "title")["value"] == ""


def test_what_the_command_line_fixed_is_locked(bare: KioskProcess) -> None:
    assert value(bare, "language") | {"locked": True, "source": "flag", "value": "en"} == value(
        bare, "language"
    )
    answer = bare.send("PUT", "/api/settings", {"language": "zh-CN"})
    assert answer.status_code == 422
    assert '<html lang="en"' in bare.get("/").text


@pytest.mark.fault("S5")
@pytest.mark.parametrize(
    "server", ["http://169.254.169.254/", "file:///etc/passwd", "gopher://10.1.1.1:70/",
               "http://127.0.0.1:22/", "http://user@10.1.1.1:8001/"],
)  # fmt: skip
def test_options_cannot_be_used_as_a_probe(bare: KioskProcess, server: str) -> None:
    answer = bare.send("PUT", "/api/settings", {"servers": [server]})
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]["servers"]["code"] == "bad-setting"


def test_pool_is_shown_while_it_is_typed(bare: KioskProcess) -> None:
    typed = "/api/pool?server_ip=10.1.1.252&server_port=8001&server_count=9"
    assert bare.json(typed)["servers"] == ["10.1.1.252:8001", "10.1.1.253:8001", "10.1.1.254:8001"]
    assert bare.json("/api/pool?server_ip=10.1.1.999")["note"] == "bad-setting"
    assert bare.json("/api/pool?server_ip=")["note"] == "no-servers"


def test_servers_are_tested_one_row_each(kiosk: KioskProcess) -> None:
    rows = kiosk.send("POST", "/api/servers/test", {}).json()["servers"]
    assert [row["reachable"] for row in rows] == [False, True]
    assert rows[0]["code"] == "refused"
    assert rows[1]["hasMeeting"] is True
    assert rows[1]["ms"] >= 0


@pytest.mark.fault("B11")
def test_download_without_any_server_is_refused_in_words(bare: KioskProcess) -> None:
    answer = bare.send("POST", "/api/downloads", {"meetingId": "M1"})
    assert (answer.status_code, error(answer)) == (409, "no-servers")


# PIN


def test_options_stay_closed_without_the_pin(plain: KioskProcess) -> None:
    assert plain.send("PUT", "/api/settings", {"pin": "4711"}).json()["pinSet"] is True
    closed = [("GET", "/api/settings"), ("PUT", "/api/settings"), ("GET", "/api/pool"),
              ("POST", "/api/servers/test"), ("POST", "/api/servers/hear"),
              ("DELETE", "/api/meetings/M1")]  # fmt: skip
    for method, path in closed:
        answer = plain.send(method, path, {})
        assert (answer.status_code, error(answer)) == (403, "pin-needed")
    assert plain.get("/api/meetings").status_code == 200
    assert "4711" not in (plain.data_dir / "settings.toml").read_text()
    assert "4711" not in plain.log


def test_pin_opens_the_options_for_this_browser_only(plain: KioskProcess) -> None:
    plain.send("PUT", "/api/settings", {"pin": "4711"})
    opened = plain.send("POST", "/api/unlock", {"pin": "4711"})
    assert opened.status_code == 200
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    jar = opened.cookies
    settings = plain.get("/api/settings", cookies=jar).json()
    assert next(row for row in settings["settings"] if row["name"] == "pin")["value"] == ""
    assert plain.get("/api/settings").status_code == 403
    plain.send("POST", "/api/lock", {}, cookies=jar)
    assert plain.get("/api/settings", cookies=jar).status_code == 403


@pytest.mark.fault("S13")
def test_wrong_pins_slow_the_next_try_down(plain: KioskProcess) -> None:
    plain.send("PUT", "/api/settings", {"pin": "4711"})
    waits = []
    for _ in range(3):
        answer = plain.send("POST", "/api/unlock", {"pin": "0000"})
        assert (answer.status_code, error(answer)) == (403, "wrong-pin")
        waits.append(answer.json()["error"]["details"]["seconds"])
    assert int(answer.headers["Retry-After"]) >= 1
    right = plain.send("POST", "/api/unlock", {"pin": "4711"})
    assert right.status_code == 403, "it came too soon to be looked at"
    assert plain.get("/").status_code == 200
    eventually(lambda: plain.send("POST", "/api/unlock", {"pin": "4711"}).status_code == 200)


# Load (S6)


@pytest.mark.fault("S6")
def test_page_answers_while_many_sockets_say_nothing_or_half(kiosk: KioskProcess) -> None:
    idle = [socket.create_connection(("127.0.0.1", kiosk.port), 10) for _ in range(300)]
    try:
        for half in idle[:150]:
            half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
        assert kiosk.get("/healthz").json() == {"status": "ok"}
    finally:
        for connection in idle:
            connection.close()
