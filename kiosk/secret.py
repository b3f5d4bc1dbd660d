"""How a PIN is kept: salted and hashed, compared in constant time, never shown."""

from __future__ import annotations

import hashlib
import hmac
import os
import re

# About 20 ms and 8 MiB: a PIN is short, so guessing is slowed down where it is entered.
_COST = {"n": 2**13, "r": 8, "p": 1}
_FORM = re.compile(r"scrypt\$[0-9a-f]{32}\$[0-9a-f]{128}")


def hashed(pin: str) -> str:
    """``scrypt$SALT$HASH`` of a PIN, with a fresh salt."""
    salt = os.urandom(16)
    return f"scrypt${salt.hex()}${_digest(pin, salt).hex()}"


def is_hash(value: str) -> bool:
    """Whether ``value`` is what `hashed` gives."""
    return bool(_FORM.fullmatch(value))


def matches(pin: str, stored: str) -> bool:
    """Whether ``pin`` is the one behind ``stored``."""
    if not is_hash(stored):
        return False
    _, salt, digest = stored.split("$")
    return hmac.compare_digest(_digest(pin, bytes.fromhex(salt)).hex(), digest)


def _digest(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **_COST)
