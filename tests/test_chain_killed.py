"""kill -9 of every link of the chain, once each: it heals, and shows one revision (`make soak`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_killing import LINKS, Chain


@pytest.mark.fault("N7")
def test_whoever_of_the_chain_is_killed_it_heals_and_shows_one_revision(tmp_path: Path) -> None:
    with Chain(tmp_path, size=100_000, seed=11) as chain:
        tally = chain.run([["origin", "far"], ["seat", "near"]])
    assert tally.kills == dict.fromkeys(LINKS, 1)
    assert tally.looks > 10
    assert len(tally.versions) > 2
