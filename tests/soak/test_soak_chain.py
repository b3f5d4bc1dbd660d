"""The chain from the folder to the terminal, its links killed again and again at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_killing import LINKS, Chain
from node_process import FRONTS

ROUNDS = 40


@pytest.mark.fault("N7")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("front", FRONTS)
def test_a_chain_that_is_killed_at_any_moment_heals_and_shows_one_revision(
    tmp_path: Path, front: str
) -> None:
    with Chain(tmp_path, size=6_000_000, seed=7, front=front) as chain:
        tally = chain.run(chain.rounds(ROUNDS))
    print(
        f"{tally.kills} looks={tally.looks} versions={len(tally.versions)} {tally.slowest_s:.1f}s"
    )
    assert sum(tally.kills.values()) >= ROUNDS
    assert set(tally.kills) == set(LINKS)
