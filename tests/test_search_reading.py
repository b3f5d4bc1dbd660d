"""What a process with limits reads of real and of hostile documents, and what becomes of it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import papers
import pytest
from kiosk_process import eventually
from meetings import publish
from test_render_files import locked_pdf, processes_about

from kiosk import search
from kiosk.library import Library
from kiosk.render.work import DOCUMENT, INFO, VERSION
from kiosk.search.index import About

PHRASE = "全面推进无纸化会议"
BOMB_BYTES = 500 << 20


def put(data_dir: Path, content: bytes) -> str:
    """Put bytes among the objects of a data directory; their SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = data_dir / "objects" / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha256


def found(data_dir: Path, sha256: str, typed: str) -> list[tuple[int | None, str]]:
    """Pages and passages."""
    query = search.parse(typed)
    assert query is not None
    answer = search.find(data_dir, sha256, query, 50, time.monotonic() + 10)
    assert answer is not None, "it has no index"
    return [(page, passage.text) for page, passage in answer.passages]


def about(data_dir: Path, sha256: str) -> About:
    answer = search.find(data_dir, sha256, None, 0, time.monotonic() + 10)
    assert answer is not None, "it has no index"
    return answer.about


def pages(data_dir: Path, content: bytes, typed: str) -> list[int | None]:
    sha256 = put(data_dir, content)
    search.index_all(data_dir, [sha256])
    return [page for page, _ in found(data_dir, sha256, typed)]


def book(at: int, count: int = 200) -> bytes:
    """A PDF with the phrase on one of its pages, over the end of a line."""
    texts = [f"第{n}页\n会议材料的其他内容" for n in range(1, count + 1)]
    texts[at - 1] = f"关于{PHRASE[:5]}\n{PHRASE[5:]}的决定"
    return papers.pdf(texts)


def test_a_phrase_is_found_on_page_150_of_a_pdf(tmp_path: Path) -> None:
    assert pages(tmp_path, book(150), PHRASE) == [150]


@pytest.mark.parametrize("kind", [papers.pptx, papers.odp, papers.ofd])
def test_a_phrase_is_found_on_its_slide_or_page(tmp_path: Path, kind: Callable[..., bytes]) -> None:
    """Slides in the order in which they show, whatever their files are called."""
    assert pages(tmp_path, kind("开场", "背景", f"{PHRASE}方案"), PHRASE) == [3]


HTML = (
    f"<!doctype html><title>通知</title><style>.{PHRASE}x{{}}</style>"
    f"<script>'{PHRASE}x'</script><p>{PHRASE[:4]}<b>{PHRASE[4:]}</b><br>第二行"
)
WORDS = {
    "docx": papers.docx("开场", PHRASE),
    "odt": papers.odt("开场", PHRASE),
    "xlsx": papers.xlsx({"预算": [["项目", "金额"], [PHRASE, "12"]]}),
    "sheet-name": papers.xlsx({PHRASE: [["项目"]]}),
    "utf-8": f"一\n{PHRASE}\n".encode(),
    "gb18030": f"一\n{PHRASE}\n".encode("gb18030"),
    "utf-16": f"一\n{PHRASE}\n".encode("utf-16"),
    "markdown": f"# 一\n\n- **{PHRASE}**\n".encode(),
    "csv": f"一,二\n1,{PHRASE}\n".encode(),
    "html": HTML.encode(),
    "svg": f"<svg xmlns='http://www.w3.org/2000/svg'><text>{PHRASE}</text></svg>".encode(),
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_phrase_is_found_in_what_has_no_pages(tmp_path: Path, kind: str) -> None:
    assert pages(tmp_path, WORDS[kind], PHRASE) == [None]


def test_what_only_machines_read_of_a_page_is_not_found(tmp_path: Path) -> None:
    assert pages(tmp_path, HTML.encode(), f"{PHRASE}x") == []


def test_text_that_word_says_twice_is_found_once(tmp_path: Path) -> None:
    said = f"<w:p><w:r><w:t>{PHRASE}</w:t></w:r></w:p>"
    body = f"<w:Choice>{said}</w:Choice><w:Fallback>{said}</w:Fallback>"
    sha256 = put(tmp_path, papers.docx(body=body))
    search.index_all(tmp_path, [sha256])
    assert found(tmp_path, sha256, PHRASE) == [(None, PHRASE)]


def test_the_pdf_made_of_an_office_file_is_read_instead_once_it_is_there(tmp_path: Path) -> None:
    sha256 = put(tmp_path, papers.docx(PHRASE))
    search.index_all(tmp_path, [sha256])
    assert (about(tmp_path, sha256).source, search.is_current(tmp_path, sha256)) == ("office", True)
    rendition = tmp_path / "renditions" / sha256
    rendition.mkdir(parents=True)
    (rendition / DOCUMENT).write_bytes(book(4, 5))
    known = {"pages": 5, "thumbnail": False, "pictures": None, "version": VERSION}
    (rendition / INFO).write_text(json.dumps(known))
    assert not search.is_current(tmp_path, sha256)
    search.index_all(tmp_path, [sha256])
    assert (about(tmp_path, sha256).source, search.is_current(tmp_path, sha256)) == (
        "document", True,
    )  # fmt: skip
    assert [page for page, _ in found(tmp_path, sha256, PHRASE)] == [4]


def test_what_came_early_is_read_where_it_lies(tmp_path: Path) -> None:
    content = PHRASE.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    folder = tmp_path / "download" / "meeting_M1.zip.part.entries"
    folder.mkdir(parents=True)
    (folder / sha256).write_bytes(content)
    search.index_all(tmp_path, [sha256])
    assert found(tmp_path, sha256, PHRASE) == [(None, PHRASE)]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def laughing() -> bytes:
    """A Word file of a few bytes that says it has a billion."""
    entities = "".join(f'<!ENTITY e{n} "{"".join([f"&e{n - 1};"] * 10)}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "会议">{entities}]><d><t>&e9;</t></d>'
    return zipped(word__document=text.encode())


def bomb() -> bytes:
    """A Word file that unpacks to half a gigabyte of one paragraph."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as part,
    ):
        part.write(b"<d><p>")
        for _ in range(BOMB_BYTES >> 20):
            part.write(b" " * (1 << 20))
        part.write(b"</p></d>")
    return out.getvalue()


def endless() -> bytes:
    """A Word file of twenty million empty paragraphs, which take half a minute to go through."""
    return zipped(word__document=b"<d>" + b"<p/>" * 20_000_000 + b"</d>")


def test_what_has_no_text_for_us_is_told_from_what_might_have_some(tmp_path: Path) -> None:
    kinds = {
        put(tmp_path, b"\x89PNG\r\n\x1a\n"): ("none", None),
        put(tmp_path, zipped(notes=b"<a/>")): ("none", None),
        put(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)): ("office", "unsupported"),
        put(tmp_path, papers.pdf([""])): ("pdf", None),
    }
    search.index_all(tmp_path, list(kinds))
    for sha256, kind in kinds.items():
        told = about(tmp_path, sha256)
        assert ((told.source, told.trouble), told.sections) == (kind, 0)


def test_hostile_documents_are_named_and_the_next_one_is_read(tmp_path: Path) -> None:
    hostile = {
        put(tmp_path, locked_pdf()): "encrypted",
        put(tmp_path, b"%PDF-1.7\nnothing that a reader could use"): "broken",
        put(tmp_path, b"PK\x03\x04 not really"): "broken",
        put(tmp_path, laughing()): "broken",
        put(tmp_path, bomb()): "too-large",
        put(tmp_path, zipped(word__document=b"<d><t>cut")): "broken",
        put(tmp_path, zipped(ppt__presentation=b"<a>" * 100_000)): "broken",
    }
    last = put(tmp_path, PHRASE.encode())
    search.index_all(tmp_path, [*hostile, last])
    assert {sha256: about(tmp_path, sha256).trouble for sha256 in hostile} == hostile
    assert found(tmp_path, last, PHRASE) == [(None, PHRASE)]
    assert not list((tmp_path / "texts").glob(".*"))


def test_one_line_of_fifty_megabytes_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    sha256 = put(tmp_path, f"开头{PHRASE}".encode() + "会议材料".encode() * (50_000_000 // 12))
    search.index_all(tmp_path, [sha256])
    told = about(tmp_path, sha256)
    assert told.cut and told.sections > 100
    assert len(found(tmp_path, sha256, PHRASE)) == 1
    assert search.path_of(tmp_path, sha256).stat().st_size < 64 << 20


def test_control_characters_and_half_characters_leave_words_that_are_found(tmp_path: Path) -> None:
    text = f"\x01\x02\x1b[31m{PHRASE}\u202e\u200b\x85"
    raw = text.encode("utf-16-le") + b"\x00\xd8" + "尾".encode("utf-16-le")
    sha256 = put(tmp_path, b"\xff\xfe" + raw)
    search.index_all(tmp_path, [sha256])
    ((_, passage),) = found(tmp_path, sha256, PHRASE)
    assert PHRASE in passage and not any(ord(one) < 32 for one in passage)
    assert "\u202e" not in passage


def test_a_document_that_takes_too_long_says_so_and_is_not_tried_again(tmp_path: Path) -> None:
    slow = put(tmp_path, endless())
    search.index_all(tmp_path, [slow], each_s=0.3)
    assert about(tmp_path, slow).trouble == "took-too-long"
    assert search.is_current(tmp_path, slow)


def holding(folder: Path, words: str) -> list[Path]:
    """The files with these words in them, of which some may go just now."""
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            if words.encode() in path.read_bytes():
                found.append(path)
    return found


def test_what_is_purged_while_it_is_read_leaves_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path)
    publish(library, {"a.txt": PHRASE.encode() * 200_000})
    (sha256,) = (path.name for path in tmp_path.glob("objects/*/*"))
    command = [sys.executable, "-m", "kiosk.search", str(tmp_path), sha256]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    eventually(lambda: list((tmp_path / "texts").glob(".new-*")))
    library.purge("M1")
    assert holding(tmp_path, PHRASE) == []
    assert process.wait(30) == 0
    assert not list((tmp_path / "texts").iterdir())


def test_a_text_stays_as_long_as_another_meeting_has_the_document(tmp_path: Path) -> None:
    library = Library(tmp_path)
    for meeting in ("M1", "M2"):
        publish(library, {"a.txt": PHRASE.encode()}, meeting)
    (sha256,) = (path.name for path in tmp_path.glob("objects/*/*"))
    search.index_all(tmp_path, [sha256])
    library.purge("M1")
    assert found(tmp_path, sha256, PHRASE) == [(None, PHRASE)]
    library.purge("M2")
    assert not list((tmp_path / "texts").iterdir())


def test_leftovers_and_texts_of_nothing_go_at_the_next_start(tmp_path: Path) -> None:
    library = Library(tmp_path)
    publish(library, {"a.txt": PHRASE.encode()})
    (sha256,) = (path.name for path in tmp_path.glob("objects/*/*"))
    search.index_all(tmp_path, [sha256])
    texts = tmp_path / "texts"
    for name in (f".new-12-{sha256}", f"{'0' * 64}.db", "strange"):
        (texts / name).write_text(PHRASE)
    library.collect()
    assert [path.name for path in texts.iterdir()] == [f"{sha256}.db"]


def test_nothing_goes_on_reading_when_the_terminal_was_killed(tmp_path: Path) -> None:
    slow = put(tmp_path, endless())
    code = "import sys, pathlib; from kiosk import search\n"
    code += "search.index_all(pathlib.Path(sys.argv[1]), sys.argv[2:], 60)"
    terminal = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), slow])
    eventually(lambda: len(processes_about(tmp_path, "kiosk.search")) == 2)
    terminal.send_signal(signal.SIGKILL)
    terminal.wait()
    eventually(lambda: not processes_about(tmp_path, "kiosk.search"))


def test_the_terminal_itself_never_loads_what_reads_documents(tmp_path: Path) -> None:
    sha256 = put(tmp_path, papers.pdf([PHRASE]))
    code = "import sys, pathlib\nfrom kiosk import search\nimport kiosk.terminal\n"
    code += "search.index_all(pathlib.Path(sys.argv[1]), sys.argv[2:])\n"
    code += "known = {'pypdfium2', 'html.parser', 'kiosk.search.read'}\n"
    code += "sys.exit(' '.join(known & set(sys.modules)) or None)"
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", code, str(tmp_path), sha256]
    ended = subprocess.run(command, env=quiet, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert found(tmp_path, sha256, PHRASE) == [(1, PHRASE)]


def test_what_is_no_longer_wanted_is_not_read_on(tmp_path: Path) -> None:
    slow = put(tmp_path, endless())
    search.index_all(
        tmp_path, [slow], 60, goes_on=lambda: not processes_about(tmp_path, "kiosk.search")
    )
    assert not processes_about(tmp_path, "kiosk.search")
    assert not search.is_current(tmp_path, slow), "it is read when it is wanted again"
