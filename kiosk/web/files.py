"""The bytes of materials, what was made of them, and the contained form of those that hold markup.

Only types that the viewers show are given their type and shown inline; everything else is a
download of plain bytes. HTML and SVG are never given out as such on the material's address: there
they are bytes, and their contained form is a document of its own without scripts, requests or an
origin, or a picture (S9). Nothing here may stay in a cache: a purged meeting has to be gone.
"""

from __future__ import annotations

import contextlib
import mimetypes
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request
from werkzeug.wsgi import FileWrapper

from kiosk import render
from kiosk.errors import UsageError
from kiosk.manifest import Material
from kiosk.terminal import Terminal, shown

BLOCK = 256 << 10
MOST_SOUGHT = 200  # characters
LOOKS = 2  # publishing moves a file once
T = TypeVar("T")
INLINE = ("pdf", "image", "text", "markdown", "table", "video", "audio")
CONTAINED = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
FRAME_POLICY = f"{CONTAINED}; frame-ancestors 'self'"
DRAWING_POLICY = f"{CONTAINED}; frame-ancestors 'none'"
DRAWING = ".svg"
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".webp": "image/webp",
}
PICTURES = {".webp": "webp", ".jpg": "jpeg"}


def know_types() -> None:
    """Make the types of static files independent of what the machine's tables say."""
    for suffix, type_ in TYPES.items():
        mimetypes.add_type(type_, suffix)


class _Blocks(FileWrapper):
    """A file in large blocks; lets others have their turn between two of them."""

    def __next__(self) -> bytes:
        time.sleep(0)
        return super().__next__()


def blueprint(terminal: Terminal) -> Blueprint:
    """The routes that give out bytes of the library."""
    files = Blueprint("files", __name__, url_prefix="/meetings/<meeting_id>")

    def given(meeting_id: str, n: int, give: Callable[[Material, Path], Response]) -> Response:
        asked = request.args
        for _ in range(LOOKS):
            with contextlib.suppress(_Moved):
                its, path = terminal.file(meeting_id, n, asked.get("r"), asked.get("sha256"))
                response = give(its, path)
                response.headers["Cache-Control"] = "no-store"
                return response
        raise UsageError("unknown-material")

    @files.get("/files/<int:n>/<name>")
    def material(meeting_id: str, n: int, name: str) -> Response:
        return given(meeting_id, n, lambda its, path: _material(its, path, name, terminal))

    @files.get("/frames/<int:n>")
    def frame(meeting_id: str, n: int) -> Response:
        return given(meeting_id, n, _frame)

    @files.get("/documents/<int:n>")
    def document(meeting_id: str, n: int) -> Response:
        return given(meeting_id, n, lambda its, _: _document(its, terminal.document(its)))

    @files.get("/thumbnails/<int:n>")
    def thumbnail(meeting_id: str, n: int) -> Response:
        return given(meeting_id, n, lambda its, _: _picture(terminal.thumbnail(its)))

    @files.get("/pages/<int:n>")
    def sheets(meeting_id: str, n: int) -> Response:
        return given(meeting_id, n, lambda its, _: jsonify(terminal.sheets(its)))

    @files.get("/pages/<int:n>/<int:page>")
    def page(meeting_id: str, n: int, page: int) -> Response:
        return given(meeting_id, n, lambda its, _: _drawn(terminal.page_picture(its, page)))

    @files.get("/pictures/<int:n>/<int:page>")
    def picture(meeting_id: str, n: int, page: int) -> Response:
        return given(meeting_id, n, lambda its, _: _picture(terminal.picture(its, page)))

    return files


class _Moved(Exception):
    """It is not where it was a moment ago: publishing moves what could be read before."""


def _material(its: Material, path: Path, name: str, terminal: Terminal) -> Response:
    if name != shown.name_in_address(its.name):
        raise UsageError("unknown-material")
    if request.args.get("as") == "text":
        return _as_text(path)
    viewer = _viewer(its, path)
    if request.args.get("as") == "listing" and viewer == "archive":
        return jsonify(terminal.listing(its))
    inline = viewer in INLINE
    type_ = render.media_type(its.name, viewer) if inline else "application/octet-stream"
    return _bytes(path, type_, its.name, inline=inline)


def _frame(its: Material, path: Path) -> Response:
    """A page for a frame; a drawing for a picture only, which contains it even better."""
    if _viewer(its, path) != "frame":
        raise UsageError("unknown-material")
    if Path(its.name).suffix.lower() == DRAWING:
        response = _bytes(path, TYPES[DRAWING], its.name, inline=False)
    else:
        words = request.args.get("find", "")[:MOST_SOUGHT]
        page = render.marked(_read(path, render.framed), words)
        response = Response(page, content_type="text/html; charset=utf-8")
    policy = DRAWING_POLICY if response.mimetype == TYPES[DRAWING] else FRAME_POLICY
    response.headers["Content-Security-Policy"] = policy
    return response


def _viewer(its: Material, path: Path) -> str:
    viewer = shown.viewer_of(path, its.name)
    if viewer == "none" and not path.exists():
        raise _Moved
    return viewer


def _document(its: Material, path: Path) -> Response:
    """The PDF that was made from an Office file, under that one's name."""
    return _bytes(path, "application/pdf", f"{its.name}.pdf", inline=True)


def _picture(path: Path) -> Response:
    return _bytes(path, f"image/{PICTURES[path.suffix]}", path.name, inline=True)


def _drawn(picture: bytes | None) -> Response:
    """A page that cannot be drawn is no fault of whoever looks at it: there is no picture of it."""
    return Response(picture, mimetype="image/jpeg") if picture else Response(status=204)


def _bytes(path: Path, type_: str, name: str, *, inline: bool) -> Response:
    """A file with ranges and conditions (RFC 9110 §13, §14)."""
    file, size = _opened(path)
    response = Response(_Blocks(file, BLOCK), mimetype=type_, direct_passthrough=True)
    response.call_on_close(file.close)
    response.content_length = size
    response.set_etag(path.name if len(path.name) == 64 else f"{path.stat().st_mtime_ns:x}")
    how = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name, safe='')}"
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


def _opened(path: Path) -> tuple[IO[bytes], int]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise _Moved from None
    except OSError:
        raise UsageError("unknown-material") from None
    return file, os.fstat(file.fileno()).st_size


def _as_text(path: Path) -> Response:
    text, _ = _read(path, render.text_of)
    return Response(text, content_type="text/plain; charset=utf-8")


def _read(path: Path, reader: Callable[[Path], T]) -> T:
    try:
        return reader(path)
    except FileNotFoundError:
        raise _Moved from None
    except OSError:
        raise UsageError("unknown-material") from None
