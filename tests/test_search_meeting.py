"""Search through a whole meeting, asked for as a page or a stranger would, on a real terminal."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import papers
import pytest
import requests
from kiosk_process import KioskProcess, eventually, kiosk_on, meeting_of
from test_search_reading import PHRASE, book

from kiosk.demo.origin import HoldAt, OriginPool, pool_of

FILES = {
    "长报告.pdf": book(150),
    "汇报.pptx": papers.pptx("开场", f"{PHRASE}方案", "结束"),
    "名单.docx": papers.docx("王芳", "李强"),
    f"{PHRASE}通知.txt": "各单位：\n请按时参加。".encode(),
    "照片.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    "扫描件.pdf": papers.pdf(["", ""]),
}
LONGEST = 200


@pytest.fixture(scope="module")
def origins() -> Iterator[OriginPool]:
    with pool_of([()], {"M1": meeting_of(FILES)}) as pool:
        yield pool


def downloaded(kiosk: KioskProcess) -> None:
    """The meeting is here, and all of it has been read."""
    eventually(lambda: kiosk.json("/api/meetings")["meetings"])
    with kiosk.live() as page:
        page.call("startDownload", {"meetingId": "M1"})
        assert page.wait_for_ending()[0] == "downloadComplete"
    eventually(lambda: looked_for(kiosk, "")["pending"] == 0)


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def kiosk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, origins: OriginPool
) -> Iterator[KioskProcess]:
    """A terminal that has the meeting and has read it; no test changes it.

    No PDF is made of Office files here: what is found would be other places then.
    """
    place = tmp_path_factory.mktemp("search") / "data"
    with kiosk_on(origins, place, request.param, office=False) as kiosk:
        downloaded(kiosk)
        yield kiosk


@pytest.fixture
def own(tmp_path: Path, origins: OriginPool) -> Iterator[KioskProcess]:
    """One for a test that changes something."""
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with kiosk_on(origins, tmp_path / "data", mode, min_free_mb=1, office=False) as kiosk:
        yield kiosk


def asked(kiosk: KioskProcess, typed: str, more: str = "") -> requests.Response:
    return kiosk.get(f"/api/meetings/M1/search?q={quote(typed)}{more}")


def looked_for(kiosk: KioskProcess, typed: str) -> Any:
    answer = asked(kiosk, typed)
    assert answer.status_code == 200, answer.text
    return answer.json()


def places(found: Any) -> list[tuple[str, int | None, int | None]]:
    return [(hit["kind"], hit["n"], hit["page"]) for hit in found["hits"]]


def marks(hit: Any) -> list[str]:
    units = hit["snippet"].encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in hit["marks"]]


def test_a_phrase_is_found_in_a_name_on_page_150_and_on_a_slide(kiosk: KioskProcess) -> None:
    found = looked_for(kiosk, PHRASE)
    assert places(found) == [("name", 4, None), ("text", 1, 150), ("text", 2, 2)]
    assert [marks(hit) for hit in found["hits"]] == [[PHRASE]] * 3
    assert [(row["n"], row["hits"]) for row in found["materials"]] == [(1, 1), (2, 1), (4, 1)]
    assert (found["total"], found["pending"], found["cut"]) == (3, 0, False)
    assert found["revision"] == kiosk.meeting()["local"]["revision"]


def test_titles_of_the_agenda_come_first(kiosk: KioskProcess) -> None:
    found = looked_for(kiosk, "报告")
    first, second, *_ = found["hits"]
    assert (first["kind"], first["position"], first["snippet"]) == ("title", 1, "工作报告")
    assert (second["kind"], second["n"]) == ("name", 1)


def test_one_character_is_enough_and_all_places_are_counted(kiosk: KioskProcess) -> None:
    found = looked_for(kiosk, "页")
    assert found["materials"] == [{"n": 1, "name": "长报告.pdf", "type": "pdf", "hits": 199}]
    assert found["total"] == 199
    assert [hit["page"] for hit in found["hits"]] == list(range(1, 21))


def test_what_has_no_text_is_told(kiosk: KioskProcess) -> None:
    assert looked_for(kiosk, "没有这个词")["silent"] == 1
    assert looked_for(kiosk, "没有这个词")["hits"] == []


def test_words_in_several_places_of_a_page_are_found_together(kiosk: KioskProcess) -> None:
    assert places(looked_for(kiosk, "决定 关于")) == [("text", 1, 150)]
    assert places(looked_for(kiosk, "王芳 李强")) == [("text", 3, None)]


HOSTILE = [
    '"',
    "'",
    "会议 OR",
    "NEAR(a b)",
    "\0",
    "<script>alert(1)</script>",
    "%",
    "\ufffe",
    "'--",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_words_are_only_words(kiosk: KioskProcess, typed: str) -> None:
    found = looked_for(kiosk, typed)
    assert found["q"] == typed
    assert looked_for(kiosk, PHRASE)["total"] == 3


def test_more_words_than_anybody_types_are_refused(kiosk: KioskProcess) -> None:
    assert asked(kiosk, "会" * LONGEST).status_code == 200
    for typed in ("会" * (LONGEST + 1), "a" * 5_000):
        refused = asked(kiosk, typed)
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "bad-request"
    assert asked(kiosk, "会" * 10_000).status_code == 414  # longer than any address may be


def test_a_revision_and_a_meeting_that_are_not_here_are_refused(kiosk: KioskProcess) -> None:
    revision = kiosk.meeting()["local"]["revision"]
    assert asked(kiosk, PHRASE, f"&r={revision}").json()["total"] == 3
    assert asked(kiosk, PHRASE, f"&r={'0' * 64}").status_code == 404
    assert kiosk.get("/api/meetings/M9/search?q=a").status_code == 404
    assert kiosk.get("/api/meetings/M1/search").json()["hits"] == []


def test_a_damaged_index_is_made_again(own: KioskProcess) -> None:
    downloaded(own)
    for path in (own.data_dir / "texts").iterdir():
        path.write_bytes(b"rotten")
    assert looked_for(own, PHRASE)["pending"] == len(FILES)
    eventually(lambda: looked_for(own, "")["pending"] == 0)
    assert looked_for(own, PHRASE)["total"] == 3


def test_indexes_that_went_are_made_again_at_the_next_start(own: KioskProcess) -> None:
    downloaded(own)
    own.stop()
    for path in (own.data_dir / "texts").iterdir():
        path.unlink()
    own.start()
    eventually(lambda: looked_for(own, PHRASE)["total"] == 3)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def holders(folder: Path, words: str) -> list[str]:
    """The files that have these words in them, as UTF-8 or as UTF-16."""
    forms = [words.encode(codec) for codec in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    contents = bytes_of(folder).items()
    return [path for path, content in contents if any(form in content for form in forms)]


def test_a_purge_leaves_no_word_of_any_text(own: KioskProcess) -> None:
    downloaded(own)
    assert [path for path in holders(own.data_dir, PHRASE) if path.endswith(".db")]
    assert own.send("DELETE", "/api/meetings/M1", {}).status_code == 200
    assert holders(own.data_dir, PHRASE) == []
    assert list((own.data_dir / "texts").iterdir()) == []
    own.stop()
    assert holders(own.data_dir, PHRASE) == []


def test_a_document_of_a_running_download_is_found(tmp_path: Path) -> None:
    files = {"先到.txt": PHRASE.encode(), "后到.bin": os.urandom(300_000)}
    rest = threading.Event()
    mode = os.environ.get("KIOSK_ASYNC_MODE", "eventlet")
    with (
        pool_of([(HoldAt(0.5, rest, after=1),)], {"M1": meeting_of(files)}) as origins,
        kiosk_on(origins, tmp_path / "data", mode, min_free_mb=1) as kiosk,
    ):
        eventually(lambda: kiosk.json("/api/meetings")["meetings"])
        kiosk.send("POST", "/api/downloads", {"meetingId": "M1"})
        found = eventually(lambda: looked_for(kiosk, PHRASE)["hits"] and looked_for(kiosk, PHRASE))
        assert kiosk.json("/api/downloads/M1")["ending"] is None
        assert (places(found), found["revision"]) == ([("text", 1, None)], None)
        rest.set()
