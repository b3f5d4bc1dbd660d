"""The states of a journey and the moves between them: one table."""

from __future__ import annotations

from enum import Enum


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
    NEXT = "server lost or left, another in its place"
    PAUSE = "nobody can be asked now"
    RESUME = "pause over"
    WHOLE = "all bytes here"
    UNSOUND = "bytes missing again"
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
        Move.WHOLE: State.CHECKING,
        Move.HALT: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.CHECKING: {
        Move.SOUND: State.COMPLETE,
        Move.UNSOUND: State.FETCHING,
        Move.HALT: State.FAILED,
        Move.CANCEL: State.CANCELLED,
    },
    State.COMPLETE: {},
    State.FAILED: {},
    State.CANCELLED: {},
}


class IllegalMove(RuntimeError):
    """The table has no such move from this state."""
