"""A short film of a growing chart and a chime, made with Pillow and ffmpeg."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE, FPS, SECONDS = (1280, 720), 25, 14
CHORD = "0.10*({})*min(1,t/2)*min(1,({}-t)/3)"
H264 = ["-c:v", "libx264", "-preset", "slow", "-crf", "24", "-pix_fmt", "yuv420p", "-c:a", "aac",
        "-b:a", "96k", "-movflags", "+faststart"]  # fmt: skip
VP9 = ["-c:v", "libvpx-vp9", "-crf", "36", "-b:v", "0", "-row-mt", "1", "-pix_fmt", "yuv420p",
       "-c:a", "libopus", "-b:a", "64k"]  # fmt: skip


def film(
    target: Path, title: str, below: str, bars: Sequence[tuple[str, float]], font: Path
) -> None:
    """Columns that rise one after another; MP4 or WebM by the target's name."""
    tone = CHORD.format("+".join(f"sin(2*PI*{f}*t)" for f in (196, 246.9, 293.7, 392)), SECONDS)
    command = ["ffmpeg", "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
               "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(FPS), "-i", "-",
               "-f", "lavfi", "-i", f"aevalsrc='{tone}':d={SECONDS}",
               *(H264 if target.suffix == ".mp4" else VP9), "-shortest", str(target)]  # fmt: skip
    painter = _Painter(title, below, bars, font)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin
        for number in range(FPS * SECONDS):
            encoder.stdin.write(painter.frame(number / FPS).tobytes())
    if encoder.returncode:
        raise RuntimeError(f"ffmpeg failed on {target}")


class _Painter:
    def __init__(
        self, title: str, below: str, bars: Sequence[tuple[str, float]], font: Path
    ) -> None:
        self._title, self._below, self._bars = title, below, bars
        self._fonts = {size: ImageFont.truetype(str(font), size) for size in (104, 52, 40, 36)}
        self._high = max(value for _, value in bars)
        strip = Image.new("RGB", (1, 3))
        strip.putdata([(16, 46, 74), (24, 84, 112), (44, 122, 134)])
        self._ground = strip.resize((SIZE[0] * 2, SIZE[1] * 2), Image.Resampling.BICUBIC)

    def frame(self, t: float) -> Image.Image:
        picture = self._ground.copy()
        pen = ImageDraw.Draw(picture, "RGBA")
        seen = _ease(t / 1.2)
        pen.text(
            (140, 110 - 30 * (1 - seen)),
            self._title,
            font=self._fonts[104],
            fill=(255, 255, 255, int(255 * seen)),
        )
        pen.text(
            (144, 250), self._below, font=self._fonts[52], fill=(255, 255, 255, int(190 * seen))
        )
        slot = (SIZE[0] * 2 - 280) / len(self._bars)
        for line in range(5):
            y = 1270 - line * 210
            pen.line((140, y, SIZE[0] * 2 - 140, y), fill=(255, 255, 255, 40), width=2)
        for place, (name, value) in enumerate(self._bars):
            grown = _ease((t - 1.2 - place * 0.55) / 1.6)
            tall, x = 840 * value / self._high * grown, 140 + slot * (place + 0.18)
            shade = (255, 190, 110, 255) if value == self._high else (190, 226, 234, 235)
            pen.rounded_rectangle((x, 1270 - tall, x + slot * 0.64, 1272), 14, fill=shade)
            middle = x + slot * 0.32
            pen.text((middle, 1300), name, font=self._fonts[36], fill="white", anchor="ma")
            if grown > 0.05:
                pen.text(
                    (middle, 1252 - tall),
                    f"{value * grown:.1f}",
                    font=self._fonts[40],
                    fill="white",
                    anchor="mb",
                )
        fade = _ease((SECONDS - t) / 0.8)
        picture = picture.resize(SIZE, Image.Resampling.BOX)
        return picture if fade >= 1 else Image.blend(Image.new("RGB", SIZE), picture, fade)


def _ease(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return 0.5 - 0.5 * math.cos(math.pi * share)


def chime(target: Path, notes: Sequence[float]) -> None:
    """A slow chime of ``notes`` (Hz), one every 1.5 s; the format follows the target's name."""
    tones = [
        f"0.22*sin(2*PI*{note}*t)*exp(-1.6*(t-{i * 1.5}))*gte(t,{i * 1.5})"
        for i, note in enumerate(notes)
    ]
    length = len(notes) * 1.5 + 2.5
    subprocess.run(
        ["ffmpeg", "-y", "-v", "error", "-f", "lavfi", "-i",
         f"aevalsrc='{'+'.join(tones)}':d={length}", "-b:a", "96k", str(target)],
        check=True,
    )  # fmt: skip
