"""What the machine knows of its connections: their stage, their silence, their pace."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.errors import TransientError
from kiosk.transfer.policy import Policy

# Below this a rate says more about the first packets than about the server.
RATED_S = 0.25
# One look in so many at a lane that is busy with itself says nothing about its disk.
OURS = 10
# Phases in which it is the server's turn to speak. In any other the lane is busy with itself, and
# `learning` ends by itself.
ITS_TURN = ("asking", "receiving")


@dataclass
class Lane:
    """A connection. ``phase`` is connecting, standing, or what the driver saw since it was asked.

    Times are monotonic seconds: of the connect (``began``), of the last step in connecting,
    standing, asked (``since``), of the last sign of life (``alive_at``), and when another server is
    tried beside a connect that does not stand (``hedge_at``; ``hedged`` once one was).
    """

    number: int
    server: str
    began: float
    hedge_at: float
    phase: str = "connecting"
    asked: bool = False
    hedged: bool = False
    received: int = 0
    since: float = 0.0
    alive_at: float = 0.0
    _looks: deque[tuple[float, int]] = field(default_factory=deque)
    _ours: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.since = self.alive_at = self.began

    def stand(self, now: float) -> None:
        """The connection is made."""
        self.phase, self.since = "standing", now

    def ask(self, now: float) -> None:
        """It may request the package from now on."""
        self.phase, self.asked, self.since, self.alive_at = "asking", True, now, now

    def look(self, phase: str, received: int, now: float, policy: Policy) -> None:
        """What the driver sees. Before the lane was asked there is nothing to see."""
        if not self.asked or phase in ("connecting", "standing"):
            return
        if phase == "receiving" and (
            not self._looks or (self.phase == "asking" and self.silence(now) > policy.takeover_s)
        ):
            # A long wait for an answer says nothing about the pace after it.
            self._looks = deque([(now, self.received)])
        if phase == "learning":
            self._looks.clear()
        if phase not in ITS_TURN:
            self._ours.append(now)
            while self._ours[0] <= now - policy.floor_window_s:
                self._ours.popleft()
        if (phase, received) != (self.phase, self.received):
            self.phase, self.received, self.alive_at = phase, received, now
        if self._looks:
            self._looks.append((now, received))
            while len(self._looks) > 1 and self._looks[1][0] <= now - policy.floor_window_s:
                self._looks.popleft()

    def silence(self, now: float) -> float:
        """Seconds without a sign of life."""
        return now - self.alive_at

    def rate(self, now: float) -> float | None:
        """Bytes a second over the window; None before there is one to speak of."""
        if not self._looks or now - self._looks[0][0] < RATED_S:
            return None
        return (self.received - self._looks[0][1]) / (now - self._looks[0][0])

    def is_silent(self, now: float, policy: Policy) -> bool:
        """Whether it has said nothing for so long that another server is looked for."""
        return self.asked and self.phase in ITS_TURN and self.silence(now) > policy.takeover_s

    def is_slow(self, now: float, policy: Policy) -> bool:
        """Whether a full window went by below the floor."""
        if self.phase != "receiving" or not self._looks or self._is_our_doing():
            return False
        window = now - self._looks[0][0]
        brought = self.received - self._looks[0][1]
        return window >= policy.floor_window_s and brought < policy.floor_rate * window

    def _is_our_doing(self) -> bool:
        """Whether the disk took much of the window: a tenth of all looks saw it at that."""
        began = self._looks[0][0]
        return OURS * sum(at > began for at in self._ours) > len(self._looks)

    def pace(self, now: float, policy: Policy) -> float:
        """Bytes a second that another server has to beat: a silent lane has none."""
        return 0.0 if self.is_silent(now, policy) else self.rate(now) or 0.0

    def overdue(self, now: float, policy: Policy, round_: int) -> bool:
        """Whether patience with it is at an end, whoever else there is."""
        if self.phase not in ("connecting", "learning", *ITS_TURN):
            return False
        since = self.began if self.phase == "connecting" else self.alive_at
        return now - since > policy.patience(self.phase, round_)

    def no_connection(self, now: float) -> TransientError:
        """The fault of a connect that did not stand in time."""
        seconds = _told(now - self.began)
        return TransientError("connect-timeout", server=self.server, seconds=seconds)

    def no_sign(self, now: float) -> TransientError:
        """The fault of a server that says nothing."""
        seconds = _told(self.silence(now))
        if self.received == 0:
            return TransientError("silent", server=self.server, seconds=seconds)
        return TransientError(
            "stalled", server=self.server, seconds=seconds, received=self.received
        )

    def no_pace(self, now: float) -> TransientError:
        """The fault of a server that sends too little."""
        return TransientError(
            "too-slow",
            server=self.server,
            rate=round(self.rate(now) or 0.0),
            seconds=_told(now - self._looks[0][0]),
        )


class Lanes:
    """The lanes that are open, by number."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._open: dict[int, Lane] = {}

    def __iter__(self) -> Iterator[Lane]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def get(self, number: int) -> Lane | None:
        """None where it was closed."""
        return self._open.get(number)

    def add(self, lane: Lane) -> None:
        """One more."""
        self._open[lane.number] = lane

    def drop(self, lane: Lane) -> None:
        """It is closed, or ended by itself."""
        del self._open[lane.number]

    @property
    def asked(self) -> list[Lane]:
        """Those that may have a request open."""
        return [lane for lane in self if lane.asked]

    @property
    def unasked(self) -> list[Lane]:
        """Those that connect or stand."""
        return [lane for lane in self if not lane.asked]

    def in_phase(self, phase: str) -> list[Lane]:
        """In the order of their last step."""
        return sorted((lane for lane in self if lane.phase == phase), key=lambda lane: lane.since)

    def in_trouble(self, now: float) -> list[Lane]:
        """Asked lanes that somebody else should relieve, the worst first."""
        policy = self._policy
        found = [lane for lane in self if lane.is_silent(now, policy) or lane.is_slow(now, policy)]
        return sorted(found, key=lambda lane: lane.pace(now, policy))

    def successor(self, now: float) -> str:
        """Who has the place of those that are gone: whoever is asked just now, or connecting."""
        order = sorted(
            self, key=lambda lane: (lane.asked and lane.since == now, not lane.asked, lane.since)
        )
        return order[-1].server if order else ""


def _told(seconds: float) -> float:
    """For people: tenths below ten seconds, and no tenths where there are none."""
    shown = round(seconds, 1) if seconds < 10 else round(seconds)
    return int(shown) if shown == int(shown) else shown
