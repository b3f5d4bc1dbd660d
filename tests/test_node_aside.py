"""Who asks how a node is does not stand in the queue of all the others."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from folders import fill
from node_process import API, NodeProcess

from kiosk.node.serving import SPARE_THREADS

BEGUN = f"""POST {API}/nodes/heartbeat HTTP/1.1\r
Host: 127.0.0.1\r
Content-Type: application/json\r
Content-Length: 100\r
\r
{{"""


def test_the_node_tells_its_health_while_every_thread_of_it_is_taken(tmp_path: Path) -> None:
    fill(tmp_path / "meetings", {"M1/a.txt": b"a"})
    with (
        NodeProcess(
            tmp_path / "data", front="nginx", folder=tmp_path / "meetings", streams=1
        ) as node,
        contextlib.ExitStack() as slow,
    ):
        place = urlsplit(node.url)
        for _ in range(2 * (1 + SPARE_THREADS)):
            line = socket.create_connection((str(place.hostname), int(place.port or 0)), 10)
            slow.enter_context(line).sendall(BEGUN.encode())
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.get(f"{node.url}/status", timeout=1.0)
        assert node.health()["status"] == "ok"
