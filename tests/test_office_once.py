"""Office files are made into PDF once, at the origin, and every hop hands the PDF on."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from folders import fill
from kiosk_process import KioskProcess, eventually
from node_process import API, NodeProcess
from origin_process import OriginProcess
from paperfiles import sample
from scripted_converter import PDF, install, paper, starts

from kiosk import render
from kiosk.pool import Server
from kiosk.settings import Settings
from kiosk.terminal import papers
from kiosk.terminal.papers import Listed, Papers, listed_in

OTHER = PDF.replace(b"842", b"420")
RENDITIONS = f"{API}/meetings/M1/renditions"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_what_the_origin_made_is_read_on_a_terminal_that_makes_none(
    tmp_path: Path, libreoffice: Path
) -> None:
    docx = sample("ql-2026-q4/rules.docx")
    folder = fill(tmp_path / "meetings", {"M1/01 制度/制度.docx": docx, "M1/01 制度/b.txt": "b"})
    off = {"office": False, "interval_s": 1}
    with (
        OriginProcess(folder, tmp_path / "origin") as origin,
        NodeProcess(tmp_path / "node", origin.url, **off) as node,
    ):
        etag, manifest = origin.wait_until_served(), origin.manifest()
        assert node.wait_until_served() == etag, "it has not waited for a PDF"
        one = {"server_ip": "127.0.0.1", "server_port": node.port, **off}
        with KioskProcess(tmp_path / "seat", "threading", **one, auto_download=True,
                          start_delay_s=0) as kiosk:  # fmt: skip
            eventually(lambda: any(row["local"] for row in kiosk.json("/api/meetings")["meetings"]))
            row = eventually(lambda: as_pdf(kiosk), 60)
            shown = kiosk.get(row["url"]).content
        (told,) = node.json(RENDITIONS)
        assert told == {"sha256": sha(docx), "pdf": sha(shown), "bytes": len(shown)}
        assert origin.json(RENDITIONS) == [told]
        pdf = f"{RENDITIONS}/{sha(docx)}.pdf"
        whole, part = node.get(pdf), node.get(pdf, headers={"Range": "bytes=0-4"})
        assert (whole.content, part.status_code, part.content) == (shown, 206, b"%PDF-")
        assert whole.headers["ETag"] == f'"sha256-{sha(shown)}"'
        assert node.get(pdf, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
        assert node.get(f"{RENDITIONS}/{'0' * 64}.pdf").status_code == 404
        assert (node.wait_until_served(), node.manifest()) == (etag, manifest)


def as_pdf(kiosk: KioskProcess) -> Any:
    row = kiosk.meeting()["agenda"][0]["materials"][0]
    if row["name"] != "制度.docx":
        row = kiosk.meeting()["agenda"][0]["materials"][1]
    return row if row["viewer"] == "pdf" else None


class Giving:
    """A node that gives these renditions: ``listed`` is its list, ``pdf`` what it sends for all."""

    def __init__(self, listed: object, pdf: bytes) -> None:
        self.asked: list[str] = []
        giving = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                giving.asked.append(self.path)
                is_list = self.path.endswith("/renditions")
                body = json.dumps(listed).encode() if is_list else pdf
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.server = Server("127.0.0.1", self._server.server_port)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


Shown = Callable[[object, bytes], bytes]


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", install(folder))
    monkeypatch.setattr(papers, "PATIENCE_S", 0.2)
    monkeypatch.setattr(papers, "LOOK_S", (0.05, 0.1))
    return folder


@pytest.fixture
def shown(tmp_path: Path, converter: Path) -> Iterator[Shown]:
    """What a terminal shows of the Office file `SOURCE` beside a node that gives such a thing."""
    running: list[Callable[[], None]] = []

    def show(listed: object, pdf: bytes) -> bytes:
        giving = Giving(listed, pdf)
        running.append(giving.close)
        data_dir = tmp_path / "data"
        path = data_dir / "objects" / SOURCE_SHA[:2] / SOURCE_SHA
        fill(path.parent, {path.name: SOURCE})
        settings = Settings.load({"data_dir": str(data_dir)}, {})
        made = Papers(lambda: settings, lambda: giving.server, lambda: None)
        thread = threading.Thread(target=made.run)
        thread.start()
        running.extend([thread.join, made.stop])
        made.want("M1", [f"{SOURCE_SHA}.docx"])
        document = eventually(lambda: render.document_path(data_dir, SOURCE_SHA))
        eventually(lambda: not list((data_dir / "renditions").glob(".new-brought*")))
        return bytes(Path(document).read_bytes())

    yield show
    for end in reversed(running):
        end()


SOURCE = paper("a")
SOURCE_SHA = sha(SOURCE)


def told(pdf: bytes | None, **more: object) -> list[dict[str, object]]:
    its = {"pdf": sha(pdf) if pdf else None, "bytes": len(pdf) if pdf else None}
    return [{"sha256": SOURCE_SHA, **its, **more}]


def test_a_pdf_that_the_node_has_is_taken_and_none_is_made(shown: Shown, converter: Path) -> None:
    assert shown(told(OTHER), OTHER) == OTHER
    assert starts(converter) == 0


@pytest.mark.fault("S9")
@pytest.mark.parametrize(
    ("listed", "pdf"),
    [
        (told(OTHER), OTHER[:-1] + b"x"),
        (told(OTHER), OTHER + bytes(100_000)),
        (told(OTHER), OTHER[:50]),
        (told(b"not a PDF at all"), b"not a PDF at all"),
        (told(OTHER, bytes=10), OTHER),
        (told(None), b""),
        ([], b""),
        ({"sha256": SOURCE_SHA}, b""),
    ],
    ids=[
        "other bytes",
        "too long",
        "too short",
        "no PDF",
        "lies",
        "never comes",
        "none",
        "nonsense",
    ],
)
def test_where_the_node_gives_nothing_good_it_is_made_here(
    shown: Shown, converter: Path, listed: object, pdf: bytes
) -> None:
    assert shown(listed, pdf) == PDF
    assert starts(converter) == 1


def test_a_list_of_renditions_is_held_to_its_form() -> None:
    good = {"sha256": "a" * 64, "pdf": "b" * 64, "bytes": 5}
    assert listed_in([good]) == {"a" * 64: Listed("b" * 64, 5)}
    assert listed_in([{**good, "pdf": None}]) == {"a" * 64: Listed(None, 0)}
    wrong: list[Any] = [
        None, 1, "x", [], [None], [[]], [{**good, "sha256": 1}], [{**good, "sha256": "A" * 64}],
        [{**good, "pdf": "../x"}], [{**good, "bytes": True}], [{**good, "bytes": 0}],
        [{**good, "bytes": 1 << 40}], [{**good, "bytes": "5"}], {"renditions": [good]},
    ]  # fmt: skip
    assert [answer for answer in wrong if listed_in(answer)] == []
