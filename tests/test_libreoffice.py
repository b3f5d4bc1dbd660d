"""The real LibreOffice: what it makes of every kind of Office file, and that it calls nobody."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread

import pypdfium2
import pytest
from paperfiles import calling_out, compound, macro, opened_locked, sample, word

from kiosk import render

SOURCES = {
    "docx": "ql-2026-q4/rules.docx",
    "xlsx": "ql-2026-q4/budget.xlsx",
    "pptx": "ql-2026-q4/report.pptx",
}
# What is made of each of them to be read again, and the name that it goes under then.
OLDER = {
    "docx": {"doc": "wps", "odt": "odt", "rtf": "doc"},
    "xlsx": {"xls": "et", "ods": "ods"},
    "pptx": {"ppt": "dps", "odp": "odp"},
}
WORDS = {"docx": "供水安全", "xlsx": "排水公司", "pptx": "经营"}


class Beacon:
    """A server on loopback that notes whoever asks it for anything."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.7", 0))
        self.url = f"http://127.0.0.7:{self._listener.getsockname()[1]}/"
        self._thread = Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            line, _ = self._listener.accept()
            with line:
                line.settimeout(1)
                asked = line.recv(4096)
                if asked == b"end":
                    return
                self.heard.append(asked)
                line.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()) as line:
            line.sendall(b"end")
        self._thread.join()
        self._listener.close()


@pytest.fixture
def beacon() -> Iterator[Beacon]:
    beacon = Beacon()
    yield beacon
    beacon.close()


@pytest.fixture(scope="module")
def kinds(libreoffice: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Every kind of Office file with a sample's words; its name begins with that one's kind."""
    folder = tmp_path_factory.mktemp("kinds")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    found = {}
    for new, name in SOURCES.items():
        source = folder / f"{new}.{new}"
        source.write_bytes(sample(name))
        found[source.name] = source.read_bytes()
        for old, ending in OLDER[new].items():
            command = [libreoffice, profile, "--headless", "--convert-to", old, "--outdir", folder]
            subprocess.run([*command, source], check=True, capture_output=True)
            found[f"{new}.{old}.{ending}"] = (folder / f"{new}.{old}").read_bytes()
    return found


def put(data_dir: Path, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    path = data_dir / "objects" / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha256


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        pages = range(len(document))
        return "".join(document[page].get_textpage().get_text_bounded() for page in pages)
    finally:
        document.close()


@pytest.mark.timeout(600)
def test_every_kind_is_made_into_a_pdf_with_its_words(
    tmp_path: Path, kinds: Mapping[str, bytes]
) -> None:
    objects = {put(tmp_path, content): name for name, content in kinds.items()}
    render.render_all(tmp_path, [render.named(sha256, name) for sha256, name in objects.items()])
    for sha256, name in objects.items():
        known = render.info(tmp_path, sha256)
        document = render.document_path(tmp_path, sha256)
        assert known and known["pages"] and known["thumbnail"] and document, (name, known)
        assert WORDS[name.partition(".")[0]] in text_of(document), name


@pytest.mark.timeout(600)
def test_what_cannot_be_converted_is_explained_in_a_word(tmp_path: Path, libreoffice: Path) -> None:
    whole = sample("ql-2026-q4/rules.docx")
    told = {
        put(tmp_path, whole): None,
        put(tmp_path, compound({"EncryptedPackage": b"", "EncryptionInfo": b""})): "encrypted",
        put(tmp_path, opened_locked()): "encrypted",
        put(tmp_path, whole[: len(whole) // 2]): "broken",
        put(tmp_path, word("<w:p><w:r>")): "broken",
        put(tmp_path, compound({"WordDocument": b"\xec\xa5\xc1\0" + bytes(5000)})): "broken",
        put(tmp_path, compound({"Storage of something else": b""})): "unknown",
    }
    render.render_all(tmp_path, list(told))
    found = {sha256: render.info(tmp_path, sha256) for sha256 in told}
    assert {sha256: known and known["trouble"] for sha256, known in found.items()} == told


@pytest.fixture(params=["apart", "among-others"])
def setting(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the kernel gives namespaces, and where it does not."""
    if request.param == "among-others":
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "unshare").write_text("#!/bin/sh\necho not permitted >&2\nexit 1\n")
        (folder / "unshare").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return str(request.param)


@pytest.mark.fault("S9")
def test_nothing_in_a_document_calls_anybody_or_runs(
    tmp_path: Path, libreoffice: Path, setting: str, beacon: Beacon
) -> None:
    marker = tmp_path / "ran"
    hostile = {**calling_out(beacon.url), "macro.fodt": macro(marker)}
    objects = {put(tmp_path, content): name for name, content in hostile.items()}
    render.render_all(
        tmp_path, [render.named(sha256, f"x.{name}") for sha256, name in objects.items()]
    )
    for sha256, name in objects.items():
        assert render.document_path(tmp_path, sha256), (name, render.info(tmp_path, sha256))
    assert beacon.heard == []
    assert not marker.exists()


def test_nothing_is_left_behind(tmp_path: Path, libreoffice: Path) -> None:
    before = set(Path("/tmp").glob("OSL_PIPE_*"))
    sha256 = put(tmp_path, sample("board-2026-12/policy.docx"))
    render.render_all(tmp_path, [sha256], convert_s=0.5)  # ended in the middle
    render.render_all(tmp_path, [sha256])
    assert render.document_path(tmp_path, sha256)
    assert [path.name for path in (tmp_path / "renditions").iterdir()] == [sha256]
    assert set(Path("/tmp").glob("OSL_PIPE_*")) <= before
