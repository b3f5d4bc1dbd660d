"""Video and audio: nothing plays by itself, all goes on where it was left, what fails says so."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from kiosk_process import KioskProcess, eventually
from playwright.sync_api import Page, expect
from reading import (
    SAMPLES,
    is_blank,
    open_material,
    prepared,
    reading,
    rows_of,
    seen,
    t,
)

pytestmark = pytest.mark.browser

MP4 = (SAMPLES / "ql-2026-q4" / "sales.mp4").read_bytes()
MP3 = (SAMPLES / "ql-2026-q4" / "chime.mp3").read_bytes()
WEBM = (SAMPLES / "board-2026-12" / "births.webm").read_bytes()
PLAYER = "document.querySelector('video, audio')"
TOUCH = 48


def of_unknown_codec(film: bytes) -> bytes:
    """The same film, its pictures said to be packed in a way that nobody knows."""
    return film.replace(b"avc1", b"zzz1").replace(b"avcC", b"zzzC")


GOOD = {"录像.mp4": MP4, "短片.webm": WEBM, "提示音.mp3": MP3}
FAILING = {
    "旧.avi": (b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(4000), ("media-unknown",)),
    "旧.wmv": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(4000), ("media-unknown",)),
    "录音.amr": (b"#!AMR\n" + bytes(4000), ("media-unknown",)),
    "坏头.mp4": (MP4[:300], ("media-broken",)),
    "乱.mp4": (MP4[:32] + random.Random(1).randbytes(20_000), ("media-broken",)),
    "乱.webm": (WEBM[:40] + random.Random(1).randbytes(20_000), ("media-broken", "media-unknown")),
    "空.mp3": (b"ID3\x04" + bytes(3000), ("media-broken", "media-unknown")),
}
CUT = {"半部.mp4": MP4[: len(MP4) // 2], "半部.webm": WEBM[: len(WEBM) // 2],
       "半段.mp3": MP3[: len(MP3) // 2], "怪编码.mp4": of_unknown_codec(MP4)}  # fmt: skip


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    failing = {name: content for name, (content, _) in FAILING.items()}
    with reading(tmp_path_factory.mktemp("media") / "data", {**GOOD, **failing, **CUT}) as kiosk:
        yield kiosk


@pytest.mark.parametrize("name", list(GOOD))
def test_nothing_plays_by_itself(page: Page, kiosk: KioskProcess, name: str) -> None:
    open_material(page, kiosk, name)
    page.wait_for_function(f"() => {PLAYER}?.readyState >= 1 && !{PLAYER}.seeking")
    # Another test may have left off in the middle of it.
    page.wait_for_timeout(300)
    begun = page.evaluate(f"{PLAYER}.currentTime")
    page.wait_for_timeout(700)
    assert page.evaluate(f"[{PLAYER}.paused, {PLAYER}.currentTime, {PLAYER}.autoplay]") == [
        True, begun, False,
    ]  # fmt: skip
    assert page.evaluate(f"{PLAYER}.controls") is False


@pytest.mark.parametrize("name", ["录像.mp4", "短片.webm"])
def test_a_film_shows_its_first_picture_before_it_plays(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    open_material(page, kiosk, name)
    page.wait_for_function(f"() => {PLAYER}?.readyState >= 2")
    eventually(lambda: not is_blank(seen(page.locator("video"))))


@pytest.mark.parametrize("name", list(GOOD))
def test_a_recording_goes_on_where_it_was_left(page: Page, kiosk: KioskProcess, name: str) -> None:
    open_material(page, kiosk, name)
    page.wait_for_function(f"() => {PLAYER}?.duration > 1.2")
    page.locator(".media-play").tap()
    page.wait_for_function(f"() => {PLAYER}.currentTime > 0.5")
    page.locator(".media-play").tap()
    left = page.evaluate(f"{PLAYER}.currentTime")
    page.reload()
    page.wait_for_function(f"() => {PLAYER}?.readyState >= 1 && {PLAYER}.currentTime > 0")
    assert abs(page.evaluate(f"{PLAYER}.currentTime") - left) < 0.5
    assert page.evaluate(f"{PLAYER}.paused") is True


def test_the_list_tells_the_length_that_the_player_finds(page: Page, kiosk: KioskProcess) -> None:
    eventually(lambda: all(row["seconds"] for row in rows_of(kiosk) if row["name"] in GOOD), 30)
    for name in GOOD:
        open_material(page, kiosk, name)
        page.wait_for_function(f"() => {PLAYER}?.duration > 0")
        told = next(row["seconds"] for row in rows_of(kiosk) if row["name"] == name)
        assert abs(page.evaluate(f"{PLAYER}.duration") - told) < 0.3, name


@pytest.mark.fault("S11")
@pytest.mark.parametrize("name", list(FAILING))
def test_a_recording_that_cannot_be_played_is_said_in_words(
    page: Page, kiosk: KioskProcess, name: str
) -> None:
    if name.endswith(".mp4"):
        prepared(kiosk, name)  # the terminal has found what a player alone does not tell
    open_material(page, kiosk, name)
    heading = page.locator(".reader-card h2")
    expect(heading).to_be_visible(timeout=10_000)
    assert heading.inner_text() in [t(f"reader.fault.{code}") for code in FAILING[name][1]]


@pytest.mark.fault("S11")
@pytest.mark.parametrize("name", list(CUT))
def test_half_a_recording_plays_or_says_why_not(page: Page, kiosk: KioskProcess, name: str) -> None:
    open_material(page, kiosk, name)
    decided = f"() => document.querySelector('.reader-card h2') || {PLAYER}?.readyState >= 1"
    page.wait_for_function(decided, timeout=10_000)
    if page.locator(".media-play").is_visible():
        page.locator(".media-play").tap()
        went_on = f"() => document.querySelector('.reader-card h2') || {PLAYER}?.currentTime > 0.1"
        page.wait_for_function(went_on, timeout=10_000)
    page.get_by_role("link", name=t("reader.back"), exact=True).tap()
    expect(page.locator("main.meeting")).to_be_visible()


def test_a_film_of_which_only_the_sound_can_be_read_says_so(
    page: Page, kiosk: KioskProcess
) -> None:
    open_material(page, kiosk, "怪编码.mp4")
    either = page.locator(".media-note, .reader-card h2").first
    expect(either).to_be_visible(timeout=10_000)
    assert either.inner_text() in (
        t("reader.media_sound_only"), t("reader.fault.media-unknown"),
        t("reader.fault.media-broken"),
    )  # fmt: skip


def test_the_controls_are_for_fingers_and_for_the_keyboard(page: Page, kiosk: KioskProcess) -> None:
    open_material(page, kiosk, "录像.mp4")
    page.wait_for_function(f"() => {PLAYER}?.duration > 1")
    for control in page.locator(".media-controls :is(button, input)").all():
        box = control.bounding_box()
        assert box and box["height"] >= TOUCH and box["width"] >= TOUCH
    page.keyboard.press(" ")
    page.wait_for_function(f"() => !{PLAYER}.paused && {PLAYER}.currentTime > 0.1")
    page.keyboard.press(" ")
    page.wait_for_function(f"() => {PLAYER}.paused")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => {PLAYER}.currentTime === 0")
