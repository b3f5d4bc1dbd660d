"""A journal is believed as far as it proves something, whatever became of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.part import BuildId, claimed, journal
from kiosk.part.journal import Record
from kiosk.part.places import record_in
from kiosk.spans import Spans

BUILD = BuildId(1000, "d" * 64)
KEY, OTHER = ("01/a.pdf", 40, 7), ("02/b.pdf", 50, 8)
SHA, OTHER_SHA = "a" * 64, "b" * 64
LINES = [
    journal.head(BUILD),
    journal.state(Spans([(0, 100)])),
    journal.whole(KEY, SHA),
    journal.safe(3),
    journal.state(Spans([(0, 100), (300, 400)])),
    journal.whole(OTHER, OTHER_SHA),
]
CONTENT = b"".join(LINES)
ALL = Record(BUILD, Spans([(0, 100), (300, 400)]), {KEY: SHA, OTHER: OTHER_SHA})
SYNCED = Record(BUILD, Spans([(0, 100)]), {KEY: SHA})


def later(content: bytes) -> bytes:
    """The same journal as it is found after another start of the machine."""
    boot = journal.boot_id().encode()
    assert boot in content
    return content.replace(boot, b"0" * len(boot), 1)


def test_all_of_it_counts_while_the_machine_runs() -> None:
    assert journal.read(CONTENT) == ALL


def test_after_another_start_only_what_was_synced_counts() -> None:
    assert journal.read(later(CONTENT)) == SYNCED


def test_what_was_told_while_it_was_synced_does_not_count() -> None:
    lines = [*LINES[:3], LINES[5], LINES[3]]
    assert journal.read(later(b"".join(lines))) == SYNCED


def test_without_a_word_of_syncing_nothing_counts_after_another_start() -> None:
    assert journal.read(later(b"".join(LINES[:3]))) == Record(BUILD)


def test_the_last_word_on_the_bytes_counts_also_if_it_is_less() -> None:
    less = CONTENT + journal.state(Spans([(0, 50)]))
    assert journal.read(less).spans == Spans([(0, 50)])


def test_bytes_of_a_stream_cannot_be_resumed_and_its_files_are_kept() -> None:
    content = journal.head(BuildId(1000, "")) + b"".join(LINES[1:])
    assert journal.read(content) == Record(None, Spans(), ALL.done)


def test_a_cut_costs_the_last_line_only() -> None:
    for cut in range(len(CONTENT)):
        whole = CONTENT[:cut].count(b"\n")
        found = journal.read(CONTENT[:cut])
        # A line that lacks nothing but its end is whole.
        told = [b"".join(LINES[:count]) for count in (whole, whole + 1)]
        assert found in [journal.read(content) for content in told]


def test_a_cut_line_does_not_take_the_next_one_along() -> None:
    cut = b"".join(LINES[:4]) + LINES[4][:9] + b"\n" + LINES[5]
    assert journal.read(cut).done == ALL.done
    assert journal.read(cut).spans == SYNCED.spans


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b"\0" * 5000, b"{", b"[]\n", b"null\n", b"[" * 100_000, b"\xff\xfe{}\n",
        b"".join(LINES[1:]), b"\n" + CONTENT, CONTENT.replace(b'"version":3', b'"version":4'),
        CONTENT.replace(b'"version":3', b'"version":"3"'), CONTENT.replace(b"1000", b"-1000"),
        CONTENT.replace(b"1000", b"1e3"), CONTENT.replace(b"1000", b"true"),
        CONTENT.replace(b"1000", b"9" * 30), CONTENT.replace(b"1000", b"9" * 5000),
        CONTENT.replace(b'"' + b"d" * 64 + b'"', b"7"),
    ],
)  # fmt: skip
def test_what_is_no_journal_of_this_version_proves_nothing(content: bytes) -> None:
    assert journal.read(content) == Record()
    assert journal.read(content + CONTENT[:0]) == Record()


@pytest.mark.parametrize(
    "told",
    [
        7, "x", None, {}, [[0]], [[0, 1, 2]], [[5, 2]], [[-5, 2]], [["0", "9"]], [[0.0, 9.9]],
        [[False, True]], [[0, None]], [{"0": 9}], ["09"], [[0, 10], 7],
    ],
)  # fmt: skip
def test_spans_that_are_none_say_nothing(told: Any) -> None:
    content = CONTENT + json.dumps({"have": told}).encode() + b"\n"
    assert journal.read(content) == ALL


@pytest.mark.parametrize(
    "told",
    [
        7, [], ["a", 1, 2], ["a", 1, 2, "x" * 64], ["a", 1, 2, "A" * 64], [1, 1, 2, SHA],
        ["a", -1, 2, SHA], ["a", 1.5, 2, SHA], ["a", True, 2, SHA], ["a", 1, 2, SHA + "/.."],
        ["a", 1, 2, SHA, 5], [["a", 1, 2, SHA]],
    ],
)  # fmt: skip
def test_files_that_are_none_are_passed_over(told: Any) -> None:
    content = CONTENT + json.dumps({"done": told}).encode() + b"\n"
    assert journal.read(content) == ALL


def test_spans_beyond_the_package_are_clipped() -> None:
    content = CONTENT + journal.state(Spans([(900, 10**12)]))
    assert journal.read(content).spans == Spans([(900, 1000)])


def test_no_word_of_syncing_covers_more_than_there_is() -> None:
    content = later(CONTENT) + journal.safe(10**9)
    assert journal.read(content) == ALL
    for nonsense in (b'{"safe":-5}', b'{"safe":"9"}', b'{"safe":true}', b'{"safe":9.0}'):
        assert journal.read(later(CONTENT) + nonsense + b"\n") == SYNCED


@given(st.binary(max_size=300))
def test_any_bytes_may_be_in_its_place(content: bytes) -> None:
    assert journal.read(content) == Record()


@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=20))
def test_any_damage_leaves_spans_within_the_package_and_names_that_are_hashes(
    place: int, data: bytes
) -> None:
    found = journal.read(CONTENT[:place] + data + CONTENT[place + len(data) :])
    assert found.spans == Spans() or found.build is not None
    assert all(len(sha256) == 64 for sha256 in found.done.values())
    if found.build is not None and found.build.total is not None:
        assert found.spans == found.spans.clipped(found.build.total)


def test_a_journal_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "m.part.journal"
    folder.mkdir()
    loop = tmp_path / "loop.part.journal"
    loop.symlink_to(loop)
    assert record_in(tmp_path / "absent") == Record()
    assert record_in(folder) == Record()
    assert record_in(loop) == Record()
    assert claimed(tmp_path) == set()


def test_a_journal_of_endless_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.part.journal"
    path.write_bytes(CONTENT)
    os.truncate(path, 1 << 40)
    assert record_in(path) == Record()


def test_every_file_that_a_journal_calls_whole_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "m1.part.journal").write_bytes(CONTENT)
    (tmp_path / "m2.part.journal").write_bytes(LINES[0] + journal.whole(KEY, "c" * 64))
    (tmp_path / "m3.part.journal").write_bytes(b"rubbish")
    assert claimed(tmp_path) == {SHA, OTHER_SHA, "c" * 64}
