"""What a setting may be: one function a kind, from anything a person or a file gave to its value.

Each takes the raw value and the row of the table (for its bounds), and raises ValueError with a
sentence for a person.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from typing import Any, Protocol

from kiosk import pool, secret

MAX_TEXT = 200
MAX_LIST = 254
HTTP_PORTS = (*range(80, 90), 443)

_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?)*\.?$",
    re.I,
)


class Row(Protocol):
    """What a check needs to know of its row."""

    @property
    def choices(self) -> tuple[str, ...]: ...
    @property
    def minimum(self) -> float | None: ...
    @property
    def maximum(self) -> float | None: ...


Check = Callable[[Any, Any], Any]


def text(value: object, row: Row) -> str:
    """One line of text without control characters."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    value = value.strip()
    if len(value) > MAX_TEXT:
        raise ValueError(f"must be at most {MAX_TEXT} characters")
    if not value.isprintable():
        raise ValueError("must not contain control characters")
    return value


def whole(value: object, row: Row) -> int:
    """A whole number within the row's bounds."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return int(_bounded(value, row))


def number(value: object, row: Row) -> float:
    """A number within the row's bounds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a number")
    try:
        value = float(value)
    except (ValueError, OverflowError):
        raise ValueError("must be a number") from None
    if not math.isfinite(value):
        raise ValueError("must be a number")
    return float(_bounded(value, row))


def yes_no(value: object, row: Row) -> bool:
    """Yes or no, in the words that people use for it."""
    if isinstance(value, bool):
        return value
    words = {"1": True, "yes": True, "true": True, "on": True}
    words |= {"0": False, "no": False, "false": False, "off": False, "": False}
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("must be yes or no")


def choice(value: object, row: Row) -> str:
    """One of the row's choices."""
    if value not in row.choices:
        raise ValueError("must be one of " + ", ".join(row.choices))
    return str(value)


def colour(value: object, row: Row) -> str:
    """A colour as ``#rrggbb``."""
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value.strip()):
        raise ValueError("must be a colour such as #9f1d20")
    return value.strip().lower()


def host(value: object, row: Row) -> str:
    """A host name or an address that a server or this page may have; empty is allowed."""
    name = text(value, row)
    if not name:
        return ""
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        # All digits and dots is a mistyped address, never a name.
        if not _HOST.match(name) or re.fullmatch(r"[\d.]+", name):
            raise ValueError("must be an address such as 10.1.1.11, or a host name") from None
        return name
    if address.is_link_local or address.is_multicast:
        raise ValueError("must not be a link-local or multicast address")
    return str(address)


def server_port(value: object, row: Row) -> int:
    """A port on which a web service may listen: ones below 1024 belong to others."""
    port = whole(value, row)
    if port < 1024 and port not in HTTP_PORTS:
        raise ValueError("below 1024 only 80 to 89 and 443 are web ports")
    return port


def optional_server(value: object, row: Row) -> str:
    """The address of a server, or nothing."""
    address = text(value, row)
    return _server(address, row) if address else ""


def server_list(value: object, row: Row) -> list[str]:
    """Addresses of servers, from a list or from text separated by commas or white space."""
    return [_server(item, row) for item in items(value, row)]


def host_list(value: object, row: Row) -> list[str]:
    """Host names."""
    return [host(item, row) for item in items(value, row)]


def address_list(value: object, row: Row) -> list[str]:
    """IPv4 addresses of this machine."""
    try:
        return [str(ipaddress.IPv4Address(item)) for item in items(value, row)]
    except ipaddress.AddressValueError:
        raise ValueError("must be addresses such as 10.1.1.11") from None


def items(value: object, row: Row) -> list[str]:
    """The entries of a list, or of text separated by commas or white space."""
    if isinstance(value, str):
        value = re.split(r"[,\s]+", value)
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    if len(value) > MAX_LIST:
        raise ValueError(f"must have at most {MAX_LIST} entries")
    return [entry for entry in (text(item, row) for item in value) if entry]


def pin(value: object, row: Row) -> str:
    """A PIN of 4 to 12 digits, turned into its salted hash; a hash stays as it is."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    if not value or secret.is_hash(value):
        return value
    if not re.fullmatch(r"[0-9]{4,12}", value):
        raise ValueError("must be 4 to 12 digits")
    return secret.hashed(value)


def password(value: object, row: Row) -> str:
    """A password of 8 to 100 characters, turned into its salted hash; a hash stays as it is."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    if not value or secret.is_hash(value):
        return value
    if not 8 <= len(value) <= 100:
        raise ValueError("must be 8 to 100 characters")
    return secret.hashed(value)


def token(value: object, row: Row) -> str:
    """A word of 16 to 200 characters that can stand in a header (RFC 6750 §2.1); empty: none.

    It has to be said to others, so it is kept as it is.
    """
    if not isinstance(value, str):
        raise ValueError("must be text")
    if value and not re.fullmatch(r"[A-Za-z0-9._~+/-]{16,200}=*", value):
        raise ValueError("must be 16 to 200 letters, digits or any of . _ ~ + / -")
    return value


def _server(address: str, row: Row) -> str:
    server = pool.parse(address if "://" in address else f"http://{address}")
    host(server.host, row)
    if server.port < 1024 and server.port not in HTTP_PORTS:
        raise ValueError("below 1024 only 80 to 89 and 443 are web ports")
    return server.url()


def _bounded(value: int | float, row: Row) -> int | float:
    if row.minimum is not None and value < row.minimum:
        raise ValueError(f"must be at least {row.minimum:g}")
    if row.maximum is not None and value > row.maximum:
        raise ValueError(f"must be at most {row.maximum:g}")
    return value


BY_TYPE: dict[str, Check] = {
    "text": text,
    "whole": whole,
    "number": number,
    "yes-no": yes_no,
    "choice": choice,
    "list": items,
    "secret": text,
    "token": token,
    "colour": colour,
}
