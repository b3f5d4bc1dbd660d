"""What a soak can be given: a folder of documents."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--documents",
        default=os.environ.get("KIOSK_DOCUMENTS", ""),
        help="a folder of documents to open one by one (default: the samples)",
    )
