"""Build hook: the wheel carries templates/ and static/, browser libraries included."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface):
    """Packs what the pages are made of into ``kiosk/_assets/``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds both folders to a wheel; an editable install reads them from the checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        _vendor(root).make(root, tests=False)
        for name in ("templates", "static"):
            build_data["force_include"][str(root / name)] = f"kiosk/_assets/{name}"


def _vendor(root: Path) -> ModuleType:
    """scripts/vendor.py, which is no package: a build has only the tree, not its import path."""
    spec = importlib.util.spec_from_file_location("vendor", root / "scripts" / "vendor.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
