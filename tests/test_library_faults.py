"""The library when the disk or the process fails: damaged files, no room, killed in the middle."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meetings import files_in, publish, shown

from kiosk import manifest as manifests
from kiosk.library import AgendaItem, Library, Manifest, Material

PUBLISHER = Path(__file__).with_name("publisher.py")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


# Damage (C5, C6)


@pytest.mark.fault("C6")
def test_a_stored_file_that_rotted_is_seen(library: Library) -> None:
    made = publish(library, {"a": b"sound"})
    (sha256,) = made.objects
    library.object_path(sha256).write_bytes(b"rotte")
    assert [one.kind for one in library.verify()] == ["wrong-content"]
    assert not library.is_whole(made)
    publish(library, {"a": b"sound"})
    assert library.verify() == []


def test_a_stored_file_that_is_gone_shorter_or_a_link_is_seen(
    library: Library, tmp_path: Path
) -> None:
    made = publish(library, {"a": b"one", "b": b"two", "c": b"three"})
    first, second, third = (library.object_path(sha256) for sha256 in made.objects)
    first.unlink()
    second.write_bytes(b"")
    (tmp_path / "elsewhere").write_bytes(b"three")
    third.unlink()
    third.symlink_to(tmp_path / "elsewhere")
    kinds = sorted(one.kind for one in library.verify())
    assert kinds == ["missing", "wrong-content", "wrong-content"]


@pytest.mark.parametrize("rubbish", [b"", b"\n", b"0" * 64, b"\xff\xfe\0", b"../../etc/passwd"])
def test_a_damaged_marker_is_mended_from_a_revision_that_is_whole(
    library: Library, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    publish(library, {"a": b"old"}, published_at="2026-01-01T00:00:00+00:00")
    publish(library, {"a": b"new"}, published_at="2026-01-02T00:00:00+00:00")
    (library.data_dir / "meetings/M1/current").write_bytes(rubbish)
    assert library.current("M1") is None
    assert [one.kind for one in library.verify()] == ["unreadable"]
    library.collect()
    assert shown(library) == {"a": b"new"}
    assert library.verify() == []
    assert "current-mended" in caplog.text


@pytest.mark.parametrize("rubbish", [b"", b"{", b"\0" * 100, b"[]", b'{"format": 2}', b"[" * 9999])
def test_a_meeting_whose_only_manifest_is_damaged_is_set_aside(
    library: Library, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    publish(library, {"b": b"sound"}, "M2")
    made = publish(library, {"a": b"words"})
    (library.data_dir / f"meetings/M1/{made.revision}.json").write_bytes(rubbish)
    assert library.current("M1") is None
    assert [one.meeting for one in library.meetings()] == ["M2"]
    library.collect()
    assert library.verify() == []
    assert "meeting-set-aside" in caplog.text
    assert shown(library, "M2") == {"b": b"sound"}
    publish(library, {"a": b"words"})
    assert shown(library) == {"a": b"words"}


def test_a_manifest_in_another_meetings_place_does_not_count(library: Library) -> None:
    made = publish(library, {"a": b"secret"}, "M1")
    publish(library, {"b": b"words"}, "M2")
    place = library.data_dir / "meetings" / "M2"
    (place / f"{made.revision}.json").write_bytes(made.encode())
    (place / "current").write_text(made.revision)
    assert library.current("M2") is None
    assert library.manifest("M2", made.revision) is None


def test_strange_things_in_the_directory_do_no_harm(library: Library) -> None:
    publish(library, {"a": b"words"})
    (library.data_dir / "meetings" / "file").write_bytes(b"not a folder")
    (library.data_dir / "meetings" / "M3").mkdir()
    (library.data_dir / "meetings" / "loop").symlink_to(library.data_dir / "meetings")
    (library.data_dir / "objects" / "zz").write_bytes(b"")
    (library.data_dir / "meetings" / "M1" / "folder.json").mkdir()
    assert [one.meeting for one in library.meetings()] == ["M1"]
    library.collect()
    assert library.verify() == []
    assert shown(library) == {"a": b"words"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
SAMPLE = Manifest(
    "M1", "t", agenda=(AgendaItem("i", "r", 5, (Material("p", "n", 1, "a" * 64, 2),)),),
    missing=("x",), servers={"s": 1},
)  # fmt: skip


@given(st.data(), JSON)
def test_any_manifest_is_read_as_it_says_or_refused(data: st.DataObject, value: Any) -> None:
    document = json.loads(SAMPLE.encode())
    target = data.draw(
        st.sampled_from([document, document["agenda"][0], document["agenda"][0]["materials"][0]])
    )
    target[data.draw(st.sampled_from(sorted(target)))] = value
    content = json.dumps(document).encode()
    try:
        read = manifests.decode(content)
    except ValueError:
        return
    assert read.revision == SAMPLE.revision, "only what is not content can differ"


@given(st.binary(max_size=200))
def test_any_bytes_are_no_manifest(content: bytes) -> None:
    with pytest.raises(ValueError):
        manifests.decode(content)


# Leftovers (I3)


def test_leftovers_are_no_damage_and_go_at_the_next_start(library: Library) -> None:
    made = publish(library, {"a": b"words"})
    objects = library.data_dir / "objects"
    kept = files_in(library)
    orphan = objects / "ab" / ("ab" * 32)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"renamed, then the power went")
    (objects / ".new-0123").write_bytes(b"half")
    (library.data_dir / ".new-servers.json").write_bytes(b"half")
    (library.data_dir / f"meetings/M1/.new-{made.revision}.json").write_bytes(b"{")
    unpublished = library.data_dir / "meetings" / "M9"
    unpublished.mkdir()
    (unpublished / f"{SAMPLE.revision}.json").write_bytes(SAMPLE.encode())
    drawing = library.data_dir / "renditions" / ".new-1-x"
    drawing.mkdir(parents=True)
    (drawing / "page1.webp").write_bytes(b"half")
    (library.data_dir / "download").mkdir()
    (library.data_dir / "download/meeting_M1.zip.part.journal").write_bytes(b"of no part")
    assert library.verify() == []
    library.collect()
    assert files_in(library) == kept


# The disk refuses (C3, C4)


def published_in_child(library: Library, *how: str, prefix: list[str] | None = None) -> Any:
    """Publish a new revision in a process of its own, under that trouble; what came of it."""
    command = [*(prefix or []), sys.executable, str(PUBLISHER), str(library.data_dir), *how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_file_that_the_system_will_not_let_grow_ends_the_publish_and_harms_nothing(
    library: Library,
) -> None:
    publish(library, {"a": b"old"})
    before = files_in(library)
    outcome = published_in_child(library, "limit", "100000")
    assert outcome["code"] == "storage-failed"
    assert shown(library) == {"a": b"old"}
    assert files_in(library) == before
    assert library.verify() == []


@pytest.mark.fault("C3")
def test_a_full_disk_ends_the_publish_and_harms_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "small")
    library.data_dir.mkdir()
    prefix = small_disk(library.data_dir)
    outcome = published_in_child(library, "full" if prefix else "no-growth", prefix=prefix)
    assert outcome["code"] == ("disk-full" if prefix else "storage-failed")
    assert not prefix or outcome["details"]["free"] < 4 << 20
    assert outcome["shown"] == {"a": "old"}
    assert outcome["before"] == outcome["after"]
    assert outcome["damage"] == []


def small_disk(place: Path) -> list[str]:
    """The beginning of a command that has a disk of 4 MiB at ``place``, and nobody else has.

    Empty where this system lets nobody mount, as in most containers: then no file may grow instead.
    """
    mount = f'mount -t tmpfs -o size=4m none "{place}" && exec "$@"'
    for who in ([], ["--user", "--map-root-user"]) if shutil.which("unshare") else ():
        prefix = ["unshare", *who, "--mount", "sh", "-c", mount, "sh"]
        if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    return []


@pytest.mark.parametrize("place", ["objects", "meetings", "meetings/M2", "turn"])
def test_a_place_that_is_not_what_it_should_be_ends_the_publish(
    library: Library, place: str
) -> None:
    publish(library, {"a": b"old"})
    library.collect()
    path = library.data_dir / place
    aside = path.with_name("aside")
    if path.exists():
        path.rename(aside)
    path.mkdir() if place == "turn" else path.write_bytes(b"in the way")
    assert published_in_child(library, "plain")["code"] == "storage-failed"
    path.rmdir() if place == "turn" else path.unlink()
    if aside.exists():
        aside.rename(path)
    assert shown(library) == {"a": b"old"}
    assert library.verify() == []


def test_too_few_open_files_end_the_publish_and_harm_nothing(library: Library) -> None:
    publish(library, {"a": b"old"})
    before = files_in(library)
    outcome = published_in_child(library, "files", "0")
    assert outcome["code"] == "storage-failed"
    assert shown(library) == {"a": b"old"}
    assert files_in(library) == before


@pytest.mark.fault("C4")
def test_whichever_file_operation_fails_the_old_or_the_new_revision_is_whole(
    tmp_path: Path,
) -> None:
    libraries = [Library(tmp_path / str(number)) for number in range(60)]
    for library in libraries:
        publish(library, {"a": b"old"}, "M2")
    before = files_in(libraries[0])
    command = [sys.executable, str(PUBLISHER), str(tmp_path), "each", str(len(libraries))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    for library, outcome in zip(libraries, outcomes, strict=False):
        seen = shown(library, "M2")
        assert seen == {"a": b"old"} or len(seen["b"]) == 1_000_000
        assert library.verify() == []
        if seen == {"a": b"old"}:
            assert files_in(library) == before
        if outcome["code"] is None:
            assert "b" in seen
    assert {outcome["code"] for outcome in outcomes} == {"storage-failed", None}
    assert [outcome for outcome in outcomes if not outcome["failed"]] == outcomes[-1:]
    assert 10 < len(outcomes) < len(libraries)


# The process is killed (I1)


def test_a_kill_in_the_middle_of_a_publish_leaves_a_whole_revision(library: Library) -> None:
    publish(library, {"a": b"old"})
    chance = random.Random(5)
    for _ in range(4):
        command = [sys.executable, str(PUBLISHER), str(library.data_dir), "forever"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0, 0.1))
            child.send_signal(signal.SIGKILL)
        assert library.verify() == []
        seen = shown(library)
        assert len(set(seen.values())) == 1, "all files are of one revision"
        library.collect()
        assert library.verify() == []
        expected = 2 + len(set(seen.values()))
        assert len(files_in(library)) == expected, "objects, one manifest, one marker"
