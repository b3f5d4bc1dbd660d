"""Packages, and the files in them: who asks is given them, or sent on to a node that has them.

Sent on is who finds so many being served that he would have to wait, or everybody (``send_on``);
only to a node that says with its heartbeat that it has this very revision, and there to
``download-package-direct``, which sends nobody on. So there are no circles, and the bytes that come
are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from kiosk.node import Node, wire
from kiosk.node.sending import PART, WHOLE, Parcel, later, sent
from kiosk.node.shelf import Record

FULL = "many are being served; come again"
DIRECT = "download-package-direct"
ASKED = "X-Asked"
_NAME = re.compile(r"([0-9a-f]{64})\.zip")


def blueprint(node: Node) -> Blueprint:
    """The routes that give out packages."""
    routes = Blueprint("packages", __name__)
    meeting = f"{wire.API}/meetings/<meeting_id>"

    @routes.get(f"{meeting}/download-package")
    def of_meeting(meeting_id: str) -> Response:
        return _of_meeting(node, meeting_id, _given)

    @routes.get(f"{meeting}/{DIRECT}")
    def direct(meeting_id: str) -> Response:
        return _of_meeting(node, meeting_id, _given_here)

    @routes.get(f"{wire.PACKAGES}/<name>")
    def by_name(name: str) -> Response:
        return _given(node, _named(node, name), name)

    @routes.get(f"{PART}/<name>")
    @routes.get(f"{WHOLE}/<name>")
    def turned_away(name: str) -> Response:
        """Our nginx asks what to say to somebody for whom there is no room."""
        if not node.behind_nginx:
            abort(404, "there is nothing at this address")
        record = _named(node, name)
        if request.headers.get(ASKED, "").partition("?")[0].endswith(f"/{DIRECT}"):
            return later(node, FULL)
        return _sent_on(node, record) or later(node, FULL)

    @routes.get(f"{meeting}/files/<path:path>")
    def file(meeting_id: str, path: str) -> Response:
        """One file of it, which is never shown as what it says that it is."""
        record = node.record(meeting_id)
        found = wire.files_of(record.manifest).get(path) if record else None
        if found is None:
            abort(404, "there is no such file here")
        where, name = node.library.object_path(found.sha256), path.rpartition("/")[2]
        kind = "application/octet-stream"
        return sent(node, Parcel(found, name, where, lambda: later(node, FULL), kind))

    return routes


def _of_meeting(
    node: Node, meeting_id: str, given: Callable[[Node, Record, str], Response]
) -> Response:
    name = f"meeting_{meeting_id}.zip"
    record = node.record(meeting_id)
    if record is not None:
        return given(node, record, name)
    if node.offered(meeting_id) is None:
        _not_here(meeting_id)
    coming = node.source.coming(meeting_id)
    if coming is not None:
        where = node.shelf.path(coming.package)
        parcel = Parcel(coming.package, name, where, lambda: later(node, FULL), coming=coming)
        return sent(node, parcel)
    node.source.want(meeting_id)
    return later(node, "its package is on its way here")


def _given(node: Node, record: Record, name: str) -> Response:
    """The package, from here or from another node."""
    if node.settings.send_on == "always" and (elsewhere := _sent_on(node, record)):
        return elsewhere
    return _given_here(node, record, name, lambda: _sent_on(node, record) or later(node, FULL))


def _given_here(
    node: Node, record: Record, name: str, full: Callable[[], Response] | None = None
) -> Response:
    where = node.shelf.path(record.package)
    full = full or (lambda: later(node, FULL))
    return sent(node, Parcel(record.package, name, where, full, by_nginx=True))


def _sent_on(node: Node, record: Record) -> Response | None:
    """To another node that has this revision; None where there is none, or nobody is sent on."""
    if node.settings.send_on == "never" or request.method != "GET":
        return None
    address = node.peers.one_with(record.meeting, record.revision)
    if address is None:
        return None
    path = f"{wire.API}/meetings/{quote(record.meeting, safe='')}/{DIRECT}"
    where = {"Location": f"http://{address}{path}", "Cache-Control": "no-store"}
    return Response(status=302, headers=where)


def _named(node: Node, name: str) -> Record:
    """The record of the package of that name, of a meeting in progress."""
    found = _NAME.fullmatch(name)
    for one in node.source.offered() if found else ():
        record = node.record(one.id)
        if found and record is not None and record.package.sha256 == found[1]:
            return record
    return abort(404, "there is no such package here")


def _not_here(meeting_id: str) -> NoReturn:
    abort(404, f"no meeting {meeting_id[:80]} is in progress here")
