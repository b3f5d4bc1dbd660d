"""A package that is still on its way to a node is given out as far as it is there (N2)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
from existing_master import ExistingMaster, Meeting
from kiosk_process import eventually
from node_process import API, NodeProcess, files_in
from slow_line import SlowLine

from kiosk.library import AgendaItem, Library, Manifest, Material
from kiosk.node.coming import Coming
from kiosk.node.wire import Json, Package, manifest_of
from kiosk.packing import Layout, files_of
from kiosk.part import entries_folder

CONTENTS = {"1/a.pdf": b"first " * 900, "1/b.pdf": b"second " * 900, "2/c.pdf": b""}
FILES = {name: bytes([65 + n]) * 400_000 for n, name in enumerate(("甲.pdf", "乙.pdf", "丙.pdf"))}


def material(path: str, content: bytes) -> Material:
    name = sha256(content).hexdigest()
    return Material(path, path, len(content), name, None, zlib.crc32(content))


def told() -> tuple[Json, bytes]:
    """A manifest as a node tells it, and the package that it is of."""
    manifest = Manifest("M1", "会议", agenda=(
        AgendaItem("一", materials=tuple(material(*one) for one in CONTENTS.items())),
    ))  # fmt: skip
    layout = Layout(files_of(manifest))
    by_name = {sha256(content).hexdigest(): content for content in CONTENTS.values()}
    whole = b"".join(
        piece if isinstance(piece, bytes) else by_name[piece.sha256][piece.offset :][: piece.length]
        for piece in layout.pieces()
    )
    return manifest_of(manifest, layout, Package(sha256(whole).hexdigest(), len(whole))), whole


def put(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256(content).hexdigest()).write_bytes(content)


def test_what_a_manifest_tells_is_the_package_to_the_byte(tmp_path: Path) -> None:
    manifest, whole = told()
    library = Library(tmp_path)
    coming = Coming(library, "M1", json.loads(json.dumps(manifest)))
    assert (coming.layout.total, coming.package.bytes) == (len(whole), len(whole))
    entries = entries_folder(library.part_path("M1"))
    for content in CONTENTS.values():
        put(entries, content)
    assert b"".join(coming.chunks(0, len(whole))) == whole
    assert b"".join(coming.chunks(100, 6000)) == whole[100:6000]


def test_the_end_that_holds_no_file_is_there_from_the_beginning(tmp_path: Path) -> None:
    manifest, whole = told()
    coming = Coming(Library(tmp_path), "M1", manifest)
    start = len(whole) - coming.directory_bytes
    assert whole[start : start + 4] == b"PK\x01\x02"
    assert b"".join(coming.chunks(start, len(whole))) == whole[start:]


def test_a_file_is_waited_for_and_given_as_soon_as_it_stands_under_its_name(tmp_path: Path) -> None:
    manifest, whole = told()
    library = Library(tmp_path)
    coming = Coming(library, "M1", manifest)
    chunks = coming.chunks(0, len(whole))
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.extend(chunks))
    reader.start()
    first, second, third = CONTENTS.values()
    put(entries_folder(library.part_path("M1")), first)
    eventually(lambda: sum(map(len, read)) > len(first))
    assert reader.is_alive()
    put(library.object_path(sha256(second).hexdigest()).parent, second)
    put(entries_folder(library.part_path("M1")), third)
    reader.join(30)
    assert b"".join(read) == whole


def test_who_waits_for_what_does_not_come_is_cut_off(tmp_path: Path) -> None:
    manifest, whole = told()
    coming = Coming(Library(tmp_path), "M1", manifest)
    coming.end()
    with pytest.raises(ConnectionResetError):
        list(coming.chunks(0, len(whole)))


def drop(*path: str | int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


def change_to(value: object, *path: str | int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize("spoil", [
    drop("package"), drop("agenda"), drop("entries"), drop("entries", 1),
    drop("entries", 1, "crc32"), change_to("M2", "meeting"), change_to(7, "package", "bytes"),
    change_to("x", "package", "sha256"), change_to([], "entries"),
    change_to({}, "entries"), change_to(None, "agenda"),
    change_to(8, "entries", 1, "method"), change_to(5, "entries", 1, "offset"),
    change_to(1 << 40, "entries", 1, "crc32"), change_to(-1, "entries", 1, "compressed"),
    change_to(True, "entries", 1, "crc32"), change_to("../x", "entries", 1, "path"),
    change_to([], "entries", 1, "path"), change_to(0, "agenda", 0, "materials", 0, "bytes"),
    change_to("../x", "agenda", 0, "materials", 0, "sha256"),
    change_to("../x", "agenda", 0, "materials", 0, "path"),
])  # fmt: skip
def test_a_manifest_that_is_not_of_such_a_package_is_not_believed(
    spoil: Callable[[Any], None], tmp_path: Path
) -> None:
    document = json.loads(json.dumps(told()[0]))
    spoil(document)
    with pytest.raises(ValueError, match=r"."):
        Coming(Library(tmp_path), "M1", document)


# The real thing


@pytest.fixture
def near(tmp_path: Path) -> Iterator[NodeProcess]:
    meeting = Meeting("M1", "会议", dict(FILES))
    with ExistingMaster(meeting) as master, NodeProcess(tmp_path / "near", master.url) as node:
        node.wait_until_served()
        yield node


def begun(node: NodeProcess) -> None:
    """Until the node knows what its package will be, and does not have it yet."""
    eventually(lambda: node.api("/meetings/M1/manifest").status_code == 200)
    assert node.health()["served"] == 0


@pytest.mark.fault("N2")
def test_who_asks_while_it_comes_streams_along_and_it_comes_once(
    near: NodeProcess, tmp_path: Path
) -> None:
    whole = near.package().content
    with (
        SlowLine(near.port, 600_000) as line,
        NodeProcess(tmp_path / "far", line.url, front="nginx") as far,
    ):
        begun(far)
        part = far.package(Range="bytes=-200", **{"If-None-Match": '"another"'})
        assert (part.status_code, part.content) == (206, whole[-200:])
        answers: list[requests.Response] = []
        readers = [threading.Thread(target=lambda: answers.append(far.package())) for _ in range(8)]
        for reader in readers:
            reader.start()
        command = [sys.executable, "-m", "kiosk", "fetch", "M1", "--server", far.url]
        seat = subprocess.run(
            [*command, "--data-dir", str(tmp_path / "seat")], capture_output=True, timeout=60
        )
        for reader in readers:
            reader.join(30)
        assert [one.content == whole for one in answers] == [True] * 8
        assert {one.headers["ETag"] for one in answers} == {near.package().headers["ETag"]}
        assert seat.returncode == 0, seat.stderr
        assert far.wait_until_served() == answers[0].headers["ETag"]
        assert line.carried < 1.2 * len(whole), "however many asked"


def kept(answer: requests.Response, came: bytearray) -> Iterator[bytes]:
    """What still comes of an answer, each block put to ``came`` at once."""
    for block in answer.iter_content(1 << 14):
        came += block
        yield b""


@pytest.mark.fault("N2")
def test_a_stream_whose_source_goes_away_is_cut_and_never_filled_with_something_else(
    near: NodeProcess, tmp_path: Path
) -> None:
    whole, etag = near.package().content, near.package().headers["ETag"]
    line = SlowLine(near.port, 400_000)
    with NodeProcess(tmp_path / "far", line.url, retries=1) as far:
        begun(far)
        url = f"{far.url}{API}/meetings/M1/download-package"
        with requests.get(url, stream=True, timeout=60) as answer:
            assert answer.headers["ETag"] == etag
            came = bytearray(answer.raw.read(450_000))
            line.close()
            with pytest.raises(requests.RequestException):
                came.extend(b"".join(kept(answer, came)))
        assert len(came) < len(whole)
        assert bytes(came) == whole[: len(came)]
        assert far.health()["served"] == 0
    assert len(files_in(whole)) == 3
