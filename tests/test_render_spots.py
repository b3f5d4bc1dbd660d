"""Words that are sought are marked in a page of HTML, and nothing else of it is touched."""

from __future__ import annotations

import pytest

from kiosk.render.spots import FIRST, MOST_MARKS, marked

FOUND = f"<mark{FIRST}>"


def test_words_are_marked_where_they_are_text_and_nowhere_else() -> None:
    page = (
        '<!doctype html><title>水</title><!-- 水 --><style>a::before{content:"水"}</style>'
        '<p title="> 水">供<b>水</b></p><script>"水"</script><svg><text>水</text></svg>节水 < 水'
    )
    found = marked(page, "水")
    assert found.count("<mark") == 3
    first, second, third = (f"<mark{name}>水</mark>" for name in (FIRST, "", ""))
    assert f"供<b>{first}</b>" in found
    assert found.endswith(f"节{second} < {third}")
    assert found.replace(first, "水").replace(second, "水") == page


@pytest.mark.parametrize("page", ["<p>水", "<a title='水", "<!-- 水", "<script>水", "a <", "", "<"])
@pytest.mark.parametrize("words", ["", "  ", "水", "水 水", "(", "\\"])
def test_whatever_is_sought_leaves_the_page_as_it_is(page: str, words: str) -> None:
    found = marked(page, words)
    assert found.replace(FIRST, "").replace("<mark>", "").replace("</mark>", "") == page
    assert ("<mark" in found) == (page == "<p>水" and words == "水")


def test_marks_are_bounded_and_white_space_counts_once() -> None:
    assert marked("水 " * 1000, "水").count("<mark") == MOST_MARKS
    assert "<mark" in marked("<p>water\n   works</p>", "water works")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<!--", "<a '", "<script>", "<", "</", '<a "'])
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    assert "<mark" not in marked(piece * (1 << 20), "水")


@pytest.mark.parametrize(
    ("page", "words", "found"),
    [("<p><b>会</b>议材料", "会议", "<p><b>[会]</b>[议]材料"),
     ("<p>会<!-- x -->议", "会议", "<p>[会]<!-- x -->[议]"),
     ("<p>soft&shy;ware &#20250;&#x8BAE; R&amp;D", "software 会议 R&D", None),
     ("<p>会<p>议", "会 议", "<p>[会]<p>[议]"), ("<p>会<p>议", "会议", ""),
     ("<tr><td>水费</td>\n <td title='>'>3 亿</td>", "水费 3 亿",
      "<tr><td>[水费]</td>\n <td title='>'>[3 亿]</td>"),
     ("<td>1</td><td>2</td>", "12", ""),
     ("<p>a&amp;b", "amp", "")],
)  # fmt: skip
def test_words_are_marked_as_the_search_has_found_them_whatever_tags_are_between(
    page: str, words: str, found: str | None
) -> None:
    shown = marked(page, words).replace(FOUND, "[").replace("<mark>", "[").replace("</mark>", "]")
    assert shown == (page if found == "" else found or f"<p>[{page[3:]}]")
