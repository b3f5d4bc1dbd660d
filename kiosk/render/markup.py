"""HTML as it may be framed: in UTF-8, and without what a browser does in spite of any policy.

A policy forbids a page in a frame every request. But hints (``<link rel=preconnect>``,
``dns-prefetch``) are outside of it, and for a frame in the page or a link that is touched Chromium
opens a connection before it asks the policy: each tells a server that the page is being read. So no
such element and no address to go to can come of what is framed; links within the page stay. The
text is decoded here, because what a browser takes for a tag depends on the encoding.
"""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.words import decoded

LIMIT_BYTES = 16 << 20
HEAD_BYTES = 4096
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?([\w-]{1,30})""", re.I
)
# The names of the WHATWG's Encoding Standard that are met, and what Python calls what they mean.
_CODECS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs",
    "shift_jis": "cp932", "sjis": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252",
    "ascii": "cp1252", "iso-8859-2": "iso8859_2", "iso-8859-5": "iso8859_5",
    "iso-8859-15": "iso8859_15", "koi8-r": "koi8_r",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
}  # fmt: skip
_SPACE = "[\t\n\f\r ]*"
_INERT = (
    (re.compile("<link", re.I), "<meta"),  # which shows and holds nothing either
    (re.compile("<(?=i?frame|fencedframe|portal|embed|object|applet)", re.I), "<x-"),
    (re.compile(f"href(?={_SPACE}=(?!{_SPACE}[\"']?#))", re.I), "data-no"),
    (re.compile(f"attributename(?={_SPACE}=)", re.I), "data-no"),  # an animation may set an address
)


def framed(path: Path) -> str:
    """The page at ``path``, as far as `LIMIT_BYTES` go; OSError as it comes."""
    with open(path, "rb") as file:
        return tamed(file.read(LIMIT_BYTES))


def tamed(raw: bytes) -> str:
    """The page in these bytes, with nothing in it that leads out of it."""
    found = _DECLARED.search(raw[:HEAD_BYTES])
    declared = _CODECS.get(found[1].decode("ascii").lower()) if found else None
    text = decoded(raw, whole=False, declared=declared)
    for leading, inert in _INERT:
        text = leading.sub(inert, text)
    return text
