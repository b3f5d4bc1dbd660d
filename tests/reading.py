"""A terminal that has a meeting already, and a browser's page on one of its materials."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kiosk_process import KioskProcess, eventually, meeting_of
from PIL import Image, ImageStat
from playwright.sync_api import Locator, Page, expect

from kiosk.demo.origin import OriginMeeting, pool_of

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "kiosk" / "demo" / "samples"
WORDS = json.loads((ROOT / "static" / "i18n" / "zh-CN.json").read_text("utf-8"))
MODE = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
PREPARED_S = 30.0
BLANK = 2.0
"""A picture whose grey levels stray less than this from their mean shows nothing."""

Size = tuple[int, int]


def t(key: str, **fields: object) -> str:
    """What the page says in Chinese."""
    return str(WORDS[key]).format(**fields)


@contextlib.contextmanager
def terminal_with(
    data_dir: Path, meetings: Mapping[str, OriginMeeting], *, here: tuple[str, ...] = ("M1",)
) -> Iterator[KioskProcess]:
    """A terminal that knows these meetings and has those that should be ``here``."""
    with pool_of([()], dict(meetings)) as pool:
        settings = {"server_ip": pool.base, "server_port": pool.port, "server_count": 1}
        with KioskProcess(data_dir, MODE, interval_s=1, min_free_mb=1, **settings) as kiosk:
            eventually(lambda: len(kiosk.json("/api/meetings")["meetings"]) >= len(meetings), 60)
            for meeting_id in here:
                kiosk.send("POST", "/api/downloads", {"meetingId": meeting_id})
                eventually(lambda one=meeting_id: kiosk.meeting(one)["local"], 60)
            yield kiosk


@contextlib.contextmanager
def reading(data_dir: Path, files: Mapping[str, bytes]) -> Iterator[KioskProcess]:
    """A terminal whose one meeting has these materials: shown name to bytes."""
    with terminal_with(data_dir, {"M1": meeting_of(dict(files))}) as kiosk:
        yield kiosk


def rows_of(kiosk: KioskProcess, meeting_id: str = "M1") -> list[dict[str, Any]]:
    return [row for item in kiosk.meeting(meeting_id)["agenda"] for row in item["materials"]]


def number_of(kiosk: KioskProcess, name: str, meeting_id: str = "M1") -> int:
    return next(int(row["n"]) for row in rows_of(kiosk, meeting_id) if row["name"] == name)


def prepared(kiosk: KioskProcess, name: str) -> dict[str, Any]:
    """The row of a material once the terminal has looked at it."""

    def row() -> dict[str, Any] | None:
        found = next(row for row in rows_of(kiosk) if row["name"] == name)
        is_known = found["state"] != "preparing" and (found["thumbnail"] or found["trouble"])
        return found if is_known else None

    found: dict[str, Any] = eventually(row, PREPARED_S)
    return found


def open_material(page: Page, kiosk: KioskProcess, name: str, meeting_id: str = "M1") -> None:
    n = number_of(kiosk, name, meeting_id)
    page.goto(f"{kiosk.url}/meetings/{meeting_id}/materials/{n}")
    expect(page.locator(".reader")).to_be_visible()


def expect_words(page: Page, key: str, **fields: object) -> None:
    """The stage says so, with a way on."""
    card = page.locator(".reader-card")
    expect(card.get_by_role("heading")).to_have_text(t(key, **fields), timeout=10_000)


def seen(where: Page | Locator, **more: Any) -> Image.Image:
    """What is on the screen there."""
    return Image.open(io.BytesIO(where.screenshot(**more))).convert("RGB")


def is_blank(picture: Image.Image) -> bool:
    return ImageStat.Stat(picture.convert("L")).stddev[0] < BLANK
