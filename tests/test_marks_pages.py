"""What the pages of real documents are known by, and what hostile ones do to whoever asks."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from leaves import papers

from kiosk.marks import Print, known_prints, make_prints
from kiosk.marks.equal import places


def made(data_dir: Path, content: bytes) -> tuple[Print, ...]:
    sha256 = hashlib.sha256(content).hexdigest()
    source = data_dir / "objects" / sha256[:2] / sha256
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(content)
    found = make_prints(data_dir, sha256, source)
    assert known_prints(data_dir, sha256) == found
    return found


def test_pages_are_known_again_in_another_file(tmp_path: Path) -> None:
    before = made(tmp_path, papers(["budget", "staff", "plan"], numbered=True))
    after = made(tmp_path, papers(["new", "budget", "staff 2", "plan"], numbered=True))
    assert places(before, after) == {0: 1, 2: 3}


def test_a_page_of_another_size_or_position_is_another_page(tmp_path: Path) -> None:
    upright, wide = papers(["plan"]), papers(["plan"], size=(842, 595))
    assert places(made(tmp_path, upright), made(tmp_path, wide)) == {}
    assert places(made(tmp_path, upright), made(tmp_path, papers(["plan"], turn=90))) == {}


def test_pages_with_nothing_but_a_number_are_not_taken_for_each_other(tmp_path: Path) -> None:
    before = made(tmp_path, papers(["", "", ""], numbered=True))
    after = made(tmp_path, papers(["", "", "", ""], numbered=True))
    assert places(before, after) == {}


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7\n" + b"nonsense " * 500, b"%PDF-1.4\n%%EOF", b"\0" * 5000]
)
def test_what_is_no_document_has_no_pages_and_is_not_asked_twice(
    tmp_path: Path, content: bytes
) -> None:
    assert made(tmp_path, content) == ()


def test_nothing_stays_of_a_document_that_was_purged_meanwhile(tmp_path: Path) -> None:
    sha256 = "a" * 64
    assert make_prints(tmp_path, sha256, tmp_path / "gone") == ()
    assert known_prints(tmp_path, sha256) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'[["x", ""]]', b'[["a"]]', b"[" * 9999, b'[["a", "b", "c"]]']
)
def test_prints_that_make_no_sense_count_as_unknown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "renditions" / ("a" * 64) / "prints.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert known_prints(tmp_path, "a" * 64) is None
