"""The marks on a meeting's materials: as they are seen on the revision shown, and as PDF."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import Any

from kiosk import marks, render
from kiosk.library.layout import Layout
from kiosk.manifest import Manifest, Material
from kiosk.marks import Document, Others, Print, Shelf, View
from kiosk.store import storage_faults

log = logging.getLogger("kiosk.library")

HEAD_BYTES = 4096
EXPORT_S = 300.0
WORDS = {
    "zh-CN": {"notes": "批注", "page": "第 {page} 页", "kept": "旧版本第 {page} 页"},
    "en": {"notes": "Notes", "page": "Page {page}", "kept": "Page {page} of an older version"},
}


def shelf_of(layout: Layout, meeting_id: str) -> Shelf:
    """Where the marks of a meeting are."""
    return Shelf(layout.marks_of(meeting_id), meeting_id)


def source_of(data_dir: Path, material: Material, path: Path) -> tuple[str, Path]:
    """What marks are drawn on: ``pdf`` or ``image`` and its bytes, ``pictures`` and the first of
    those that are shown of its pages, or ``none``.

    Of an Office file it is the PDF that was made of it, of a picture that is too large to be shown
    a smaller one. ``path`` is where the material's bytes are.
    """
    try:
        with open(path, "rb") as file:
            viewer = render.viewer_of(material.name, file.read(HEAD_BYTES))
    except OSError:
        return "none", path
    sha256 = material.sha256 or ""
    if viewer == "office":
        made = render.document_path(data_dir, sha256)
        return ("pdf", made) if made else ("none", path)
    if viewer in ("image", "pictures"):
        made = render.picture_path(data_dir, sha256, 1)
        if made:
            return viewer, made
    return (viewer if viewer in ("pdf", "image") else "none"), path


def prints_of(data_dir: Path, sha256: str, kind: str) -> tuple[Print, ...] | None:
    """What the pages of a document are known by; None where that is not known yet.

    A picture is known by its bytes. What is neither picture nor PDF has no pages.
    """
    if kind in ("pdf", "pictures"):
        return marks.known_prints(data_dir, sha256)
    return (Print(sha256[:32]),) if kind == "image" else ()


def others(manifest: Manifest | None, its: Document, marked: list[Document]) -> Others:
    """The other materials of a revision than this one.

    While there is no revision (None) nobody knows what was renamed: a name is a material then.
    """
    if manifest is None:
        return Others(names=frozenset(one.name for one in marked) - {its.name})
    rest = [one for one in manifest.materials if one.sha256 not in (None, its.sha256)]
    names = frozenset(one.name for one in rest) - {its.name}
    return Others(frozenset(one.sha256 or "" for one in rest), names)


def export(
    layout: Layout, manifest: Manifest, material: Material, target: Path, language: str
) -> bool:
    """Write the material with its marks as a PDF to ``target``; False where it has none.

    Also where its document cannot be drawn on, which is told in the log. LocalError where the disk
    refuses.
    """
    sha256 = material.sha256 or ""
    documents = shelf_of(layout, manifest.meeting).documents()
    if not sha256 or not documents:
        return False
    kind, source = source_of(layout.data_dir, material, layout.object(sha256))
    with storage_faults():
        prints = prints_of(layout.data_dir, sha256, kind)
        if prints is None:
            prints = marks.make_prints(layout.data_dir, sha256, source)
        shown = Document(sha256, material.name, 0, prints)
        found = marks.view(documents, shown, others(manifest, shown, documents), ())
        if kind == "none" or not (any(one.marks for one in found.pages.values()) or found.kept):
            return False
        return _written(_job(found, kind, source, language), target)


def _job(found: View, kind: str, source: Path, language: str) -> dict[str, Any]:
    return {
        "source": str(source),
        "kind": kind,
        "pages": [{"page": n, **one.marks.to_json()} for n, one in found.pages.items()],
        "kept": [{"page": one.page, **one.entry.marks.to_json()} for one in found.kept],
        "words": WORDS.get(language, WORDS["en"]),
    }


def _written(job: dict[str, Any], target: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="kiosk-marks-") as folder:
        asked, made = Path(folder) / "job.json", target.with_name(f".new-{target.name}")
        asked.write_text(json.dumps(job), "utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            status = marks.run("export", asked, made, EXPORT_S)
            if status == 0:
                made.replace(target)
            else:
                log.warning("marks-not-drawn target=%s status=%s", target.name, status)
        finally:
            made.unlink(missing_ok=True)
    return status == 0
