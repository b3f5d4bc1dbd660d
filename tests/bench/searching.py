"""Measures the search through a meeting of fifty documents, as a page asks for it.

The documents are published into an empty data directory; a real terminal reads them, which is
timed, and is then asked over HTTP. A query is asked in turns with the others, so that whatever else
the machine does hits all of them.
"""

from __future__ import annotations

import contextlib
import json
import random
import runpy
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kiosk.library import AgendaItem, Library, Manifest, Material

PAPERS = runpy.run_path(str(Path(__file__).parent.parent / "papers.py"))
COUNT, PAGES, LINES, PDF_EVERY = 50, 100, 24, 5
AT, PHRASE = 73, "全面推进无纸化会议"
PROMISE_MS, PATIENCE_S = 100, 600.0
# Of what Chinese is made of, by and large: few characters are common, most are rare.
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工"
QUERIES = {
    "a phrase that stands on one page": PHRASE,
    "two characters": "预算",
    "one character, the most common one": "的",
    "two terms on one page": f"{PHRASE[:4]} 会议",
    "a word in letters, as far as it is typed": "bud",
    "what is nowhere": "没有这样的词语",
}
TEXT = """# Search

Written by `make bench ARGS='--only search'`; the method is in `tests/bench/searching.py`.

{date}, {machine}, {memory:.0f} GB of memory, load {load:.1f} before it began. {rounds} rounds.

A meeting of {count} documents of {pages} pages each, every fifth one a PDF and the others OFD,
{characters:.1f} million characters in all; a kiosk of its own on the same machine, asked over HTTP
as the page does, one question at a time.

| what is asked for | places | median, ms | least, ms | processor time, ms |
|---|---|---|---|---|
{rows}

Processor time is the terminal's own for one answer, which does not depend on what else runs.

Promised: under {promise} ms on {count} documents. Reading and indexing all of it took
{reading:.1f} s in the background, {each:.2f} s for each document; the indexes have
{indexes:.0f} MB.
"""


@dataclass(frozen=True)
class Measured:
    """Milliseconds by query, on the clock and of the terminal's processor time, how many places
    it found, and what making the indexes took.
    """

    ms: dict[str, list[float]]
    own_ms: dict[str, list[float]]
    places: dict[str, int]
    reading_s: float
    index_bytes: int
    characters: int


def measure(rounds: int, folder: Path, count: int = COUNT) -> Measured:
    """All of it, in an empty folder."""
    characters = _publish(folder, count)
    began = time.monotonic()
    with _terminal(folder) as (url, pid):
        while _asked(url, "")["pending"]:
            if time.monotonic() - began > PATIENCE_S:
                raise TimeoutError("the documents were not read in time")
            time.sleep(0.1)
        reading_s = time.monotonic() - began
        ms: dict[str, list[float]] = {name: [] for name in QUERIES}
        own: dict[str, list[float]] = {name: [] for name in QUERIES}
        places = {}
        for _ in range(rounds):
            for name, words in QUERIES.items():
                used, start = _processor_ms(pid), time.perf_counter()
                found = _asked(url, words)
                ms[name].append((time.perf_counter() - start) * 1000)
                own[name].append(_processor_ms(pid) - used)
                places[name] = found["total"]
    indexes = sum(path.stat().st_size for path in (folder / "texts").iterdir())
    return Measured(ms, own, places, reading_s, indexes, characters)


def page(facts: dict[str, Any], rounds: int, found: Measured) -> str:
    """docs/benchmarks-search.md; ``facts`` are the machine's: date, machine, memory, load."""
    rows = [
        f"| {name} | {found.places[name]} | {statistics.median(ms):.0f} | {min(ms):.0f} "
        f"| {statistics.median(found.own_ms[name]):.0f} |"
        for name, ms in found.ms.items()
    ]
    return TEXT.format(
        **facts, rounds=rounds, count=COUNT, pages=PAGES, rows="\n".join(rows), promise=PROMISE_MS,
        characters=found.characters / 1e6,
        reading=found.reading_s, each=found.reading_s / COUNT, indexes=found.index_bytes / 1e6,
    )  # fmt: skip


def _publish(folder: Path, count: int) -> int:
    """A meeting of documents; how many characters are in them."""
    library, materials, characters = Library(folder), [], 0
    for number in range(count):
        texts = list(_texts(random.Random(number)))
        texts[AT - 1] += f"\n关于{PHRASE}的预算 budget"
        characters += sum(map(len, texts))
        kind = "ofd" if number % PDF_EVERY else "pdf"
        content = PAPERS["ofd"](*texts) if kind == "ofd" else PAPERS["pdf"](texts)
        stored = library.add_object([content])
        name = f"第{number + 1}号文件.{kind}"
        materials.append(Material(f"01/{number}.{kind}", name, stored.bytes, stored.sha256))
    library.publish(Manifest("M1", agenda=(AgendaItem("文件", materials=tuple(materials)),)))
    return characters


def _texts(chance: random.Random) -> Iterator[str]:
    rare = [chr(0x4E00 + n) for n in range(3500)]
    for number in range(PAGES):
        letters = chance.choices(COMMON, k=600) + chance.choices(rare, k=260)
        chance.shuffle(letters)
        width = len(letters) // LINES
        lines = ["".join(letters[at : at + width]) for at in range(0, len(letters), width)]
        yield "\n".join([f"第{number + 1}页", *lines])


@contextlib.contextmanager
def _terminal(folder: Path) -> Iterator[tuple[str, int]]:
    """A terminal on this data directory; its address and its process."""
    command = [sys.executable, "-m", "kiosk", "serve", "--port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().strip().rstrip("/"), process.pid
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _processor_ms(pid: int) -> float:
    """What all threads of a process have had of the processor (proc(5): schedstat)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


def _asked(url: str, words: str) -> Any:
    address = f"{url}/api/meetings/M1/search?q={quote(words)}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)
