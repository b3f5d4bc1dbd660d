"""The documents in which office files are read: their own code, and nothing that it can reach.

A reader of office files is a large program that takes in hostile bytes. So each runs in a frame
(``/contained/docx`` …) without an origin, and its document carries all of its code in itself: its
policy names each script by its hash and no address at all, so nothing can be asked for from there,
neither outside nor here; what it could ask for here the guard would refuse besides, as such a frame
has the origin ``null``. The page hands it the bytes and checks what it says.

The code of ours is modules, as everywhere. A module without an address cannot import another, so
they are joined: in the order of the list, without their import lines and export marks.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from flask import Blueprint, Response

from kiosk import assets
from kiosk.errors import UsageError

# Libraries, in the form that makes globals; then our modules, each after those that it imports.
_SHARED = (
    "element.js", "stay.js", "viewers/gestures.js", "contained/archive.js", "contained/begin.js",
)  # fmt: skip
_COLUMN = (*_SHARED, "viewers/sought.js", "viewers/spot.js", "contained/column.js")
READERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "docx": (
        ("jszip.min.js", "docx-preview.min.js"),
        (*_COLUMN, "contained/docx.js"),
    ),
    "sheet": (("xlsx.full.min.js",), (*_SHARED, "contained/sheet.js")),
    "slides": (
        (),
        (
            *_COLUMN, "contained/slides/parts.js", "contained/slides/geometry.js",
            "contained/slides/colour.js", "contained/slides/style.js", "contained/slides/words.js",
            "contained/slides/chart.js", "contained/slides/shapes.js", "contained/slides/deck.js",
            "contained/slides.js",
        ),
    ),
}  # fmt: skip
_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_IMPORT = re.compile(r'^import [^;]*? from "\.{1,2}/[^"]*";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) )", re.M)
_LEFT = re.compile(r"^(?:import|export)\b", re.M)
_END = re.compile(r"</(?=script)", re.I)


def blueprint() -> Blueprint:
    """The route of the documents."""
    contained = Blueprint("contained", __name__, url_prefix="/contained")

    @contained.get("/<reader>")
    def document(reader: str) -> Response:
        if reader not in READERS:
            raise UsageError("not-found")
        html, policy = _document(assets.STATIC, reader)
        response = Response(html, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = policy
        response.headers["Cache-Control"] = "no-cache"
        return response

    return contained


@functools.cache
def _document(static: Path, reader: str) -> tuple[str, str]:
    """The document of a reader, and the policy that lets just its own scripts run."""
    libraries, modules = READERS[reader]
    scripts = [_inert(_read(static / "vendor" / name)) for name in libraries]
    tags = [f"<script>{script}</script>" for script in scripts]
    ours = _inert(joined(_read(static / "js" / name) for name in modules))
    tags.append(f'<script type="module">{ours}</script>')
    style = _read(static / "css" / "contained.css")
    html = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>kiosk</title>'
        f"<style>{style}</style><body>{''.join(tags)}</body></html>"
    )
    hashes = " ".join(_hash(script) for script in [*scripts, ours])
    return html, _POLICY.format(scripts=hashes)


def joined(modules: Iterable[str]) -> str:
    """One module out of several; ValueError where one holds an import or export of another form."""
    whole = "\n".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules)
    if left := _LEFT.search(whole):
        line = whole[left.start() :].partition("\n")[0]
        raise ValueError(f"a line that cannot be joined: {line[:80]}")
    return whole


def _inert(script: str) -> str:
    """The same script; what would end its element is written in another way."""
    return _END.sub(r"<\\/", script)


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _read(path: Path) -> str:
    """A file as a browser's parser sees it: every line ends in one LF, or the hash is another."""
    return path.read_text("utf-8")
