"""Whatever files are called: every one of them is in the package, and every terminal takes it."""

from __future__ import annotations

import hashlib
import unicodedata
import zlib

from hypothesis import given
from hypothesis import strategies as st

from kiosk import packing
from kiosk.node.folder import edition
from kiosk.node.folder.arrangement import arrange
from kiosk.node.folder.contents import Content
from kiosk.node.folder.description import Description, Point
from kiosk.node.folder.edition import Heading

LETTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="/")
NAMES = st.one_of(
    st.sampled_from(["a.pdf", "A.pdf", "con", "aux.txt", "第十项", "a.", " ", "..a"]),
    st.sampled_from(["e\u0301.pdf", "\u00e9.pdf"]),
    st.text(LETTERS, min_size=1, max_size=12).filter(lambda name: name not in (".", "..")),
)  # fmt: skip
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
HEADING = Heading("M1", "T")


def content_of(words: str) -> Content:
    raw = words.encode()
    return Content(hashlib.sha256(raw).hexdigest(), len(raw), zlib.crc32(raw))


@st.composite
def folders(draw: st.DrawFn) -> dict[str, Content]:
    """Files by path; no file is in the place of a folder, and some hold the same."""
    paths = draw(st.sets(PATHS, max_size=12))
    files = [one for one in paths if not any(other.startswith(one + "/") for other in paths)]
    return {path: content_of(draw(st.sampled_from("abc"))) for path in files}


@given(folders(), st.lists(PATHS, max_size=3))
def test_every_file_is_there_once_and_any_terminal_takes_the_package(
    contents: dict[str, Content], named: list[str]
) -> None:
    said = Description(agenda=(Point("一", files=tuple(named)),) if named else ())
    made = edition.make(HEADING, arrange(said, contents), contents)
    there = [one for one in made.materials if one.sha256 is not None]
    twins = {unicodedata.normalize("NFC", path) for path in contents}
    assert len(there) >= len(contents)
    if not named and len(twins) == len(contents):
        assert len(there) == len(contents)
    # Neither a path that means two files, nor a name that a terminal refuses.
    layout = packing.Layout(packing.files_of(made))
    assert {one.path for one in there} == {one.path for one in layout.entries} - {packing.README}


@given(folders())
def test_the_same_files_make_the_same_revision_in_whatever_order_they_are_found(
    contents: dict[str, Content],
) -> None:
    backwards = dict(reversed(contents.items()))
    one, other = (
        edition.make(HEADING, arrange(Description(), files), files)
        for files in (contents, backwards)
    )
    assert one.encode() == other.encode()


def test_a_file_keeps_its_place_when_others_come_go_and_change() -> None:
    before = {"1/a.pdf": content_of("a"), "1/b.pdf": content_of("b")}
    after = {**before, "1/0.pdf": content_of("0"), "top.pdf": content_of("t")}
    after["1/b.pdf"] = content_of("c")
    made = [edition.make(HEADING, arrange(Description(), one), one) for one in (before, after)]
    paths = [{one.name: one.path for one in manifest.materials} for manifest in made]
    assert paths[0]["a.pdf"] == paths[1]["a.pdf"]
    assert paths[0]["b.pdf"] != paths[1]["b.pdf"]


def test_what_is_named_twice_is_shown_twice_and_packed_in_both_places() -> None:
    contents = {"a.pdf": content_of("a"), "b.pdf": content_of("b")}
    points = (Point("一", files=("a.pdf",)), Point("二", "王芳", 5, ("a.pdf", "./b.pdf")))
    made = edition.make(HEADING, arrange(Description(agenda=points), contents), contents)
    assert [[one.name for one in item.materials] for item in made.agenda] == [
        ["a.pdf"], ["a.pdf", "b.pdf"],
    ]  # fmt: skip
    assert (made.agenda[1].reporter, made.agenda[1].minutes) == ("王芳", 5)
    assert len(packing.Layout(packing.files_of(made)).entries) == 4
