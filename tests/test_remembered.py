"""servers.json survives restarts; damaged, it is set aside, and everything starts all the same."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from kiosk import remembered
from kiosk.standings import Standings

NOW = 1.7e9


def test_what_was_learned_is_there_after_a_restart(tmp_path: Path) -> None:
    standings = remembered.load(tmp_path)
    standings.heard("10.1.1.11:8001", 20e6, NOW)
    remembered.save(tmp_path, standings)
    assert remembered.load(tmp_path).rate("10.1.1.11:8001", NOW) == 20e6
    assert [path.name for path in tmp_path.iterdir()] == ["servers.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\0\xff\xfe", b"[]", b'{"version": 9, "servers": {}}', b"[" * 100_000,
     b'{"version":1,"servers":{"a":{"at":1e999}}}', b" " * (2 << 20)],
    ids=["empty", "cut", "binary", "other", "version", "deep", "number", "large"],
)  # fmt: skip
def test_a_damaged_file_is_set_aside_with_a_line_in_the_log(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "servers.json").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        standings = remembered.load(tmp_path)
    assert standings.to_json() == Standings().to_json()
    assert "servers-set-aside" in caplog.text
    assert (tmp_path / "servers.json.broken").read_bytes() == content
    assert not (tmp_path / "servers.json").exists()


def test_a_directory_in_its_place_or_a_missing_one_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "servers.json" / "in").mkdir(parents=True)
    assert remembered.load(tmp_path).rate("a", NOW) is None
    assert remembered.load(tmp_path / "nowhere").rate("a", NOW) is None
    (tmp_path / "file").write_text("")
    remembered.save(tmp_path / "file", Standings())
    assert "servers-not-kept" in caplog.text


def test_names_of_any_script_and_none_are_kept(tmp_path: Path) -> None:
    standings = Standings()
    for name in ("文件服务器", "a\ud800b"):
        standings.heard(name, 5e6, NOW)
    remembered.save(tmp_path, standings)
    json.loads((tmp_path / "servers.json").read_bytes())
    assert remembered.load(tmp_path).rate("文件服务器", NOW) == 5e6
