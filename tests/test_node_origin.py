"""A folder, an origin, nodes behind it, a terminal: what is dropped in reaches the last of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from kiosk_process import eventually
from node_process import FRONTS, NodeProcess, fetched, files_in

FILES = {"01 报告.txt": "报告 ".encode() * 30_000, "02 预算.txt": "预算 ".encode() * 50_000}


@pytest.mark.parametrize("front", FRONTS)
def test_a_file_dropped_into_the_folder_reaches_the_terminal_and_it_alone_moves(
    tmp_path: Path, front: str
) -> None:
    meeting = tmp_path / "folder" / "M1"
    meeting.mkdir(parents=True)
    for name, content in FILES.items():
        (meeting / name).write_bytes(content)
    with (
        NodeProcess(tmp_path / "origin", folder=meeting.parent, front=front) as origin,
        NodeProcess(tmp_path / "near", origin.url) as near,
        NodeProcess(tmp_path / "far", near.url) as far,
    ):
        etag = origin.wait_until_served()
        assert files_in(origin.package().content) == list(FILES.values())
        eventually(lambda: far.wait_until_served() == etag == near.wait_until_served())
        assert origin.manifest() == near.manifest() == far.manifest()
        assert fetched(far, tmp_path / "seat")["receivedBytes"] > 500_000
        (meeting / "03 附件.txt").write_bytes(b"dropped in")
        etag = origin.wait_until_served(not_etag=etag)
        eventually(lambda: far.wait_until_served() == etag)
        assert files_in(far.package().content) == [*FILES.values(), b"dropped in"]
        assert origin.manifest() == far.manifest()
        again = fetched(far, tmp_path / "seat")
        assert again["revision"] == origin.manifest()["revision"]
        assert again["receivedBytes"] < 100_000 < again["reusedBytes"]


def test_the_secretarys_page_is_the_origins_own(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with NodeProcess(tmp_path / "origin", folder=tmp_path / "folder") as origin:
        page = origin.get("/secretary")
        assert (page.status_code, page.headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert origin.get("/static/css/tokens.css").status_code == 200
        made = origin.send("POST", "/secretary/api/meetings", {"name": "经营工作会"})
        assert made.status_code == 201, made.text
        assert (tmp_path / "folder" / "经营工作会").is_dir()
        strange = origin.get("/secretary", headers={"Host": "elsewhere.example"})
        assert strange.status_code == 403
