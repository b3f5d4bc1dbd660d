"""Plain text out of files of unknown encoding: a mark, else UTF-8, else what evidence tells."""

from __future__ import annotations

import codecs
from pathlib import Path

from kiosk.encodings import encoding_of

TEXT_LIMIT_BYTES = (8 << 20) + 4  # a page reads 4 MiB of UTF-8, twice that in UTF-16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_of(path: Path, limit: int = TEXT_LIMIT_BYTES) -> tuple[str, bool]:
    """The text of the first ``limit`` bytes, and whether there is more; OSError as it comes.

    A byte-order mark decides the encoding; else UTF-8 where all of it is that, else what the
    letters that come out tell (encodings.py). What cannot be read shows as replacement characters.
    """
    with open(path, "rb") as file:
        raw = file.read(limit + 1)
    text = decoded(raw[:limit], whole=len(raw) <= limit)
    return text, len(raw) > limit


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file look like text in one of those encodings."""
    if any(head.startswith(mark) for mark, _ in _MARKS):
        return True
    codec = encoding_of(head)
    if codec is None or codec.startswith("utf-16"):
        return codec is not None
    return not any(byte < 9 or 14 <= byte < 27 or 28 <= byte < 32 for byte in head)


def decoded(raw: bytes, *, whole: bool = True, declared: str | None = None) -> str:
    """Bytes as text by that rule; ``whole`` says that no character is cut off at the end.

    ``declared`` is a codec that counts where there is no mark and it is not UTF-8.
    """
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(codec, "replace")
    found = encoding_of(raw)
    is_sure = found is not None and found.startswith("utf")
    codec = (found if is_sure else declared or found) or "utf-8"
    text = _fits(raw, codec, whole=whole)
    return raw.decode(codec, "replace") if text is None else text


def _fits(raw: bytes, codec: str, *, whole: bool) -> str | None:
    """The text if every byte fits; a character cut off at the end is left out unless ``whole``."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(raw, whole)
    except UnicodeDecodeError:
        return None
