"""An origin as a process: how many it serves at once, and the page that is its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from kiosk_process import eventually
from node_process import API, FRONTS, NodeProcess


@pytest.mark.fault("N6")
@pytest.mark.parametrize("front", FRONTS)
def test_more_than_so_many_are_told_to_come_again_until_there_is_room(
    tmp_path: Path, front: str
) -> None:
    meeting = tmp_path / "folder" / "M1"
    meeting.mkdir(parents=True)
    (meeting / "a.bin").write_bytes(bytes(40 << 20))  # more than all buffers on the way
    with NodeProcess(tmp_path / "node", folder=meeting.parent, front=front, streams=2) as node:
        node.wait_until_served()
        url = f"{node.url}{API}/meetings/M1/download-package"
        held = [requests.get(url, stream=True, timeout=10) for _ in range(2)]
        try:
            assert [one.status_code for one in held] == [200, 200]
            told = [node.package(Range="bytes=-100") for _ in range(20)]
            assert {one.status_code for one in told} == {503}
            assert {int(one.headers["Retry-After"]) for one in told} <= {1, 2, 3, 4, 5}
            assert len({one.headers["Retry-After"] for one in told}) > 1, "not all at once"
            assert node.health()["status"] == "ok"
            assert node.manifest()["package"]["bytes"] > 40 << 20
        finally:
            for one in held:
                one.close()
        eventually(lambda: node.package(Range="bytes=-100").status_code == 206)


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
