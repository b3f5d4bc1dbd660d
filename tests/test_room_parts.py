"""What stands around a room: who may come in, the password, the table, the live line's bounds."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request as PlainRequest

from kiosk.checks import password as checked_password
from kiosk.errors import UsageError
from kiosk.node.guard import MOST_LIVE, MOST_LIVE_EACH, Guard
from kiosk.node.password import COOKIE, IDLE_S, Password
from kiosk.node.room.report import Held, Report, Trouble
from kiosk.node.room.seats import Seats, order_of
from kiosk.node.room.table import COLUMNS, FORMULA, MARK, table
from kiosk.order import natural
from kiosk.secret import hashed
from kiosk.settings import TABLE, Settings

PAGE = "/room"
REPORT = "/api/v1/terminals/report"


def inside(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"inside"]


def ask(guard: Guard, path: str, method: str = "GET", **headers: str) -> int:
    """The status that a request gets; ``Host`` is an address of ours where none is given."""
    headers = {"Host": "10.1.1.5:8001", **{key.replace("_", "-"): headers[key] for key in headers}}
    return Client(guard).open(path, method=method, headers=headers).status_code


# Who may come in


@pytest.mark.fault("S1", "R6")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("10.1.1.5:8001", 200), ("10.1.1.5", 200), ("[fe80::1]:8001", 200), ("localhost:8001", 200),
        ("node.example:8001", 200), ("NODE.example", 200),
        ("evil.example:8001", 403), ("10.1.1.5.evil.example", 403), ("", 403), ("1.2.3", 403),
        ("10.1.1.5, evil.example", 403), ("evil.example#10.1.1.5", 403), ("[::1", 403),
    ],
)  # fmt: skip
def test_pages_are_given_out_under_a_name_of_ours_only(host: str, status: int) -> None:
    guard = Guard(inside, ["node.example"])
    for path in ("/", PAGE, "/room.csv", "/static/js/room.js", "/api/v1/room/retry"):
        assert ask(guard, path, Host=host) == status, path
    expected = status if status != 200 else 200
    assert ask(guard, "/socket.io/", Host=host, Origin=f"http://{host.lower()}") == expected


def test_machines_may_call_a_node_by_any_name() -> None:
    guard = Guard(inside)
    for path in ("/api/v1/meetings/status/token", "/healthz", "/metrics", "/packages/x.zip"):
        assert ask(guard, path, Host="files.intranet:8001") == 200
    assert ask(guard, REPORT, "POST", Host="files.intranet:8001") == 200


@pytest.mark.fault("S2", "R6")
@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        (PAGE, "GET", {"Origin": "http://10.1.1.5:8001"}, 200),
        (PAGE, "GET", {"Origin": "http://evil.example"}, 403),
        (PAGE, "GET", {"Origin": "null"}, 403),
        (PAGE, "GET", {"Sec_Fetch_Site": "cross-site"}, 200),
        ("/api/v1/room/retry", "POST", {"Origin": "http://10.1.1.5:8001"}, 200),
        ("/api/v1/room/retry", "POST", {"Origin": "http://10.1.1.6:8001"}, 403),
        ("/api/v1/room/retry", "POST", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/api/v1/room/retry", "POST", {"Sec_Fetch_Site": "same-site"}, 403),
        (REPORT, "POST", {"Origin": "http://evil.example"}, 403),
        (REPORT, "POST", {"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        (REPORT, "POST", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/socket.io/", "GET", {}, 403),
        ("/socket.io/", "GET", {"Origin": "http://evil.example"}, 403),
        ("/socket.io/", "GET", {"Origin": "null"}, 403),
        ("/socket.io/", "GET", {"Origin": "http://10.1.1.5:8001"}, 200),
    ],
)
def test_another_site_changes_nothing_and_hears_nothing(
    path: str, method: str, headers: dict[str, str], status: int
) -> None:
    assert ask(Guard(inside), path, method, **headers) == status


@pytest.mark.fault("S6", "R6")
def test_there_are_so_many_live_lines_at_most_and_the_rest_of_the_node_goes_on() -> None:
    let_go, entered = threading.Event(), threading.Semaphore(0)

    def waiting(environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/socket.io"):
            entered.release()
            let_go.wait(10)
        return inside(environ, start_response)

    guard = Guard(waiting)
    machines = [f"10.9.9.{at // MOST_LIVE_EACH}" for at in range(MOST_LIVE)]
    lines = [threading.Thread(target=live, args=(guard, machine)) for machine in machines]
    for line in lines[:MOST_LIVE_EACH]:
        line.start()
        assert entered.acquire(timeout=10)
    assert live(guard, machines[0]) == 503
    for line in lines[MOST_LIVE_EACH:]:
        line.start()
        assert entered.acquire(timeout=10)
    assert live(guard, "10.1.1.20") == 503
    assert ask(guard, PAGE) == 200
    let_go.set()
    for line in lines:
        line.join(10)
    assert live(guard, "10.1.1.20") == live(guard, machines[0]) == 200
    assert not guard._live


def live(guard: Guard, machine: str) -> int:
    headers = {"Host": "10.1.1.5:8001", "Origin": "http://10.1.1.5:8001"}
    base = {"REMOTE_ADDR": machine}
    return Client(guard).get("/socket.io/", headers=headers, environ_base=base).status_code


def test_nonsense_on_a_live_line_ends_that_line_and_its_place_is_free_again() -> None:
    def nonsense(environ: Any, start_response: Any) -> Iterable[bytes]:
        raise ValueError("no message")

    guard = Guard(nonsense)
    environ = EnvironBuilder("/socket.io/", headers={
        "Host": "10.1.1.5:8001", "Origin": "http://10.1.1.5:8001"}).get_environ()  # fmt: skip
    for _ in range(MOST_LIVE + 1):
        with pytest.raises(ConnectionAbortedError):
            guard(environ, lambda *_: None)


# The password


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def door(password: str = "", clock: Clock | None = None) -> Password:
    settings = Settings.load({"node_password": password}, environ={})
    return Password(lambda: settings, clock or Clock())


def asking(machine: str, session: str = "") -> Any:
    headers = {"Cookie": f"{COOKIE}={session}"} if session else {}
    environ = EnvironBuilder("/room", headers=headers).get_environ()
    return PlainRequest({**environ, "REMOTE_ADDR": machine})


@pytest.mark.parametrize(
    ("machine", "may"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True),
     ("10.1.1.20", False), ("", False), ("localhost", False), ("fe80::1%eth0", False)],
)  # fmt: skip
def test_without_a_password_all_may_look_and_the_machine_itself_may_change(
    machine: str, may: bool
) -> None:
    room = door()
    assert room.may_look(asking(machine))
    assert room.may_change(asking(machine)) is may


def test_with_a_password_nobody_may_anything_who_has_not_entered_it() -> None:
    clock = Clock()
    room = door("correct horse", clock)
    for session in ("", "x", "None"):
        assert not room.may_look(asking("127.0.0.1", session))
        assert not room.may_change(asking("127.0.0.1", session))
    session = room.enter("correct horse", "10.1.1.20")
    assert room.may_look(asking("10.1.1.20", session))
    assert room.may_change(asking("10.1.1.20", session))
    clock.now += IDLE_S
    assert not room.may_look(asking("10.1.1.20", session))


@pytest.mark.fault("S13", "R6")
def test_guessing_is_slowed_down_and_locks_nobody_else_out() -> None:
    clock = Clock()
    room = door("correct horse", clock)
    waits = []
    for _ in range(6):
        with pytest.raises(UsageError) as caught:
            room.enter("guess", "10.9.9.9")
        waits.append(float(caught.value.details["seconds"]))
        clock.now += waits[-1]
    assert waits == sorted(waits) and waits[-1] >= 8
    clock.now -= waits[-1]
    with pytest.raises(UsageError):
        room.enter("correct horse", "10.9.9.9")
    clock.now += 1
    assert room.enter("correct horse", "10.1.1.20")


def test_guessing_from_many_machines_is_slow_all_the_same() -> None:
    clock = Clock()
    room = door("correct horse", clock)
    looked_at = 0
    for n in range(1000):
        with pytest.raises(UsageError) as caught:
            room.enter("guess", f"10.9.{n // 250}.{n % 250}")
        looked_at += float(caught.value.details["seconds"]) >= 1
        clock.now += 0.001
    assert looked_at <= 5


def test_a_password_is_kept_hashed_and_a_short_one_is_refused() -> None:
    kept = TABLE["node_password"].read("correct horse")
    assert kept.startswith("scrypt$") and "horse" not in kept
    assert TABLE["node_password"].read(kept) == kept
    assert not TABLE["node_password"].on_page
    for bad in ("short", "x" * 101, 5):
        with pytest.raises(ValueError):
            checked_password(bad, TABLE["node_password"])
    assert checked_password("", TABLE["node_password"]) == ""
    assert hashed("a") != hashed("a")


# The table


def told(*held: Held, seat: str = "主席台 1") -> list[dict[str, str]]:
    seats = Seats()
    seats.report(Report("0" * 32, seat, "0.1.0", 5_000_000_000, held), "10.1.1.20", 0.0, "t")
    text = table(seats.rows())
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK))))


def test_the_table_has_a_line_for_each_meeting_of_each_seat() -> None:
    trouble = Trouble("busy", 'said "no", twice\nand left')
    first, second = told(
        Held("M1", "a" * 64, "ready", 100), Held("M2", None, "failed", 0, False, trouble)
    )
    assert list(first) == list(COLUMNS)
    assert (first["seat"], first["meeting"], first["phase"]) == ("主席台 1", "M1", "ready")
    assert (second["error"], second["colour"]) == ("busy", "red")
    assert second["message"] == 'said "no", twice\nand left'
    assert told()[0]["meeting"] == ""


@pytest.mark.fault("R4")
@given(st.sampled_from(FORMULA), st.text(max_size=20))
def test_no_cell_is_a_formula(sign: str, rest: str) -> None:
    trouble = Trouble("busy", sign + rest)
    (row,) = told(Held(sign + rest, None, "failed", 0, False, trouble), seat=sign + rest)
    assert not any(cell.startswith(FORMULA) for cell in row.values())
    assert row["seat"] == row["meeting"] == row["message"] == f"'{sign}{rest}"


# Their order


NAMES = st.text(alphabet="ab 第一二十百零0123456789席", max_size=10)


@given(NAMES, NAMES)
def test_the_order_that_a_page_compares_is_the_one_of_names(one: str, other: str) -> None:
    assert (order_of(one) < order_of(other)) == (natural(one) < natural(other))
