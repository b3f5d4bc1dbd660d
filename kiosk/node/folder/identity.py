"""The id of a meeting, made of its folder's name: the same for the same name, safe in any address.

A plain name is its own id. Any other, and what would be taken for one of our addresses or of these
ids, is hashed: existing terminals put ids into file names and addresses as they are.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_TAKEN = re.compile(r"status|none|m-[0-9a-f]{16}", re.IGNORECASE)


def meeting_id(folder: str) -> str:
    """The id of the meeting in a folder of that name."""
    if _PLAIN.fullmatch(folder) and not _TAKEN.fullmatch(folder) and ".." not in folder:
        return folder
    name = unicodedata.normalize("NFC", folder).encode("utf-8", "surrogateescape")
    return f"m-{hashlib.sha256(name).hexdigest()[:16]}"
