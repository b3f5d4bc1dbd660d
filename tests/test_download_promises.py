"""A manifest that lies: what it promises of a file costs its server the place, and nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from bundles import Bundle
from downloads import Download, Start
from faulty import MODERN, expect

from kiosk import events
from kiosk.demo.origin import CutAt, OriginMeeting


class Liar(OriginMeeting):
    """Its manifest names other SHA-256 than its files have."""

    lies: tuple[str, ...] = ()

    def manifest(self, meeting_id: str) -> dict[str, Any]:
        """With lies in it; the package it speaks of is the right one."""
        told = super().manifest(meeting_id)
        for item in told["agenda"]:
            for row in item["materials"]:
                if not self.lies or row["path"] in self.lies:
                    row["sha256"] = "0" * 63 + "1"
        return told


def lying(bundle: Bundle, *names: str) -> OriginMeeting:
    """The bundle on such a server, which lies about ``names``, or about everything."""
    right = bundle.origin
    liar = Liar(**{one.name: getattr(right, one.name) for one in dataclasses.fields(right)})
    liar.lies = tuple(bundle.path(name) for name in names)
    return liar


def believe(start: Start, bundle: Bundle, *lies: str, first: tuple[Any, ...] = ()) -> Download:
    """A download of it where the first of two servers lies."""
    download = start(first, (), meetings={"M1": bundle.origin})
    download.pool[0].meetings = {"M1": lying(bundle, *lies)}
    return download


@pytest.mark.fault("A2")
@pytest.mark.parametrize("lies", [("plan.bin",), ()], ids=["one file", "every file"])
def test_a_manifest_that_lies_costs_its_server_the_place(
    start: Start, lies: tuple[str, ...]
) -> None:
    download = believe(start, MODERN, *lies)
    assert download.run() == 0
    expect(download, MODERN)
    assert download.switches == ["wrong-content"]


@pytest.mark.fault("A2")
def test_it_is_the_one_that_promised_who_goes_and_not_the_one_that_sent(start: Start) -> None:
    download = believe(start, MODERN, "plan.bin", first=(CutAt(0.1, after=1),))
    assert download.run() == 0
    expect(download, MODERN)
    blamed = [
        event.message
        for event in download.events
        if isinstance(event, events.ServerSwitch) and event.reason == "wrong-content"
    ]
    assert len(blamed) == 1
    assert download.pool.names[0] in blamed[0]
