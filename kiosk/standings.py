"""What was learned of each server, over downloads and restarts: its speed, and whether it is gone.

Pure: the wall time is an argument, in seconds since 1970, because it has to mean something after a
restart. That clock may jump by years; what is older than a day or from the future is forgotten.

Each server has a breaker. A fault that says the machine or its network is gone opens it, for half a
minute, and for twice as long each time it opens again before anything came from there, up to ten
minutes. While it is open the server is asked last; what it delivers closes it. The others are asked
in an order drawn by lot in which a faster one is likelier to come first, at most eight times: a
room full of terminals does not storm the best one.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

VERSION = 1
# The connection could not be made or broke, or nobody spoke: not what was said on it.
GONE = frozenset(
    {"refused", "unreachable", "connect-timeout", "silent", "stalled", "cut-off", "reset"}
)
OPEN_S, OPEN_CAP_S = 30.0, 600.0
KEPT_S = 24 * 3600.0
# A clock that is set right by a little is no jump.
SLACK_S = 60.0
FRESH_SHARE = 0.3
SPREAD = 8.0
MOST_SERVERS = 1000
MOST = 1e300


@dataclass
class Standing:
    """Of one server: speed in bytes per second; how often in a row its breaker opened, and the
    wall time at which it closes by itself. ``at`` is when it was last heard of.
    """

    at: float
    rate: float | None = None
    openings: int = 0
    open_until: float = 0.0


class Standings:
    """What is known of all servers, by name."""

    def __init__(self) -> None:
        self._servers: dict[str, Standing] = {}

    def heard(self, server: str, rate: float | None, now_wall: float) -> None:
        """It delivered, at ``rate`` bytes per second where that could be measured."""
        standing = self._touched(server, now_wall)
        standing.openings, standing.open_until = 0, 0.0
        if rate is None or not 0 < rate < MOST:
            return
        old = standing.rate
        standing.rate = rate if old is None else old + FRESH_SHARE * (rate - old)

    def failed(self, server: str, code: str, now_wall: float) -> None:
        """It failed with this code of errors.py.

        Only those in `GONE` open the breaker, and an open one is not opened again.
        """
        if code not in GONE:
            return
        standing = self._touched(server, now_wall)
        if standing.open_until > now_wall:
            return
        standing.openings += 1
        asked_last_s = OPEN_S * 2.0 ** min(standing.openings - 1, 60)
        standing.open_until = now_wall + min(OPEN_CAP_S, asked_last_s)

    def rate(self, server: str, now_wall: float) -> float | None:
        """Its speed of late in bytes per second; None where it is not known."""
        standing = self._known(server, now_wall)
        return standing.rate if standing else None

    def order(self, servers: Sequence[str], chance: random.Random, now_wall: float) -> list[str]:
        """The same servers, in the order to ask them."""
        until: dict[str, float] = {}
        for name in servers:
            standing = self._known(name, now_wall)
            if standing is not None and standing.open_until > now_wall:
                until[name] = standing.open_until
        drawn = self._drawn([name for name in servers if name not in until], chance, now_wall)
        return drawn + sorted((name for name in servers if name in until), key=until.__getitem__)

    def _drawn(self, servers: list[str], chance: random.Random, now_wall: float) -> list[str]:
        """By lot: each place goes to one of the rest, in proportion to speed."""
        rates = {name: self.rate(name, now_wall) for name in servers}
        known = [rate for rate in rates.values() if rate is not None]
        if not known:
            return chance.sample(servers, len(servers))
        usual, floor = statistics.median(known), max(known) / SPREAD
        lots = {
            name: chance.expovariate(1.0) / max(usual if rate is None else rate, floor)
            for name, rate in rates.items()
        }
        return sorted(servers, key=lots.__getitem__)

    def _known(self, server: str, now_wall: float) -> Standing | None:
        standing = self._servers.get(server)
        if standing is None or not -SLACK_S <= now_wall - standing.at <= KEPT_S:
            return None
        return standing

    def _touched(self, server: str, now_wall: float) -> Standing:
        standing = self._known(server, now_wall) or Standing(now_wall)
        standing.at = max(standing.at, now_wall)
        self._servers.pop(server, None)
        self._servers[server] = standing
        for old in list(self._servers):
            if len(self._servers) > MOST_SERVERS or self._known(old, now_wall) is None:
                del self._servers[old]
        return standing

    # On the disk

    def to_json(self) -> dict[str, object]:
        """A document that `of_json` reads."""
        servers = {name: asdict(standing) for name, standing in self._servers.items()}
        return {"version": VERSION, "servers": servers}

    @classmethod
    def of_json(cls, document: object) -> Standings:
        """What `to_json` gave. ValueError where it is anything else."""
        if not isinstance(document, Mapping) or document.get("version") != VERSION:
            raise ValueError("of another version")
        servers = document.get("servers")
        if not isinstance(servers, Mapping) or len(servers) > MOST_SERVERS:
            raise ValueError("no table of servers")
        standings = cls()
        for name, fields in servers.items():
            standings._servers[str(name)] = _standing(fields)
        return standings


def _standing(fields: object) -> Standing:
    if not isinstance(fields, Mapping):
        raise ValueError("a server without facts")
    rate, openings = fields.get("rate"), fields.get("openings")
    if isinstance(openings, bool) or not isinstance(openings, int) or openings < 0:
        raise ValueError("a breaker that opened no number of times")
    at, until = _number(fields.get("at")), _number(fields.get("open_until"))
    if until > at + OPEN_CAP_S:
        raise ValueError("a breaker that stays open for too long")
    return Standing(at, None if rate is None else _number(rate), openings, until)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if not 0 <= value <= MOST:
        raise ValueError("a number out of bounds")
    return float(value)
