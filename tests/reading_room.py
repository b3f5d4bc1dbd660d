"""A terminal that has a meeting with a material of each kind, for tests of getting about in it."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pypdfium2
from kiosk_process import KioskProcess, eventually
from playwright.sync_api import Page, expect

from kiosk.demo.origin import OriginMeeting, OriginPool, pool_of

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "kiosk" / "demo" / "samples" / "ql-2026-q4"
WORDS: dict[str, dict[str, Any]] = {
    language: json.loads((ROOT / "static" / "i18n" / f"{language}.json").read_text("utf-8"))
    for language in ("zh-CN", "en")
}
INTRO = "会议议程和注意事项。" * 40
MISSING = "缺少的.pdf"

Item = Mapping[str, bytes | None]


def t(key: str, language: str = "zh-CN", **fields: object) -> str:
    return str(WORDS[language][key]).format(**fields)


@functools.cache
def pdf(pages: int) -> bytes:
    """The same bytes each time: they have an id in them."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def materials() -> dict[str, Item]:
    """Three items of the agenda; numbers 1 to 9, of which 3 is not in the package."""
    return {
        "工作报告": {"工作报告.pdf": pdf(40), "纪要.txt": "第一行\n第二行\n".encode() * 200},
        "预算": {MISSING: None, "录像.mp4": (SAMPLES / "sales.mp4").read_bytes(),
                 "平面图.png": (SAMPLES / "plan.png").read_bytes()},
        "其他": {"要点.md": (SAMPLES / "points.md").read_bytes(), "通知.html": b"<h1>x</h1>",
                 "提示音.mp3": (SAMPLES / "chime.mp3").read_bytes(), "归档.bin": b"\0\1\2" * 999},
    }  # fmt: skip


def origin_meeting(agenda: Mapping[str, Item], *, intro: str = INTRO) -> OriginMeeting:
    """What a server has of it: None is a file that the agenda lists and the package lacks."""
    packed, items = io.BytesIO(), []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("README.txt", "materials")
        for at, (title, files) in enumerate(agenda.items(), 1):
            listed = []
            for number, (name, content) in enumerate(files.items(), 1):
                stored = f"t{at}{number}{Path(name).suffix}"
                if content is not None:
                    archive.writestr(f"{at:02}_item/{stored}", content)
                size = 1000 if content is None else len(content)
                place = {"temp_id": f"t{at}{number}", "agenda_folder": f"{at:02}_item"}
                listed.append({"name": stored, "display_name": name, "size": size, **place})
            items.append({"position": at, "title": title, "reporter": "王芳", "files": listed})
    data = {"meeting_id": "M1", "title": "经营工作会", "time": "2026-11-24 09:00", "intro": intro,
            "agenda_items": items}  # fmt: skip
    return OriginMeeting(packed.getvalue(), data)


@contextlib.contextmanager
def reading_room(
    data_dir: Path, agenda: Mapping[str, Item] | None = None, **settings: Any
) -> Iterator[tuple[KioskProcess, OriginPool]]:
    """The terminal, with the meeting on it, and the server that has it."""
    if agenda is None:
        shutil.copytree(_stocked(), data_dir, ignore=shutil.ignore_patterns(*_OF_A_RUN))
    with _terminal(data_dir, materials() if agenda is None else agenda, settings) as (kiosk, pool):
        if agenda is None:
            eventually(lambda: kiosk.json("/api/meetings")["online"])
        else:
            fetch(kiosk)
        yield kiosk, pool


_OF_A_RUN = ("settings.toml", "servers.json", "wanted.json", "flights", "lock", "turn")


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kiosk-reading-room-")


@functools.cache
def _stocked() -> Path:
    """A data directory with the meeting and all that a terminal makes of its materials."""
    place = Path(_made().name) / "data"
    with _terminal(place, materials(), {}) as (kiosk, _):
        fetch(kiosk)
        looked_at = len(list(place.glob("objects/??/*")))
        eventually(lambda: len(list(place.glob("renditions/*/info.json"))) == looked_at, 60)
        eventually(lambda: kiosk.json("/api/meetings/M1/search?q=x")["pending"] == 0, 60)
    return place


@contextlib.contextmanager
def _terminal(
    data_dir: Path, agenda: Mapping[str, Item], settings: Mapping[str, Any]
) -> Iterator[tuple[KioskProcess, OriginPool]]:
    with pool_of([()], {"M1": origin_meeting(agenda)}) as pool:
        its = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
        mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
        its |= {"interval_s": 1, "min_free_mb": 1}
        with KioskProcess(data_dir, mode, **{**its, **settings}) as kiosk:
            eventually(lambda: kiosk.json("/api/meetings")["meetings"])
            yield kiosk, pool


def fetch(kiosk: KioskProcess) -> str:
    """Download it (again); the revision that is here then, drawn or not."""
    before = (kiosk.meeting()["local"] or {}).get("revision")
    kiosk.send("POST", "/api/downloads", {"meetingId": "M1", "now": True})
    return str(
        eventually(
            lambda: (
                (kiosk.meeting()["local"] or {}).get("revision", before) != before
                and kiosk.meeting()["local"]["revision"]
            )
        )
    )


def open_material(page: Page, kiosk: KioskProcess, n: int, query: str = "") -> None:
    page.goto(f"{kiosk.url}/meetings/M1/materials/{n}{query}")
    expect(page.locator(".reader").first).to_be_visible()


def from_the_beginning(kiosk: KioskProcess) -> None:
    """What has pages opens at the first: the terminal remembers where people were."""
    for n in (1, 2):
        told = {"n": n, "revision": None, "place": {"page": 0, "y": 0}}
        assert kiosk.send("PUT", "/api/meetings/M1/reading", told).status_code == 200


def go_to_page(page: Page, number: int, pages: int = 40, half: int = 0) -> None:
    """By the page key of that half, and its dialog."""
    reader = page.locator(".reader").nth(half)
    reader.locator(".reader-page-key").tap()
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")
    expect(reader.locator(".reader-page-words")).to_have_text(f"{number} / {pages}")
