"""The record of a download: every line a fact, no secrets, never in the way of the download."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import kiosk
from kiosk.errors import UsageError
from kiosk.flight import KEPT_FILES, MOST_BYTES, Flight, forget, replay


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_note_is_a_line_after_the_one_that_says_what_this_is(tmp_path: Path) -> None:
    flight = Flight(tmp_path / "flights", "7/会议")
    flight.note("connect", lane=1, server="10.1.1.11:8001")
    flight.note("ending", kind="complete", servers={"a": 5}, why=OSError("x"))
    flight.close()
    flight.close()
    flight.note("after", lane=1)
    head, connect, ending = lines(flight.path)
    assert (head["what"], head["version"], head["meeting"]) == ("flight", 1, "7/会议")
    assert str(head["at"]).endswith("+00:00")
    assert connect == {"t": connect["t"], "what": "connect", "lane": 1, "server": "10.1.1.11:8001"}
    assert (ending["servers"], ending["why"]) == ({"a": 5}, "x")
    assert flight.path.parent == tmp_path / "flights"
    assert flight.path.name.endswith("Z-7___.jsonl")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("http://user:pin@10.1.1.11:8001/a?token=s3cret#x", "http://10.1.1.11:8001/a"),
        ("broke at https://u@host/p?q=s3cret, then", "broke at https://host/p then"),
        ("http://10.1.1.11?token=s3cret", "http://10.1.1.11"),
        ("a?b and user@host stay", "a?b and user@host stay"),
    ],
)
def test_addresses_lose_what_may_be_secret(tmp_path: Path, told: str, kept: str) -> None:
    flight = Flight(tmp_path, "7")
    flight.note("fault", message=told, all=[told, {"a": told}])
    text = lines(flight.path)[1]
    assert text["message"] == kept
    assert text["all"] == [kept, {"a": kept}]


def test_only_the_newest_records_are_kept_whatever_the_clock_was(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not ours")
    for number in range(KEPT_FILES + 5):
        path = tmp_path / f"20990101T000000.{number:03d}Z-7.jsonl"
        path.write_text("{}")
        at = 4e9 if number < 3 else 1.6e9 + number
        os.utime(path, (at, at))
    flight = Flight(tmp_path, "7")
    left = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert len(left) == KEPT_FILES
    assert flight.path.name in left
    assert "20990101T000000.000Z-7.jsonl" not in left, "of the future: a clock was wrong"
    assert (tmp_path / "notes.txt").exists()


def test_a_record_has_a_bound_and_still_tells_the_end(tmp_path: Path) -> None:
    flight = Flight(tmp_path, "7")
    for number in range(20_000):
        flight.note("entry", path="x" * 100, bytes=number)
    flight.note("ending", kind="complete")
    assert flight.path.stat().st_size <= MOST_BYTES
    assert [line["what"] for line in lines(flight.path)[-2:]] == ["full", "ending"]


# In a process of its own: the limit would hit whatever else this one writes.
LIMITED = """
import logging, resource, sys
from pathlib import Path
from kiosk.flight import Flight
logging.basicConfig(stream=sys.stdout)
resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
flight = Flight(Path(sys.argv[1]), "7")
for _ in range(20):
    flight.note("entry", path="a" * 100)
flight.close()
print(flight.path)
"""


def test_a_disk_that_refuses_is_logged_once_and_disturbs_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    path = Path(done.stdout.splitlines()[-1])
    assert done.stdout.count("flight-not-kept") == 1
    assert path.stat().st_size == 400
    assert "a line that cannot be read" in list(replay(path))[-1] or is_json(path)


def is_json(path: Path) -> bool:
    """Whether the disk refused just where a line ended."""
    try:
        json.loads(path.read_bytes().splitlines()[-1])
    except ValueError:
        return False
    return True


def test_a_place_that_cannot_be_written_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "flights").write_text("a file in its place")
    with caplog.at_level(logging.WARNING):
        flight = Flight(tmp_path / "flights", "7")
        flight.note("start")
        flight.close()
    assert caplog.text.count("flight-not-kept") == 1
    assert forget(tmp_path / "flights") == 0


def test_the_records_of_a_meeting_go_with_it(tmp_path: Path) -> None:
    for meeting in ("7", "a-7", "8"):
        Flight(tmp_path, meeting).close()
    (tmp_path / "old.jsonl").write_text('{"what": "flight", "meeting": "7"}\n{}\n')
    (tmp_path / "cut.jsonl").write_text('{"what": "fli')
    assert forget(tmp_path, "7") == 2
    assert sorted(path.name.partition("Z-")[2] for path in tmp_path.glob("2*")) == [
        "8.jsonl", "a-7.jsonl",
    ]  # fmt: skip
    assert forget(tmp_path) == 3
    assert list(tmp_path.iterdir()) == []
    assert forget(tmp_path / "nowhere", "7") == 0


def recorded(directory: Path) -> Path:
    flight = Flight(directory, "7")
    flight.note("start", servers=["a:1", "b:1"], parallel=2)
    flight.note("connect", lane=1, server="a:1")
    flight.note("range", lane=1, start=0, stop=2_000_000)
    flight.note("fault", lane=1, server="a:1", code="reset", message="a:1 broke off", received=1500)
    flight.note("switch", left="a:1", to="b:1", code="reset")
    flight.note("entry", path="一.pdf\x1b[31m\u202e", bytes=2_500_000)
    flight.note("something", new=1)
    flight.note("progress", bytes=None, rate=0.5)
    flight.note("ending", kind="complete")
    flight.close()
    return flight.path


def test_a_record_reads_as_a_timeline(tmp_path: Path) -> None:
    told = list(replay(recorded(tmp_path)))
    assert told[0].startswith("meeting 7, 20")
    rest = [line[12:] for line in told[1:]]
    assert rest == [
        "         asks a:1, b:1  (parallel=2)",
        "lane 1   connects to a:1",
        "lane 1   0 up to 2000000 from a:1",
        "lane 1   a:1 broke off  (server=a:1, code=reset, received=1.5 KB)",
        "         leaves a:1 for b:1  (code=reset)",
        "         whole: 一.pdf\\u001b[31m\\u202e, 2.5 MB",
        "         something  (new=1)",
        "         ? are here, 0 bytes a second",
        "         the end  (kind=complete)",
    ]


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"[]", b'{"what": "x"}', b"[" * 100_000])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UsageError):
        list(replay(tmp_path / "x"))


def test_a_damaged_line_is_said_so_and_the_rest_is_read(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    with open(path, "ab") as file:
        file.write(b'{"t": 1, "wh\n[1]\n{"t": "x", "lane": {}, "what": []}\n{"t": 5.25, "what": ')
    told = list(replay(path))[-4:]
    assert [line.strip() for line in told] == [
        "?  a line that cannot be read", "?  a line that cannot be read", "?  lane {}  []",
        "?  a line that cannot be read",
    ]  # fmt: skip


def test_the_command_prints_the_timeline_and_needs_no_meeting(tmp_path: Path) -> None:
    run = CliRunner().invoke(kiosk, ["fetch", "--replay", str(recorded(tmp_path))])
    assert run.exit_code == 0
    assert "lane 1   connects to a:1" in run.output


@pytest.mark.parametrize("arguments", [[], ["7", "--replay", "FILE"], ["--replay", "nowhere"]])
def test_fetch_wants_a_meeting_or_a_record(tmp_path: Path, arguments: list[str]) -> None:
    path = str(recorded(tmp_path))
    given = [path if one == "FILE" else one for one in arguments]
    run = CliRunner().invoke(kiosk, ["fetch", "--data-dir", str(tmp_path), *given])
    assert run.exit_code == 2
