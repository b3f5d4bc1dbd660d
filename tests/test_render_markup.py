"""A page in a frame is in UTF-8, and nothing in it leads out of it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import render
from kiosk.render.markup import LIMIT_BYTES, tamed

LEADING = {"link", "iframe", "frame", "frameset", "embed", "object", "portal", "fencedframe"}
PAGE = "<!doctype html><meta charset={}><p>第一章 总则</p>"


class Tags(HTMLParser):
    """The elements of a page, and where they lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.leads: list[str | None] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.leads += [value for name, value in attrs if name.endswith("href") and value]


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("GBK", "gb18030"), ("utf-8", "utf-16"),
     ("nonsense", "gb18030"), ("gb2312", "utf-8")],
)  # fmt: skip
def test_a_page_is_read_in_its_encoding(declared: str, codec: str) -> None:
    assert "第一章 总则" in tamed(PAGE.format(declared).encode(codec))


@pytest.mark.parametrize(
    ("declared", "codec", "word"),
    [("windows-1252", "cp1252", "Café für € 5"), ("iso-8859-1", "cp1252", "naïve déjà vu"),
     ("euc-kr", "euc_kr", "회의 자료"), ("windows-1251", "cp1251", "Повестка"),
     ("shift_jis", "cp932", "会議の資料"), ("big5", "big5", "會議記錄")],
)  # fmt: skip
def test_what_a_page_says_of_its_encoding_counts_where_it_is_not_utf_8(
    declared: str, codec: str, word: str
) -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}"><p>{word}'
    assert word in tamed(page.encode(codec))


@pytest.mark.parametrize(
    "page",
    [
        "<link rel=preconnect href=//x>", "<LINK rel=dns-prefetch href=//x>",
        "<lInK/rel=preconnect>", "<head><link\nrel=preconnect href=//x></head>",
        "<svg><link rel=preconnect href=//x></svg>",
        "<iframe srcdoc='&lt;link rel=preconnect href=//x&gt;'></iframe>", "<IFRAME src=//x>",
        "<frameset><frame src=//x></frameset>", "<embed src=//x>", "<object data=//x></object>",
        "<portal src=//x>", "<fencedframe src=//x>", "<a href=//x>x</a>", "<a HREF\n=\n'//x'>x</a>",
        "<area href=//x>", "<base href=//x/>", "<svg><a xlink:href='//x'>x</a></svg>",
        "<a title='>' href=//x>x</a>", "<a href= //x#y>x</a>", "<a href='//x#'>x</a>",
        "<template><link rel=preconnect></template>", "<scr<link>ipt><link>",
        "<l<linkink rel=preconnect>", "<<link rel=preconnect>", "</p><link rel=preconnect",
    ],
)  # fmt: skip
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "gb18030"])
def test_nothing_that_leads_out_comes_of_a_page(page: str, codec: str) -> None:
    shown = Tags(tamed(f"<p>会议材料\n{page}".encode(codec)) + ">")
    assert "p" in shown.found and not LEADING & shown.found
    assert shown.leads == []


@given(st.text(alphabet="<linkframe srcdo='&;=/\n>\0", max_size=60))
def test_nothing_that_leads_out_comes_of_anything(page: str) -> None:
    shown = tamed(page.encode()).lower()
    assert not any(f"<{tag}" in shown for tag in LEADING)


def test_links_between_pages_and_words_stay_as_they_are() -> None:
    page = "<p>links, frames, href and <a href=#x>in</a> <a href = '#y'>this</a> page</p>"
    assert tamed(page.encode()) == page


def test_of_a_page_without_end_the_beginning_is_framed(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_bytes(b"<p>x" * (LIMIT_BYTES // 4 + 1000))
    assert len(render.framed(path)) == LIMIT_BYTES
