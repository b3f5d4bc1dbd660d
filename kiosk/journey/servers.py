"""In which order the servers of a download are asked, how patiently; what is learned of them."""

from __future__ import annotations

import random
import time

from kiosk import pool
from kiosk.job import Job
from kiosk.pool import Server
from kiosk.standings import Standings
from kiosk.transfer import Policy, Transfer


def ordered(job: Job, standings: Standings) -> list[Server]:
    """The servers of a job, each once, the promising ones likelier to be first."""
    servers = {server.name: server for server in map(pool.parse, job.servers)}
    if job.in_order:
        return list(servers.values())
    order = standings.order(list(servers), random.Random(), time.time())
    return [servers[name] for name in order]


def policy(job: Job) -> Policy:
    """How patient the job is."""
    return Policy(
        parallel=job.parallel,
        rounds=job.retries,
        timeout_s=job.timeout_s,
        deadline_s=job.deadline_s,
    )


def experience(standings: Standings, transfer: Transfer) -> Standings:
    """The standings, with what this download showed of its servers."""
    now = time.time()
    for name, fault, _ in transfer.faults():
        standings.failed(name, fault.code, now)
    for name in transfer.servers:
        rate = transfer.rate(name)
        if rate is not None:
            standings.heard(name, rate, now)
    return standings
