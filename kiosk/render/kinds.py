"""Which viewer shows a material: its first bytes decide, then its extension."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from kiosk.render import office
from kiosk.render.words import is_text

MAX_COMMENTS = 20
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jpe": "image/jpeg",
    ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp", ".avif": "image/avif",
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm",
    ".mkv": "video/x-matroska", ".ogv": "video/ogg",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".wav": "audio/wav",
    ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac",
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".svg": "image/svg+xml",
}  # fmt: skip
_USUAL = {
    "pdf": "application/pdf",
    "image": "image/png",
    "text": "text/plain",
    "table": "text/plain",
    "markdown": "text/plain",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "frame": "text/html",
}
_FAMILIES = {"pdf": "application/pdf", "image": "image/", "video": "video/", "audio": "audio/"}
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_TABLES = (".csv", ".tsv", ".tab")
_MARKUP = (".html", ".htm", ".xhtml", ".svg")
_WORDS = (
    ".txt", ".text", ".log", ".json", ".xml", ".yaml", ".yml", ".toml", ".ini",
    ".conf", ".srt", ".vtt", ".py", ".js", ".css", ".sh", ".bat", ".sql", ".tex", ".rst",
)  # fmt: skip
_FOREIGN = (b"MZ", b"\x7fELF")
# ZIP archives, too, but nobody looks for files in them.
_WHOLE = (".ofd", ".epub", ".xps", ".oxps", ".vsdx", ".pages", ".numbers", ".key", ".apk", ".jar")
_OPENS_MARKUP = re.compile(rb"<(!doctype\s+(html|svg)|html|head|body|svg)\b", re.I)


def viewer_of(name: str, head: bytes) -> str:
    """``pdf``, ``image``, ``text``, ``markdown``, ``table``, ``video``, ``audio``, ``frame``,
    ``office``, ``archive`` or ``none``.

    ``head`` are the first bytes of the file, some thousand of them. ``frame`` is markup that may
    only be shown contained, ``office`` is what has to be made into a PDF first; ``none`` is what
    nothing here can show.
    """
    extension = PurePosixPath(name).suffix.lower()
    by_content = _by_signature(head)
    if by_content is not None:
        return by_content
    if office.opens(head, office.extension_of(name)):
        return "office"
    if head.startswith(office.ZIP):
        return "none" if extension in _WHOLE else "archive"
    if head.startswith(_FOREIGN):
        return "none"
    if is_text(head):
        return _of_words(extension, head)
    return _by_extension(extension)


def media_type(name: str, viewer: str) -> str:
    """The media type to give it out under: that of its extension if the viewer is of that kind."""
    told = _TYPES.get(PurePosixPath(name).suffix.lower(), "")
    family = _FAMILIES.get(viewer)
    if family is not None and told.startswith(family) and not told.endswith("+xml"):
        return told
    if viewer == "frame" and told in ("text/html", "image/svg+xml"):
        return told
    return _USUAL.get(viewer, "application/octet-stream")


def _by_signature(head: bytes) -> str | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_IMAGES) or _is_bitmap(head):
        return "image"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image", b"WAVE": "audio"}.get(head[8:12], "none")
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video"
    if head.startswith(b"OggS"):
        return "video" if b"theora" in head[:256] else "audio"
    if head.startswith((b"ID3", b"fLaC")):
        return "audio"
    return None


def _is_bitmap(head: bytes) -> bool:
    return head.startswith(b"BM") and head[6:10] == bytes(4)


def _of_brand(brand: bytes) -> str:
    """What an ISO media file is, by its major brand."""
    if brand in (b"avif", b"avis"):
        return "image"
    if brand in (b"heic", b"heix", b"mif1", b"msf1"):
        return "none"
    return "audio" if brand[:3] in (b"M4A", b"M4B") else "video"


def _of_words(extension: str, head: bytes) -> str:
    if extension in _MARKDOWN:
        return "markdown"
    if extension in _TABLES:
        return "table"
    if extension in _MARKUP:
        return "frame"
    if extension not in _WORDS and _OPENS_MARKUP.match(_after_prolog(head)):
        return "frame"
    return "text"


def _after_prolog(head: bytes) -> bytes:
    """Without an XML declaration and comments in front."""
    for opening, closing in ((b"<?xml", b"?>"), *((b"<!--", b"-->"),) * MAX_COMMENTS):
        head = head.removeprefix(codecs.BOM_UTF8).lstrip()
        if head.startswith(opening):
            head = head.partition(closing)[2]
    return head.lstrip()


def _by_extension(extension: str) -> str:
    """For bytes without a signature: players cope with leading rubbish, and say so if not."""
    if extension.lstrip(".") in office.BARE:
        return "office"
    told = _TYPES.get(extension, "")
    for viewer in ("pdf", "image", "video", "audio"):
        if told.startswith(_FAMILIES[viewer]) and not told.endswith("+xml"):
            return viewer
    return "none"
