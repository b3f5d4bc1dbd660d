"""The partly-here package: what the journal promises is on the disk, whatever happens."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import LocalError
from kiosk.part import Dismissed, Identity, Part
from kiosk.plan import Spans

ME = Identity("server", "10.1.1.11:8001", '"x"', 100)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "download" / "meeting_1.zip.part"


Begin = Callable[..., Part]


@pytest.fixture
def begun() -> Iterator[Begin]:
    """Begins parts, with lane 1 admitted, and closes them in the end."""
    parts: list[Part] = []

    def begin(path: Path, identity: Identity = ME) -> Part:
        parts.append(Part(path))
        parts[-1].admit(1)
        parts[-1].begin(1, identity)
        return parts[-1]

    yield begin
    for part in parts:
        part.close()


def test_bytes_survive_a_restart_after_a_checkpoint(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.write(1, 20, b"b" * 10)
    part.checkpoint()
    again = Part(path)
    assert again.identity == ME
    assert again.spans == Spans([(0, 10), (20, 30)])
    assert path.read_bytes() == b"a" * 10 + bytes(10) + b"b" * 10


def test_without_a_checkpoint_nothing_is_promised(begun: Begin, path: Path) -> None:
    begun(path).write(1, 0, b"a" * 10)
    assert Part(path).here == 0


def test_closing_keeps_everything_for_the_next_try(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.close()
    assert Part(path).here == 10


def test_another_stream_begins_anew(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.checkpoint()
    part.begin(1, Identity("server", "10.1.1.12:8001", '"y"', 50))
    assert part.here == 0
    assert Part(path).here == 0


@pytest.mark.parametrize(
    "identity", [Identity("server", "a", "", 100), Identity("server", "a", '"x"', None)]
)
def test_bytes_without_proof_are_not_resumed(begun: Begin, path: Path, identity: Identity) -> None:
    part = begun(path, identity)
    part.write(1, 0, b"a")
    part.close()
    again = Part(path)
    assert again.identity is None
    assert again.here == 0


def test_a_lane_that_was_dismissed_changes_nothing(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"good")
    part.dismiss(1)
    part.admit(2)
    with pytest.raises(Dismissed):
        part.write(1, 0, b"evil")
    with pytest.raises(Dismissed):
        part.begin(1, ME)
    assert path.read_bytes() == b"good"


@pytest.mark.parametrize(
    "journal",
    [
        b"", b"\x00" * 50, b"{", b"[]\n", b'{"version": 99, "identity": {}}\n',
        b'{"version": 2, "identity": {"kind": 1, "server": 2, "validator": 3, "source": 4}}\n',
        b'{"version": 2, "identity": {"kind": "server", "server": "a", "validator": "x"}}\n[]',
    ],
)  # fmt: skip
def test_a_damaged_journal_promises_nothing(begun: Begin, path: Path, journal: bytes) -> None:
    begun(path).close()
    (path.parent / (path.name + ".journal")).write_bytes(journal)
    assert Part(path).here == 0


@pytest.mark.parametrize(
    "line",
    ['{"have": [[0, 5', '{"have": 7}', '{"have": [[5, 2]]}', '{"have": [["a", "b"]]}', '{"x": 1}'],
)
def test_a_cut_line_costs_only_itself(begun: Begin, path: Path, line: str) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.close()
    with open(part.journal, "a") as journal:
        journal.write(line)
    assert Part(path).spans == Spans([(0, 10)])


def test_what_the_package_does_not_hold_is_not_promised(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.close()
    os.truncate(path, 4)
    assert Part(path).spans == Spans([(0, 4)])


def test_spans_beyond_the_package_are_clipped(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.close()
    with open(part.journal, "a") as journal:
        journal.write(json.dumps({"have": [[0, 10**12]]}) + "\n")
    assert Part(path).spans == Spans([(0, 10)])


def test_discarding_leaves_nothing_behind(begun: Begin, path: Path) -> None:
    part = begun(path)
    part.write(1, 0, b"a" * 10)
    part.checkpoint()
    part.discard()
    assert list(path.parent.iterdir()) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.binary(min_size=1, max_size=40)), max_size=12))
def test_what_is_promised_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[int, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("part") / "m.part"
    part, expected = Part(path), bytearray(200)
    part.admit(1)
    part.begin(1, ME)
    for offset, data in writes:
        part.write(1, offset, data)
        expected[offset : offset + len(data)] = data
    part.close()
    again, content = Part(path), path.read_bytes()
    for start, stop in again.spans:
        assert content[start:stop] == expected[start:stop]
    assert again.here == part.spans.clipped(100).total


def test_a_full_disk_is_named(begun: Begin, path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    part = begun(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limit[1]))
    try:
        with pytest.raises(LocalError) as caught:
            part.write(1, 0, bytes(2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.code == "storage-failed"


KILLED = """
import os, sys
from pathlib import Path
from kiosk.part import Identity, Part
part = Part(Path(sys.argv[1]))
part.admit(1)
part.begin(1, Identity("server", "a", '"x"', 10_000_000))
for block in range(1000):
    part.write(1, block * 1000, bytes([block % 251]) * 1000)
    if block % 7 == 0:
        part.checkpoint()
        print(block, flush=True)
"""


@pytest.mark.parametrize("after", [1, 5, 20])
def test_a_kill_loses_nothing_that_was_promised(path: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = 0
        for _ in range(after):
            told = int(process.stdout.readline())
        process.kill()
    part, content = Part(path), path.read_bytes()
    assert part.spans.prefix() >= (told + 1) * 1000
    for block in range(part.spans.prefix() // 1000):
        assert content[block * 1000 : block * 1000 + 1000] == bytes([block % 251]) * 1000
