"""How patient a download is: every figure of the machine in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Times are seconds, rates bytes a second; ``timeout_s`` is the longest silence, in the last
    round.

    ``parallel`` bounds the servers that are asked at once, ``max_connecting`` the connections that
    stand or are being made besides. ``hedge_s`` after a connect that does not stand yet the next
    server is connected to; ``takeover_s`` of silence, or less than ``floor_rate`` over
    ``floor_window_s``, and a server is left if another one stands ready. ``first_byte_s`` is one
    second over what existing masters need to build a package.
    """

    parallel: int = 1
    rounds: int = 3
    timeout_s: float = 30.0
    deadline_s: float = 0.0
    connect_s: float = 2.0
    first_byte_s: float = 6.0
    stall_s: float = 8.0
    pause_s: float = 1.0
    pause_cap_s: float = 20.0
    retry_after_cap_s: float = 60.0
    hedge_s: float = 0.25
    takeover_s: float = 1.0
    floor_rate: int = 256 * 1024
    floor_window_s: float = 2.0
    spare_s: float = 3.0
    max_connecting: int = 5

    def patience(self, phase: str, round_: int) -> float:
        """How long a lane may stay without a sign of life in ``phase``, if nobody can take over.

        ``learning`` ends by itself far sooner than this.
        """
        if phase == "learning" or (phase != "connecting" and round_ >= self.rounds):
            return self.timeout_s
        base: float = {
            "connecting": self.connect_s,
            "asking": self.first_byte_s,
            "receiving": self.stall_s,
        }[phase]
        return min(self.timeout_s, base * 2.0 ** (round_ - 1))

    def pause_ceiling(self, count: int) -> float:
        """The longest pause after the ``count``-th failure (from 1); full jitter goes below it."""
        return min(self.pause_cap_s, self.pause_s * 2.0 ** (count - 1))
