"""A real node with its room, below a scripted master."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk_process import meeting_of
from node_process import NodeProcess

from kiosk.demo.origin import OriginPool, pool_of

MEETING = meeting_of({"报告.txt": b"x" * 3000}, title="经营工作会")


@contextlib.contextmanager
def room_node(data_dir: Path, **settings: Any) -> Iterator[tuple[NodeProcess, OriginPool]]:
    """A node whose master has one meeting in progress, and that master."""
    with pool_of([()], {"M1": MEETING}) as masters:
        upstream = masters[0].url.rpartition("/api")[0]
        with NodeProcess(data_dir, upstream, **settings) as node:
            yield node, masters
