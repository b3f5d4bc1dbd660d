"""How many cases a property is tried with: some in `make test`, thousands in `make soak`."""

from __future__ import annotations

from hypothesis import settings

USUAL = 100


def examples(count: int) -> settings:
    """For a test that is worth another number than the hundred of all others."""
    return settings(max_examples=max(1, count * settings().max_examples // USUAL))
