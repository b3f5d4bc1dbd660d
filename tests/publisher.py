"""A process that publishes into the data directory it is given, under a trouble of its own making.

``publisher.py DATA_DIR HOW``, and how is plain, limit BYTES, files SPARE, full, no-growth, forever
or each MOST. What came of it is printed as JSON.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from meetings import files_in, publish, shown

from kiosk.errors import LocalError
from kiosk.library import Library

OPERATIONS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.scandir")
FAILED: list[str] = []
BIG = {"b": bytes(1_000_000), "c": b"small"}


def limit(size: str) -> None:
    """No file may become larger than that; the call fails with EFBIG."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))


def files(spare: str) -> None:
    """Only so many more files can be opened; then EMFILE."""
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + int(spare), used + int(spare)))


def nth(number: int) -> None:
    """The file operation of that number fails with EIO, as on a dying disk."""
    left = number

    def fail(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in OPERATIONS:
            left -= 1
            if left == -1:
                FAILED.append(event)
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    sys.addaudithook(fail)


def outcome(library: Library, meeting: str) -> dict[str, Any]:
    """Publish, and tell the fault, if there was one."""
    try:
        publish(library, BIG, meeting)
    except LocalError as fault:
        library.drop_pending()
        return {"code": fault.code, "details": fault.details, "failed": FAILED}
    return {"code": None, "failed": FAILED}


def on_full_disk(library: Library, how: str) -> dict[str, Any]:
    """Publish more than there is room for, and look at what is left."""
    publish(library, {"a": b"old"})
    before = sorted(files_in(library))
    (library.data_dir / "ballast").write_bytes(bytes(3_200_000))
    if how == "no-growth":
        limit("900000")
    found = outcome(library, "M1")
    (library.data_dir / "ballast").unlink()
    seen = {name: content.decode() for name, content in shown(library).items()}
    damage = list(map(str, library.verify()))
    after = sorted(files_in(library))
    return {**found, "shown": seen, "damage": damage, "before": before, "after": after}


def forever(library: Library) -> None:
    """One revision after the other, until it is killed."""
    print("begun", flush=True)
    number = 0
    while True:
        number += 1
        content = number.to_bytes(4, "big") * 50_000
        publish(library, {"a": content, "b": content, "c": content})


def each(place: Path, most: int) -> None:
    """The first file operation fails, the second, and so on until none does: in the data directory
    of that number and a process of its own. A line for each.
    """
    for number in range(most):
        child = os.fork()
        if child == 0:
            nth(number)
            found = outcome(Library(place / str(number)), "M2")
            print(json.dumps(found), flush=True)
            os._exit(0 if found["failed"] else 1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            return


def main(data_dir: str, how: str, *values: str) -> None:
    library = Library(Path(data_dir))
    if how == "forever":
        forever(library)
    if how == "each":
        each(Path(data_dir), *map(int, values))
        return
    if how in ("full", "no-growth"):
        print(json.dumps(on_full_disk(library, how)))
        return
    {"plain": lambda: None, "limit": limit, "files": files}[how](*values)
    print(json.dumps(outcome(library, "M2" if how == "plain" else "M1")))


if __name__ == "__main__":
    main(*sys.argv[1:])
