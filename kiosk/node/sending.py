"""The bytes of a file, by RFC 9110: decided here, sent by nginx where it stands in front.

nginx is told by ``X-Accel-Redirect`` whether it sends the whole (``/_whole/``, deaf to Range) or
the one range that is asked for (``/_part/``); what it cannot be told not to judge itself (If-Match,
If-Unmodified-Since) is sent from here, by ``sendfile`` (`wsgi.file_wrapper`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

from kiosk.node import Node
from kiosk.node.coming import Coming
from kiosk.node.conditions import Verdict, judged
from kiosk.node.wire import Package

ZIP = "application/zip"
SEND_S = 60.0  # so long may a client take nothing before it is left
PART, WHOLE = "/_part", "/_whole"
_JUDGED_BY_NGINX = ("if-match", "if-unmodified-since")
# What nginx reads as we do: more digits than this it takes for nonsense.
_PLAIN = re.compile(r"bytes=[0-9]{0,18}-[0-9]{0,18}")


@dataclass(frozen=True)
class Parcel:
    """What is asked for: its hash and size, its name for who saves it, and where it lies.

    ``coming`` where it is on its way here; ``by_nginx`` where nginx knows its place, too. ``full``
    makes the answer when so many are being sent that this one has to wait.
    """

    content: Package
    name: str
    path: Path
    full: Callable[[], Response]
    type: str = ZIP
    coming: Coming | None = None
    by_nginx: bool = False


def sent(node: Node, parcel: Parcel) -> Response:
    """The answer to the request under way."""
    content = parcel.content
    headers = {key.lower(): value for key, value in request.headers.items()}
    verdict = judged(request.method, headers, content.etag, content.bytes)
    response = _headed(parcel, verdict)
    if verdict.status not in (200, 206):
        return response
    response.content_type = parcel.type
    shown = quote(parcel.name, safe="", errors="replace")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{shown}"
    if request.method != "GET":
        response.headers["Content-Length"] = str(content.bytes)
        return response
    if parcel.by_nginx and node.behind_nginx and _is_plain(headers, verdict):
        place = PART if verdict.status == 206 else WHOLE
        response.status_code = 200
        response.headers["X-Accel-Redirect"] = f"{place}/{content.sha256}.zip"
        return response
    if verdict.status == 206:
        span = f"{verdict.start}-{verdict.stop - 1}"
        response.headers["Content-Range"] = f"bytes {span}/{content.bytes}"
    response.headers["Content-Length"] = str(verdict.stop - verdict.start)
    if not node.admission.enter():
        return parcel.full()
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SEND_S)
    if parcel.coming is not None:
        response.response = parcel.coming.chunks(verdict.start, verdict.stop)
        response.call_on_close(node.admission.leave)
        return response
    return _lent(node, parcel.path, verdict, response)


def later(node: Node, why: str) -> Response:
    """Not now: asking again after a while, another one for each, is worth it."""
    response = Response(f'{{"detail": "{why}"}}\n', 503, content_type="application/json")
    response.headers["Retry-After"] = str(node.admission.retry_after())
    return response


def _headed(parcel: Parcel, verdict: Verdict) -> Response:
    """What is said of it in any case."""
    content = parcel.content
    response = Response(status=verdict.status)
    del response.headers["Content-Type"]
    response.headers.update(
        {
            "ETag": content.etag,
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-cache",  # to be kept, and asked about: the name stays the same
            "Repr-Digest": content.repr_digest,
        }
    )
    if verdict.status == 416:
        response.headers["Content-Range"] = f"bytes */{content.bytes}"
    return response


def _is_plain(headers: Mapping[str, str], verdict: Verdict) -> bool:
    """Whether nginx will do with this request what was decided here."""
    if any(name in headers for name in _JUDGED_BY_NGINX):
        return False
    return verdict.status == 200 or _PLAIN.fullmatch(headers["range"]) is not None


def _lent(node: Node, path: Path, verdict: Verdict, response: Response) -> Response:
    """The answer with a stretch of the file as its body, to be sent by `sendfile`."""
    try:
        file = _Lent(path, verdict, node.admission.leave)
    except OSError:
        node.admission.leave()
        raise
    response.response = wrap_file(request.environ, file)
    response.direct_passthrough = True
    return response


class _Lent(io.FileIO):
    """A stretch of a file, open from its first byte on; ``left`` is called when it is closed."""

    def __init__(self, path: Path, verdict: Verdict, left: Callable[[], None]) -> None:
        self._left: Callable[[], None] | None = None
        super().__init__(path)
        self._left = left
        self._stop = verdict.stop
        self.seek(verdict.start)

    def read(self, size: int | None = -1, /) -> bytes:
        """Never more than belongs to the stretch. (Whoever uses `sendfile` counts himself.)"""
        most = self._stop - self.tell()
        return super().read(most if size is None or size < 0 else min(size, most)) or b""

    def close(self) -> None:
        """Give the file and the place in the queue back, once."""
        super().close()
        left, self._left = self._left, None
        if left is not None:
            left()
