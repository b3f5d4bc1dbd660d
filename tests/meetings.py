"""Meetings made for a library's tests: published, looked at, and counted on the disk."""

from __future__ import annotations

from typing import Any

from kiosk.library import AgendaItem, Library, Manifest, Material


def publish(
    library: Library, files: dict[str, bytes], meeting: str = "M1", **more: Any
) -> Manifest:
    """A revision of ``meeting`` with these files, published."""
    materials = []
    for name, content in files.items():
        stored = library.add_object([content])
        materials.append(Material(f"01/{name}", name, stored.bytes, stored.sha256))
    item = AgendaItem("报告", materials=tuple(materials))
    made = Manifest(meeting, agenda=(item,), **more)
    library.publish(made)
    return made


def shown(library: Library, meeting: str = "M1") -> dict[str, bytes]:
    """What people see of a meeting, read from the disk."""
    current = library.current(meeting)
    assert current is not None
    return {
        one.name: library.object_path(one.sha256).read_bytes()
        for one in current.materials
        if one.sha256
    }


def files_in(library: Library) -> set[str]:
    return {
        str(path.relative_to(library.data_dir))
        for path in library.data_dir.rglob("*")
        if path.is_file() and path.name not in ("lock", "turn")
    }
