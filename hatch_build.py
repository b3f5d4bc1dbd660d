"""Build hook: sdist and wheel carry templates/ and static/, browser libraries included."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface):
    """Makes static/vendor/ if need be, and packs what the pages are made of into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds both folders as ``kiosk/_assets/``; an editable install reads the checkout's."""
        if version == "editable":
            return
        root = Path(self.root)
        _vendor(root).make(root, tests=False)
        if self.target_name == "wheel":
            for name in ("templates", "static"):
                build_data["force_include"][str(root / name)] = f"kiosk/_assets/{name}"


def _vendor(root: Path) -> ModuleType:
    """scripts/vendor.py, which is no package: a build has only the tree, not its import path."""
    spec = importlib.util.spec_from_file_location("vendor", root / "scripts" / "vendor.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
