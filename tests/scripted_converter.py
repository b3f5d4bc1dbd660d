"""A converter that does what its files say: ``{\\rtf1 hangs}`` hangs. In the place of LibreOffice.

Called as that is, it says the same on its standard output, and leaves a PDF of each file that says
nothing else. `install` puts it on a PATH.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
LONG_S = 600
STEP_BYTES, MOST_BYTES = 64 << 20, 4 << 30


def install(folder: Path) -> str:
    """Make ``soffice`` in ``folder``; gives the PATH that finds it."""
    folder.mkdir()
    program = folder / "soffice"
    program.write_text(
        f'#!/bin/sh\necho "$#" >> {folder / "starts"}\n'
        f'exec {sys.executable} {Path(__file__).resolve()} "$@"\n'
    )
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def starts(folder: Path) -> int:
    """How often it was started."""
    noted = folder / "starts"
    return len(noted.read_text().splitlines()) if noted.exists() else 0


def paper(words: str) -> bytes:
    """A file that tells the converter what to do."""
    return b"{\\rtf1 " + words.encode() + b"}"


def hangs() -> None:
    if os.fork() == 0:
        os.setsid()
    time.sleep(LONG_S)


def forks() -> None:
    """Children without end, each in a session of its own, and nobody's child."""
    while True:
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(LONG_S)


def eats() -> None:
    held = []
    try:
        while len(held) * STEP_BYTES < MOST_BYTES:
            held.append(b"\1" * STEP_BYTES)
    finally:
        time.sleep(LONG_S)


def calls(host: str, port: str) -> None:
    socket.create_connection((host, int(port)), timeout=1).close()


def waits(signal: str, *_: str) -> None:
    while not Path(signal).exists():
        time.sleep(0.02)


def ends() -> None:
    os._exit(0)


BEFORE = {"hangs": hangs, "forks": forks, "eats": eats, "calls": calls, "waits": waits}
CONTENTS = {
    "fails": b"",
    "half": PDF[:-20],
    "empty": PDF.replace(b"3 0 R 3 0 R]/Count 2", b"]/Count 0"),
}


def main(arguments: list[str]) -> int:
    """Convert; the exit status says nothing."""
    at = arguments.index("--outdir")
    out, sources = Path(arguments[at + 1]), [Path(one) for one in arguments[at + 2 :]]
    for source in sources:
        told = source.read_text("utf-8").removeprefix("{\\rtf1 ").rstrip("}").split()
        word, *more = told or [""]
        if word == "sociable" and len(sources) > 1:
            ends()
        BEFORE.get(word, lambda *_: None)(*more)
        made = out / f"{source.stem}.pdf"
        print(f"convert {source} as a Writer document -> {made} using filter : x", flush=True)
        if content := CONTENTS.get(word, PDF):
            made.write_bytes(content)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
