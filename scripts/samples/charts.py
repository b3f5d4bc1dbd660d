"""Charts and drawings as SVG text; the colours are those of the sample documents."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

PALETTE = ("#1f4e79", "#c0562f", "#5b8c5a", "#8a6fa8", "#c9a227", "#4a9aa8")
INK, FAINT = "#2b2f33", "#d9dde1"

Series = Sequence[tuple[str, Sequence[float]]]


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Sample Sans" font-size="11">'
        + "".join(parts)
        + "</svg>"
    )


def text(x: float, y: float, words: object, anchor: str = "start", **more: str) -> str:
    """A line of text; ``more`` are SVG attributes with ``_`` for ``-``."""
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    fill = "" if "fill" in more else f' fill="{INK}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{fill}{extra}>'
        f"{escape(str(words))}</text>"
    )


def _frame(box: tuple[int, int], low: float, high: float, unit: str) -> tuple[list[str], float]:
    width, height = box
    plot = height - 62
    parts = [text(46, 14, unit, "end", fill="#6b7278")]
    for step in range(5):
        value = low + (high - low) * step / 4
        y = 22 + plot - plot * step / 4
        parts.append(f'<path d="M50 {y:.1f}H{width - 8}" stroke="{FAINT}"/>')
        parts.append(text(44, y + 4, f"{value:,.4g}", "end", fill="#6b7278"))
    return parts, plot


def _legend(names: Sequence[str], y: int) -> list[str]:
    parts, x = [], 50.0
    for index, name in enumerate(names):
        parts.append(
            f'<rect x="{x:.0f}" y="{y - 9}" width="10" height="10" rx="2" '
            f'fill="{PALETTE[index % 6]}"/>'
        )
        parts.append(text(x + 15, y, name))
        x += 34 + sum(12 if ord(letter) > 0x2000 else 6.2 for letter in name)
    return parts


def bars(labels: Sequence[str], series: Series, unit: str, box: tuple[int, int]) -> str:
    """Grouped columns from zero."""
    width, height = box
    high = _round_up(max(max(values) for _, values in series))
    parts, plot = _frame(box, 0, high, unit)
    slot = (width - 62) / len(labels)
    bar = min(26.0, slot * 0.72 / len(series))
    for place, label in enumerate(labels):
        middle = 54 + slot * (place + 0.5)
        parts.append(text(middle, 38 + plot, label, "middle"))
        for index, (_, values) in enumerate(series):
            tall = plot * values[place] / high
            x = middle + (index - len(series) / 2) * bar
            parts.append(
                f'<rect x="{x:.1f}" y="{22 + plot - tall:.1f}" width="{bar - 2:.1f}" '
                f'height="{tall:.1f}" rx="1.5" fill="{PALETTE[index % 6]}"/>'
            )
    return _svg(width, height, parts + _legend([name for name, _ in series], height - 4))


def lines(labels: Sequence[str], series: Series, unit: str, box: tuple[int, int]) -> str:
    """Lines over evenly spaced labels."""
    width, height = box
    values = [value for _, row in series for value in row]
    low, high = min(values) * 0.9, _round_up(max(values))
    low = 0 if low < high * 0.4 else low
    parts, plot = _frame(box, low, high, unit)
    slot = (width - 72) / max(1, len(labels) - 1)
    every = max(1, len(labels) // 12)
    for place, label in enumerate(labels):
        if place % every == 0:
            parts.append(text(58 + slot * place, 38 + plot, label, "middle"))
    for index, (_, row) in enumerate(series):
        points = " ".join(
            f"{58 + slot * place:.1f},{22 + plot - plot * (value - low) / (high - low):.1f}"
            for place, value in enumerate(row)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{PALETTE[index % 6]}" '
            'stroke-width="2.2" stroke-linejoin="round"/>'
        )
    return _svg(width, height, parts + _legend([name for name, _ in series], height - 4))


def shares(parts_of: Sequence[tuple[str, float]], unit: str, box: tuple[int, int]) -> str:
    """One stacked bar with a legend of shares; reads better in print than a pie."""
    width, height = box
    total = sum(value for _, value in parts_of)
    parts, x = [], 8.0
    for index, (name, value) in enumerate(parts_of):
        wide = (width - 16) * value / total
        parts.append(
            f'<rect x="{x:.1f}" y="10" width="{wide - 1.5:.1f}" height="34" '
            f'fill="{PALETTE[index % 6]}"/>'
        )
        row, column = divmod(index, 3)
        at_x, at_y = 8 + column * (width - 16) / 3, 70 + row * 22
        parts.append(
            f'<rect x="{at_x:.0f}" y="{at_y - 9}" width="10" height="10" rx="2" '
            f'fill="{PALETTE[index % 6]}"/>'
        )
        share = f"{name}  {value:,.0f} {unit} · {value / total:.1%}"
        parts.append(text(at_x + 15, at_y, share))
        x += wide
    return _svg(width, height, parts)


def profile(ground: Sequence[float], invert: Sequence[float], box: tuple[int, int]) -> str:
    """A pipe's long section: ground above, pipe below, in metres above datum."""
    width, height = box
    low, high = min(invert) - 2, max(ground) + 2
    parts, plot = _frame(box, low, high, "m")
    slot = (width - 66) / (len(ground) - 1)

    def path(row: Sequence[float]) -> str:
        return " ".join(
            f"{54 + slot * place:.1f},{22 + plot - plot * (value - low) / (high - low):.1f}"
            for place, value in enumerate(row)
        )

    bottom = 22 + plot
    parts.append(
        f'<polygon points="54,{bottom} {path(ground)} {width - 12},{bottom}" fill="#efe7d8"/>'
        f'<polyline points="{path(ground)}" fill="none" stroke="#8b7346" stroke-width="1.6"/>'
        f'<polyline points="{path(invert)}" fill="none" stroke="#1f4e79" stroke-width="4"/>'
    )
    for place in range(0, len(ground), 2):
        parts.append(text(54 + slot * place, bottom + 15, f"+{place * 50}", "middle"))
    return _svg(width, height, parts)


def columns_of_soil(layers: Sequence[tuple[str, float, str]], box: tuple[int, int]) -> str:
    """A borehole's column: layers (name, depth of its bottom in m, colour) from the top."""
    width, height = box
    depth = layers[-1][1]
    parts, top = [], 0.0
    for name, bottom, colour in layers:
        y, tall = 10 + (height - 20) * top / depth, (height - 20) * (bottom - top) / depth
        parts.append(
            f'<rect x="40" y="{y:.1f}" width="70" height="{tall:.1f}" fill="{colour}" '
            'stroke="#7a6f5d" stroke-width=".7"/>'
        )
        parts.append(text(34, y + tall + 4, f"{bottom:.1f}", "end"))
        parts.append(text(120, y + tall / 2 + 4, name))
        top = bottom
    return _svg(width, height, parts)


def _round_up(value: float) -> float:
    step = 10 ** (len(str(int(value))) - 1) / 2
    return (int(value / step) + 1) * step
