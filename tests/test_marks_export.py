"""A material with its marks as PDF: the line is where it was drawn, the words can be read."""

from __future__ import annotations

import ctypes
import hashlib
import io
import itertools
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner
from leaves import papers, picture
from meetings import publish
from paperfiles import word
from PIL import Image
from pypdfium2 import raw

from kiosk import render
from kiosk.cli import kiosk
from kiosk.library import Library, marked
from kiosk.manifest import Material
from kiosk.marks import Document, make_prints, parse
from kiosk.marks.curve import pieces
from kiosk.render.draw import NOTHING
from kiosk.render.work import DOCUMENT, INFO, VERSION

RED, YELLOW = (208, 30, 30), (255, 225, 77)
# From the upper left to the middle, and across the lower half.
LINE = {"tool": "pen", "ink": "red", "width": 10, "points": [0.1, 0.1, 0.3, 0.3, 0.5, 0.5]}
LIGHT = {"tool": "highlighter", "ink": "yellow", "width": 40, "points": [0.1, 0.8, 0.9, 0.8]}
FELT = {**LINE, "ink": "blue", "points": [0.1, 0.9, 0.5, 0.9, 0.9, 0.9], "pressure": [0, 0.5, 1]}
DOT = {"tool": "pen", "ink": "black", "width": 12, "points": [0.75, 0.25]}
NOTE = {"x": 0.25, "y": 0.75, "text": "请核对第三季度的数字。\nPlease check."}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def exported(library: Library, files: dict[str, bytes], **marks: Any) -> dict[str, bytes]:
    """What is written for files with these marks on page 1."""
    made = publish(library, files)
    for one in made.materials:
        given = Document(one.sha256 or "", one.name, 0)
        library.marks("M1").save(given, 1, 0, parse(marks))
    paths = library.export_marked("M1", library.data_dir / "out", "zh-CN")
    return {path.name: path.read_bytes() for path in paths}


def near(shown: Image.Image, x: float, y: float, colour: tuple[int, int, int]) -> bool:
    """Whether that colour is at a spot, given in fractions."""
    there = shown.getpixel((round(x * shown.width), round(y * shown.height)))
    assert isinstance(there, tuple)
    return all(abs(one - other) < 40 for one, other in zip(there, colour, strict=True))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(595, 842), (842, 595), (200, 1400)])
def test_a_line_is_where_it_was_drawn(
    library: Library, turn: int, size: tuple[float, float]
) -> None:
    files = {"报告.pdf": papers(["", ""], size=size, turn=turn)}
    out = exported(library, files, strokes=[LINE, DOT])
    assert list(out) == ["报告.marks.pdf"]
    shown = picture(out["报告.marks.pdf"], width=800)
    assert near(shown, 0.1, 0.1, RED) and near(shown, 0.3, 0.3, RED) and near(shown, 0.5, 0.5, RED)
    assert near(shown, 0.75, 0.25, (26, 26, 26))
    assert near(shown, 0.5, 0.1, (255, 255, 255)) and near(shown, 0.7, 0.7, (255, 255, 255))
    assert len(picture(out["报告.marks.pdf"], 1).getcolors() or ()) == 1


def test_print_shows_through_the_highlighter(library: Library) -> None:
    content = papers(["MMMMMMMM"], size=(400, 100))
    light = {**LIGHT, "points": [0.0, 0.42, 1.0, 0.42], "width": 80}
    out = exported(library, {"a.pdf": content}, strokes=[light])
    shown = picture(out["a.marks.pdf"], width=1200)
    colours = {colour for _, colour in shown.getcolors(1 << 20) or ()}
    assert near(shown, 0.05, 0.45, YELLOW)
    assert (0, 0, 0) in colours


def test_pressure_makes_a_line_wider(library: Library) -> None:
    out = exported(library, {"a.pdf": papers([""])}, strokes=[{**FELT, "width": 20}])
    shown = picture(out["a.marks.pdf"], width=1000)

    def thick(x: float) -> int:
        column = [shown.getpixel((round(x * 999), y)) for y in range(shown.height)]
        return sum(one != (255, 255, 255) for one in column)

    assert thick(0.15) < thick(0.5) < thick(0.85)


def test_the_content_below_stays_as_it_is(library: Library) -> None:
    content = papers(["first", "second"])
    out = exported(library, {"a.pdf": content}, strokes=[{**LINE, "points": [0.9, 0.05]}])
    with pypdfium2.PdfDocument(out["a.marks.pdf"]) as document:
        assert [page.get_textpage().get_text_range() for page in document] == ["first", "second"]
    before, after = picture(content), picture(out["a.marks.pdf"])
    box = (0, 100, 595, 842)
    assert before.crop(box).tobytes() == after.crop(box).tobytes()


def test_notes_are_numbered_on_the_page_readable_in_it_and_listed_at_the_end(
    library: Library,
) -> None:
    out = exported(library, {"a.pdf": papers(["", ""])}, notes=[NOTE])
    content = out["a.marks.pdf"]
    assert near(picture(content), 0.235, 0.75, RED)
    assert words_on(content, 0) == [NOTE["text"]]
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 3
    listed = picture(content, 2)
    assert min(listed.convert("L").tobytes()) < 80


def words_on(content: bytes, page: int) -> list[str]:
    """The words of the annotations of a page."""
    found = []
    with pypdfium2.PdfDocument(content) as document:
        its = document[page]
        for index in range(raw.FPDFPage_GetAnnotCount(its)):
            annotation = raw.FPDFPage_GetAnnot(its, index)
            buffer = (ctypes.c_ushort * 4000)()
            size = raw.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, 8000)
            found.append(bytes(buffer)[: size - 2].decode("utf-16-le"))
            raw.FPDFPage_CloseAnnot(annotation)
    return [text.replace("\r\n", "\n").replace("\r", "\n") for text in found]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_page_with_its_marks(library: Library, kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 300), (200, 220, 240)).save(out, kind)
    made = exported(library, {"图.png": out.getvalue()}, strokes=[LINE], notes=[NOTE])
    shown = picture(made["图.marks.pdf"], width=1000)
    assert abs(shown.width / shown.height - 2) < 0.02
    assert near(shown, 0.3, 0.3, RED) and near(shown, 0.9, 0.1, (200, 220, 240))


def scan(*colours: tuple[int, int, int]) -> bytes:
    """A TIFF of pages that are blank, each in its colour."""
    first, *rest = [Image.new("RGB", (1240, 1754), colour) for colour in colours]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


SAND, SEA = (240, 230, 210), (200, 220, 240)


def scanned(library: Library, content: bytes) -> str:
    """A scan is the meeting's one material, and the terminal has looked at it."""
    (one,) = publish(library, {"扫描.tif": content}).materials
    render.render_all(library.data_dir, [one.sha256 or ""])
    return one.sha256 or ""


def test_a_scan_is_marked_on_the_pages_that_are_shown_of_it(library: Library) -> None:
    sha256 = scanned(library, scan(SAND, SEA))
    marks = parse({"strokes": [LINE], "notes": [NOTE]})
    library.marks("M1").save(Document(sha256, "扫描.tif", 0), 2, 0, marks)
    (path,) = library.export_marked("M1", library.data_dir / "out", "en")
    content = path.read_bytes()
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 3  # and the notes
        assert max(document[1].get_size()) == pytest.approx(842, abs=1)
    assert not near(picture(content), 0.3, 0.3, RED) and near(picture(content), 0.3, 0.3, SAND)
    assert near(picture(content, 1), 0.3, 0.3, RED) and near(picture(content, 1), 0.7, 0.2, SEA)


def test_marks_of_a_scan_follow_their_page_into_a_new_version(library: Library) -> None:
    old = scanned(library, scan(SAND, SEA))
    shelf = library.marks("M1")
    for page in (1, 2):
        shelf.save(Document(old, "扫描.tif", 0), page, 0, parse({"strokes": [LINE]}))
    _, first = marked.source_of(library.data_dir, Material("t", "扫描.tif", 1, old),
                                library.object_path(old))  # fmt: skip
    shelf.keep_prints(old, make_prints(library.data_dir, old, first))
    scanned(library, scan((255, 255, 255), SEA, (230, 230, 230)))
    (path,) = library.export_marked("M1", library.data_dir / "out", "en")
    pages = [picture(path.read_bytes(), page) for page in range(4)]
    assert [near(page, 0.3, 0.3, RED) for page in pages] == [False, True, False, True]


def test_an_office_file_is_marked_on_the_pdf_that_was_made_of_it(library: Library) -> None:
    content = word("words")
    folder = library.data_dir / "renditions" / hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True)
    (folder / DOCUMENT).write_bytes(papers(["one"]))
    (folder / INFO).write_text(json.dumps({**NOTHING, "version": VERSION, "kind": "docx"}))
    out = exported(library, {"方案.docx": content}, strokes=[LINE])
    assert list(out) == ["方案.marks.pdf"]
    assert near(picture(out["方案.marks.pdf"]), 0.3, 0.3, RED)


def test_marks_of_an_older_version_come_along(library: Library) -> None:
    old = publish(library, {"a.pdf": papers(["one", "two"])})
    given = Document(old.materials[0].sha256 or "", "a.pdf", 0)
    shelf = library.marks("M1")
    shelf.save(given, 1, 0, parse({"strokes": [LINE]}))
    shelf.save(given, 2, 0, parse({"strokes": [LINE], "notes": [NOTE]}))
    first = library.export_marked("M1", library.data_dir / "old", "en")
    assert len(first) == 1
    shelf.keep_prints(given.sha256, prints_made(library, given.sha256))
    publish(library, {"a.pdf": papers(["new", "one"])})
    (path,) = library.export_marked("M1", library.data_dir / "out", "en")
    content = path.read_bytes()
    assert not near(picture(content), 0.3, 0.3, RED)
    assert near(picture(content, 1), 0.3, 0.3, RED)
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 4  # the marks without a page, and the notes
    assert near(picture(content, 2), 0.3, 0.3, RED)


def prints_made(library: Library, sha256: str) -> Any:
    from kiosk.marks import make_prints

    return make_prints(library.data_dir, sha256, library.object_path(sha256))


def test_the_command_writes_them_beside_the_materials(library: Library, tmp_path: Path) -> None:
    made = publish(library, {"a.pdf": papers(["one"]), "b.pdf": papers(["two"])})
    given = Document(made.materials[0].sha256 or "", "a.pdf", 0)
    library.marks("M1").save(given, 1, 0, parse({"strokes": [LINE]}))
    asked = ["export", "M1", str(tmp_path / "out"), "--data-dir", str(library.data_dir)]
    plain = CliRunner().invoke(kiosk, asked)
    assert (plain.exit_code, sorted(p.name for p in (tmp_path / "out" / "报告").iterdir())) == (
        0, ["a.pdf", "b.pdf"],
    )  # fmt: skip
    done = CliRunner().invoke(kiosk, [*asked, "--marks"])
    assert done.exit_code == 0, done.output
    assert done.output.rstrip().endswith("a.marks.pdf")
    assert (tmp_path / "out" / "报告" / "a.marks.pdf").read_bytes().startswith(b"%PDF")


def test_a_document_that_cannot_be_drawn_on_is_left_out_and_told(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    files = {"bad.pdf": b"%PDF-1.7\nnonsense", "good.pdf": papers(["one"]), "a.txt": b"words"}
    out = exported(library, files, strokes=[LINE])
    assert list(out) == ["good.marks.pdf"]
    assert "marks-not-drawn" in caplog.text
    assert not list(library.data_dir.rglob(".new-*"))


def test_a_line_is_made_of_pieces_that_meet() -> None:
    points = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (3.0, 1.0)]
    made = pieces(points)
    assert len(made) == len(points)
    assert made[0][0] == points[0] and made[-1][2] == points[-1]
    assert all(one[2] == other[0] for one, other in itertools.pairwise(made))
    assert pieces([(0.5, 0.5)]) == [((0.5, 0.5),) * 3]
