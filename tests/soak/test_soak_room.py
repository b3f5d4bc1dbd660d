"""A room that reports for hours: memory, threads and files of its node stay flat."""

from __future__ import annotations

from pathlib import Path

from room_node import room_node
from roomful import Roomful, seat

SEATS, WARM_UP, ROUNDS = 500, 10, 60
MOST_GROWTH_MB, MOST_MORE = 20, 4


def test_thirty_thousand_reports_leave_nothing_behind(tmp_path: Path) -> None:
    with room_node(tmp_path / "node") as (node, _):
        room = Roomful(node.url, SEATS)
        pid = node.serving_process()
        for _ in range(WARM_UP):
            room.say()
        before = taken(pid)
        for at in range(ROUNDS):
            for n in range(at % 7, SEATS, 7):
                room.seats[n + 1] = seat(n + 1, "downloading", at)
            room.say()
        after = taken(pid)
    assert after[0] - before[0] < MOST_GROWTH_MB
    assert after[1] - before[1] <= MOST_MORE and after[2] - before[2] <= MOST_MORE


def taken(pid: int) -> tuple[float, int, int]:
    """Resident MB (10^6 bytes), threads, open files."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    folder = Path(f"/proc/{pid}")
    return (
        pages * 4096 / 1e6,
        len(list((folder / "task").iterdir())),
        len(list((folder / "fd").iterdir())),
    )
