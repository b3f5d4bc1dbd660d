"""Where people were in each material: kept on the terminal, bounded, gone with the purge."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from meetings import publish

from kiosk.demo.origin import OriginPool, pool_of
from kiosk.errors import UsageError
from kiosk.library import Library, Manifest
from kiosk.terminal.reading import MOST, Reading, keys, place_of

PLACE = {"page": 11, "y": 0.25, "fit": "width", "scale": 1.5, "turn": 0}
FILES = {"报告.pdf": b"%PDF-1.4 one", "附件.txt": b"two", "预算.txt": b"three"}


def document(manifest: Manifest) -> dict[str, Any]:
    rows = [{"n": n, "name": one.name} for n, one in enumerate(manifest.materials, 1)]
    return {"id": manifest.meeting, "agenda": [{"materials": rows}]}


def rows(reading: Reading, manifest: Manifest, *, is_current: bool = True) -> list[dict[str, Any]]:
    shown = reading.shown(document(manifest), manifest, is_current=is_current)
    return list(shown["agenda"][0]["materials"])


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def test_a_place_outlives_the_terminal(library: Library) -> None:
    manifest = publish(library, FILES)
    Reading(library.data_dir).keep("M1", ("附件.txt", 1), None, PLACE)
    again = Reading(library.data_dir)
    assert [row["place"] for row in rows(again, manifest)] == [None, PLACE, None]
    assert again.shown(document(manifest), manifest, is_current=True)["recent"] == [2]


def test_the_new_version_of_a_document_opens_where_the_old_one_was_left_and_is_marked(
    library: Library,
) -> None:
    reading = Reading(library.data_dir)
    before = publish(library, FILES)
    for key, one in zip(keys(before.materials), before.materials, strict=True):
        reading.keep("M1", key, one.sha256, PLACE)
    changed = {"新增.txt": b"new", **FILES, "报告.pdf": b"%PDF-1.4 another"}
    after = publish(library, changed)
    reading.replaced(before, after)
    assert [row["updated"] for row in rows(reading, after)] == ["new", "changed", None, None]
    assert [row["place"] for row in rows(reading, after)] == [None, PLACE, PLACE, PLACE]
    assert [row["updated"] for row in rows(reading, before, is_current=False)] == [None] * 3


def test_a_mark_stays_until_the_material_is_opened_and_over_a_restart(library: Library) -> None:
    before, after = publish(library, FILES), publish(library, {**FILES, "附件.txt": b"other"})
    Reading(library.data_dir).replaced(before, after)
    again = Reading(library.data_dir)
    assert [row["updated"] for row in rows(again, after)] == [None, "changed", None]
    again.keep("M1", ("附件.txt", 1), after.materials[1].sha256, None)
    assert [row["updated"] for row in rows(again, after)] == [None] * 3
    assert [row["updated"] for row in rows(Reading(library.data_dir), after)] == [None] * 3


def test_what_changed_while_no_terminal_ran_is_known_by_what_was_read(library: Library) -> None:
    before = publish(library, FILES)
    Reading(library.data_dir).keep("M1", ("报告.pdf", 1), before.materials[0].sha256, PLACE)
    after = publish(library, {**FILES, "报告.pdf": b"%PDF-1.4 another"})
    assert rows(Reading(library.data_dir), after)[0]["updated"] == "changed"


def test_two_of_one_name_are_two(library: Library) -> None:
    assert keys([{"name": "附件.pdf"}, {"name": "报告.pdf"}, {"name": "附件.pdf"}]) == [
        ("附件.pdf", 1), ("报告.pdf", 1), ("附件.pdf", 2)
    ]  # fmt: skip


def test_it_is_bounded_and_keeps_the_latest(library: Library) -> None:
    reading = Reading(library.data_dir)
    for number in range(MOST + 20):
        reading.keep("M1", (f"{number}.pdf", 1), None, PLACE)
    kept = json.loads((library.data_dir / "reading" / "M1.json").read_text("utf-8"))["opened"]
    assert [row["name"] for row in (kept[0], kept[-1])] == ["20.pdf", f"{MOST + 19}.pdf"]
    assert len(kept) == MOST


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\x00", b'{"opened": 1, "marks": []}', b"[" * 100_000,
     b'{"opened": [{"name": 1, "which": 1, "sha256": null, "place": null}], "marks": []}',
     b'{"opened": [{"name": "a", "which": 1, "sha256": "x", "place": null}], "marks": []}',
     b'{"opened": [], "marks": [{"name": "a", "which": 1, "kind": "<b>"}]}', b" " * (5 << 20)],
)  # fmt: skip
@pytest.mark.fault("C5")
def test_what_cannot_be_read_counts_as_nothing(library: Library, content: bytes) -> None:
    manifest = publish(library, FILES)
    (library.data_dir / "reading").mkdir()
    (library.data_dir / "reading" / "M1.json").write_bytes(content)
    reading = Reading(library.data_dir)
    assert [row["place"] for row in rows(reading, manifest)] == [None] * 3
    reading.keep("M1", ("报告.pdf", 1), None, PLACE)
    assert rows(Reading(library.data_dir), manifest)[0]["place"] == PLACE


@pytest.mark.parametrize(
    "value",
    ["x", [], {"page": []}, {"page": {"a": 1}}, {"": 1}, {"a b": 1}, {"a": "x" * 101},
     {"a": float("nan")}, {"a": float("inf")}, {"a": 10**400}, {f"f{n}": n for n in range(13)}],
)  # fmt: skip
def test_a_place_is_a_few_plain_values(value: object) -> None:
    with pytest.raises(UsageError):
        place_of(value)


def test_a_purge_takes_it_away(library: Library) -> None:
    for meeting in ("M1", "会议/2"):
        publish(library, FILES, meeting)
        Reading(library.data_dir).keep(meeting, ("报告.pdf", 1), None, PLACE)
    folder = library.data_dir / "reading"
    assert len(list(folder.iterdir())) == 2
    library.purge("会议/2")
    assert [path.name for path in folder.iterdir()] == ["M1.json"]
    library.purge_all()
    assert list(folder.iterdir()) == []


def test_what_is_left_of_a_meeting_that_is_gone_goes_at_the_next_start(library: Library) -> None:
    publish(library, FILES)
    reading = Reading(library.data_dir)
    for meeting in ("M1", "M2"):
        reading.keep(meeting, ("报告.pdf", 1), None, PLACE)
    (library.data_dir / "reading" / ".new-M1.json").write_bytes(b"{")
    library.collect()
    assert [path.name for path in (library.data_dir / "reading").iterdir()] == ["M1.json"]


# Through the interface of a real terminal


@pytest.fixture(scope="module")
def origins() -> Iterator[OriginPool]:
    with pool_of([()], {"M1": meeting_of(FILES)}) as pool:
        yield pool


@pytest.fixture
def kiosk(tmp_path: Path, origins: OriginPool) -> Iterator[KioskProcess]:
    pool = {"server_ip": origins.base, "server_port": origins.port, "server_count": 1}
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with KioskProcess(tmp_path / "data", mode, interval_s=1, min_free_mb=1, **pool) as kiosk:
        eventually(lambda: kiosk.json("/api/meetings")["meetings"])
        kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        eventually(lambda: kiosk.meeting()["local"])
        yield kiosk


def keep(kiosk: KioskProcess, body: object, **more: Any) -> int:
    return kiosk.send("PUT", "/api/meetings/M1/reading", body, **more).status_code


def material(kiosk: KioskProcess, n: int) -> Any:
    return kiosk.meeting()["agenda"][0]["materials"][n - 1]


def test_the_page_keeps_its_place_on_the_terminal(kiosk: KioskProcess) -> None:
    revision = kiosk.meeting()["local"]["revision"]
    assert keep(kiosk, {"n": 2, "revision": revision, "place": PLACE}) == 200
    assert keep(kiosk, {"n": 1, "revision": None, "place": None}) == 200
    assert kiosk.meeting()["recent"] == [1, 2]
    kiosk.stop()
    kiosk.start()
    assert material(kiosk, 2)["place"] == PLACE
    assert len(material(kiosk, 2)["sha256"]) == 64
    assert kiosk.send("DELETE", "/api/meetings/M1").status_code == 200
    assert list((kiosk.data_dir / "reading").iterdir()) == []
    assert keep(kiosk, {"n": 2, "revision": revision, "place": PLACE}) == 404


NONSENSE: list[tuple[object, int]] = [
    ({}, 400), ([], 400), ({"n": "1"}, 400), ({"n": True}, 400), ({"n": 0}, 400), ({"n": 99}, 404),
    ({"n": 1, "revision": "../../x"}, 404), ({"n": 1, "revision": 5}, 400),
    ({"n": 1, "place": "x"}, 400), ({"n": 1, "place": {"a": "x" * 200}}, 400), ({"n": 10**30}, 404),
]  # fmt: skip


def test_nonsense_and_other_origins_are_refused_and_nothing_is_written(kiosk: KioskProcess) -> None:
    assert [(body, keep(kiosk, body)) for body, _ in NONSENSE] == NONSENSE
    body = {"n": 1, "revision": None, "place": PLACE}
    assert keep(kiosk, body, headers={"Origin": "http://evil.example"}) == 403
    assert kiosk.send("POST", "/api/meetings/M1/reading", body).status_code == 405
    assert not (kiosk.data_dir / "reading").exists()
