"""The words of HTML and SVG, without what is only for machines."""

from __future__ import annotations

from html.parser import HTMLParser

from kiosk.render.spots import INLINE

_SILENT = ("script", "style", "template", "noscript")


def words(markup: str) -> str:
    """What a reader would see of it, in lines."""
    parser = _Words()
    parser.feed(markup)
    parser.close()
    return "".join(parser.seen)


class _Words(HTMLParser):
    """Gathers text; everything that is not part of a line ends one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._silent: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent is None and tag in _SILENT:
            self._silent = tag
        if tag not in INLINE:
            self.seen.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = None
        if tag not in INLINE:
            self.seen.append("\n")

    def handle_data(self, data: str) -> None:
        if self._silent is None:
            # A line of the source is no line of the page.
            self.seen.append(" ".join(data.splitlines()))
