"""The room's part of a node's figures, in the text form of Prometheus (exposition format 0.0.4).

Numbers only: no name of a meeting or a seat is among them, so that they may be read without the
password of the pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.node.room import Room


def figures(room: Room) -> Iterator[str]:
    """Line by line, as it is now."""
    yield from _head("seats", "gauge", "Seats of the room, by colour.")
    for colour, count in room.counts().items():
        yield f'kiosk_node_seats{{colour="{colour}"}} {count}'
    records = room.node.shelf.records()
    for name, kind, value, help_ in (
        ("reports_total", "counter", room.reports, "Reports of seats that were taken in."),
        ("reports_refused_total", "counter", room.refused, "Reports that made no sense."),
        ("revisions", "gauge", len(records), "Meetings whose package is here."),
        (
            "package_bytes", "gauge", sum(one.package.bytes for one in records),
            "Bytes of the packages that are served.",
        ),
    ):  # fmt: skip
        yield from _head(name, kind, help_)
        yield f"kiosk_node_{name} {value}"


def _head(name: str, kind: str, help_: str) -> Iterator[str]:
    yield f"# HELP kiosk_node_{name} {help_}"
    yield f"# TYPE kiosk_node_{name} {kind}"
