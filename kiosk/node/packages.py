"""The bytes of packages, by RFC 9110: decided here, sent by nginx where it stands in front.

nginx is told by ``X-Accel-Redirect`` whether it sends the whole (``/_whole/``, deaf to Range) or
the one range that is asked for (``/_part/``); what it cannot be told not to judge itself (If-Match,
If-Unmodified-Since) is sent from here, by ``sendfile`` (`wsgi.file_wrapper`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from werkzeug.wsgi import wrap_file

from kiosk.node import Node, wire
from kiosk.node.coming import Coming
from kiosk.node.conditions import Verdict, judged
from kiosk.node.wire import Package

TYPE = "application/zip"
SEND_S = 60.0  # so long may a client take nothing before it is left
PART, WHOLE = "/_part", "/_whole"
_NAME = re.compile(r"([0-9a-f]{64})\.zip")
_JUDGED_BY_NGINX = ("if-match", "if-unmodified-since")
# What nginx reads as we do: more digits than this it takes for nonsense.
_PLAIN = re.compile(r"bytes=[0-9]{0,18}-[0-9]{0,18}")


def blueprint(node: Node) -> Blueprint:
    """The routes that give out packages."""
    routes = Blueprint("packages", __name__)
    meeting = f"{wire.API}/meetings/<meeting_id>"

    @routes.get(f"{meeting}/download-package")
    @routes.get(f"{meeting}/download-package-direct")
    def of_meeting(meeting_id: str) -> Response:
        record = node.record(meeting_id)
        if record is not None:
            return _sent(node, record.package, f"meeting_{meeting_id}.zip")
        if node.offered(meeting_id) is None:
            abort(404, f"no meeting {meeting_id[:80]} is in progress here")
        coming = node.source.coming(meeting_id)
        if coming is not None:
            return _sent(node, coming.package, f"meeting_{meeting_id}.zip", coming)
        node.source.want(meeting_id)
        return _later(node, "its package is on its way here")

    @routes.get(f"{wire.PACKAGES}/<name>")
    def by_name(name: str) -> Response:
        found = _NAME.fullmatch(name)
        for one in node.source.offered() if found else ():
            record = node.record(one.id)
            if found and record is not None and record.package.sha256 == found[1]:
                return _sent(node, record.package, name)
        return abort(404, "there is no such package here")

    return routes


def _sent(node: Node, package: Package, name: str, coming: Coming | None = None) -> Response:
    headers = {key.lower(): value for key, value in request.headers.items()}
    verdict = judged(request.method, headers, package.etag, package.bytes)
    response = Response(status=verdict.status)
    del response.headers["Content-Type"]
    response.headers.update(
        {
            "ETag": package.etag,
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-cache",  # to be kept, and asked about: the name stays the same
            "Repr-Digest": package.repr_digest,
        }
    )
    if verdict.status == 416:
        response.headers["Content-Range"] = f"bytes */{package.bytes}"
    if verdict.status not in (200, 206):
        return response
    response.content_type = TYPE
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    if request.method != "GET":
        response.headers["Content-Length"] = str(package.bytes)
        return response
    if coming is None and node.behind_nginx and _is_plain(headers, verdict):
        place = PART if verdict.status == 206 else WHOLE
        response.status_code = 200
        response.headers["X-Accel-Redirect"] = f"{place}/{package.sha256}.zip"
        return response
    if verdict.status == 206:
        span = f"{verdict.start}-{verdict.stop - 1}"
        response.headers["Content-Range"] = f"bytes {span}/{package.bytes}"
    response.headers["Content-Length"] = str(verdict.stop - verdict.start)
    if not node.admission.enter():
        return _later(node, "many are being served; come again")
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SEND_S)
    if coming is not None:
        response.response = coming.chunks(verdict.start, verdict.stop)
        response.call_on_close(node.admission.leave)
        return response
    return _lent(node, package, verdict, response)


def _is_plain(headers: Mapping[str, str], verdict: Verdict) -> bool:
    """Whether nginx will do with this request what was decided here."""
    if any(name in headers for name in _JUDGED_BY_NGINX):
        return False
    return verdict.status == 200 or _PLAIN.fullmatch(headers["range"]) is not None


def _lent(node: Node, package: Package, verdict: Verdict, response: Response) -> Response:
    """The answer with a stretch of the file as its body, to be sent by `sendfile`."""
    try:
        file = _Lent(node.shelf.path(package), verdict, node.admission.leave)
    except OSError:
        node.admission.leave()
        raise
    response.response = wrap_file(request.environ, file)
    response.direct_passthrough = True
    return response


def _later(node: Node, why: str) -> Response:
    """Not now: asking again after a while, another one for each, is worth it."""
    response = Response(f'{{"detail": "{why}"}}\n', 503, content_type="application/json")
    response.headers["Retry-After"] = str(node.admission.retry_after())
    return response


class _Lent(io.FileIO):
    """A stretch of a package, open from its first byte on; ``left`` is called when it is closed."""

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
