"""What servers say around a package: meeting document, manifest, and which nodes have it, too."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kiosk import fetch, pool
from kiosk.errors import ServerError
from kiosk.job import Job

log = logging.getLogger("kiosk.sources")

MAX_NODES = 254
NODES_TIMEOUT_S = 1.5
DOCUMENT_TIMEOUT_S = 1.5
MAX_ASKED = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")


def document(job: Job) -> dict[str, Any] | None:
    """The meeting document (contract §3a): the job's own, or that of the first who gives one."""
    if job.data is not None:
        return job.data
    path = f"/meetings/{quote(job.meeting_id, safe='')}/data"
    for url in [*([job.master] if job.master else []), *job.servers][:MAX_ASKED]:
        try:
            server = pool.parse(url)
            answer = fetch.get_json(server.url(path), server.name, DOCUMENT_TIMEOUT_S)
        except (ServerError, ValueError) as fault:
            log.info("no-document server=%s why=%r", url, str(fault))
            continue
        if isinstance(answer, dict):
            return answer
    return None


def with_masters_word(job: Job) -> Job:
    """The job with what its master says: which nodes have the package, and of what it consists.

    What a node says of the meeting may be as old as its package; so the master is asked first.
    """
    if job.master is None:
        return job
    meeting = f"/meetings/{quote(job.meeting_id, safe='')}"
    data, named = job.data, []
    try:
        master = pool.parse(job.master)
        try:
            named = _nodes_named(master, meeting) if job.others else []
        except ServerError as fault:
            # One that does not know the question may still know the meeting.
            if fault.code != "not-here":
                raise
        if data is None:
            told = fetch.get_json(master.url(f"{meeting}/data"), master.name, DOCUMENT_TIMEOUT_S)
            data = told if isinstance(told, dict) else None
    except (ServerError, ValueError) as fault:
        log.info("no-word master=%s why=%r", job.master, str(fault))
    # They are of the pool now.
    fetch.BEARER.trust(job.token, named)
    return dataclasses.replace(job, servers=[*job.servers, *named], data=data)


def _nodes_named(master: pool.Server, meeting: str) -> list[str]:
    url = master.url(f"{meeting}/download-nodes-info")
    return [server.url() for server in nodes_of(fetch.get_json(url, master.name, NODES_TIMEOUT_S))]


def nodes_of(answer: Any) -> list[pool.Server]:
    """The servers in a ``download-nodes-info`` answer; what makes no sense in it is passed over."""
    servers: list[pool.Server] = []
    for row in answer[:MAX_NODES] if isinstance(answer, list) else []:
        address = row.get("ip") if isinstance(row, dict) else None
        if not isinstance(address, str) or len(address) > 300:
            continue
        try:
            servers.append(pool.parse(f"http://{address}"))
        except ValueError:
            log.info("node-passed-over address=%r", address[:80])
    return pool.unique(servers)


@dataclass(frozen=True)
class Told:
    """What a server's manifest (contract §3b) tells of a package: SHA-256 and size by path.

    ``document`` is its agenda in the form of a meeting document.
    """

    digests: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)


def told_by(manifest: Any, meeting_id: str, etag: str) -> Told | None:
    """What ``manifest`` tells; None where it is no manifest of this meeting and this package.

    The package is the one whose ``etag`` is its SHA-256: one that was replaced meanwhile may be as
    long and hold files of the same names and sizes.

    What it says of a file is a promise that the file is held to, so that a wrong one costs a
    server its place and nothing else.
    """
    if not isinstance(manifest, dict) or str(manifest.get("meeting")) != meeting_id:
        return None
    package = manifest.get("package")
    if not isinstance(package, dict) or etag != f'"sha256-{package.get("sha256")}"':
        return None
    items = [
        {
            "title": item.get("title"),
            "reporter": item.get("reporter"),
            "duration_minutes": item.get("minutes"),
            "files": list(_materials(item)),
        }
        for item in _rows(manifest.get("agenda"))
    ]
    files = [row for item in _rows(manifest.get("agenda")) for row in _materials(item)]
    digests = {row["path"]: (row["size"], row["sha256"]) for row in files}
    kept = {name: manifest.get(name) for name in ("title", "intro", "time", "status")}
    return Told(digests, {"meeting_id": meeting_id, **kept, "agenda_items": items})


def _materials(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in _rows(item.get("materials")):
        path, size, sha256 = row.get("path"), row.get("bytes"), row.get("sha256")
        if not isinstance(path, str) or not isinstance(size, int) or not isinstance(sha256, str):
            continue
        if _SHA256.fullmatch(sha256):
            folder, _, name = path.rpartition("/")
            yield {
                "path": path,
                "name": name,
                "display_name": row.get("name") or name,
                "agenda_folder": folder,
                "size": size,
                "sha256": sha256,
                "total_pages": row.get("pages"),
            }


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
