"""Where templates and static files are, the only place that knows; what every page is told.

In a checkout they stand beside the package; the wheel carries them inside it, in ``_assets``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

from kiosk import __version__
from kiosk.settings import Settings

_PACKAGE = Path(__file__).resolve().parent
_ASSETS = _PACKAGE / "_assets"
_ROOT = _ASSETS if _ASSETS.is_dir() else _PACKAGE.parent

TEMPLATES = _ROOT / "templates"
STATIC = _ROOT / "static"


def told(settings: Settings) -> dict[str, str]:
    """What ``page.html``, the frame of every page, is told."""
    return {
        "lang": settings.language,
        "theme": settings.theme,
        "text_size": settings.text_size,
        "title": settings.title,
        "version": __version__,
    }


@functools.cache
def catalogue(language: str) -> Mapping[str, str | Mapping[str, str]]:
    """The words of the pages in that language, by key; plural forms stay together."""
    words: Mapping[str, str | Mapping[str, str]] = json.loads(
        (STATIC / "i18n" / f"{language}.json").read_text("utf-8")
    )
    return words
