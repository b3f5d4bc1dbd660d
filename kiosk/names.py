"""Names inside an archive: from bytes to text, and whether a file may be called so.

Decoding (a rule over all names of one archive, because one program wrote them all): the UTF-8 flag
or a fitting 0x7075 field where there is one; the rest as ASCII, else UTF-8, else GB18030; what is
none of these gets a visible name and still opens. Separators are looked at only afterwards: 0x5C
can be the second half of a character.
"""

from __future__ import annotations

import re
import unicodedata

from kiosk.errors import PackageError

MAX_PART_BYTES = 255
MAX_PATH_BYTES = 1024
_CODECS = ("ascii", "utf-8", "gb18030")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.I)

RawName = tuple[bytes, bytes | None, bool]


def decode(raw: list[RawName]) -> list[str]:
    """Each name as text (NFC); a raw name is its bytes, its 0x7075 name, and its UTF-8 flag."""
    unmarked = [name for name, unicode_name, flag in raw if not flag and unicode_name is None]
    codec = next((one for one in _CODECS if _all_decode(unmarked, one)), None)
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
    """PackageError ``unsafe-name`` or ``duplicate-name`` where one of them may not be (Z1, Z7)."""
    seen: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        if (why := fault(path)) is not None:
            raise PackageError("unsafe-name", name=f"{visible(path.encode())} ({why})")
        key = unicodedata.normalize("NFKC", path).casefold().rstrip("/")
        if key in seen:
            raise PackageError("duplicate-name", name=visible(path.encode()))
        seen.add(key)
        if not path.endswith("/"):
            folders.update(_parents(key))
        else:
            seen.discard(key)
            folders.add(key)
    clash = next((path for path in seen if path in folders), None)
    if clash is not None:
        raise PackageError("duplicate-name", name=visible(clash.encode()))


def fault(path: str) -> str | None:
    """Why a path may not be in a package, in a few words; None where it may."""
    if not path or path == "/":
        return "empty"
    if "\\" in path or ":" in path:
        return "a separator of another system"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        return "control characters"
    if len(path.encode("utf-8", "replace")) > MAX_PATH_BYTES:
        return "too long"
    for part in path.removesuffix("/").split("/"):
        if part in ("", ".", ".."):
            return "leaves its folder"
        if part != part.strip(" ") or part.endswith("."):
            return "ends in a dot or a space"
        if len(part.encode()) > MAX_PART_BYTES:
            return "too long"
        if _RESERVED.fullmatch(part):
            return "reserved"
    return None


def visible(raw: bytes) -> str:
    """A name for people, whatever its bytes; at most 120 characters."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in _each(raw))
    return text if len(text) <= 120 else text[:119] + "…"


def _parents(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _all_decode(raw: list[bytes], codec: str) -> bool:
    try:
        for name in raw:
            name.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


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
