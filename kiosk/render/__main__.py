"""The process that draws: ``python -m kiosk.render DATA_DIR SHA256[.EXTENSION]…``.

Each object is looked at by a forked child with hard limits, so the next one works whatever the last
one did; Office files are then made into PDF, and those looked at in the same way. The extension is
that of the material's name, which decides where the bytes of an Office file do not. A result is a
folder that appears by a rename, and one JSON line on standard output. The process ends when whoever
started it is gone, and at SIGTERM as soon as what it has in hand is done.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kiosk import logs
from kiosk.render import cage, convert
from kiosk.render.child import in_child
from kiosk.render.convert import Conversion, Paper
from kiosk.render.draw import NOTHING, look
from kiosk.render.office import KINDS, Sort
from kiosk.render.work import DOCUMENT, Work, brought_path

log = logging.getLogger("kiosk.render")

LEAVING_S = 3.0
LOOKS = 2  # what broke may have had bad luck on a busy machine


class Renderer:
    """What is asked for, one after the other."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        self._told_to_leave: float | None = None

    def run(self) -> int:
        """Draw everything asked for; 0 also where some of it could not be drawn."""
        signal.signal(signal.SIGTERM, self._leave)
        papers: list[Paper] = []
        for token in self._asked.objects:
            sha256, _, hint = token.partition(".")
            papers += self._look_at(sha256, hint)
            if self._is_over():
                break
        if papers and not self._is_over():
            self._convert(papers)
        return int(self._is_orphan())

    def _look_at(self, sha256: str, hint: str) -> Sequence[Paper]:
        """See what it is; an Office file is given back, everything else is done."""
        with Work(self._asked.data_dir, sha256) as work:
            found = self._seen(work, lambda: look(work.source, work.folder, hint, self._asked.each))
            if found["kind"] in KINDS and found["trouble"] is None:
                return [Paper(sha256, work.source, Sort(found["kind"], None, found["locked"]))]
            self._settle(work, found)
            return []

    def _convert(self, papers: Sequence[Paper]) -> None:
        """Make PDFs; they are shown as they come."""
        papers = [paper for paper in papers if not self._took(paper)]
        program = convert.converter()
        if program is None or not self._asked.convert:
            for paper in papers:
                self._finish(paper, "no-converter" if self._asked.convert else "switched-off")
            return
        if not papers:
            return
        cage.adopt_orphans()
        folder = self._asked.data_dir / "renditions" / f".new-{os.getpid()}-office"
        with (
            Conversion(
                program.absolute(), folder.absolute(), self._asked.convert, self._has_to_leave
            ) as conversion,
            contextlib.closing(conversion.run(papers)) as results,
        ):
            for paper, made in results:
                if made != "left":
                    self._finish(paper, made)
                if self._is_over():
                    return

    def _took(self, paper: Paper) -> bool:
        """Whether there was a PDF of it that was made elsewhere, and it can be read."""
        brought = brought_path(self._asked.data_dir, paper.sha256)
        with Work(self._asked.data_dir, paper.sha256) as work:
            try:
                found = self._read(work, brought)
            except FileNotFoundError:
                return False
            with contextlib.suppress(OSError):
                brought.parent.rmdir()
            if found["trouble"] is not None:
                log.warning("of-no-use sha256=%s why=%s", paper.sha256, found["trouble"])
                return False
            self._settle(work, {**found, "kind": paper.sort.kind})
            return True

    def _finish(self, paper: Paper, made: Path | str) -> None:
        with Work(self._asked.data_dir, paper.sha256) as work:
            if isinstance(made, Path):
                found = self._read(work, made)
            else:
                found = {**NOTHING, "trouble": made}
            self._settle(work, {**found, "kind": paper.sort.kind})

    def _read(self, work: Work, made: Path) -> dict[str, Any]:
        """What a child finds in a PDF, which becomes the document of this object."""
        document = made.rename(work.folder / DOCUMENT)
        found = self._seen(work, lambda: look(document, work.folder))
        if found["pages"]:
            # A first page that cannot be pictured does not keep the others from being read.
            found["trouble"] = None
        else:
            found["trouble"] = found["trouble"] or "broken"
            work.clear()
        return found

    def _seen(self, work: Work, looked: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What a child finds; what trouble there was, where it finds nothing."""
        trouble = None
        for _ in range(LOOKS):
            trouble = in_child(lambda: work.tell(looked()), self._asked.each, self._asked.parent)
            if trouble is None:
                return work.told()
            work.clear()
            log.warning("not-drawn sha256=%s why=%s", work.sha256, trouble)
            if trouble != "broken":
                break
        return {**NOTHING, "trouble": trouble}

    def _settle(self, work: Work, found: Mapping[str, Any]) -> None:
        if self._is_orphan():
            return
        known = {name: found[name] for name in NOTHING}
        work.settle(known)
        sys.stdout.write(json.dumps({"sha256": work.sha256, **known}) + "\n")
        sys.stdout.flush()

    def _leave(self, *_: object) -> None:
        self._told_to_leave = time.monotonic()

    def _is_over(self) -> bool:
        """Whether nothing more may be begun."""
        return self._told_to_leave is not None or self._is_orphan()

    def _has_to_leave(self) -> bool:
        """Whether what is in hand has had its time, too."""
        told = self._told_to_leave
        return self._is_orphan() or (told is not None and time.monotonic() > told + LEAVING_S)

    def _is_orphan(self) -> bool:
        parent: int = self._asked.parent
        return os.getppid() != parent


def main() -> int:
    """The exit status: 1 where whoever started this is gone."""
    logs.set_up(logging.INFO)
    return Renderer(_asked()).run()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("kiosk.render", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("objects", nargs="*", metavar="SHA256[.EXTENSION]")
    parser.add_argument("--each", type=float, default=20.0, help="seconds for each look at most")
    parser.add_argument(
        "--convert", type=float, default=convert.CONVERT_S, help="seconds for each conversion"
    )
    parser.add_argument("--parent", type=int, default=os.getppid(), help="who waits for it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
