"""Site plans as SVG (text turned into outlines) and two landscapes painted with Pillow."""

from __future__ import annotations

import math
import random
import re
from html import unescape
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from samples.pdf import Printer

Box = tuple[int, int, int, int]


def site_plan(title: str, names: dict[str, str]) -> str:
    """A plan of the second water source; ``names`` are its labels."""
    place = [
        ("intake", 300, 430), ("tunnel", 470, 330), ("booster", 700, 380), ("plant", 1010, 250),
        ("storage", 930, 520), ("branch", 1180, 420),
    ]  # fmt: skip
    parts = [
        '<rect width="1400" height="800" fill="#f4f1e8"/>',
        (
            '<path d="M0 380Q150 300 260 400T300 560Q220 700 90 690T0 640Z" fill="#a9cfe0" '
            'stroke="#5c9bb5" stroke-width="3"/>'
        ),
        '<path d="M620 0Q560 200 640 330T600 800" fill="none" stroke="#a9cfe0" stroke-width="34"/>',
        '<path d="M380 250l60-90 70 70 60-110 80 160z" fill="#d9dfc4" stroke="#9aa67a"/>',
        '<path d="M0 90Q500 150 760 560T1400 700" fill="none" stroke="#d8b98a" stroke-width="12"/>',
    ]
    parts += [
        f'<rect x="{x}" y="{y}" width="{44 + x % 28}" height="{38 + y % 30}" rx="5" '
        'fill="#e6dfd2" stroke="#cfc5b2"/>'
        for x in range(780, 1330, 92)
        for y in range(90, 680, 96)
        if (x * 7 + y) % 5
    ]
    parts.append(
        '<path d="M300 430L470 330L700 380L1010 250M700 380L930 520L1180 420" fill="none" '
        'stroke="#1f4e79" stroke-width="9" stroke-linejoin="round"/>'
    )
    for key, x, y in place:
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="15" fill="#c0562f" stroke="#fff" stroke-width="5"/>'
        )
        parts.append(_label(x - 40, y + 52, names[key], 24))
    parts += [
        '<rect x="40" y="30" width="620" height="74" rx="8" fill="#ffffffd9"/>',
        _label(62, 80, title, 34),
        '<path d="M1330 60l18 58-18-14-18 14z" fill="#2b2f33"/>',
        _label(1323, 150, "N", 26),
        '<path d="M60 750h200m-200-8v16m100-16v16m100-16v16" stroke="#2b2f33" stroke-width="3"/>',
        _label(60, 735, "0    2    4 km", 22),
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1400 800" width="1400" height="800" '
        f'font-family="Sample Sans">{"".join(parts)}</svg>'
    )


def floor_plan(title: str, names: list[str]) -> str:
    """A floor of the Linden Wing: rooms around two courtyards."""
    parts = ['<rect width="1400" height="800" fill="#f7f6f2"/>']
    kinds = ("#dce9f2", "#f6e3d7", "#e2eddc", "#ece4f2")
    for row, y in enumerate((140, 300, 460, 620)):
        for column in range(9):
            x = 70 + column * 140
            court = row in (1, 2) and column in (2, 3, 5, 6)
            fill = "#cfe3c2" if court else kinds[(row + column // 3) % 4]
            edge = "none" if court else "#4d565e"
            parts.append(
                f'<rect x="{x}" y="{y}" width="140" height="118" fill="{fill}" stroke="{edge}" '
                'stroke-width="3"/>'
            )
            if not court:
                parts.append(
                    f'<path d="M{x + 50} {y + 118}a40 40 0 0 1 40-40" fill="none" stroke="#4d565e"/>'
                )
                parts.append(_label(x + 10, y + 30, names[(row * 9 + column) % len(names)], 15))
    parts.append(_label(70, 90, title, 36))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1400 800" width="1400" height="800" '
        f'font-family="Sample Sans">{"".join(parts)}</svg>'
    )


def _label(x: float, y: float, words: str, size: int) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="#2b2f33">{words}</text>'


def outlined(svg: str, font_path: Path) -> str:
    """``svg`` with its text as outlines: it looks right where the font is missing."""
    font = TTFont(font_path)
    glyphs, names, units = font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm

    def outline(found: re.Match[str]) -> str:
        x, y, size = float(found[1]), float(found[2]), float(found[3])
        paths, pen_x, scale = [], 0.0, size / units
        for letter in unescape(found[5]):
            name = names.get(ord(letter), ".notdef")
            pen = SVGPathPen(glyphs)
            glyphs[name].draw(pen)
            paths.append(f'<path transform="translate({pen_x:.0f})" d="{pen.getCommands()}"/>')
            pen_x += glyphs[name].width
        place = f"translate({x} {y}) scale({scale:.5f} {-scale:.5f})"
        return f'<g transform="{place}" fill="{found[4]}">{"".join(paths)}</g>'

    pattern = r'<text x="([\d.]+)" y="([\d.]+)" font-size="(\d+)" fill="([^"]+)">([^<]*)</text>'
    return re.sub(pattern, outline, svg)


def _sky(size: tuple[int, int], colours: list[tuple[int, int, int]]) -> Image.Image:
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(colours)
    return strip.resize(size, Image.Resampling.BICUBIC)


def _ridge(rnd: random.Random, width: int, base: float, rough: float) -> list[tuple[int, float]]:
    waves = [(rnd.uniform(0.6, 9), rnd.uniform(0, 7), rnd.uniform(0.3, 1)) for _ in range(9)]
    heights = []
    for x in range(0, width + 8, 8):
        swing = sum(a / f * math.sin(f * 6.3 * x / width + phase) for f, phase, a in waves)
        heights.append((x, base - rough * swing + rnd.uniform(-2, 2)))
    return heights


def lake(target: Path) -> None:
    """A lake between hills in the evening, 1600 × 1067."""
    rnd, (width, height) = random.Random(4), (1600, 1067)
    picture = _sky(
        (width, height),
        [(38, 58, 96), (86, 104, 142), (196, 150, 132), (246, 190, 120), (250, 214, 150)],
    )
    glow = Image.new("RGB", (width, height))
    ImageDraw.Draw(glow).ellipse((960, 440, 1120, 600), fill=(255, 226, 160))
    picture = ImageChops.screen(picture, glow.filter(ImageFilter.GaussianBlur(60)))
    picture = ImageChops.screen(picture, glow.filter(ImageFilter.GaussianBlur(6)))
    for step, (base, rough) in enumerate(((520, 110), (575, 80), (625, 52))):
        layer = Image.new("L", (width, height))
        ImageDraw.Draw(layer).polygon(
            [(0, 700), *_ridge(rnd, width, base, rough), (width, 700)], fill=255
        )
        shade = tuple(int(c * (0.86 - 0.25 * step)) for c in (128, 116, 138))
        picture.paste(
            Image.new("RGB", (width, height), shade),
            mask=layer.filter(ImageFilter.GaussianBlur(2.2 - step * 0.7)),
        )
    water = (
        picture.crop((0, 260, width, 690))
        .transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        .resize((width, height - 690))
    )
    ripples = Image.effect_noise((width // 12, (height - 690) // 2), 70).resize(
        (width, height - 690), Image.Resampling.BICUBIC
    )
    water = Image.blend(water, Image.merge("RGB", [ripples] * 3), 0.11).filter(
        ImageFilter.GaussianBlur(1.2)
    )
    picture.paste(
        ImageChops.multiply(water, Image.new("RGB", water.size, (205, 216, 226))), (0, 690)
    )
    pen = ImageDraw.Draw(picture)
    pen.polygon(
        [(120, 690), (120, 560), (150, 535), (330, 535), (360, 560), (360, 690)], fill=(52, 52, 64)
    )
    for x in range(140, 340, 34):
        pen.rectangle((x, 580, x + 16, 606), fill=(255, 214, 140))
    pen.line((360, 672, 700, 684), fill=(46, 46, 56), width=7)
    for x in range(390, 700, 44):
        pen.line((x, 674, x, 730), fill=(46, 46, 56), width=5)
    picture.filter(ImageFilter.GaussianBlur(0.6)).save(target, quality=88)


def wing(target: Path) -> None:
    """The new wing at dusk, 1600 × 1067."""
    rnd, (width, height) = random.Random(9), (1600, 1067)
    picture = _sky(
        (width, height),
        [(24, 36, 74), (62, 74, 124), (150, 122, 150), (232, 168, 140), (240, 200, 160)],
    )
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 850, width, height), fill=(58, 66, 62))
    for left, top, right, tone in (
        (0, 610, 300, 62),
        (1320, 560, 1600, 66),
        (240, 380, 1060, 92),
        (980, 470, 1420, 84),
    ):
        pen.rectangle((left, top, right, 860), fill=(tone, tone - 4, tone + 6))
        for y in range(top + 26, 830, 62):
            for x in range(left + 22, right - 40, 56):
                lit = rnd.random()
                colour = (
                    (255, 218, 150)
                    if lit > 0.52
                    else (118, 132, 158)
                    if lit > 0.2
                    else (72, 80, 100)
                )
                pen.rectangle((x, y, x + 38, y + 36), fill=colour)
    pen.rectangle((560, 770, 800, 862), fill=(255, 226, 170))
    for x in range(575, 800, 46):
        pen.line((x, 770, x, 862), fill=(150, 120, 90), width=4)
    for _ in range(26):
        x, tall = rnd.randint(0, width), rnd.randint(70, 190)
        pen.line((x, 905, x, 905 - tall), fill=(40, 34, 32), width=7)
        for _ in range(30):
            dx, dy, r = rnd.gauss(0, 30), rnd.gauss(-tall, 28), rnd.randint(8, 22)
            pen.ellipse(
                (x + dx - r, 905 + dy - r, x + dx + r, 905 + dy + r),
                fill=(38, rnd.randint(56, 84), 52),
            )
    for y in range(900, height, 3):
        pen.line((0, y, width, y), fill=(64 + (y - 900) // 8, 70 + (y - 900) // 10, 70))
    haze = ImageChops.screen(
        picture, picture.filter(ImageFilter.GaussianBlur(24)).point(lambda v: int(v * 0.35))
    )
    haze.filter(ImageFilter.GaussianBlur(0.7)).save(target, quality=88)


def as_png(printer: Printer, svg: str, target: Path, size: tuple[int, int]) -> None:
    """A drawing as PNG, twice as fine, in 256 colours."""
    printer.picture(svg, target, size, scale=2)
    Image.open(target).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        target, optimize=True
    )
