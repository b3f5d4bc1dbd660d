"""Which encoding text without a mark is in. Wants evidence, else says none.

- **UTF-16** shows by NUL bytes, which no other encoding of text has: it is taken where one byte
  order reads as letters and signs of the usual scripts throughout, ASCII among them.
- **UTF-8** is hardly anything else by chance; a few damaged bytes do not change that.
- **GB 18030** takes nearly any bytes, so what it gives is looked at: Chinese of today is mostly
  made of the 3755 characters of GB 2312, first level. Where they are few, the text may be
  **Shift-JIS** (there is kana in it) or **Big5** (most of it is of Big5's own usual characters).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

LOOKED_AT = 64 << 10
MIN_FOREIGN = 4  # so many characters beyond ASCII before a guess against GB 18030
SOUND = 20  # of so many characters one may be damaged
_UTF_16 = ("utf-16-le", "utf-16-be")
# ASCII, Latin, Greek, Cyrillic, punctuation and signs, kana, ideographs, Hangul, full-width forms.
_USUAL = (
    "[\t\n\r -~\xa0-ɏͰ-ӿ‐-⁞₠-⃏℀-⇿①-⓿─-◿☀-⛿　-ヿ㈀-㏿㐀-䶿一-鿿가-힣！-￮]|[\U00020000-\U0002fa1f]"
    "|[\U0001f300-\U0001faff]"
)
_KANA = re.compile("[ぁ-んァ-ヶ]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def encoding_of(raw: bytes) -> str | None:
    """A Python codec; None where these bytes are text in none of the encodings above."""
    if codec := _utf_16_of(raw):
        return codec
    first = _NOT_ASCII.search(raw)
    part = raw[first.start() :][:LOOKED_AT] if first else b""
    if _is_nearly(part, "utf-8"):
        return "utf-8"
    return _legacy_of(part) or ("gb18030" if _is_nearly(part, "gb18030") else None)


def _is_nearly(part: bytes, codec: str) -> bool:
    text = codecs.getincrementaldecoder(codec)("replace").decode(part)
    beyond = sum(character > "\x7f" for character in text)
    return SOUND * text.count("\N{REPLACEMENT CHARACTER}") <= beyond


def _utf_16_of(raw: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` where these bytes are text in it without a mark."""
    part = raw[: LOOKED_AT & ~1]
    part = part[: len(part) & ~1]
    if b"\0" not in part:
        return None
    return next((codec for codec in _UTF_16 if _is_usual_throughout(_read(part, codec))), None)


def _is_usual_throughout(text: str | None) -> bool:
    if not text or re.sub(_USUAL, "", text):
        return False
    return any(" " <= character <= "~" or character in "\t\r\n" for character in text)


def _legacy_of(part: bytes) -> str | None:
    """``gb18030``, ``cp932`` or ``cp950``; None where these bytes are none of them."""
    chinese = _read(part, "gb18030")
    if chinese is not None and _is_mostly(_usual_in_gb_2312(chinese)):
        return "gb18030"
    japanese = _read(part, "cp932")
    if japanese is not None and _has_kana(japanese):
        return "cp932"
    traditional = _read(part, "cp950")
    if traditional is not None and _is_mostly(_usual_in_big5(traditional)):
        return "cp950"
    return None if chinese is None else "gb18030"


def _read(part: bytes, codec: str) -> str | None:
    """The text if every byte fits, but for a character that is cut off at the end."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(part)
    except UnicodeDecodeError:
        return None


def _beyond_ascii(text: str) -> list[str]:
    return [character for character in text if ord(character) > 127 and character.isalnum()]


def _usual_in_gb_2312(text: str) -> Iterable[bool]:
    """Of each letter, whether it is of the first level; nothing where there are too few to tell."""
    letters = _beyond_ascii(text)
    if len(letters) < MIN_FOREIGN:
        return [True]
    return (b"\xb0" <= one.encode("gb2312", "ignore")[:1] <= b"\xd7" for one in letters)


def _usual_in_big5(text: str) -> Iterable[bool]:
    """Of each letter, whether it is of Big5's first level (CNS 11643, plane 1)."""
    return (b"\xa4" <= one.encode("big5", "ignore")[:1] <= b"\xc6" for one in _beyond_ascii(text))


def _is_mostly(usual: Iterable[bool]) -> bool:
    found = list(usual)
    return bool(found) and 2 * sum(found) >= len(found)


def _has_kana(text: str) -> bool:
    """Whether a sixth of the letters is kana: less happens by chance."""
    letters = _beyond_ascii(text)
    return bool(letters) and 6 * len(_KANA.findall(text)) >= len(letters)
