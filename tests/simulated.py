"""A download from servers that are only thought of: virtual time, no thread, no socket.

It drives the machine as the journey does (a look at each lane, a report as soon as there is one, a
tick every 50 ms), carries out its commands, and holds after each what must always hold.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from kiosk.errors import ServerError, TransientError, UnfitError
from kiosk.spans import Span, Spans
from kiosk.transfer import Ask, Check, Close, Command, Connect, Policy, State, Transfer

TICK = 0.05
MIB = 1 << 20
CHECK_S = 0.1
EVER = math.inf


@dataclass(frozen=True)
class Turn:
    """How a server behaves when it is connected to: times in seconds, rate in bytes a second.

    ``connect``: stands, refuses or hangs. ``says`` is a fault in place of bytes. After
    ``breaks_at`` bytes of an answer comes what ``breaks`` says: stalls (for ``stall_s``), cuts.
    """

    connect: str = "stands"
    connect_s: float = 0.01
    learn_s: float = 0.0
    think_s: float = 0.02
    says: ServerError | None = None
    rate: float = 20e6
    breaks_at: float = EVER
    breaks: str = "cuts"
    stall_s: float = EVER


@dataclass(frozen=True)
class Host:
    """A server: one turn after the other, the last one for good; ``well_at``: all is well then.

    ``damages``: its bytes are wrong, which is found when all are here.
    """

    turns: Sequence[Turn] = (Turn(),)
    well_at: float = EVER
    damages: bool = False

    def turn(self, number: int, now: float) -> Turn:
        """What the ``number``-th connect (from 0) meets."""
        return Turn() if now >= self.well_at else self.turns[min(number, len(self.turns) - 1)]


class Planner(Protocol):
    """What the download asks for next: `kiosk.plan.Plan`, or the stand-in."""

    def take(self, lane: int, here: Spans, rate: float | None, lanes: int) -> Span | None:
        """The span that this lane asks for now."""

    def release(self, lane: int) -> None:
        """The lane ended."""

    def stop_of(self, lane: int) -> int | None:
        """Where its span ends by now."""

    def progress(self, lane: int, at: int, rate: float | None = None) -> None:
        """Where a lane stands and how fast it is."""

    def missing(self, here: Spans) -> int:
        """How much lacks."""

    def spoil(self, start: int, stop: int) -> None:
        """These bytes are not here any more."""


class Missing:
    """The simplest plan: the first bytes that are neither here nor asked of somebody."""

    def __init__(self, size: int, piece: int = MIB) -> None:
        self._size, self._piece = size, piece
        self._held: dict[int, Span] = {}

    def take(self, lane: int, here: Spans, rate: float | None, lanes: int) -> Span | None:
        """All that lacks in a row, or a piece of it where there are several lanes."""
        self._held.pop(lane, None)
        taken = Spans([*here, *((span.start, span.stop or 0) for span in self._held.values())])
        gaps = taken.missing(self._size)
        if not gaps:
            return None
        start, stop = gaps[0].start, gaps[0].stop or 0
        self._held[lane] = Span(start, stop if lanes == 1 else min(stop, start + self._piece))
        return self._held[lane]

    def release(self, lane: int) -> None:
        """The lane ended."""
        self._held.pop(lane, None)

    def progress(self, lane: int, at: int, rate: float | None = None) -> None:
        """Nothing is decided by it."""

    def stop_of(self, lane: int) -> int | None:
        """Where its span ends."""
        return self._held[lane].stop if lane in self._held else None

    def missing(self, here: Spans) -> int:
        """How much lacks."""
        return sum((gap.stop or 0) - gap.start for gap in here.missing(self._size))

    def spoil(self, start: int, stop: int) -> None:
        """Nothing is kept of what is here."""


@dataclass
class Wire:
    """One connection: what the server of it does next, and when."""

    lane: int
    server: str
    turn: Turn
    phase: str = "connecting"
    due: float = EVER
    span: Span | None = None
    at: float = 0.0
    answered: float = 0.0
    received: float = 0.0
    clock: float = 0.0
    still_until: float = 0.0

    @property
    def look(self) -> tuple[str, int]:
        """What the driver sees of it."""
        return self.phase, int(self.received)


@dataclass
class Course:
    """One download: `run` it, then look at ``log`` (time, what, server) and ``transfer``."""

    hosts: Mapping[str, Host]
    policy: Policy = field(default_factory=Policy)
    size: int = 20 * MIB
    plan: Planner | None = None
    seed: int = 1
    want: int = 1
    # What somebody does at a time: (seconds, what).
    acts: list[tuple[float, Callable[[Course], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transfer = Transfer(list(self.hosts), self.policy, random.Random(self.seed))
        self.planner: Planner = self.plan or Missing(self.size)
        self.now = 0.0
        self.here = Spans()
        # Bytes that servers sent, that were here already, and that were wrong.
        self.sent = self.twice = self.spoiled = 0
        self.log: list[tuple[float, str, str]] = []
        self.wires: dict[int, Wire] = {}
        self.asked: set[int] = set()
        self.turns: dict[str, int] = {}
        self.silenced: dict[str, float] = {}
        self.out: set[str] = set()
        self.sources: list[tuple[int, int, str]] = []
        self.checked_at = EVER
        self.steps = 0

    # Driving

    def run(self, until: float = 7200.0) -> Course:
        """To its end, or up to ``until``."""
        if self.transfer.state is State.IDLE:
            self.obey(self.transfer.start(0.0))
            self.obey(self.transfer.want(self.want, 0.0))
        tick = self.now + TICK
        while not self.transfer.ended and self.now < until:
            self.steps += 1
            soonest = min((wire.due for wire in self.wires.values()), default=EVER)
            acts = self.acts[0][0] if self.acts else EVER
            self.now = min(max(self.now, min(soonest, self.checked_at, acts)), tick)
            for wire in self.wires.values():
                self._flow(wire)
            self._turn()
            if self.now >= tick:
                self.obey(self.transfer.tick(self.now))
                tick = self.now + self._nap()
        return self

    def _nap(self) -> float:
        """A long wait with nothing to see is passed over in longer steps."""
        if self.transfer.state is State.PAUSING:
            return min(0.5, max(TICK, self.transfer.resumes_at - self.now))
        quiet = all(wire.due > self.now + 5 for wire in self.wires.values())
        return 0.5 if quiet and self.log and self.now - self.log[-1][0] > 4 else TICK

    def _turn(self) -> None:
        if self.acts and self.now >= self.acts[0][0]:
            self.acts.pop(0)[1](self)
        self.transfer.held(self.here.total)
        for wire in list(self.wires.values()):
            self.transfer.observed(wire.lane, *wire.look, self.now)
            still = wire.phase != "receiving" or self.now < wire.still_until
            rate = 0.0 if still else self.transfer.rate(wire.server)
            self.planner.progress(wire.lane, int(wire.at), rate)
        for wire in list(self.wires.values()):
            if wire.lane in self.wires and self.now >= wire.due:
                self._next(wire)
        if self.now >= self.checked_at:
            self.checked_at = EVER
            self._check()

    def obey(self, commands: list[Command]) -> None:
        """Carries out what the machine says, and holds it to its promises."""
        for command in commands:
            if isinstance(command, Connect):
                self._connect(command)
            elif isinstance(command, Ask):
                self._ask(self.wires[command.lane])
            elif isinstance(command, Close):
                wire = self.wires.pop(command.lane)
                self._end(wire)
                self._say("close", wire.server)
            else:
                assert isinstance(command, Check)
                assert not self.wires, "no lane is open while it is checked"
                self.checked_at = self.now + CHECK_S
                self._say("check", "")
            waiting = len(self.wires) - len(self.asked)
            assert len(self.asked) <= min(self.policy.parallel, self.want)
            assert waiting <= self.policy.max_connecting
        if self.transfer.ended:
            assert not self.wires
        elif self.transfer.state is State.FETCHING:
            assert self.wires

    def _connect(self, command: Connect) -> None:
        name = command.server
        assert self.transfer.state is State.FETCHING
        assert self.checked_at == EVER
        assert name not in self.out, "a server that is out"
        assert self.silenced.get(name, 0.0) <= self.now, "a server that wants to be left alone"
        assert all(wire.server != name for wire in self.wires.values()), "two lanes to one server"
        assert list(self.hosts).index(name) == command.index - 1
        turn = self.hosts[name].turn(self.turns.get(name, 0), self.now)
        self.turns[name] = self.turns.get(name, 0) + 1
        wire = Wire(command.lane, name, turn, clock=self.now)
        wire.due = self.now + (EVER if turn.connect == "hangs" else turn.connect_s)
        self.wires[command.lane] = wire
        self._say("connect", name)

    def _ask(self, wire: Wire) -> None:
        assert wire.phase == "standing"
        assert self.silenced.get(wire.server, 0.0) <= self.now
        self.asked.add(wire.lane)
        wire.phase = "learning" if wire.turn.learn_s else "asking"
        wire.due = self.now + (wire.turn.learn_s or wire.turn.think_s)
        self._say("ask", wire.server)

    def _end(self, wire: Wire) -> None:
        self.asked.discard(wire.lane)
        self.planner.release(wire.lane)

    def _say(self, what: str, server: str) -> None:
        self.log.append((round(self.now, 3), what, server))

    # What servers do

    def _flow(self, wire: Wire) -> None:
        """Bytes that came since the last look."""
        passed, wire.clock = self.now - wire.clock, self.now
        if wire.phase != "receiving" or self.now < wire.still_until:
            return
        come = min(self._left(wire), passed * wire.turn.rate)
        if come <= 0:
            return
        begin, wire.at = int(wire.at), wire.at + come
        wire.answered += come
        wire.received += come
        self.sent += int(wire.at) - begin
        before = self.here.total
        self.here.add(begin, int(wire.at))
        self.twice += int(wire.at) - begin - (self.here.total - before)
        self.sources.append((begin, int(wire.at), wire.server))
        self._aim(wire)

    def _next(self, wire: Wire) -> None:
        """What the wire was due to do."""
        turn = wire.turn
        if wire.phase == "connecting" and turn.connect == "refuses":
            self._fail(wire, TransientError("refused", server=wire.server))
        elif wire.phase == "connecting":
            wire.phase, wire.due = "standing", EVER
            self.obey(self.transfer.stood(wire.lane, self.now))
        elif wire.phase == "learning":
            wire.phase, wire.due = "asking", self.now + turn.think_s
        elif wire.phase == "asking" and turn.says is not None:
            self._fail(wire, turn.says)
        elif wire.phase == "asking" and wire.span is None:
            self._take(wire)
        elif wire.phase == "asking":
            wire.phase = "receiving"
            self._aim(wire)
        elif int(wire.at) >= (self.planner.stop_of(wire.lane) or 0):
            self._take(wire)
        elif wire.answered < turn.breaks_at:
            self._aim(wire)
        elif turn.breaks == "cuts":
            came = int(wire.received)
            self._fail(wire, TransientError("cut-off", server=wire.server, received=came))
        else:
            wire.turn = replace(turn, breaks_at=EVER)
            wire.still_until = wire.due = self.now + turn.stall_s

    def _take(self, wire: Wire) -> None:
        rate = self.transfer.rate(wire.server)
        wire.span = self.planner.take(wire.lane, self.here, rate, min(self.want, len(self.hosts)))
        if wire.span is not None:
            wire.phase, wire.at = "asking", wire.span.start
            first = wire.received == 0 and wire.answered == 0
            wire.due = self.now if first else self.now + 0.002
        elif self.planner.missing(self.here) == 0:
            self.obey(self.transfer.whole(self.now))
        else:
            self.obey(self.transfer.idle(wire.lane, self.now))

    def _aim(self, wire: Wire) -> None:
        """When its span ends, or it breaks."""
        wire.due = max(self.now + 1e-6, self.now + self._left(wire) / wire.turn.rate)

    def _left(self, wire: Wire) -> float:
        stop = self.planner.stop_of(wire.lane) or 0
        return max(0.0, min(wire.turn.breaks_at - wire.answered, stop - wire.at))

    def _fail(self, wire: Wire, fault: ServerError) -> None:
        del self.wires[wire.lane]
        self._end(wire)
        self._say(fault.code, wire.server)
        if isinstance(fault, UnfitError):
            self.out.add(wire.server)
        after = fault.details.get("retry_after")
        if after is not None:
            wait = min(float(after), self.policy.retry_after_cap_s)
            self.silenced[wire.server] = self.now + wait
        self.obey(self.transfer.failed(wire.lane, fault, self.now))

    def _check(self) -> None:
        """What a damaging server sent is not here any more, and it is out."""
        bad = {name for _, _, name in self.sources if self.hosts[name].damages}
        if not bad:
            assert self.planner.missing(self.here) == 0
            self.transfer.sound()
            return
        kept = [source for source in self.sources if source[2] not in bad]
        for start, stop, name in self.sources:
            if name in bad:
                self.planner.spoil(start, stop)
        before = self.here.total
        self.sources, self.here = kept, Spans((start, stop) for start, stop, _ in kept)
        self.spoiled += before - self.here.total
        for name in sorted(bad):
            self.out.add(name)
            why = UnfitError("wrong-content", server=name, why="crc")
            self.obey(self.transfer.distrust(name, why, self.now))
        self.obey(self.transfer.unsound(self.now))

    # Looking back

    def times(self, what: str, server: str = "") -> list[float]:
        """When something happened."""
        return [at for at, kind, name in self.log if kind == what and name in (server or name,)]

    def order(self, what: str) -> list[str]:
        """Whom it happened to, in order."""
        return [name for _, kind, name in self.log if kind == what]

    def faults(self) -> dict[str, str]:
        """The last fault of each server."""
        return {name: fault.code for name, fault, _ in self.transfer.faults()}


def course(*hosts: Host, **more: Any) -> Course:
    """A course over servers a, b, c …; names of `Policy` go there."""
    own = {name: more.pop(name) for name in list(more) if name in Course.__dataclass_fields__}
    return Course(dict(zip("abcdefghijklmnop", hosts, strict=False)), Policy(**more), **own)
