"""A converter that hangs, forks, eats, lies or calls out, and what becomes of its files."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest
from PIL import Image
from scripted_converter import install, paper, starts

from kiosk import render

Put = Callable[[bytes], str]
SHORT_S = 2.5


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Puts bytes among the objects of a data directory, and tells their SHA-256."""

    def put(content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = tmp_path / "objects" / sha256[:2] / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return sha256

    return put


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a converter that does what its files say."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", install(folder))
    return folder


@pytest.fixture(params=["apart", "among-others"])
def setting(request: pytest.FixtureRequest, converter: Path) -> str:
    """Where the kernel gives namespaces, and where it does not."""
    if request.param == "among-others":
        refuses = converter / "unshare"
        refuses.write_text("#!/bin/sh\necho not permitted >&2\nexit 1\n")
        refuses.chmod(0o755)
    return str(request.param)


@pytest.fixture
def beacon() -> Iterator[socket.socket]:
    """A server that nobody may ask."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def was_asked(beacon: socket.socket) -> bool:
    try:
        beacon.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def trouble(data_dir: Path, sha256: str) -> object:
    known = render.info(data_dir, sha256)
    assert known is not None
    assert (known["trouble"] is None) == (render.document_path(data_dir, sha256) is not None)
    return known["trouble"]


def processes_about(folder: Path) -> list[str]:
    """The command lines of all processes that were told of this folder."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it ended while we looked
            continue
        if str(folder) in line:
            lines.append(line)
    return lines


def wait_for(condition: Callable[[], bool], limit_s: float = 20) -> None:
    give_up = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.02)


def test_several_files_are_made_into_pdf_with_one_start(
    tmp_path: Path, put: Put, converter: Path
) -> None:
    papers = [put(paper(f"{n}")) for n in range(4)]
    render.render_all(tmp_path, papers)
    assert starts(converter) == 1
    for sha256 in papers:
        known = render.info(tmp_path, sha256)
        assert known and (known["pages"], known["width"], known["height"]) == (2, 595, 842)
        assert (known["kind"], known["trouble"]) == ("rtf", None)
        picture = render.thumbnail_path(tmp_path, sha256)
        assert picture is not None
        with Image.open(picture) as page:
            assert page.format == "WEBP"
    assert sorted(path.name for path in (tmp_path / "renditions").iterdir()) == sorted(papers)


@pytest.mark.fault("S10")
@pytest.mark.parametrize(
    ("deed", "word"), [("hangs", "took-too-long"), ("forks", "too-large"), ("eats", "too-large")]
)
def test_a_converter_out_of_hand_is_ended_as_a_group_and_the_next_file_works(
    tmp_path: Path, put: Put, setting: str, deed: str, word: str
) -> None:
    good, bad, last = put(paper("a")), put(paper(deed)), put(paper("b"))
    limit_s = SHORT_S if deed == "hangs" else 60  # the others are found out before it is over
    render.render_all(tmp_path, [good, bad, last], convert_s=limit_s)
    assert [trouble(tmp_path, sha256) for sha256 in (good, bad, last)] == [None, word, None]
    wait_for(lambda: not processes_about(tmp_path))


@pytest.mark.parametrize("deed", ["fails", "half", "empty"])
def test_it_is_judged_by_the_file_that_it_leaves(
    tmp_path: Path, put: Put, converter: Path, deed: str
) -> None:
    good, bad = put(paper("a")), put(paper(deed))
    render.render_all(tmp_path, [bad, good])
    assert (trouble(tmp_path, bad), trouble(tmp_path, good)) == ("broken", None)


def test_what_breaks_a_common_run_is_tried_again_alone(
    tmp_path: Path, put: Put, converter: Path
) -> None:
    papers = [put(paper(words)) for words in ("a", "sociable", "b")]
    render.render_all(tmp_path, papers)
    assert [trouble(tmp_path, sha256) for sha256 in papers] == [None, None, None]
    assert starts(converter) == 3, "once for all, then for each that was left"


@pytest.mark.fault("S9")
def test_it_reaches_nobody_where_the_kernel_can_cut_the_network_off(
    tmp_path: Path, put: Put, converter: Path, beacon: socket.socket
) -> None:
    host, port = beacon.getsockname()
    calling = put(paper(f"calls {host} {port}"))
    render.render_all(tmp_path, [calling])
    assert trouble(tmp_path, calling) == "broken", "its call was refused"
    assert not was_asked(beacon)


def test_in_a_hurry_what_is_in_hand_is_finished_and_nothing_else_begun(
    tmp_path: Path, put: Put, converter: Path
) -> None:
    on = tmp_path / "go"
    first, *others = (put(paper(words)) for words in (f"waits {on}", "b", "c"))
    later = Timer(0.4, on.touch)

    def hurry() -> bool:
        if starts(converter) and not later.ident:
            later.start()  # when the renderer has heard of the hurry
        return bool(starts(converter))

    render.render_all(tmp_path, [first, *others], follower=render.Follower(lambda: None, hurry))
    later.join()
    assert trouble(tmp_path, first) is None
    assert [render.info(tmp_path, sha256) for sha256 in others] == [None, None]


def test_results_are_told_as_they_come(tmp_path: Path, put: Put, converter: Path) -> None:
    done = tmp_path / "go"
    first, second = put(paper("a")), put(paper(f"waits {done}"))
    seen: list[bool] = []

    def see() -> None:
        seen.append(render.info(tmp_path, second) is None)
        done.touch()

    plain = put(b"just words")
    follower = render.Follower(seen=see, hurry=lambda: False)
    render.render_all(tmp_path, [plain, first, second], follower=follower)
    assert seen[0], "the second was not done when there was something to see"
    assert trouble(tmp_path, second) is None


def test_nothing_goes_on_when_the_terminal_was_killed(
    tmp_path: Path, put: Put, setting: str
) -> None:
    code = "import sys, pathlib; from kiosk import render\n"
    code += "render.render_all(pathlib.Path(sys.argv[1]), sys.argv[2:])"
    terminal = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), put(paper("hangs"))])
    wait_for(lambda: any("scripted_converter" in line for line in processes_about(tmp_path)))
    terminal.send_signal(signal.SIGKILL)
    terminal.wait()
    wait_for(lambda: not processes_about(tmp_path))


def test_nothing_goes_on_when_the_renderer_was_killed(
    tmp_path: Path, put: Put, setting: str
) -> None:
    code = "import sys, pathlib; from kiosk import render\n"
    code += "render.render_all(pathlib.Path(sys.argv[1]), sys.argv[2:])"
    terminal = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), put(paper("waits nowhere"))]
    )
    wait_for(lambda: any("scripted_converter" in line for line in processes_about(tmp_path)))
    path = next(
        path.parent
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if "kiosk.render\0--each" in path.read_text("utf-8", "replace")
        and str(tmp_path) in path.read_text("utf-8", "replace")
    )
    os.kill(int(path.name), signal.SIGKILL)
    assert terminal.wait(20) == 0
    wait_for(lambda: not processes_about(tmp_path))


def test_an_object_that_is_purged_meanwhile_leaves_nothing(
    tmp_path: Path, put: Put, converter: Path
) -> None:
    purged = tmp_path / "go"
    sha256 = put(paper(f"waits {purged}"))

    def purge() -> bool:
        if starts(converter) and not purged.exists():
            (tmp_path / "objects" / sha256[:2] / sha256).unlink()
            purged.touch()
        return False

    render.render_all(tmp_path, [sha256], follower=render.Follower(lambda: None, purge))
    assert purged.exists() and list((tmp_path / "renditions").iterdir()) == []


def test_what_comes_early_lies_beside_its_package(tmp_path: Path, converter: Path) -> None:
    content = paper("a")
    sha256 = hashlib.sha256(content).hexdigest()
    entries = tmp_path / "download" / "meeting_M1.zip.part.entries"
    entries.mkdir(parents=True)
    (entries / sha256).write_bytes(content)
    render.render_all(tmp_path, [sha256])
    assert trouble(tmp_path, sha256) is None


def test_a_terminal_without_a_converter_says_so_until_there_is_one(
    tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    path = install(folder)
    sha256 = put(paper("a"))
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    render.render_all(tmp_path, [sha256])
    known = render.info(tmp_path, sha256)
    assert known and (known["trouble"], known["kind"]) == ("no-converter", "rtf")
    assert not render.is_outdated(known)
    monkeypatch.setenv("PATH", path)
    assert render.is_outdated(known)
    render.render_all(tmp_path, [sha256])
    assert trouble(tmp_path, sha256) is None


def test_a_copy_is_converted_and_the_object_stays_as_it_is(
    tmp_path: Path, put: Put, converter: Path
) -> None:
    sha256 = put(paper("a"))
    path = tmp_path / "objects" / sha256[:2] / sha256
    before = (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_nlink)
    render.render_all(tmp_path, [sha256])
    assert (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_nlink) == before


CAGED = """
import pathlib, sys, time
from kiosk.render import cage
cage.FOLDER_BYTES, cage.LOOK_S = 1 << 20, 0.0
one = cage.Cage(["sh", "-c", sys.argv[2]], pathlib.Path(sys.argv[1]), {"PATH": "/usr/bin:/bin"})
while one.is_running():
    time.sleep(0.01)
one.close()
print(one.why)
"""


@pytest.mark.parametrize(("writes", "word"), [("900K", "None"), ("2M", "too-large")])
def test_what_it_writes_is_bounded_whatever_was_there_before(
    tmp_path: Path, writes: str, word: str
) -> None:
    with open(tmp_path / "before", "wb") as file:
        file.truncate(5 << 20)
    command = f"truncate -s {writes} now; sleep 0.5"
    caged = [sys.executable, "-c", CAGED, str(tmp_path), command]
    ended = subprocess.run(caged, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == [word]


def test_what_an_earlier_version_found_out_is_found_out_anew(
    tmp_path: Path, put: Put, converter: Path
) -> None:
    sha256 = put(paper("a"))
    folder = tmp_path / "renditions" / sha256
    folder.mkdir(parents=True)
    told = {"pages": None, "seconds": None, "width": None, "height": None}
    (folder / "info.json").write_text(json.dumps({**told, "thumbnail": False, "trouble": None}))
    assert render.info(tmp_path, sha256) is None
    render.render_all(tmp_path, [sha256])
    assert trouble(tmp_path, sha256) is None


def test_what_breaks_whatever_looks_at_it_is_given_up(tmp_path: Path, put: Put) -> None:
    sha256 = put(paper("a"))
    render.give_up(tmp_path, sha256)
    assert trouble(tmp_path, sha256) == "broken"
    render.give_up(tmp_path, "0" * 64)
    assert [path.name for path in (tmp_path / "renditions").iterdir()] == [sha256]
