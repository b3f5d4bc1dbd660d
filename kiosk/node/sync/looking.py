"""Whether a package, or what is said of it, is another one: validators and words.

The token of an existing master does not change with a file, nor with an end and a start in quick
succession; the static copy of its package does, and is looked at by its first byte.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from kiosk import fetch
from kiosk.agenda import MeetingData
from kiosk.answers import RangeRefused, Wanted
from kiosk.errors import ServerError
from kiosk.pool import Server
from kiosk.spans import Span

log = logging.getLogger("kiosk.node.sync")

LOOK_S = 3.0


def validator_of(server: Server, document: Mapping[str, Any] | None) -> str:
    """ETag and length of the package that the document names on this server; empty: not known."""
    path = (document or {}).get("package_url")
    if not isinstance(path, str) or not path:
        return ""
    url = urljoin(server.root + "/", quote(path, "/:%?&=+,;@!$'()*~", errors="replace"))
    if urlsplit(url).netloc != server.name:
        return ""
    with fetch.Call(server.name) as call:
        try:
            with call.line.within(LOOK_S):
                answer = call.stream(Wanted(url, server.name, span=Span(0, 1))).answer
        except (ServerError, RangeRefused) as fault:
            log.info("package-not-seen server=%s why=%r", server.name, str(fault))
            return ""
    # Without an ETag a length alone would miss most changes, but sees some.
    return f"{answer.validator} {answer.total}"


def words_of(data: MeetingData) -> str:
    """A hash of titles, names, order and all else that a document says of its files."""
    said = repr((data.title, data.intro, data.time, data.status, data.items))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
