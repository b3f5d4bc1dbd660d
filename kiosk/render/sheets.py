"""What is known of a PDF's pages, as the renderer left it: not believed before it makes sense."""

from __future__ import annotations

import json
from pathlib import Path

MAX_BYTES = 512 << 10
MOST_RUNS = 5000
MOST_PAGES = 1_000_000
LARGEST_POINTS = 20_000
MOST_PICTURE_BYTES = 4 << 20

Runs = list[list[float]]


def read(path: Path) -> Runs | None:
    """Runs of ``[how many, width, height]`` in points; None where they are not known."""
    try:
        with open(path, "rb") as file:
            runs = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return runs if _makes_sense(runs) else None


def _makes_sense(runs: object) -> bool:
    if not isinstance(runs, list) or not 0 < len(runs) <= MOST_RUNS:
        return False
    return all(map(_is_run, runs)) and sum(run[0] for run in runs) <= MOST_PAGES


def _is_run(run: object) -> bool:
    if not isinstance(run, list) or len(run) != 3:
        return False
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in run):
        return False
    count, *size = run
    whole = isinstance(count, int) and 0 < count <= MOST_PAGES
    return whole and all(0 < one <= LARGEST_POINTS for one in size)
