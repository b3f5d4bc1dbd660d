"""The benchmark of a chain runs, in small; its figures are not judged here."""

from __future__ import annotations

from pathlib import Path

from bench import chain

FACTS = {"date": "2026-11-28", "machine": "a machine", "memory": 8.0, "load": 0.5}


def test_a_file_that_is_dropped_in_alone_moves_on_every_hop(tmp_path: Path) -> None:
    (drop,) = chain.measure(tmp_path, drops=1, size=200_000, before=2_000_000)
    assert len(drop.carried) == len(chain.HOPS)
    assert all(200_000 < carried < 700_000 for carried in drop.carried), drop.carried
    assert "| origin to the first node, MB |" in chain.told(FACTS, [drop])
