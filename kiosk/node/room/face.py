"""What of the room is no route: its live line, and its figures among those of the node."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from kiosk.node.room import Room, live
from kiosk.node.room.figures import figures


def attach(app: Flask, room: Room) -> None:
    """Pages of ``room`` are told what changes; to be called before the guard stands."""

    def measured() -> Iterator[str]:
        return figures(room)

    room.node.measures.append(measured)
    live.attach(app, room, room.node.password)
