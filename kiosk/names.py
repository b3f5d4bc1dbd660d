"""Names inside an archive: from bytes to text, and whether a file may be called so.

Decoding: the UTF-8 flag or a fitting 0x7075 field where there is one; for all other names of the
archive together, because one program wrote them: ASCII, else UTF-8, else GB 18030. Nearly any bytes
are GB 18030, though. So where most of what it gives is not among the 3755 characters that Chinese
is mostly written with (the first level of GB 2312), the names may be Japanese (Shift-JIS, if there
is kana in them) or Russian (cp866, if all of it is Cyrillic). A name that is none of these gets a
visible one and still opens.

Separators are looked at only afterwards: 0x5C can be the second half of a character.
"""

from __future__ import annotations

import re
import unicodedata

from kiosk.errors import PackageError

MAX_PART_BYTES = 255
MAX_PATH_BYTES = 1024
MAX_DEPTH = 32
MIN_FOREIGN = 4  # so many characters beyond ASCII before a guess against GB 18030
_CODECS = ("ascii", "utf-8", "gb18030")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.I)
_FOREIGN = (("cp932", re.compile("[ぁ-ヿ]")), ("cp866", re.compile("[А-яЁё]{2}")))
_OF_CODEC = {
    "cp932": re.compile("[ -~　-〿ぁ-ヿ一-鿿！-～]*"),
    "cp866": re.compile("[ -~А-яЁё№]*"),
}

RawName = tuple[bytes, bytes | None, bool]


def decode(raw: list[RawName]) -> list[str]:
    """Each name as text (NFC); a raw name is its bytes, its 0x7075 name, and its UTF-8 flag."""
    unmarked = [name for name, unicode_name, flag in raw if not flag and unicode_name is None]
    codec = _codec_of(unmarked)
    made: list[str] = []
    for name, unicode_name, flag in raw:
        marked = name if flag else unicode_name
        if marked is not None:
            text = _utf8(marked)
        else:
            text = name.decode(codec) if codec else _each(name)
        made.append(unicodedata.normalize("NFC", text))
    return made


def check(paths: list[str]) -> None:
    """PackageError ``unsafe-name`` or ``duplicate-name`` where one of them may not be (Z1, Z7).

    Names that differ in case only are two names here, as they are to the library.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        if (why := fault(path)) is not None:
            raise PackageError(
                "unsafe-name", name=f"{visible(path.encode('utf-8', 'replace'))} ({why})"
            )
        if path in files:
            raise PackageError("duplicate-name", name=visible(path.encode()))
        parts = path.removesuffix("/").split("/")
        folders.update("/".join(parts[:count]) for count in range(1, len(parts)))
        if path.endswith("/"):
            folders.add("/".join(parts))
        else:
            files.add(path)
    if clash := files & folders:
        raise PackageError("duplicate-name", name=visible(min(clash).encode()))


def fault(path: str) -> str | None:
    """Why a path may not be in a package, in a few words; None where it may."""
    if not path or path == "/":
        return "empty"
    if "\\" in path or ":" in path:
        return "a separator of another system"
    if not path.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in path):
        return "control characters"
    if len(path.encode()) > MAX_PATH_BYTES or path.count("/") > MAX_DEPTH:
        return "too long"
    for part in path.removesuffix("/").split("/"):
        if part in ("", ".", ".."):
            return "leaves its folder"
        if part.endswith((".", " ")):
            return "ends in a dot or a space"
        if len(part.encode()) > MAX_PART_BYTES:
            return "too long"
        if _RESERVED.fullmatch(part):
            return "reserved"
    return None


def visible(raw: bytes) -> str:
    """A name for people, whatever its bytes; at most 120 characters."""
    text = _each(raw)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= 120 else text[:119] + "…"


def _codec_of(raw: list[bytes]) -> str | None:
    """The one encoding of all these names; None where they have none in common."""
    texts = {codec: _all_decoded(raw, codec) for codec in _CODECS}
    for codec in ("ascii", "utf-8"):
        if texts[codec] is not None:
            return codec
    chinese = texts["gb18030"]
    if chinese is not None and _is_usual_chinese(chinese):
        return "gb18030"
    for codec, telling in _FOREIGN:
        text = _all_decoded(raw, codec)
        if text is not None and telling.search(text) and _is_all(text, codec):
            return codec
    return "gb18030" if chinese is not None else None


def _is_usual_chinese(text: str) -> bool:
    """Whether it is too little to tell, or half of its letters are of GB 2312, first level."""
    beyond = [character for character in text if ord(character) > 127]
    letters = [character for character in beyond if character.isalpha()]
    usual = sum(
        b"\xb0" <= character.encode("gb2312", "ignore")[:1] <= b"\xd7" for character in letters
    )
    return len(beyond) < MIN_FOREIGN or 2 * usual >= len(letters)


def _is_all(text: str, codec: str) -> bool:
    return _OF_CODEC[codec].fullmatch(text.replace("\n", "")) is not None


def _all_decoded(raw: list[bytes], codec: str) -> str | None:
    try:
        return "\n".join(name.decode(codec) for name in raw)
    except UnicodeDecodeError:
        return None


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _each(raw)


def _each(raw: bytes) -> str:
    """One name by itself, bytes without meaning as ``%XX``."""
    for codec in _CODECS:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return "".join(chr(byte) if 32 <= byte < 127 else f"%{byte:02X}" for byte in raw)
