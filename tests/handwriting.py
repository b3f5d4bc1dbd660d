"""A hand at the screen for browser tests: fingers, a stylus, and what is seen of their lines."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page

Spot = tuple[float, float]


class Hand:
    """A finger or a stylus on the screen. Spots are fractions of a page as it is shown."""

    def __init__(self, page: Page, on: Locator) -> None:
        self._page = page
        self._on = on
        self._line: CDPSession = page.context.new_cdp_session(page)

    def draw(self, *spots: Spot, pen: bool = False) -> None:
        places = [self._at(spot) for spot in between(spots)]
        if pen:
            self.stylus(places)
        else:
            self.finger(places)

    def finger(self, places: list[Spot]) -> None:
        for at, (x, y) in enumerate(places):
            kind = "touchMove" if at else "touchStart"
            self._line.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            )
        self._line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def stylus(self, places: list[Spot], then: Callable[[], None] = lambda: None) -> None:
        """Draws; ``then`` happens before the stylus leaves."""
        for at, (x, y) in enumerate(places):
            how = {"x": x, "y": y, "pointerType": "pen", "button": "left", "buttons": 1}
            kind = "mouseMoved" if at else "mousePressed"
            felt = 0.2 + 0.6 * at / len(places)
            self._line.send("Input.dispatchMouseEvent", {"type": kind, "force": felt, **how})
        then()
        x, y = places[-1]
        gone = {"type": "mouseReleased", "x": x, "y": y, "pointerType": "pen", "button": "left"}
        self._line.send("Input.dispatchMouseEvent", gone)

    def pinch(self, begin: float, end: float) -> None:
        middle = self._at((0.5, 0.4))
        for step in range(9):
            apart = begin + (end - begin) * step / 8
            points = [
                {"x": middle[0] + side * apart, "y": middle[1], "id": side + 1} for side in (-1, 1)
            ]
            kind = "touchMove" if step else "touchStart"
            self._line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        self._line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def spot(self, x: float, y: float) -> Spot:
        """Which spot of the page is there on the screen."""
        box = self._on.bounding_box()
        assert box is not None
        return (x - box["x"]) / box["width"], (y - box["y"]) / box["height"]

    def _at(self, spot: Spot) -> Spot:
        box = self._on.bounding_box()
        assert box is not None
        return box["x"] + spot[0] * box["width"], box["y"] + spot[1] * box["height"]


def between(spots: tuple[Spot, ...], steps: int = 8) -> list[Spot]:
    """The way from one spot to the next, step by step."""
    way = [spots[0]]
    for (x1, y1), (x2, y2) in itertools.pairwise(spots):
        way += [
            (x1 + (x2 - x1) * n / steps, y1 + (y2 - y1) * n / steps) for n in range(1, steps + 1)
        ]
    return way


def colour_at(page: Page, on: Locator, spot: Spot) -> tuple[int, ...]:
    """What is seen there."""
    box = on.bounding_box()
    assert box is not None
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    x, y = box["x"] + spot[0] * box["width"], box["y"] + spot[1] * box["height"]
    found = shot.getpixel((round(x), round(y)))
    assert isinstance(found, tuple)
    return found


def is_near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 60 for a, b in zip(one, other, strict=True))


def ends(stroke: Any) -> tuple[float, float, float, float]:
    x1, y1, *_, x2, y2 = stroke["points"]
    return x1, y1, x2, y2


def close_to(found: tuple[float, ...], expected: tuple[float, ...]) -> bool:
    return all(abs(one - other) < 0.01 for one, other in zip(found, expected, strict=True))


def lines(pages: Any) -> int:
    """How many lines the terminal has of these pages."""
    return sum(len(one["strokes"]) for one in pages)
