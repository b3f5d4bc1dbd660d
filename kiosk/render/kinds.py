"""Which viewer shows a material: its first bytes decide, then its extension."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from kiosk.render import office
from kiosk.words import is_text

MAX_COMMENTS = 20
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jpe": "image/jpeg",
    ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp", ".avif": "image/avif",
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm",
    ".mkv": "video/x-matroska", ".ogv": "video/ogg", ".avi": "video/x-msvideo",
    ".wmv": "video/x-ms-wmv", ".flv": "video/x-flv", ".mpg": "video/mpeg", ".mpeg": "video/mpeg",
    ".rm": "video/vnd.rn-realvideo", ".rmvb": "video/vnd.rn-realvideo",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".wav": "audio/wav",
    ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac",
    ".wma": "audio/x-ms-wma", ".amr": "audio/amr", ".aif": "audio/aiff", ".aiff": "audio/aiff",
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
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_AVIF = (b"avif", b"avis")
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# What a browser may not play is given to its player all the same: that says so in words.
_SOUND = (b"ID3", b"fLaC", b"#!AMR", b"MThd")
_FILM = (b"FLV\1", b".RMF", b"\0\0\1\xba", b"\0\0\1\xb3")
_WINDOWS_MEDIA = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"


def viewer_of(name: str, head: bytes) -> str:
    """``pdf``, ``image``, ``pictures``, ``text``, ``markdown``, ``table``, ``video``, ``audio``,
    ``frame``, ``office``, ``archive`` or ``none``.

    ``head`` are the first bytes of the file, some thousand of them. ``pictures`` is what a browser
    needs pictures of that are made first, ``office`` what has to be made into a PDF first;
    ``frame`` is markup that may only be shown contained; ``none`` is what nothing here can show.
    """
    extension = PurePosixPath(name).suffix.lower()
    by_content = _by_signature(head, extension)
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


def _by_signature(head: bytes, extension: str) -> str | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_IMAGES) or _is_bitmap(head):
        return "image"
    if head.startswith(_TIFF):
        return "pictures"
    if (recording := _recording(head, extension)) is not None:
        return recording
    return None


def _is_bitmap(head: bytes) -> bool:
    return head.startswith(b"BM") and head[6:10] == bytes(4)


def _recording(head: bytes, extension: str) -> str | None:
    """What a container of sound and pictures is; None where it is not one."""
    if head[:4] == b"RIFF":
        known = {b"WEBP": "image", b"WAVE": "audio", b"AVI ": "video"}
        return known.get(head[8:12], "none")
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    if head.startswith(b"OggS"):
        return "video" if b"theora" in head[:256] else "audio"
    if head.startswith(_SOUND) or (head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")):
        return "audio"
    if head.startswith(_WINDOWS_MEDIA):
        return "audio" if extension == ".wma" else "video"
    return "video" if head.startswith((b"\x1aE\xdf\xa3", *_FILM)) else None


def is_heif(head: bytes) -> bool:
    """Whether these are the first bytes of a HEIF picture (ISO/IEC 23008-12) that is no AVIF."""
    return head[4:8] == b"ftyp" and _of_brands(head) == "pictures"


def _of_brands(head: bytes) -> str:
    """What an ISO media file is, by its major brand and those it also follows."""
    length = int.from_bytes(head[:4], "big")
    also = {head[at : at + 4] for at in range(16, min(length, len(head)), 4)}
    brand = head[8:12]
    if brand in _AVIF or (brand in _HEIF and also & set(_AVIF)):
        return "image"
    if brand in _HEIF:
        return "pictures"
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
