"""Who may ask: Host and Origin on every route and both Socket.IO transports; headers (S1, S2, S7).

Raw sockets, because a client library would not send what an attacker sends.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess

from kiosk.settings import Settings
from kiosk.terminal import Terminal
from kiosk.web import create_app

FLAGS = {"data_dir": "/nonexistent/kiosk", "async_mode": "threading"}
SOCKET_IO = "/socket.io/?EIO=4&transport="
NAVIGATION = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
WEBSOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def kiosk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KioskProcess]:
    with KioskProcess(tmp_path_factory.mktemp("guard") / "data", request.param) as kiosk:
        yield kiosk


class Answer:
    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0] else 0
        self.headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }


def ask(kiosk: KioskProcess, request: str, headers: str, body: bytes = b"") -> Answer:
    """Send these very bytes; the answer up to its end, or to the first bytes of a WebSocket."""
    with socket.create_connection(("127.0.0.1", kiosk.port), 5) as connection:
        connection.settimeout(5)
        head = f"{request} HTTP/1.1\r\n{headers}\r\n".encode("latin-1")
        connection.sendall(head + body)
        raw = b""
        while not ended(raw) and (data := connection.recv(65536)):
            raw += data
        return Answer(raw)


def ended(raw: bytes) -> bool:
    head, _, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    is_whole = length is not None and len(body) >= int(length[1])
    return raw.startswith(b"HTTP/1.1 101") or is_whole


def routes() -> list[str]:
    app = create_app(Terminal(Settings.load(FLAGS, environ={})))
    values = {"meeting_id": "M1", "n": "1", "page": "1", "name": "a.pdf", "filename": "js/app.js",
              "reader": "docx"}  # fmt: skip
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values[part[1]], rule.rule)
        found += [f"{method} {path}" for method in sorted(rule.methods or ()) if method != "HEAD"]
    return sorted(set(found))


ROUTES = [*routes(), f"GET {SOCKET_IO}polling", f"POST {SOCKET_IO}polling&sid=x",
          f"GET {SOCKET_IO}websocket", "GET /nowhere", "POST /api/nowhere"]  # fmt: skip


def own(kiosk: KioskProcess) -> str:
    return f"127.0.0.1:{kiosk.port}"


def assert_refused(answer: Answer) -> None:
    assert answer.status == 403
    assert json.loads(answer.body)["error"]["code"] == "wrong-host"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def upgrade_for(route: str) -> str:
    return WEBSOCKET if route.endswith("websocket") else "Connection: close\r\n"


def test_all_pages_of_the_contract_are_among_the_routes() -> None:
    paths = {route.split()[1] for route in ROUTES}
    assert {"/", "/options", "/meetings/M1", "/meetings/M1/materials/1", "/healthz"} <= paths
    assert {"/meetings/M1/files/1/a.pdf", "/api/meetings", "/api/downloads"} <= paths


@pytest.mark.fault("S1")
@pytest.mark.parametrize("route", ROUTES)
def test_foreign_host_gets_nothing(kiosk: KioskProcess, route: str) -> None:
    for host in ("evil.example", f"evil.example:{kiosk.port}", "127.0.0.1:1", "", "127.0.0.1.:80"):
        assert_refused(ask(kiosk, route, f"Host: {host}\r\n{upgrade_for(route)}"))


@pytest.mark.fault("S2")
@pytest.mark.parametrize("route", ROUTES)
def test_foreign_or_null_origin_gets_nothing(kiosk: KioskProcess, route: str) -> None:
    for origin in (
        "http://evil.example",
        "null",
        "",
        f"https://{own(kiosk)}",
        "http://127.0.0.1:1",
    ):
        headers = f"Host: {own(kiosk)}\r\nOrigin: {origin}\r\n{upgrade_for(route)}"
        assert_refused(ask(kiosk, route, headers))


@pytest.mark.fault("S1")
def test_absent_or_doubled_host_is_refused(kiosk: KioskProcess) -> None:
    for headers in ("", f"Host: {own(kiosk)}\r\nHost: {own(kiosk)}\r\n",
                    f"Host: {own(kiosk)}\r\nHost: evil.example\r\n"):  # fmt: skip
        assert_refused(ask(kiosk, "GET /", headers + "Connection: close\r\n"))


@pytest.mark.fault("S1")
def test_forwarded_host_counts_for_nothing(kiosk: KioskProcess) -> None:
    own_forwarded = f"X-Forwarded-Host: {own(kiosk)}\r\nForwarded: host={own(kiosk)}\r\n"
    assert_refused(
        ask(kiosk, "GET /", f"Host: evil.example\r\n{own_forwarded}Connection: close\r\n")
    )
    foreign = f"Host: {own(kiosk)}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n"
    answer = ask(kiosk, "GET /", foreign)
    assert answer.status == 200
    assert b"evil" not in answer.body
    assert "evil" not in str(answer.headers)


@pytest.mark.fault("S1")
def test_address_in_absolute_form_is_refused(kiosk: KioskProcess) -> None:
    for target in (f"http://{own(kiosk)}/", "http://evil.example/"):
        answer = ask(kiosk, f"GET {target}", f"Host: {own(kiosk)}\r\nConnection: close\r\n")
        assert answer.status in (200, 400, 403)
        assert answer.status != 200 or "evil" not in target


def test_loopback_is_ours_under_each_of_its_names(kiosk: KioskProcess) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]", "LOCALHOST"):
        headers = f"Host: {name}:{kiosk.port}\r\nConnection: close\r\n"
        assert ask(kiosk, "GET /healthz", headers).status == 200


@pytest.mark.fault("S2")
def test_websocket_without_an_origin_is_refused(kiosk: KioskProcess) -> None:
    route = f"GET {SOCKET_IO}websocket"
    assert_refused(ask(kiosk, route, f"Host: {own(kiosk)}\r\n{WEBSOCKET}"))
    ours = f"Host: {own(kiosk)}\r\nOrigin: http://{own(kiosk)}\r\n{WEBSOCKET}"
    assert ask(kiosk, route, ours).status == 101


@pytest.mark.fault("S2")
def test_request_that_a_browser_calls_foreign_is_refused(kiosk: KioskProcess) -> None:
    host = f"Host: {own(kiosk)}\r\nConnection: close\r\n"
    for site in ("cross-site", "same-site"):
        foreign = (
            f"{host}Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n"
        )
        for path in ("/", "/api/meetings", f"{SOCKET_IO}polling", "/static/js/app.js"):
            assert_refused(ask(kiosk, f"GET {path}", foreign))
        form = f"{host}Sec-Fetch-Site: {site}\r\n{NAVIGATION}"
        assert_refused(ask(kiosk, "POST /api/downloads", form + "Content-Length: 0\r\n"))
        assert_refused(ask(kiosk, "GET /api/meetings", form))
        assert ask(kiosk, "GET /", form).status == 200


@pytest.mark.fault("S2")
def test_form_post_changes_nothing(kiosk: KioskProcess) -> None:
    body = b'{"meetingId": "M1"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = (f"Host: {own(kiosk)}\r\nContent-Type: {kind}\r\n"
                   f"Content-Length: {len(body)}\r\nConnection: close\r\n")  # fmt: skip
        answer = ask(kiosk, "POST /api/downloads", headers, body)
        assert answer.status == 415
        assert json.loads(answer.body)["error"]["code"] == "bad-request"


@pytest.mark.fault("S7")
@pytest.mark.parametrize(
    "path", ["/", "/options", "/api/meetings", "/api/nowhere", "/nowhere", "/static/js/app.js",
             "/static/none.js", f"{SOCKET_IO}polling", "/socket.io/?EIO=9",
             "/meetings/M1/files/1/x"],
)  # fmt: skip
def test_every_answer_carries_the_headers(kiosk: KioskProcess, path: str) -> None:
    answer = ask(kiosk, f"GET {path}", f"Host: {own(kiosk)}\r\nConnection: close\r\n")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "frame-ancestors 'none'" in policy
    assert f"ws://{own(kiosk)}" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-dns-prefetch-control"] == "off"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "permissions-policy" in answer.headers
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


def test_refusals_are_logged_with_their_reason(kiosk: KioskProcess) -> None:
    ask(kiosk, "GET /", "Host: evil.example\r\nConnection: close\r\n")
    assert "refused why=host" in kiosk.log


@pytest.mark.fault("S3")
def test_it_listens_on_loopback_only(kiosk: KioskProcess, tmp_path: Path) -> None:
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        rows = Path(table).read_text().splitlines()[1:]
        listening += [row.split()[1] for row in rows if row.split()[3] == "0A"]
    ours = [place for place in listening if place.endswith(f":{kiosk.port:04X}")]
    assert ours == [f"0100007F:{kiosk.port:04X}"]
