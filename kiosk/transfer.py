"""One package's journey: its states, and what each outcome means. Pure.

Theory of operation. Whoever drives a `Transfer` tells it what happened (`started`, `observed`,
`failed`, `whole`, `sound`, …), each time with the monotonic time, and carries out the commands it
answers with: `Ask` a server, `Close` a lane, `Check` what is here. A *lane* is one package request
under way; there are never more than ``policy.parallel`` of them. No clock, no socket, no disk is
touched here, so a test plays any sequence of faults in microseconds.

A *round* asks every server that is not out, once, in order. When a round is over without success
there is a pause (exponential, full jitter), and the next round begins, up to ``policy.rounds``.
The class of a server's fault decides (errors.py): after a `TransientError` it is asked again in a
later round; after an `UnfitError` it is out.

`TABLE` is the whole state machine; the diagram in docs/design.md is drawn from it. A move that the
table does not have raises `IllegalMove` and changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from kiosk.errors import LocalError, PackageError, ServerError, TransientError, UnfitError


class State(Enum):
    """Where the journey stands."""

    IDLE = "idle"
    FETCHING = "fetching"
    PAUSING = "pausing"
    CHECKING = "checking"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Move(Enum):
    """What can happen to it."""

    START = "start"
    NEXT = "server lost, another to ask"
    PAUSE = "server lost, round over"
    RESUME = "pause over"
    WHOLE = "all bytes here"
    SOUND = "checked and published"
    GIVE_UP = "nobody left to ask"
    HALT = "local fault, deadline or refused package"
    CANCEL = "cancelled"


TABLE: dict[State, dict[Move, State]] = {
    State.IDLE: {
        Move.START: State.FETCHING,
        Move.GIVE_UP: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.FETCHING: {
        Move.NEXT: State.FETCHING,
        Move.PAUSE: State.PAUSING,
        Move.WHOLE: State.CHECKING,
        Move.GIVE_UP: State.FAILED,
        Move.HALT: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.PAUSING: {
        Move.RESUME: State.FETCHING,
        Move.HALT: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.CHECKING: {
        Move.SOUND: State.COMPLETE,
        Move.NEXT: State.FETCHING,
        Move.PAUSE: State.PAUSING,
        Move.GIVE_UP: State.FAILED,
        Move.HALT: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.COMPLETE: {},
    State.FAILED: {},
    State.CANCELLED: {},
}


class IllegalMove(RuntimeError):
    """The table has no such move from this state."""


@dataclass(frozen=True)
class Policy:
    """How patient it is, in seconds; ``timeout_s`` is the longest silence, in the last round."""

    parallel: int = 1
    rounds: int = 3
    timeout_s: float = 30.0
    deadline_s: float = 0.0
    connect_s: float = 2.0
    first_byte_s: float = 5.0
    stall_s: float = 8.0
    pause_s: float = 1.0
    pause_cap_s: float = 20.0
    retry_after_cap_s: float = 60.0

    def patience(self, phase: str, round_: int) -> float:
        """How long a lane may stay without a sign of life in ``phase``.

        ``learning`` ends by itself sooner than this, and its silence is no fault.
        """
        if phase == "learning":
            return self.first_byte_s
        if phase in ("asking", "receiving") and round_ >= self.rounds:
            return self.timeout_s
        base: float = {
            "connecting": self.connect_s,
            "asking": self.first_byte_s,
            "receiving": self.stall_s,
        }[phase]
        return min(self.timeout_s, base * 2.0 ** (round_ - 1))


@dataclass(frozen=True)
class Ask:
    """Open lane ``lane`` to ``server``: the ``index``-th of the pool (from 1)."""

    lane: int
    server: str
    index: int


@dataclass(frozen=True)
class Close:
    """End this lane now; nothing it still says counts."""

    lane: int


@dataclass(frozen=True)
class Check:
    """Every byte is here: verify and publish."""


Command = Ask | Close | Check


@dataclass(frozen=True)
class Switch:
    """A server was left: told to people. ``to`` is asked after ``wait_s``."""

    left: str
    to: str
    fault: ServerError
    wait_s: float


@dataclass
class _Lane:
    number: int
    server: str
    phase: str
    received: int
    alive_at: float


@dataclass
class _Record:
    """What this download knows of a server."""

    index: int
    out: bool = False
    not_before: float = 0.0
    tries: int = 0
    fault: ServerError | None = None


@dataclass
class Transfer:
    """The journey of one package over ``servers`` (names, in the order to ask them)."""

    servers: Sequence[str]
    policy: Policy = field(default_factory=Policy)
    chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.state = State.IDLE
        self.round = 1
        self.attempt = 0
        self.verdict: LocalError | PackageError | None = None
        self.switches: list[Switch] = []
        self._records = {name: _Record(i) for i, name in enumerate(self.servers, 1)}
        self._queue: list[str] = list(self._records)
        self._lanes: dict[int, _Lane] = {}
        self._resume_at = 0.0
        self._began = 0.0

    # What happened

    def start(self, now: float) -> list[Command]:
        """Begin. With no server at all the journey fails at once."""
        self._began = now
        if not self._records:
            self._move(Move.GIVE_UP)
            return []
        self._move(Move.START)
        return self._fill(now)

    def observed(self, lane: int, phase: str, received: int, now: float) -> None:
        """A look at a lane: ``phase`` is connecting, learning, asking or receiving."""
        seen = self._lanes.get(lane)
        if seen is not None and (seen.phase, seen.received) != (phase, received):
            seen.phase, seen.received, seen.alive_at = phase, received, now

    def failed(self, lane: int, fault: ServerError, now: float) -> list[Command]:
        """A lane ended with a fault. A lane that was closed before is not listened to."""
        gone = self._lanes.pop(lane, None)
        if gone is None or self.ended:
            return []
        return self._lost(gone.server, fault, now)

    def whole(self, lane: int) -> list[Command]:
        """A lane brought the last byte: the others are closed and the package is checked."""
        if self._lanes.pop(lane, None) is None or self.ended:
            return []
        self._move(Move.WHOLE)
        return [*self._close_all(), Check()]

    def sound(self) -> None:
        """The package was checked and published: the end."""
        self._move(Move.SOUND)

    def unsound(self, server: str, fault: ServerError, now: float) -> list[Command]:
        """The check failed for reasons that another server may not have."""
        return self._lost(server, fault, now)

    def halt(self, verdict: LocalError | PackageError) -> list[Command]:
        """A fault that no other server can mend: the end."""
        if self.ended:
            return []
        self._move(Move.HALT)
        self.verdict = verdict
        return self._close_all()

    def cancel(self) -> list[Command]:
        """Somebody wants it to end."""
        if self.ended:
            return []
        self._move(Move.CANCEL)
        return self._close_all()

    def tick(self, now: float) -> list[Command]:
        """Time went by: silent lanes are closed, pauses end, the deadline strikes."""
        if self.ended:
            return []
        if self.policy.deadline_s and now - self._began >= self.policy.deadline_s:
            return self.halt(LocalError("deadline-exceeded", seconds=self.policy.deadline_s))
        if self.state is State.PAUSING and now >= self._resume_at:
            self._move(Move.RESUME)
            return self._fill(now)
        commands: list[Command] = []
        for lane in list(self._lanes.values()):
            if self.state is State.FETCHING and now - lane.alive_at > self._patience(lane):
                commands.append(Close(lane.number))
                commands += self.failed(lane.number, self._silence(lane), now)
        return commands

    # What is known

    @property
    def ended(self) -> bool:
        """Whether the journey is over."""
        return not TABLE[self.state]

    @property
    def resumes_at(self) -> float:
        """The monotonic time at which the next round begins, while pausing."""
        return self._resume_at

    def faults(self) -> list[tuple[str, ServerError, int]]:
        """Each server that failed: name, its last fault, and how often it was tried."""
        return [(n, r.fault, r.tries) for n, r in self._records.items() if r.fault is not None]

    # Deciding

    def _move(self, move: Move) -> None:
        if move not in TABLE[self.state]:
            raise IllegalMove(f"{move.name} in {self.state.name}")
        self.state = TABLE[self.state][move]

    def _fill(self, now: float) -> list[Command]:
        commands: list[Command] = []
        while len(self._lanes) < self.policy.parallel and (name := self._take(now)) is not None:
            self.attempt += 1
            record = self._records[name]
            record.tries += 1
            self._lanes[self.attempt] = _Lane(self.attempt, name, "connecting", 0, now)
            commands.append(Ask(self.attempt, name, record.index))
        return commands

    def _take(self, now: float) -> str | None:
        for name in self._queue:
            if not self._records[name].out and self._records[name].not_before <= now:
                self._queue.remove(name)
                return name
        return None

    def _lost(self, server: str, fault: ServerError, now: float) -> list[Command]:
        record = self._records[server]
        record.fault = fault
        record.out = record.out or isinstance(fault, UnfitError)
        after = fault.details.get("retry_after", 0)
        if isinstance(fault, TransientError) and isinstance(after, int | float):
            record.not_before = now + min(max(0.0, after), self.policy.retry_after_cap_s)
        # Other lanes go on; with one lane there are none.
        if self._lanes:
            return self._fill(now)
        ready = self._next_ready(now)
        if ready is None:
            self._move(Move.GIVE_UP)
            return []
        to, when = ready
        self.switches.append(Switch(server, to, fault, max(0.0, when - now)))
        if when <= now:
            self._move(Move.NEXT)
            return self._fill(now)
        self._resume_at = when
        self._move(Move.PAUSE)
        return []

    def _next_ready(self, now: float) -> tuple[str, float] | None:
        """Who is asked next and when; begins the next round where this one is over."""
        waiting = [name for name in self._queue if not self._records[name].out]
        earliest = now
        if not waiting:
            waiting = [name for name, record in self._records.items() if not record.out]
            if not waiting or self.round >= self.policy.rounds:
                return None
            ceiling = min(self.policy.pause_cap_s, self.policy.pause_s * 2 ** (self.round - 1))
            earliest = now + self.chance.uniform(0, ceiling)
            self.round += 1
            self._queue = list(waiting)
        best = min(waiting, key=lambda name: max(earliest, self._records[name].not_before))
        self._queue.remove(best)
        self._queue.insert(0, best)
        return best, max(earliest, self._records[best].not_before)

    def _patience(self, lane: _Lane) -> float:
        return self.policy.patience(lane.phase, self.round)

    def _silence(self, lane: _Lane) -> TransientError:
        seconds = round(self._patience(lane))
        if lane.phase == "connecting":
            return TransientError("connect-timeout", server=lane.server, seconds=seconds)
        if lane.phase in ("learning", "asking"):
            return TransientError("silent", server=lane.server, seconds=seconds)
        return TransientError(
            "stalled", server=lane.server, seconds=seconds, received=lane.received
        )

    def _close_all(self) -> list[Command]:
        closing: list[Command] = [Close(number) for number in self._lanes]
        self._lanes.clear()
        return closing
