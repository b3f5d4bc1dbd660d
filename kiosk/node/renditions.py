"""PDFs of the Office files of a meeting, made once and given to whoever shows them (contract §3b).

They are no part of the package, and nothing waits for them.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify

from kiosk import render
from kiosk.node import Node, wire
from kiosk.node.sending import Parcel, later, sent
from kiosk.node.wire import Package
from kiosk.render.office import extension_of

log = logging.getLogger("kiosk.node.renditions")

PDF = "application/pdf"
MOST_KEPT = 10_000


class Prints:
    """Size and SHA-256 of PDFs, each read once. Safe from any thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], Package] = {}

    def of(self, path: Path) -> Package | None:
        """What the file at ``path`` is known by; None where there is none."""
        try:
            with open(path, "rb") as file:
                told = path.stat()
                key = (str(path), told.st_mtime_ns, told.st_size)
                if key not in self._known:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    if len(self._known) >= MOST_KEPT:
                        self._known.clear()
                    self._known[key] = Package(digest, told.st_size)
        except OSError:
            return None
        return self._known[key]


def blueprint(node: Node) -> Blueprint:
    """The routes that list and give out renditions."""
    routes = Blueprint("renditions", __name__)
    meeting = f"{wire.API}/meetings/<meeting_id>/renditions"
    prints = Prints()

    @routes.get(meeting)
    def listed(meeting_id: str) -> Response:
        rows = []
        for sha256 in _papers(node, meeting_id):
            path = render.document_path(node.settings.directory, sha256)
            pdf = prints.of(path) if path else None
            if pdf is not None:
                rows.append({"sha256": sha256, "pdf": pdf.sha256, "bytes": pdf.bytes})
            elif node.papers.is_coming(sha256):
                rows.append({"sha256": sha256, "pdf": None, "bytes": None})
        answer = jsonify(rows)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.get(f"{meeting}/<name>.pdf")
    def one(meeting_id: str, name: str) -> Response:
        is_known = name in _papers(node, meeting_id)
        path = render.document_path(node.settings.directory, name) if is_known else None
        pdf = prints.of(path) if path else None
        if path is None or pdf is None:
            abort(404, "there is no such rendition here")
        return sent(node, Parcel(pdf, f"{name}.pdf", path, lambda: later(node, "come again"), PDF))

    return routes


def _papers(node: Node, meeting_id: str) -> dict[str, None]:
    """The Office files of a meeting in progress, by SHA-256, in their order."""
    record = node.record(meeting_id)
    if record is None:
        abort(404, f"no meeting {meeting_id[:80]} is in progress here")
    return {
        row["sha256"]: None
        for item in record.manifest["agenda"]
        for row in item["materials"]
        if row["sha256"] and extension_of(row["name"])
    }
