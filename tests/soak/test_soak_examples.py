"""Every property of the other tests again, with thousands of cases instead of some."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(7200)
def test_every_property_holds_for_thousands_of_cases() -> None:
    chosen = ["-m", "hypothesis", "--hypothesis-profile=soak", "--timeout=1800", "-q"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *chosen], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout[-10_000:]
