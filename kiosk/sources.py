"""Who else has the package: the nodes that the master names, added to the pool."""

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
