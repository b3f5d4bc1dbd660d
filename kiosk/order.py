"""The order of names as people count: 2 before 10, 第二项 before 第十项.

Chinese numerals count where they number something: after 第, and at the beginning of a name or in
brackets when a mark of enumeration follows (一、 （二） 十. ). Elsewhere they are words: 一般.
"""

from __future__ import annotations

import re

MAX_LENGTH = 300
_ONES = {one: value for value, one in enumerate("零一二三四五六七八九")}
_ONES |= {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[〇零一二两三四五六七八九十百千]{1,9}"
_NUMBERS = re.compile(
    rf"(?P<digits>\d+)|(?<=第)(?P<counted>{_NUMERAL})"
    rf"|(?P<listed>(?:^|(?<=[(（]))\s*{_NUMERAL}(?=\s*[、.．，)）]))"
)

Key = list[tuple[int, int, str]]


def natural(text: str) -> Key:
    """A sort key that puts 2 before 10, and 第二项 before 第十项."""
    text = text[:MAX_LENGTH]
    key: Key = []
    at = 0
    for found in _NUMBERS.finditer(text):
        if found.start() > at:
            key.append((1, 0, text[at : found.start()].casefold()))
        key.append((0, _value(found), ""))
        at = found.end()
    if at < len(text):
        key.append((1, 0, text[at:].casefold()))
    return key


def natural_path(path: str) -> list[Key]:
    """The same for a path, folder by folder: what lies in one folder stays together."""
    return [natural(part) for part in path.split("/")]


def _value(found: re.Match[str]) -> int:
    digits = found["digits"]
    return int(digits) if digits is not None else numeral(found[0].strip())


def numeral(text: str) -> int:
    """What a Chinese numeral below ten thousand says: 十 is 10, 二十三 is 23, 二〇二六 is 2026."""
    if not any(character in _TENS for character in text):
        return int("".join(str(_ONES[character]) for character in text))
    total, digit = 0, None
    for character in text:
        if character in _ONES:
            digit = _ONES[character]
        else:
            total += (1 if digit is None else digit) * _TENS[character]
            digit = None
    return total + (digit or 0)
