"""Marks over the terminal's interface: saved, refused, carried to the next version, purged."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kiosk_process import KioskProcess, eventually
from leaves import papers
from meetings import publish
from PIL import Image

from kiosk.library import Library

MODE = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
LINE = {"tool": "pen", "ink": "red", "width": 2.5, "points": [0.1, 0.2, 0.3, 0.4]}
NOTE = {"x": 0.5, "y": 0.25, "text": "<b>核对</b>"}
BOTH = {"strokes": [LINE], "notes": [NOTE]}


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "#9f1d20").save(out, "PNG")
    return out.getvalue()


FILES = {
    "报告.pdf": papers(["budget", "staff", "plan"]),
    "图.png": a_picture(),
    "说明.txt": "文字".encode(),
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    publish(library, FILES)
    return library


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    library = Library(tmp_path_factory.mktemp("marks") / "data")
    publish(library, FILES)
    with KioskProcess(library.data_dir, MODE) as one:
        yield one


@pytest.fixture
def kiosk(terminal: KioskProcess) -> KioskProcess:
    """On nothing has anybody written yet."""
    shutil.rmtree(terminal.data_dir / "marks", ignore_errors=True)
    return terminal


def address(n: int = 1, page: int | None = None, query: str = "") -> str:
    tail = "" if page is None else f"/{page}"
    return f"/api/meetings/M1/materials/{n}/marks{tail}{query}"


def save(kiosk: KioskProcess, page: int = 1, version: int = 0, n: int = 1, **marks: Any) -> Any:
    return kiosk.send("PUT", address(n, page), {"version": version, **(marks or BOTH)})


def test_saved_marks_come_back_also_after_a_restart(library: Library) -> None:
    expected = [
        {"page": 1, "version": 1, **BOTH},
        {"page": 3, "version": 1, "strokes": [LINE], "notes": []},
    ]
    with KioskProcess(library.data_dir, MODE) as kiosk:
        assert kiosk.json(address()) == {"pages": [], "kept": [], "settling": False}
        answer = save(kiosk)
        assert (answer.status_code, answer.json()) == (200, {"page": 1, "version": 1})
        assert answer.headers["Cache-Control"] == "no-store"
        assert save(kiosk, page=3, strokes=[LINE]).status_code == 200
        assert kiosk.json(address())["pages"] == expected
        kiosk.stop()
        kiosk.start()
        assert kiosk.json(address())["pages"] == expected
        assert kiosk.json(address(2))["pages"] == []


def test_a_picture_is_marked_and_text_is_not(kiosk: KioskProcess) -> None:
    assert save(kiosk, n=2).status_code == 200
    assert kiosk.json(address(2))["pages"] == [{"page": 1, "version": 1, **BOTH}]
    assert save(kiosk, n=3).status_code == 404
    assert kiosk.json(address(3))["pages"] == []


@pytest.mark.fault("C13")
def test_of_two_that_write_at_once_the_second_hears_of_the_first(kiosk: KioskProcess) -> None:
    assert save(kiosk).status_code == 200
    refused = save(kiosk, strokes=[])
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert (error["code"], error["details"]) == ("marks-changed", {"page": 1, "version": 1})
    assert kiosk.json(address())["pages"][0]["strokes"] == [LINE]
    assert save(kiosk, version=1, strokes=[]).json()["version"] == 2


NONSENSE: list[Any] = [
    None, [], "x", {}, {"version": "1"}, {"version": -1}, {"version": True},
    {"version": 0.5}, {"version": 1 << 60}, {"version": 0, "strokes": 1},
    {"version": 0, "strokes": [{"tool": "pen"}]}, {"version": 0, "notes": [{"text": 1}]},
]  # fmt: skip


def test_nonsense_is_refused_in_words(kiosk: KioskProcess) -> None:
    for body in NONSENSE:
        answer = kiosk.send("PUT", address(page=1), body)
        assert answer.status_code in (400, 415), body
        assert answer.json()["error"]["code"] == "bad-request", body
    assert kiosk.json(address())["pages"] == []


def test_more_than_fits_is_refused_and_the_terminal_lives(kiosk: KioskProcess) -> None:
    many = save(kiosk, strokes=[LINE] * 501)
    assert (many.status_code, many.json()["error"]["code"]) == (413, "too-many-marks")
    json = {"Content-Type": "application/json"}
    huge = kiosk.send("PUT", address(page=1), data=b" " * (3 << 20), headers=json)
    assert huge.status_code == 413
    deep = kiosk.send("PUT", address(page=1), data=b"[" * 100_000, headers=json)
    assert deep.status_code in (400, 500)
    nan = b'{"version": 0, "notes": [{"x": NaN, "y": 0, "text": ""}]}'
    assert kiosk.send("PUT", address(page=1), data=nan, headers=json).status_code == 400
    assert kiosk.json("/healthz") == {"status": "ok"}
    assert kiosk.json(address())["pages"] == []


def test_a_page_that_cannot_be_is_refused(kiosk: KioskProcess) -> None:
    for page in (0, 20_001, 10**30):
        assert save(kiosk, page=page).status_code in (400, 404), page


def test_a_form_or_another_site_cannot_write(kiosk: KioskProcess) -> None:
    form = kiosk.send("PUT", address(page=1), data={"version": 0})
    assert form.status_code == 415
    foreign = {"Origin": "http://evil.example"}
    assert kiosk.send("PUT", address(page=1), BOTH, headers=foreign).status_code == 403
    assert kiosk.get(address(page=1)).status_code == 405
    assert kiosk.json(address())["pages"] == []


NOWHERE = [
    "M9/materials/1/marks", "M1/materials/9/marks", "M1/materials/0/marks",
    "..%2fM1/materials/1/marks", f"M1/materials/1/marks?r={'0' * 64}",
    f"M1/materials/1/marks?sha256={'0' * 64}",
]  # fmt: skip


def test_another_meeting_material_or_revision_is_not_there(kiosk: KioskProcess) -> None:
    for path in NOWHERE:
        assert kiosk.get(f"/api/meetings/{path}").status_code == 404, path


@pytest.mark.fault("C14")
def test_marks_follow_their_page_into_a_new_version(library: Library) -> None:
    with KioskProcess(library.data_dir, MODE) as kiosk:
        for page in (1, 2, 3):
            assert save(kiosk, page=page).status_code == 200
        eventually(lambda: library.marks("M1").documents()[0].prints)
    publish(library, {**FILES, "报告.pdf": papers(["preface", "budget", "staff!", "plan"])})
    with KioskProcess(library.data_dir, MODE) as kiosk:
        found = eventually(lambda: settled(kiosk))
        assert [(one["page"], one["version"]) for one in found["pages"]] == [(2, 0), (4, 0)]
        assert [(one["page"], one["notes"]) for one in found["kept"]] == [(2, [NOTE])]
        assert save(kiosk, page=4, strokes=[]).json()["version"] == 1
        found = eventually(lambda: settled(kiosk))
        assert [one["page"] for one in found["kept"]] == [2]
        assert found["pages"][1] == {"page": 4, "version": 1, "strokes": [], "notes": []}


def settled(kiosk: KioskProcess) -> Any:
    found = kiosk.json(address())
    return None if found["settling"] else found


@pytest.mark.fault("C13")
def test_a_purge_takes_the_marks_along(library: Library) -> None:
    with KioskProcess(library.data_dir, MODE) as kiosk:
        assert save(kiosk).status_code == 200
        receipt = kiosk.send("DELETE", "/api/meetings/M1", {}).json()
        assert receipt["marks"] == 1
        assert not list((library.data_dir / "marks").iterdir())
        assert save(kiosk).status_code == 404
        assert not list((library.data_dir / "marks").iterdir())


@pytest.mark.fault("S10")
def test_a_hostile_document_can_be_written_on(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    publish(library, {"坏.pdf": b"%PDF-1.7\n" + b"nonsense " * 500})
    with KioskProcess(library.data_dir, MODE) as kiosk:
        assert save(kiosk).status_code == 200
        assert eventually(lambda: library.marks("M1").documents()[0].prints == ())
        assert kiosk.json("/healthz") == {"status": "ok"}
