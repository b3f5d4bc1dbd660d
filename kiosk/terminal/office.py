"""How an Office file is shown: as the PDF made of it, by a reader of the page, or in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk import render

# Which reader of the page shows a kind of file of which there is no PDF.
READERS = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), "docx"),
    **dict.fromkeys(("xlsx", "xlsm", "xlsb", "xltx", "xltm", "xls", "xlt", "ods"), "sheet"),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx", "potm"), "slides"),
}
# With these there is nothing that a reader of the page could show either.
HOPELESS = ("encrypted", "unknown")

Shown = dict[str, Any]


def shown_as(data_dir: Path, sha256: str, document: str) -> Shown:
    """What the row of an Office file says of how it is opened; ``document`` is its PDF's address.

    Where that is not given back as ``url``, the row keeps the address of the file itself.
    """
    about = render.info(data_dir, sha256)
    if about is None or render.is_outdated(about):
        return {"state": "preparing", "viewer": "office"}
    if render.document_path(data_dir, sha256) is not None:
        return {"state": "ready", "viewer": "pdf", "url": document}
    trouble = about.get("trouble") or "broken"
    reader = _reader(about) if trouble not in HOPELESS else None
    if reader is not None:
        return {"state": "ready", "viewer": reader, "trouble": trouble}
    return {"state": "unsupported", "viewer": "office", "trouble": trouble}


def _reader(about: Mapping[str, Any]) -> str | None:
    return READERS.get(about.get("kind") or "")
