"""What the servers say around a package: its meeting document, and the nodes that have it, too."""

from __future__ import annotations

import dataclasses
import logging
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


def with_nodes(job: Job) -> Job:
    """The job with the nodes that its master names (contract §3a), where it answers."""
    if job.master is None:
        return job
    try:
        master = pool.parse(job.master)
        path = f"/meetings/{quote(job.meeting_id, safe='')}/download-nodes-info"
        answer = fetch.get_json(master.url(path), master.name, NODES_TIMEOUT_S)
    except (ServerError, ValueError) as fault:
        log.info("no-nodes master=%s why=%r", job.master, str(fault))
        return job
    named = [server.url() for server in nodes_of(answer)]
    return dataclasses.replace(job, servers=[*job.servers, *named])


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
