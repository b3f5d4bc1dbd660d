"""Which servers are told this site's token (RFC 6750 §2.1): those of the pool, and nobody else.

What a request is given is decided by where it goes, hop by hop. So a redirect takes the token
nowhere, except to another server of the pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


class Bearer:
    """Tokens by origin (scheme, host, port). Safe from any thread."""

    def __init__(self) -> None:
        self._tokens: Mapping[Origin, str] = {}

    def trust(self, token: str, urls: Iterable[str]) -> None:
        """Tell these servers, by addresses of theirs, ``token`` from now on; none where empty."""
        theirs = {origin: token for origin in map(_origin_of, urls) if origin}
        tokens = {**self._tokens, **theirs}
        self._tokens = {origin: one for origin, one in tokens.items() if one}

    def header(self, url: str) -> dict[str, str]:
        """What a request for ``url`` says of who asks."""
        origin = _origin_of(url)
        token = self._tokens.get(origin) if origin else None
        return {"Authorization": f"Bearer {token}"} if token else {}


def _origin_of(url: str) -> Origin | None:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    return (parts.scheme, host, port) if port and host else None


BEARER = Bearer()
"""That of this process."""
