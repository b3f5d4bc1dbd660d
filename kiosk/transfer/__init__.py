"""One package's journey: who is connected to, who is asked, and what each outcome means. Pure.

Theory of operation. Whoever drives a `Transfer` tells it what happened (`stood`, `observed`,
`failed`, `idle`, `whole`, `sound`, …), each time with the monotonic time, and carries out the
commands it answers with, in their order: `Connect` a lane, `Ask` it, `Close` it, `Check` what is
here. No clock, no socket, no disk is touched here, so a test plays any sequence of faults in
microseconds.

A *lane* is one connection. It connects, then stands; only when it is *asked* does it cost a server
anything. At most ``policy.parallel`` lanes are asked at any instant: a `Close` comes before the
`Ask` that takes its place. After every report the machine does the same few things in the same
order (`_settle`): it ends what is overdue, closes what is too much, gives places to lanes that
stand, closes what nobody needs any more, and connects where there is need. *Need* is a place
without a lane, or an asked lane *in trouble*: silent, or below the floor rate. Such a lane keeps
its place until another connection stands; if it has recovered by then, that one is kept as a spare
for a moment. While there is nobody else, only patience ends silence, and nothing ends slowness:
slow beats none.

The class of a server's fault decides (errors.py): after a `TransientError` it is asked again in a
later round (roster.py), after an `UnfitError` it is out. When nobody can be asked and no lane is
left there is a pause (exponential, full jitter), then the next round, up to ``policy.rounds`` that
brought nothing.

`TABLE` is the whole state machine; the diagram in docs/design.md is drawn from it. A move that the
table does not have raises `IllegalMove` and changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk.errors import LocalError, PackageError, ServerError, UnfitError
from kiosk.transfer.commands import Ask, Check, Close, Command, Connect, Switch
from kiosk.transfer.lanes import Lane, Lanes
from kiosk.transfer.policy import Policy
from kiosk.transfer.roster import Record, Roster
from kiosk.transfer.table import TABLE, IllegalMove, Move, State

__all__ = [
    "TABLE", "Ask", "Check", "Close", "Command", "Connect", "IllegalMove", "Move", "Policy",
    "State", "Switch", "Transfer",
]  # fmt: skip


@dataclass
class Transfer:
    """The journey of one package over ``servers`` (names, in the order to ask them).

    ``attempt`` counts the `Ask`s, ``round`` the rounds; ``switches`` grows by one for each server
    that was lost, left or passed over; ``resumes_at`` is when a pause ends (monotonic); ``verdict``
    is why it was halted.
    """

    servers: Sequence[str]
    policy: Policy = field(default_factory=Policy)
    chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.state = State.IDLE
        self.attempt = 0
        self.resumes_at = 0.0
        self.verdict: LocalError | PackageError | None = None
        self.switches: list[Switch] = []
        self._roster = Roster(self.servers, self.policy, self.chance)
        self._lanes = Lanes(self.policy)
        self._opened = 0
        self._want = 1
        self._idled = 0
        self._gone: list[tuple[str, ServerError]] = []
        self._blamed = False
        self._puzzles = 0
        self._began = 0.0

    # What happened

    def start(self, now: float) -> list[Command]:
        """Begin. With no server at all the journey fails at once."""
        self._move(Move.START if self.servers else Move.GIVE_UP)
        self._began = now
        return self._settle(now) if self.servers else []

    def stood(self, lane: int, now: float) -> list[Command]:
        """The connection of a lane is made."""
        seen = self._lanes.get(lane)
        if seen is None or seen.phase != "connecting":
            return []
        seen.stand(now)
        return self._settle(now)

    def observed(self, lane: int, phase: str, received: int, now: float) -> None:
        """A look at a lane: its phase and how many bytes it brought since it was opened.

        ``learning``: requests for documents, which end by themselves. ``asking``: a package
        request is sent and no byte of its answer came yet, also between two ranges. ``receiving``:
        bytes come. In any other phase (say, writing to a slow disk) the lane is busy with itself,
        and its silence is nobody's fault.
        """
        seen = self._lanes.get(lane)
        if seen is None:
            return
        seen.look(phase, received, now, self.policy)
        rate = seen.rate(now)
        if rate is not None:
            self._roster[seen.server].rate = rate

    def held(self, held: int) -> None:
        """So many bytes of the package are here by now."""
        self._roster.hold(held)

    def failed(self, lane: int, fault: ServerError, now: float) -> list[Command]:
        """A lane ended with a fault. A lane that was closed before is not listened to."""
        gone = self._lanes.get(lane)
        if gone is None:
            return []
        self._lose(gone, fault, now)
        return self._settle(now)

    def idle(self, lane: int, now: float) -> list[Command]:
        """A lane has nothing to fetch while others do: closed without blame.

        Its place stays empty until a lane is lost or something else is wanted.
        """
        gone = self._lanes.get(lane)
        if gone is None or not gone.asked:
            return []
        self._idled += 1
        return [self._put_back(gone), *self._settle(now)]

    def want(self, lanes: int, now: float) -> list[Command]:
        """How many lanes are of use from now on (at least 1; 1 until anybody says more)."""
        if lanes == self._want:
            return []
        self._want, self._idled = lanes, 0
        return self._settle(now) if self.state is State.FETCHING else []

    def distrust(self, server: str, fault: UnfitError, now: float) -> list[Command]:
        """What this server sent is wrong: it is out, and its lanes are closed."""
        if self.ended or self._roster[server].out:
            return []
        self._roster.rule_out(server, fault)
        self._gone.append((server, fault))
        self._blamed = True
        self._idled = 0
        closing: list[Command] = []
        for lane in self._lanes:
            if lane.server == server:
                self._lanes.drop(lane)
                closing.append(Close(lane.number))
        return [*closing, *self._settle(now)] if self.state is State.FETCHING else closing

    def whole(self, now: float) -> list[Command]:
        """Every byte is here: all lanes are closed and the package is checked."""
        if self.ended:
            return []
        self._move(Move.WHOLE)
        return [*self._put_all_back(), Check()]

    def sound(self) -> None:
        """The package was checked and published: the end."""
        self._move(Move.SOUND)

    def unsound(self, now: float) -> list[Command]:
        """The check found bytes that are missing again: they are fetched, or it is given up.

        Who is to blame was distrusted before; nobody was more often than there are rounds: the end.
        """
        if self.ended:
            return []
        self._move(Move.UNSOUND)
        self._idled = 0
        self._puzzles += not self._blamed
        self._blamed = False
        if self._puzzles > self.policy.rounds:
            self._move(Move.GIVE_UP)
            return []
        return self._settle(now)

    def halt(self, verdict: LocalError | PackageError) -> list[Command]:
        """A fault that no other server can mend: the end."""
        if self.ended:
            return []
        self._move(Move.HALT)
        self.verdict = verdict
        return self._put_all_back()

    def cancel(self) -> list[Command]:
        """Somebody wants it to end."""
        if self.ended:
            return []
        self._move(Move.CANCEL)
        return self._put_all_back()

    def tick(self, now: float) -> list[Command]:
        """Time went by: silence is judged, the next server is tried, pauses end, the deadline
        strikes.
        """
        if self.ended or self.state is State.IDLE:
            return []
        if self.policy.deadline_s and now - self._began >= self.policy.deadline_s:
            return self.halt(LocalError("deadline-exceeded", seconds=self.policy.deadline_s))
        if self.state is State.PAUSING and now >= self.resumes_at:
            self._move(Move.RESUME)
        return self._settle(now) if self.state is State.FETCHING else []

    # What is known

    @property
    def ended(self) -> bool:
        """Whether the journey is over."""
        return not TABLE[self.state]

    @property
    def round(self) -> int:
        """The round that runs or, in a pause, the one that comes."""
        return self._roster.round

    def faults(self) -> list[tuple[str, ServerError, int]]:
        """Each server that failed: name, its last fault, and how often it was tried."""
        return [(r.name, r.fault, r.tries) for r in self._roster if r.fault is not None]

    def rate(self, server: str) -> float | None:
        """Bytes a second that it sent when last measured; None where it never was."""
        return self._roster[server].rate

    # Deciding

    def _move(self, move: Move) -> None:
        if move not in TABLE[self.state]:
            raise IllegalMove(f"{move.name} in {self.state.name}")
        self.state = TABLE[self.state][move]

    def _settle(self, now: float) -> list[Command]:
        """Brings the lanes in line with what is known now."""
        commands = [*self._end_overdue(now), *self._shed(now)]
        seated = self._seat(now)
        commands += [*seated, *self._trim(now, winner=bool(seated)), *self._connect(now)]
        to, wait_s = self._lanes.successor(now), 0.0
        if not self._lanes:
            rest = self._roster.rest(now)
            if rest is None:
                self._gone.clear()
                self._move(Move.GIVE_UP)
                return commands
            to, self.resumes_at = rest
            wait_s = max(0.0, self.resumes_at - now)
            self._move(Move.PAUSE)
        elif self._gone:
            self._move(Move.NEXT)
        self.switches += [Switch(left, to, fault, wait_s) for left, fault in self._gone]
        self._gone.clear()
        return commands

    def _end_overdue(self, now: float) -> list[Command]:
        """Patience is at an end."""
        commands: list[Command] = []
        for lane in self._lanes:
            if lane.overdue(now, self.policy, self.round):
                fault = lane.no_sign(now) if lane.asked else lane.no_connection(now)
                commands.append(Close(lane.number))
                self._lose(lane, fault, now)
        return commands

    def _shed(self, now: float) -> list[Command]:
        """More lanes are asked than are of use: the slowest go."""
        asked = sorted(
            self._lanes.asked, key=lambda lane: lane.pace(now, self.policy), reverse=True
        )
        return [self._put_back(lane) for lane in asked[self._wanted :]]

    def _seat(self, now: float) -> list[Command]:
        """Lanes that stand are asked: in an empty place, or in that of a lane in trouble."""
        commands: list[Command] = []
        for lane in self._lanes.in_phase("standing"):
            relief = len(self._lanes.asked) >= self._wanted
            if relief:
                trouble = self._lanes.in_trouble(now)
                if not trouble:
                    break
                commands.append(Close(trouble[0].number))
                self._leave(trouble[0], now)
            self._roster.ask(lane.server, relief=relief)
            lane.ask(now)
            self.attempt += 1
            commands.append(Ask(lane.number))
        return commands

    def _trim(self, now: float, *, winner: bool) -> list[Command]:
        """Nobody is needed: who lost against the ``winner`` goes, or a spare whose time is over.

        A connect that is under way while a lane recovers goes on: it may become the spare.
        """
        standing = self._lanes.in_phase("standing")
        if self._needs(now) or not (winner or standing):
            return []
        if not winner and now - standing[0].since <= self.policy.spare_s:
            del standing[0]
        losers = [*standing, *self._lanes.in_phase("connecting")]
        return [self._pass_over(lane, now) for lane in reversed(losers)]

    def _connect(self, now: float) -> list[Command]:
        """A connect for each need that no young one covers, and one beside each that takes long."""
        commands: list[Command] = []
        connecting = self._lanes.in_phase("connecting")
        young = sum(now < lane.hedge_at for lane in connecting)
        for beats, again in self._needs(now)[young:]:
            record = self._roster.next(now, again=again, beats=beats)
            if record is None:
                continue
            if len(self._lanes.unasked) >= self.policy.max_connecting:
                oldest = self._lanes.unasked[0]
                full = self.policy.max_connecting * self.policy.hedge_s
                if record.passed or now - oldest.began < full:
                    break
                commands.append(self._pass_over(oldest, now))
            commands.append(self._open(record, now))
        return commands

    def _needs(self, now: float) -> list[tuple[float | None, bool]]:
        """Each need: the pace to beat, None in an empty place; may a lost server come back for it?

        Not to relieve a silent one: an answer that is being made would be thrown away for nothing.
        """
        empty: list[tuple[float | None, bool]] = [(None, any(self._lanes.asked))]
        return empty * (self._wanted - len(self._lanes.asked)) + [
            (lane.pace(now, self.policy), not lane.is_silent(now, self.policy))
            for lane in self._lanes.in_trouble(now)
        ]

    # Opening and closing

    def _open(self, record: Record, now: float) -> Connect:
        self._roster.take(record)
        self._opened += 1
        hedge_at = now + self.policy.hedge_s
        for late in self._lanes.in_phase("connecting"):
            if not late.hedged and now >= late.hedge_at:
                # The rhythm is that of the first connect: ticks do not add up.
                late.hedged = True
                hedge_at = max(late.hedge_at + self.policy.hedge_s, now + self.policy.hedge_s / 2)
                break
        self._lanes.add(Lane(self._opened, record.name, now, hedge_at))
        return Connect(self._opened, record.name, record.index)

    def _lose(self, lane: Lane, fault: ServerError, now: float) -> None:
        self._lanes.drop(lane)
        self._roster.lose(lane.server, fault, now)
        self._gone.append((lane.server, fault))
        if lane.asked:
            self._idled = 0

    def _leave(self, lane: Lane, now: float) -> None:
        """Another lane takes its place."""
        if lane.is_silent(now, self.policy):
            self._lose(lane, lane.no_sign(now), now)
            return
        self._lanes.drop(lane)
        fault = lane.no_pace(now)
        self._roster.leave(lane.server, fault, lane.rate(now) or 0.0)
        self._gone.append((lane.server, fault))

    def _pass_over(self, lane: Lane, now: float) -> Close:
        """Unused: a connect that was given its time and did not stand is told of."""
        if lane.phase == "standing" or now - lane.began < self.policy.hedge_s:
            return self._put_back(lane)
        self._lanes.drop(lane)
        fault = lane.no_connection(now)
        self._roster.pass_over(lane.server, fault)
        self._gone.append((lane.server, fault))
        return Close(lane.number)

    def _put_back(self, lane: Lane) -> Close:
        self._lanes.drop(lane)
        self._roster.give_back(lane.server, tried=lane.asked)
        return Close(lane.number)

    def _put_all_back(self) -> list[Command]:
        return [self._put_back(lane) for lane in reversed(list(self._lanes))]

    # Small facts

    @property
    def _wanted(self) -> int:
        places = min(self.policy.parallel, max(1, self._want))
        return max(1, places - self._idled)
