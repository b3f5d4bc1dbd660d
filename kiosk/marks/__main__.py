"""The process that reads documents for marks: ``python -m kiosk.marks TASK …``, with hard limits.

``prints SOURCE OUT`` writes what a document's pages are known by; ``export JOB OUT`` draws marks
into a document as a JSON file says, and writes a PDF.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kiosk.render import child

FILE_BYTES = 1 << 30  # a document with its marks
JOB_BYTES = 64 << 20
TOO_LARGE = 2


def main() -> int:
    """Do one task; 1 where the document cannot be read, 2 where it takes too much memory."""
    parser = argparse.ArgumentParser("kiosk.marks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="time at most")
    parser.add_argument("task", choices=("prints", "export"))
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    child.limit(asked.seconds, FILE_BYTES)
    try:
        _do(asked.task, asked.source, asked.out)
    except MemoryError:
        return TOO_LARGE
    return 0


def _do(task: str, source: Path, out: Path) -> None:
    # The libraries that read documents are loaded here, where there are limits already.
    if task == "prints":
        from kiosk.marks.pages import prints

        found = [[one.exact, one.loose] for one in prints(source)]
        out.write_text(json.dumps(found) + "\n", "utf-8")
    else:
        from kiosk.marks.drawing import draw

        draw(json.loads(source.read_bytes()[:JOB_BYTES]), out)


if __name__ == "__main__":
    sys.exit(main())
