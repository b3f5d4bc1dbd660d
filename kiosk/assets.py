"""Where templates and static files are; the only place that knows.

In a checkout they stand beside the package; the wheel carries them inside it, in ``_assets``.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ASSETS = _PACKAGE / "_assets"
_ROOT = _ASSETS if _ASSETS.is_dir() else _PACKAGE.parent

TEMPLATES = _ROOT / "templates"
STATIC = _ROOT / "static"
